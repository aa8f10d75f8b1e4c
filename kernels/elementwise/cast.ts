/** Conversions between dtypes. */
import {
  Cast,
  type CastAttrs,
  type CastInputs,
  type DataType,
  type KernelConfig,
  type TensorInfo,
  type TypedArray,
} from '@tensorflow/tfjs-core';
import { defineKernel, KernelError, keepsRange, realDType, type KernelContext } from '../../src/kernel/define_kernel';
import type { DType } from '../../src/plan/plan';
import { sizeOf } from '../../src/plan/shape';
import { isOrdinary } from '../../src/kernel/small_on_cpu';
import { filled } from './create';

/** GLSL expressions in `x`, by the dtype that they give, from floats and from integers. NaN is not zero, so true. */
const rows: Readonly<Record<DType, { readonly ofFloat: string; readonly ofInt: string }>> = {
  float32: { ofFloat: 'x', ofInt: 'float(x)' },
  int32: { ofFloat: 'toInt(x)', ofInt: 'x' },
  bool: { ofFloat: '1 - int(x == 0.0)', ofInt: 'int(x != 0)' },
};

/** The same for values that the host has. JavaScript's conversion to int32 is what `toInt` does. */
const onHost: Readonly<Record<DType, (values: TypedArray) => TypedArray>> = {
  float32: (values) => Float32Array.from(values),
  int32: (values) => Int32Array.from(values),
  bool: (values) => Uint8Array.from(values, (x) => (x === 0 ? 0 : 1)),
};

/** `x` as another dtype; a view where it has it already. Of complex64 the imaginary part is dropped. @throws KernelError for strings */
export function castTo(ctx: KernelContext, x: TensorInfo, dtype: DataType): TensorInfo {
  if (x.dtype === dtype) return ctx.view(x, x.shape);
  if (dtype === 'string')
    throw new KernelError(Cast, `found a ${x.dtype} tensor to be cast to string, expected a dtype of numbers.`);
  if (dtype === 'complex64') return ctx.complex(castTo(ctx, x, 'float32'), filled(ctx, x.shape, 'float32', 0));
  if (x.dtype === 'complex64') return castTo(ctx, ctx.complexParts(x).real, dtype);
  const from = realDType(Cast, x);
  const values = ctx.valuesForHost(x, sizeOf(x.shape), dtype !== 'float32');
  if (values && (dtype !== 'bool' || isOrdinary(values))) return ctx.upload(x.shape, dtype, onHost[dtype](values));
  const expression = from === 'float32' ? rows[dtype].ofFloat : rows[dtype].ofInt;
  return ctx.map({ expression, dtype }, { x }, x.shape);
}

export const castKernels: readonly KernelConfig[] = [
  defineKernel<CastInputs, CastAttrs>(Cast, (ctx, { x }, { dtype }) => castTo(ctx, x, dtype), keepsRange('x')),
];
