/** TopK, and binary search in sorted rows. */
import {
  SearchSorted,
  TopK,
  type KernelConfig,
  type SearchSortedAttrs,
  type TensorInfo,
  type TopKAttrs,
} from '@tensorflow/tfjs-core';
import { defineKernel, KernelError, realDType } from '../../src/kernel/define_kernel';
import { sizeOf } from '../../src/plan/shape';
import { castTo } from '../elementwise/cast';
import { runSort, search } from './top_k_shader';

/** Equal elements are taken in the order of their places, NaN before all. The results are sorted whether asked for or not. */
const topK = defineKernel<{ x: TensorInfo }, TopKAttrs>(TopK, (ctx, { x }, { k }) => {
  const dtype = realDType(TopK, x);
  const size = x.shape[x.shape.length - 1];
  if (size === undefined) throw new KernelError(TopK, 'x is a scalar but must have rows.');
  if (k < 0 || k > size) throw new KernelError(TopK, `k is ${k} but rows of x have ${size} elements.`);
  const shape = [...x.shape.slice(0, -1), k];
  const count = sizeOf(shape);
  if (count === 0)
    return [ctx.upload(shape, dtype, new Float32Array(0)), ctx.upload(shape, 'int32', new Int32Array(0))];
  const { values, places } = runSort(ctx, x, { rows: count / k, size }, k);
  return [ctx.view(values, shape), ctx.view(places, shape)];
});

const searchSorted = defineKernel<{ sortedSequence: TensorInfo; values: TensorInfo }, SearchSortedAttrs>(
  SearchSorted,
  (ctx, { sortedSequence, values }, { side }) => {
    const [own, others] = [realDType(SearchSorted, sortedSequence), realDType(SearchSorted, values)];
    const dtype = own === others ? own : 'float32';
    const inputs = [sortedSequence, values].map((x) => castTo(ctx, x, dtype));
    const uniforms = { size: sortedSequence.shape[1]!, count: values.shape[1]! };
    const plan = search({ dtype, side }, { uniforms, outputs: [ctx.newLayout(values.shape, 'int32')] });
    return ctx.run(plan, inputs);
  },
);

export const topKKernels: readonly KernelConfig[] = [topK, searchSorted];
