/** Batch normalization with given moments, and local response normalization with its gradient. */
import {
  backend_util,
  FusedBatchNorm,
  LRN,
  LRNGrad,
  type FusedBatchNormAttrs,
  type KernelConfig,
  type LRNAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { defineKernel, KernelError, type KernelContext } from '../../src/kernel/define_kernel';
import { broadcastsTo } from '../../src/plan/shape';
import { lrnPlan, type LrnOp } from './lrn_shader';

interface BatchNormInputs {
  readonly x: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
  readonly scale?: TensorInfo;
  readonly offset?: TensorInfo;
}

function refuse(found: string): never {
  throw new KernelError(FusedBatchNorm, found);
}

const batchNorm = defineKernel<BatchNormInputs, FusedBatchNormAttrs>(FusedBatchNorm, (ctx, inputs, attrs) => {
  const { x, mean, variance, scale, offset } = inputs;
  for (const [name, other] of Object.entries({ mean, variance, scale, offset })) {
    if (!other) continue;
    if (other.shape.length !== mean.shape.length)
      refuse(`${name} has rank ${other.shape.length} but mean has rank ${mean.shape.length}.`);
    if (!broadcastsTo(other.shape, x.shape))
      refuse(`${name} has shape [${other.shape.join(', ')}], which does not broadcast to x's [${x.shape.join(', ')}].`);
  }
  // tfjs-core passes on an undefined epsilon, though its type does not say so.
  const { varianceEpsilon = 0.001 } = attrs as Partial<FusedBatchNormAttrs>;
  const floats = { dtype: 'float32', floats: true } as const;
  // By itself, so that a pass over x takes the root once for all elements of a channel.
  const factor = ctx.map(
    {
      ...floats,
      expression: `${scale ? 'scale' : '1.0'} / sqrt(variance + epsilon)`,
      attributes: { epsilon: varianceEpsilon },
    },
    { variance, ...(scale ? { scale } : {}) },
    backend_util.assertAndGetBroadcastShape(variance.shape, scale?.shape ?? []),
  );
  const expression = `(x - mean) * factor${offset ? ' + offset' : ''}`;
  return ctx.map(
    { ...floats, expression, kind: 'polynomial' },
    { x, mean, factor, ...(offset ? { offset } : {}) },
    x.shape,
  );
});

function overNeighbours(
  ctx: KernelContext,
  op: LrnOp,
  inputs: Readonly<Record<string, TensorInfo>>,
  radius: number,
): TensorInfo {
  const tensors = Object.values(inputs);
  const layouts = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, ctx.layout(x)]));
  return ctx.run(lrnPlan(op, layouts, radius, ctx.newLayout(tensors[0]!.shape, 'float32')), tensors);
}

const squares = ({ alpha, bias }: LRNAttrs, result: string, more: Record<string, number> = {}): LrnOp => ({
  term: 'x * x',
  result,
  attributes: { alpha, bias, ...more },
});

const lrn = defineKernel<{ x: TensorInfo }, LRNAttrs>(LRN, (ctx, { x }, attrs) => {
  const op = squares(attrs, 'x * pow32(bias + alpha * sum, -beta)', { beta: attrs.beta });
  return overNeighbours(ctx, op, { x }, attrs.depthRadius);
});

/** y[i] = x[i] norm[i]^-beta, and every x near i is in norm[i] = bias + alpha sum x^2. */
const lrnGrad = defineKernel<{ x: TensorInfo; y: TensorInfo; dy: TensorInfo }, LRNAttrs>(
  LRNGrad,
  (ctx, { x, y, dy }, attrs) => {
    const { depthRadius, alpha, beta } = attrs;
    const norm = overNeighbours(ctx, squares(attrs, 'bias + alpha * sum'), { x }, depthRadius);
    const op: LrnOp = {
      term: 'dy * y / norm',
      result: 'dy * pow32(norm, -beta) - slope * x * sum',
      attributes: { beta, slope: 2 * alpha * beta },
    };
    return overNeighbours(ctx, op, { x, y, dy, norm }, depthRadius);
  },
);

export const normalizeKernels: readonly KernelConfig[] = [batchNorm, lrn, lrnGrad];
