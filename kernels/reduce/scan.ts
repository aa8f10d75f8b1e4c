/** Cumulative sums and products along an axis. */
import { Cumprod, Cumsum, type CumsumAttrs, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { defineKernel, KernelError, realDType } from '../../src/kernel/define_kernel';
import { runScan } from './scan_shader';

const rows = {
  [Cumsum]: { combine: 'a + b', identity: '0' },
  [Cumprod]: { combine: 'a * b', identity: '1' },
};

function scan(kernelName: string, row: { readonly combine: string; readonly identity: string }): KernelConfig {
  return defineKernel<{ x: TensorInfo }, CumsumAttrs>(kernelName, (ctx, { x }, { axis, exclusive, reverse }) => {
    const from = realDType(kernelName, x);
    const dtype = from === 'bool' ? 'int32' : from;
    const rank = x.shape.length;
    // Of a scalar, tfjs takes any axis.
    if (rank === 0) return ctx.view(runScan(ctx, { ...row, axis: 0, exclusive, reverse }, ctx.view(x, [1]), dtype), []);
    const own = axis < 0 ? axis + rank : axis;
    if (own < 0 || own >= rank) throw new KernelError(kernelName, `found axis ${axis} of a tensor of rank ${rank}.`);
    return runScan(ctx, { ...row, axis: own, exclusive, reverse }, x, dtype);
  });
}

export const scanKernels: readonly KernelConfig[] = Object.entries(rows).map(([name, row]) => scan(name, row));
