/** Tensors made from attributes and places: constants, ranges, one-hot rows, diagonals. */
import {
  Diag,
  Fill,
  LinSpace,
  OneHot,
  OnesLike,
  Range,
  ZerosLike,
  util,
  type FillAttrs,
  type KernelConfig,
  type LinSpaceAttrs,
  type OneHotAttrs,
  type OneHotInputs,
  type RangeAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { defineKernel, GROWS, KernelError, realDType, type KernelContext } from '../src/kernel';
import type { DType } from '../src/plan';
import { sizeOf, type Shape } from '../src/shape';

/** Constants of at most this many elements are made on the host, where small kernels and uniforms want them. */
const HOST_ELEMENTS = 128;

const typedArrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } satisfies Record<DType, unknown>;

/** A tensor whose elements all have one value. */
export function filled(ctx: KernelContext, shape: Shape, dtype: DType, value: number): TensorInfo {
  const size = sizeOf(shape);
  if (size <= HOST_ELEMENTS) return ctx.upload(shape, dtype, new typedArrays[dtype](size).fill(value));
  const op = dtype === 'float32' ? { attributes: { value } } : { integers: { value: value | 0 } };
  return ctx.map({ expression: 'value', dtype, ...op }, {}, shape);
}

const fill = defineKernel<object, FillAttrs>(Fill, (ctx, _, attrs) => {
  const { shape, value, dtype = util.inferDtype(value) } = attrs;
  if (dtype === 'string') return ctx.onHost(Fill, {}, attrs);
  if (dtype === 'complex64')
    throw new KernelError(Fill, 'found dtype complex64, expected float32, int32, bool or string.');
  return filled(ctx, shape, dtype, Number(value));
});

/** ZerosLike and OnesLike: of complex64, zeros and ones on the real axis. */
function constantLike(kernelName: string, value: number): KernelConfig {
  return defineKernel<{ x: TensorInfo }>(
    kernelName,
    (ctx, { x }) => {
      if (x.dtype === 'complex64')
        return ctx.complex(filled(ctx, x.shape, 'float32', value), filled(ctx, x.shape, 'float32', 0));
      return filled(ctx, x.shape, realDType(kernelName, x), value);
    },
    { forward: false },
  );
}

/** Long ranges are `start + i * step`; short ones sum up the steps as tfjs-backend-cpu does, to the last bit. */
const range = defineKernel<object, RangeAttrs>(Range, (ctx, _, attrs) => {
  const { start, stop, dtype } = attrs;
  const step = stop < start && attrs.step === 1 ? -1 : attrs.step;
  const size = Math.abs(Math.ceil((stop - start) / step));
  const towards = start < stop ? step > 0 : start > stop && step < 0;
  const fractions = !Number.isInteger(start) || !Number.isInteger(step);
  if (!towards || size <= HOST_ELEMENTS || (dtype === 'int32' && fractions)) return ctx.onHost(Range, {}, attrs);
  const scalars = { start, step };
  if (dtype === 'int32') return ctx.map({ expression: 'start + index * step', dtype, integers: scalars }, {}, [size]);
  return ctx.map({ expression: 'start + float(index) * step', dtype, attributes: scalars }, {}, [size]);
});

const linSpace = defineKernel<object, LinSpaceAttrs>(LinSpace, (ctx, _, attrs) => {
  const { start, stop, num } = attrs;
  if (num <= HOST_ELEMENTS) return ctx.onHost(LinSpace, {}, attrs);
  const attributes = { start, step: (stop - start) / (num - 1) };
  return ctx.map({ expression: 'start + float(index) * step', dtype: 'float32', attributes }, {}, [num]);
});

const oneHot = defineKernel<OneHotInputs, OneHotAttrs>(
  OneHot,
  (ctx, { indices }, { depth, onValue, offValue, dtype }) => {
    const out = realDType(OneHot, { ...indices, dtype });
    const place = 'index - divIndex(index, depth) * depth';
    const column = realDType(OneHot, indices) === 'float32' ? `float(${place})` : place;
    const values = { onValue, offValue };
    const op = {
      expression: `x == ${column} ? onValue : offValue`,
      dtype: out,
      integers: { depth, ...(out === 'float32' ? {} : values) },
      attributes: out === 'float32' ? values : {},
    };
    return ctx.map(op, { x: ctx.view(indices, [...indices.shape, 1]) }, [...indices.shape, depth]);
  },
  GROWS,
);

const diag = defineKernel<{ x: TensorInfo }>(
  Diag,
  (ctx, { x }) => {
    const dtype = realDType(Diag, x);
    const size = sizeOf(x.shape);
    const zero = dtype === 'float32' ? '0.0' : '0';
    const op = { expression: `index == divIndex(index, size) * (size + 1) ? x : ${zero}`, dtype, integers: { size } };
    return ctx.view(ctx.map(op, { x: ctx.view(x, [size]) }, [size, size]), [...x.shape, ...x.shape]);
  },
  GROWS,
);

export const createKernels: readonly KernelConfig[] = [
  diag,
  fill,
  linSpace,
  oneHot,
  constantLike(OnesLike, 1),
  range,
  constantLike(ZerosLike, 0),
];
