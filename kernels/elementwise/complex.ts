/** complex64 tensors and their parts: two float32 tensors behind one data id. */
import {
  Complex,
  ComplexAbs,
  Imag,
  Real,
  type ComplexAbsInputs,
  type ComplexInputs,
  type ImagInputs,
  type KernelConfig,
  type RealInputs,
} from '@tensorflow/tfjs-core';
import { defineKernel } from '../../src/kernel/define_kernel';
import { castTo } from './cast';

export const complexKernels: readonly KernelConfig[] = [
  defineKernel<ComplexInputs>(
    Complex,
    (ctx, { real, imag }) => ctx.complex(castTo(ctx, real, 'float32'), castTo(ctx, imag, 'float32')),
    { cpuFallback: false },
  ),
  defineKernel<ComplexAbsInputs>(ComplexAbs, (ctx, { x }) => {
    const { real, imag } = ctx.complexParts(x);
    return ctx.map({ expression: 'hypot32(real, imag)', dtype: 'float32' }, { real, imag }, x.shape);
  }),
  defineKernel<ImagInputs>(Imag, (ctx, { input }) => ctx.view(ctx.complexParts(input).imag, input.shape), {
    cpuFallback: false,
  }),
  defineKernel<RealInputs>(Real, (ctx, { input }) => ctx.view(ctx.complexParts(input).real, input.shape), {
    cpuFallback: false,
  }),
];
