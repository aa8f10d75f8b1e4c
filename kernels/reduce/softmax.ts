/** Softmax and log-softmax over the last dimension, stable for logits of any size. */
import { LogSoftmax, Softmax, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';
import { defineKernel, KernelError, realDType, type KernelContext } from '../../src/kernel/define_kernel';
import { ceilDiv, sizeOf } from '../../src/plan/shape';
import { mergePlan, slicesPlan, softmaxPlan } from './softmax_shader';

export const SOFTMAX_TUNING = {
  softmaxReads: {
    unit: 'elements that the fragments of a softmax read together, where each reads its whole row, at most',
    trade: 'two passes / reads',
    value: 1 << 16,
    candidates: [1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20],
  },
  softmaxSlice: {
    unit: 'classes of a slice of a softmax',
    trade: 'partial results / idle processors',
    value: 128,
    candidates: [32, 64, 128, 256, 512],
  },
} as const satisfies TuningTable;

const tuned = tuningParameters(SOFTMAX_TUNING);

/** Of `x`, an element less the maximum of its row, and `s`, the sum of the row's exponentials. */
const rows = {
  [Softmax]: 'exp32(x) / s',
  [LogSoftmax]: 'x - log32(s)',
};

/** Rows this short are read whole by every fragment, whatever their number. */
const SHORT_ROW = 16;
/** More slices would take the pass that merges them long. */
const MOST_SLICES = 256;

function softmax(kernel: string, ctx: KernelContext, x: TensorInfo, expression: string): TensorInfo {
  const { shape } = x;
  realDType(kernel, x);
  const classes = shape.at(-1) ?? 1;
  const size = sizeOf(shape);
  const logits = ctx.layout(x);
  if (size === 0) return ctx.upload(shape, 'float32', new Float32Array(0));
  // The result lies as the logits do, so that each fragment finds its own in its place.
  const pass = { logits, out: { ...logits, dtype: 'float32' } } as const;
  if (classes <= SHORT_ROW || size * classes <= tuned.softmaxReads)
    return ctx.run(softmaxPlan(pass, expression, false), [x]);
  const rows = size / classes;
  const slices = Math.min(ceilDiv(classes, tuned.softmaxSlice), MOST_SLICES);
  let pairs = ctx.run(slicesPlan({ ...pass, out: ctx.newLayout([rows, slices, 2], 'float32') }, slices), [x]);
  if (slices > 1) pairs = ctx.run(mergePlan(ctx.newLayout([rows, 2], 'float32'), slices), [pairs]);
  return ctx.run(softmaxPlan(pass, expression, true), [x, pairs]);
}

function overLast(kernel: string, { shape }: TensorInfo, dim: number): void {
  if (dim === -1 || dim === shape.length - 1) return;
  throw new KernelError(kernel, `found dimension ${dim} of a tensor of rank ${shape.length}, expected the last one.`);
}

export const softmaxKernels: readonly KernelConfig[] = [
  defineKernel<{ logits: TensorInfo }, { dim: number }>(Softmax, (ctx, { logits }, { dim }) => {
    overLast(Softmax, logits, dim);
    return softmax(Softmax, ctx, logits, rows[Softmax]);
  }),
  defineKernel<{ logits: TensorInfo }, { axis: number }>(LogSoftmax, (ctx, { logits }, { axis }) => {
    overLast(LogSoftmax, logits, axis);
    return softmax(LogSoftmax, ctx, logits, rows[LogSoftmax]);
  }),
];
