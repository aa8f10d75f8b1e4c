/** Gradients that tfjs-core lacks, and those of convolutions, which it refuses where they are dilated. */
import {
  broadcastTo,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  Conv3D,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  Einsum,
  einsum,
  engine,
  GatherNd,
  range,
  reshape,
  add,
  mul,
  scalar,
  scatterND,
  StridedSlice,
  TopK,
  zeros,
  type EinsumAttrs,
  type GradConfig,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { defineGradient } from '../src/gradients';

/** The three kernels of a convolution, each of which is linear in both of its inputs. */
export interface Convolution {
  readonly forward: string;
  readonly input: string;
  readonly filter: string;
}

export const CONV2D: Convolution = { forward: Conv2D, input: Conv2DBackpropInput, filter: Conv2DBackpropFilter };

export const DEPTHWISE: Convolution = {
  forward: DepthwiseConv2dNative,
  input: DepthwiseConv2dNativeBackpropInput,
  filter: DepthwiseConv2dNativeBackpropFilter,
};

const CONV3D: Convolution = { forward: Conv3D, input: Conv3DBackpropInputV2, filter: Conv3DBackpropFilterV2 };

function run(kernel: string, inputs: NamedTensorMap, attrs: object): Tensor {
  return engine().runKernel(kernel, inputs, attrs as NamedAttrMap);
}

/** What multiplies `filter` and `dy` to the gradient of x. */
export function inputGradient(
  { input }: Convolution,
  { x, filter, dy }: { readonly x: Tensor; readonly filter: Tensor; readonly dy: Tensor },
  attrs: object,
): Tensor {
  return run(input, { dy, filter }, { ...attrs, inputShape: x.shape });
}

/** What multiplies `x` and `dy` to the gradient of the filter. */
export function filterGradient(
  { filter: kernel }: Convolution,
  { x, filter, dy }: { readonly x: Tensor; readonly filter: Tensor; readonly dy: Tensor },
  attrs: object,
): Tensor {
  return run(kernel, { x, dy }, { ...attrs, filterShape: filter.shape });
}

/** In the gradient of one of the three, the arriving gradient takes the place of its result in the other two. */
function gradientsOf(family: Convolution): GradConfig[] {
  const gradient = (
    kernelName: string,
    inputsToSave: string[],
    of: (arriving: Tensor, saved: readonly [Tensor, Tensor], attrs: object) => Record<string, () => Tensor>,
  ): GradConfig =>
    defineGradient({ kernelName, inputsToSave }, (dy, saved, attrs) => of(dy, saved as [Tensor, Tensor], attrs));
  return [
    gradient(family.forward, ['x', 'filter'], (dy, [x, filter], attrs) => ({
      x: () => inputGradient(family, { x, filter, dy }, attrs),
      filter: () => filterGradient(family, { x, filter, dy }, attrs),
    })),
    gradient(family.input, ['dy', 'filter'], (x, [dy, filter], attrs) => ({
      dy: () => run(family.forward, { x, filter }, attrs),
      filter: () => filterGradient(family, { x, filter, dy }, attrs),
    })),
    gradient(family.filter, ['x', 'dy'], (filter, [x, dy], attrs) => ({
      x: () => inputGradient(family, { x, filter, dy }, attrs),
      dy: () => run(family.forward, { x, filter }, attrs),
    })),
  ];
}

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
    return scatterBack(dy, run(StridedSlice, { x: places }, attrs), x!);
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

export const gradients: readonly GradConfig[] = [
  ...[CONV2D, DEPTHWISE, CONV3D].flatMap(gradientsOf),
  einsumGradient,
  stridedSliceGradient,
  gatherNdGradient,
  topKGradient,
];
