/** 2D and 3D max and average pooling with their gradients, and MaxPoolWithArgmax. */
import {
  AvgPool,
  AvgPool3D,
  AvgPool3DGrad,
  AvgPoolGrad,
  backend_util,
  MaxPool,
  MaxPool3D,
  MaxPool3DGrad,
  MaxPoolGrad,
  MaxPoolWithArgmax,
  type AvgPool3DAttrs,
  type KernelConfig,
  type MaxPoolAttrs,
  type MaxPoolWithArgmaxAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { checkWindows } from '../checks';
import { defineKernel, KernelError, type KernelContext } from '../../src/kernel/define_kernel';
import type { DType } from '../../src/plan/plan';
import { sameShape, sizeOf, type Shape } from '../../src/plan/shape';
import { runsOf } from './pool_addressing';
import { poolGradPlan } from './pool_gradient_shader';
import { poolPlan, type Pooling, type PoolResult } from './pool_shader';

/** What the attributes of a pooling kernel mean for an input of a shape. */
interface Pool extends Pooling {
  readonly outShape: Shape;
}

type PoolOf<A> = (kernel: string, x: TensorInfo, attrs: A) => Pool;

const poolOf2D: PoolOf<MaxPoolAttrs> = (kernel, x, { filterSize, strides, pad, dimRoundingMode }) => {
  if (x.shape.length !== 4)
    throw new KernelError(kernel, `x has shape [${x.shape.join(', ')}] but rank 4 is expected.`);
  const info = backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  checkWindows(kernel, info);
  return {
    windows: {
      batch: info.batchSize,
      input: [1, info.inHeight, info.inWidth],
      output: [1, info.outHeight, info.outWidth],
      channels: info.inChannels,
      filter: [1, info.filterHeight, info.filterWidth],
      strides: [1, info.strideHeight, info.strideWidth],
      pads: [0, info.padInfo.top, info.padInfo.left],
    },
    outShape: info.outShape,
    options: { emptyIsNaN: true },
  };
};

const poolOf3D: PoolOf<AvgPool3DAttrs> = (kernel, x, { filterSize, strides, pad, dimRoundingMode }) => {
  if (x.shape.length !== 5)
    throw new KernelError(kernel, `x has shape [${x.shape.join(', ')}] but rank 5 is expected.`);
  const info = backend_util.computePool3DInfo(
    x.shape as [number, number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  checkWindows(kernel, info, true);
  return {
    windows: {
      batch: info.batchSize,
      input: [info.inDepth, info.inHeight, info.inWidth],
      output: [info.outDepth, info.outHeight, info.outWidth],
      channels: info.inChannels,
      filter: [info.filterDepth, info.filterHeight, info.filterWidth],
      strides: [info.strideDepth, info.strideHeight, info.strideWidth],
      pads: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
    },
    outShape: info.outShape,
    // tfjs-backend-cpu's choice: in three dimensions the last of equal elements gets the gradient.
    options: { lastOfTies: true },
  };
};

/** `x` in a texture whose rows hold whole rows of the data, if the device has one. */
function fitted(ctx: KernelContext, x: TensorInfo, run: number): TensorInfo {
  return run > 0 && run <= ctx.limits.maxTextureSize ? ctx.withRows(x, run) : x;
}

function reduceWindows(
  ctx: KernelContext,
  result: PoolResult,
  x: TensorInfo,
  pool: Pool & { dtype: DType },
): TensorInfo {
  const source = fitted(ctx, x, runsOf(pool.windows).input);
  const out = ctx.newLayout(pool.outShape, pool.dtype);
  return ctx.run(poolPlan(result, pool, ctx.layout(source), out), [source]);
}

function forward<A>(kernel: string, poolOf: PoolOf<A>, result: 'max' | 'mean'): KernelConfig {
  return defineKernel<{ x: TensorInfo }, A>(kernel, (ctx, { x }, attrs) => {
    const pool = poolOf(kernel, x, attrs);
    // tfjs-backend-cpu's choices: only in two dimensions are windows of one element copied, NaNs included, and dtypes kept.
    const flat = x.shape.length === 4;
    if (flat && sizeOf(pool.windows.filter) === 1 && sameShape(x.shape, pool.outShape)) return ctx.view(x, x.shape);
    return reduceWindows(ctx, result, x, { ...pool, dtype: flat ? ctx.layout(x).dtype : 'float32' });
  });
}

interface GradInputs {
  readonly dy: TensorInfo;
  readonly input: TensorInfo;
}

function maxGrad<A>(kernel: string, poolOf: PoolOf<A>): KernelConfig {
  return defineKernel<GradInputs, A>(kernel, (ctx, { dy, input }, attrs) => {
    const pool = poolOf(kernel, input, attrs);
    const run = runsOf(pool.windows).output;
    const place = fitted(ctx, reduceWindows(ctx, 'place', input, { ...pool, dtype: 'int32' }), run);
    const gradient = fitted(ctx, dy, run);
    const out = ctx.newLayout(input.shape, 'float32');
    return ctx.run(poolGradPlan(pool.windows, { dy: ctx.layout(gradient), place: ctx.layout(place) }, out), [
      gradient,
      place,
    ]);
  });
}

function meanGrad<A>(kernel: string, poolOf: PoolOf<A>): KernelConfig {
  return defineKernel<GradInputs, A>(kernel, (ctx, { dy, input }, attrs) => {
    const { windows } = poolOf(kernel, input, attrs);
    const gradient = fitted(ctx, dy, runsOf(windows).output);
    const out = ctx.newLayout(input.shape, 'float32');
    // As tfjs-backend-cpu has it: elements beside the input count in the gradient's mean.
    return ctx.run(poolGradPlan(windows, { dy: ctx.layout(gradient) }, out, 1 / sizeOf(windows.filter)), [gradient]);
  });
}

export const poolKernels: readonly KernelConfig[] = [
  forward(MaxPool, poolOf2D, 'max'),
  forward(AvgPool, poolOf2D, 'mean'),
  forward(MaxPool3D, poolOf3D, 'max'),
  forward(AvgPool3D, poolOf3D, 'mean'),
  maxGrad(MaxPoolGrad, poolOf2D),
  maxGrad(MaxPool3DGrad, poolOf3D),
  meanGrad(AvgPoolGrad, poolOf2D),
  meanGrad(AvgPool3DGrad, poolOf3D),
  defineKernel<{ x: TensorInfo }, MaxPoolWithArgmaxAttrs>(MaxPoolWithArgmax, (ctx, { x }, attrs) => {
    const pool = poolOf2D(MaxPoolWithArgmax, x, attrs);
    const options = { ...pool.options, withBatch: attrs.includeBatchInIndex };
    const largest = reduceWindows(ctx, 'max', x, { ...pool, dtype: ctx.layout(x).dtype });
    return [largest, reduceWindows(ctx, 'index', x, { ...pool, options, dtype: 'int32' })];
  }),
];
