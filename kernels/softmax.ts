/** Softmax and its logarithm over the last dimension, stable for logits of any size. */
import { LogSoftmax, Softmax, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { defineKernel, KernelError, realDType, type KernelContext } from '../src/kernel';
import { sizeOf } from '../src/shape';
import { MAX, SUM } from './reduce';
import { runMap } from './templates/map';
import { runReduce } from './templates/reduce';
import { softmaxPlan } from './templates/softmax';

/** Of `x`, an element less the maximum of its row, and `s`, the sum of the row's exponentials. */
const rows = {
  [Softmax]: 'exp32(x) / s',
  [LogSoftmax]: 'x - log32(s)',
};

/** Rows this short are read whole by every fragment, whatever their number. */
const SHORT_ROW = 16;
/** And where all fragments together read at most about this many elements: they take as long as two more passes. */
const CHEAP_READS = 1 << 16;

function softmax(kernel: string, ctx: KernelContext, logits: TensorInfo, expression: string): TensorInfo {
  const { shape } = logits;
  realDType(kernel, logits);
  const classes = shape[shape.length - 1] ?? 1;
  const size = sizeOf(shape);
  if (size === 0) return ctx.upload(shape, 'float32', new Float32Array(0));
  if (classes <= SHORT_ROW || size * classes <= CHEAP_READS) {
    return ctx.run(softmaxPlan(expression, ctx.layout(logits), ctx.newLayout(shape, 'float32')), [logits]);
  }
  const extent = { shape, axes: [shape.length - 1], out: [...shape.slice(0, -1), 1] };
  const load = { expression: 'x', dtype: 'float32', floats: true } as const;
  const m = runReduce(ctx, { load, ...MAX }, { x: logits }, extent);
  const exponential = { ...load, expression: 'exp32(x - m)' };
  const s = runReduce(ctx, { load: exponential, ...SUM }, { x: logits, m }, extent);
  const shifted = expression.replace(/\bx\b/g, '(logit - m)');
  return runMap(ctx, { ...load, expression: shifted }, { logit: logits, m, s }, shape);
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
