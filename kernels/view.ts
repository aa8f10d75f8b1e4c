/** Ops that give the same values under another shape: no pass runs. */
import { Identity, Reshape, util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { defineKernel } from '../src/kernel';

export const viewKernels: readonly KernelConfig[] = [
  defineKernel<{ x: TensorInfo }>(Identity, (ctx, { x }) => ctx.view(x, x.shape)),
  defineKernel<{ x: TensorInfo }, { shape: number[] }>(Reshape, (ctx, { x }, { shape }) =>
    ctx.view(x, util.inferFromImplicitShape(shape, util.sizeFromShape(x.shape))),
  ),
];
