/** Scatters updates to indices: ScatterNd, TensorScatterUpdate, SparseToDense. */
import {
  backend_util,
  ScatterNd,
  SparseToDense,
  TensorScatterUpdate,
  type KernelConfig,
  type ScatterNdAttrs,
  type ScatterNdInputs,
  type SparseToDenseAttrs,
  type SparseToDenseInputs,
  type TensorInfo,
  type TensorScatterUpdateInputs,
} from '@tensorflow/tfjs-core';
import { defineKernel, KernelError, type KernelContext } from '../../src/kernel/define_kernel';
import { sizeOf, type Shape } from '../../src/plan/shape';
import { firstOutOfRange } from './gather';
import { scatterPlan, updateLists, type Scatter } from './scatter_shader';

/** Up to this many updates, every slice of the result looks at all of them; beyond, the host lists them by slice. */
const SEARCHED_UPDATES = 64;

/** Where the updates go, and what the result starts from: a value, or a tensor. */
interface Target {
  readonly indices: TensorInfo;
  readonly updates: TensorInfo;
  readonly shape: Shape;
  readonly base: number | TensorInfo;
  readonly sum: boolean;
}

function scatter(kernel: string, ctx: KernelContext, { indices, updates, shape, base, sum }: Target): TensorInfo {
  const { numUpdates, sliceSize, strides, sliceRank, outputSize } = backend_util.calculateShapes(updates, indices, [
    ...shape,
  ]);
  const out = ctx.newLayout(shape, ctx.layout(updates).dtype);
  if (outputSize === 0) return ctx.upload(shape, out.dtype, new Float32Array(0));
  const slices = outputSize / sliceSize;
  const listed = numUpdates > SEARCHED_UPDATES;
  const steps = strides.slice(0, sliceRank);
  const wrong = firstOutOfRange(ctx, indices, steps, slices);
  if (wrong) throw new KernelError(kernel, `Invalid indices: ${wrong.join()} does not index into ${shape.join()}`);
  const initial = typeof base === 'number' ? { initial: base } : {};
  const spec: Scatter = {
    slices,
    slice: sliceSize,
    updateCount: numUpdates,
    strides: steps,
    sum,
    scalar: updates.shape.length === 0,
    ...initial,
  };
  const names = listed ? listOf(ctx, ctx.hostValues(indices), spec) : indices;
  return ctx.run(scatterPlan(spec, listed, out), [names, updates, ...(typeof base === 'number' ? [] : [base])]);
}

function listOf(
  ctx: KernelContext,
  places: ArrayLike<number>,
  { strides, slices, updateCount, sum }: Scatter,
): TensorInfo {
  const rank = strides.length;
  const targets = Array.from({ length: updateCount }, (_, u) =>
    strides.reduce((slice, s, d) => slice + places[u * rank + d]! * s, 0),
  );
  const list = updateLists(targets, slices, !sum);
  return ctx.upload([list.length], 'int32', list);
}

/** The value that a dense tensor starts from, as its dtype holds it. */
function initialOf(ctx: KernelContext, x: TensorInfo, dtype: string): number {
  const value = ctx.hostValues(x)[0]!;
  return dtype === 'bool' ? Number(value !== 0) : dtype === 'int32' ? Math.trunc(value) : value;
}

export const scatterKernels: readonly KernelConfig[] = [
  defineKernel<ScatterNdInputs, ScatterNdAttrs>(ScatterNd, (ctx, { indices, updates }, { shape }) =>
    scatter(ScatterNd, ctx, { indices, updates, shape, base: 0, sum: true }),
  ),
  defineKernel<TensorScatterUpdateInputs>(TensorScatterUpdate, (ctx, { tensor, indices, updates }) =>
    sizeOf(tensor.shape) === 0
      ? ctx.view(tensor, tensor.shape)
      : scatter(TensorScatterUpdate, ctx, { indices, updates, shape: tensor.shape, base: tensor, sum: false }),
  ),
  defineKernel<SparseToDenseInputs, SparseToDenseAttrs>(
    SparseToDense,
    (ctx, { sparseIndices, sparseValues, defaultValue }, { outputShape }) => {
      const base = initialOf(ctx, defaultValue, sparseValues.dtype);
      return scatter(SparseToDense, ctx, {
        indices: sparseIndices,
        updates: sparseValues,
        shape: outputShape,
        base,
        sum: false,
      });
    },
  ),
];
