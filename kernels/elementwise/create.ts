/** Tensors computed from attributes and indices: constants, ranges, one-hot, diagonals. */
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
import { expectWhole } from '../checks';
import { defineKernel, KernelError, realDType, type KernelContext } from '../../src/kernel/define_kernel';
import type { DType } from '../../src/plan/plan';
import { sizeOf, type Shape } from '../../src/plan/shape';

/** Integers of at most this many elements are made on the host, where they are shapes and indices. */
const HOST_ELEMENTS = 128;

const typedArrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } satisfies Record<DType, unknown>;

/** A tensor whose elements all have one value. */
export function filled(ctx: KernelContext, shape: Shape, dtype: DType, value: number): TensorInfo {
  const size = sizeOf(shape);
  // Floats are not: an optimizer's state begins as such, and is on the GPU from the second step on.
  if (size === 0 || (size <= HOST_ELEMENTS && dtype !== 'float32'))
    return ctx.upload(shape, dtype, new typedArrays[dtype](size).fill(value));
  const op = dtype === 'float32' ? { attributes: { value } } : { integers: { value: value | 0 } };
  return ctx.map({ expression: 'value', dtype, ...op }, {}, shape);
}

const fill = defineKernel<object, FillAttrs>(Fill, (ctx, _, attrs) => {
  const { shape, value, dtype = util.inferDtype(value) } = attrs;
  expectWhole(Fill, 'the shape', shape);
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
    { cpuFallback: false },
  );
}

/** How many elements a range has. @throws KernelError where it has no end */
function rangeSize(start: number, stop: number, step: number): number {
  const size = Math.abs(Math.ceil((stop - start) / step));
  if (!Number.isSafeInteger(size) && start !== stop)
    throw new KernelError(
      Range,
      `found start ${start}, stop ${stop} and step ${step}, expected finite numbers, and a step other than 0.`,
    );
  return size;
}

/** `start + i * step`, where tfjs-backend-cpu sums up the steps. */
const range = defineKernel<object, RangeAttrs>(Range, (ctx, _, attrs) => {
  const { start, stop, dtype } = attrs;
  const step = stop < start && attrs.step === 1 ? -1 : attrs.step;
  const size = rangeSize(start, stop, step);
  const towards = Math.sign(stop - start) * step > 0;
  const whole = Number.isInteger(start) && Number.isInteger(step);
  const exact = whole && (dtype === 'int32' || Math.max(Math.abs(start), Math.abs(stop)) < 2 ** 24);
  if (!towards || (dtype === 'int32' && !whole)) return ctx.onHost(Range, {}, attrs);
  if (exact && size <= HOST_ELEMENTS)
    return ctx.upload(
      [size],
      dtype,
      new typedArrays[dtype](size).map((_, i) => start + i * step),
    );
  const scalars = { start, step };
  if (dtype === 'int32') return ctx.map({ expression: 'start + index * step', dtype, integers: scalars }, {}, [size]);
  return ctx.map({ expression: 'start + float(index) * step', dtype, attributes: scalars }, {}, [size]);
});

const linSpace = defineKernel<object, LinSpaceAttrs>(LinSpace, (ctx, _, attrs) => {
  const { start, stop, num } = attrs;
  expectWhole(LinSpace, 'a number of', [num], 1);
  const attributes = { start, step: (stop - start) / Math.max(1, num - 1) };
  return ctx.map({ expression: 'start + float(index) * step', dtype: 'float32', attributes }, {}, [num]);
});

const oneHot = defineKernel<OneHotInputs, OneHotAttrs>(
  OneHot,
  (ctx, { indices }, { depth, onValue, offValue, dtype }) => {
    expectWhole(OneHot, 'a depth of', [depth]);
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
);

const diag = defineKernel<{ x: TensorInfo }>(Diag, (ctx, { x }) => {
  const dtype = realDType(Diag, x);
  const size = sizeOf(x.shape);
  const zero = dtype === 'float32' ? '0.0' : '0';
  const op = { expression: `index == divIndex(index, size) * (size + 1) ? x : ${zero}`, dtype, integers: { size } };
  return ctx.view(ctx.map(op, { x: ctx.view(x, [size]) }, [size, size]), [...x.shape, ...x.shape]);
});

export const createKernels: readonly KernelConfig[] = [
  diag,
  fill,
  linSpace,
  oneHot,
  constantLike(OnesLike, 1),
  range,
  constantLike(ZerosLike, 0),
];
