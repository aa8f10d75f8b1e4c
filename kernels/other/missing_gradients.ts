/** Gradients of ops other than convolutions that tfjs-core lacks. */
import {
  add,
  broadcastTo,
  Einsum,
  einsum,
  engine,
  GatherNd,
  mul,
  range,
  reshape,
  scalar,
  scatterND,
  StridedSlice,
  TopK,
  zeros,
  type EinsumAttrs,
  type GradConfig,
  type NamedAttrMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { defineGradient } from '../../src/kernel/define_gradient';

/** A product of sums is linear in each operand: its gradient is the product of the arriving one with the other operand. */
const einsumGradient = defineGradient<EinsumAttrs>(
  { kernelName: Einsum, saveAllInputs: true },
  (dy, saved, { equation }) => {
    const [left = '', output = ''] = equation.replaceAll(' ', '').split('->');
    const terms = left.split(',');
    return Object.fromEntries(
      saved.map((x, i) => {
        const others = saved.filter((_, other) => other !== i);
        const otherTerms = terms.filter((_, other) => other !== i);
        const known = output + otherTerms.join('');
        const gradient = () => {
          // What was summed over this operand alone spreads evenly.
          const kept = [...terms[i]!].filter((label) => known.includes(label)).join('');
          const y = einsum(`${[output, ...otherTerms].join(',')}->${kept}`, dy, ...others);
          const shape = [...terms[i]!].map((label, axis) => (known.includes(label) ? x.shape[axis]! : 1));
          return broadcastTo(reshape(y, shape), x.shape);
        };
        return [String(i), gradient];
      }),
    );
  },
);

/** Adds each element of dy to the element of x that it came from; `from` holds flat indices of x. */
function scatterBack(dy: Tensor, from: Tensor, x: Tensor): Tensor {
  if (dy.size === 0) return zeros(x.shape);
  return reshape(scatterND(reshape(from, [dy.size, 1]), reshape(dy, [dy.size]), [x.size]), x.shape);
}

const stridedSliceGradient = defineGradient({ kernelName: StridedSlice, inputsToSave: ['x'] }, (dy, [x], attrs) => ({
  x: () => {
    const places = reshape(range(0, x!.size, 1, 'int32'), x!.shape);
    return scatterBack(dy, engine().runKernel<Tensor>(StridedSlice, { x: places }, attrs as NamedAttrMap), x!);
  },
}));

const gatherNdGradient = defineGradient(
  { kernelName: GatherNd, inputsToSave: ['params', 'indices'] },
  (dy, [params, indices]) => ({ params: () => scatterND(indices!, dy, params!.shape) }),
);

const topKGradient = defineGradient<object, Tensor[]>(
  { kernelName: TopK, inputsToSave: ['x'], outputsToSave: [false, true] },
  ([dy], [x, indices]) => ({
    x: () => {
      const length = x!.shape.at(-1)!;
      const rows = range(0, x!.size / length, 1, 'int32');
      const starts = reshape(mul(rows, scalar(length, 'int32')), [...x!.shape.slice(0, -1), 1]);
      return scatterBack(dy!, add(starts, indices!), x!);
    },
  }),
);

export const missingGradients: readonly GradConfig[] = [
  einsumGradient,
  stridedSliceGradient,
  gatherNdGradient,
  topKGradient,
];
