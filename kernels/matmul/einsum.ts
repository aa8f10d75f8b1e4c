/** Einsum: sorts the dimensions of two tensors into batch, rows, columns and sums, and multiplies matrices. */
import {
  backend_util,
  Einsum,
  type EinsumAttrs,
  type KernelConfig,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { defineKernel, type KernelContext } from '../../src/kernel/define_kernel';
import { sameShape, sizeOf } from '../../src/plan/shape';
import { gemm } from './gemm';
import { transpose } from '../movement/move';
import { sumOver } from '../reduce/reduce';

/** A tensor whose dimensions have names, the numbers that tfjs-core gives to an equation's letters. */
interface Named {
  readonly x: TensorInfo;
  readonly dims: readonly number[];
}

const without = (dims: readonly number[], others: readonly number[]) => dims.filter((d) => !others.includes(d));
const both = (dims: readonly number[], others: readonly number[]) => dims.filter((d) => others.includes(d));

/** The tensor with its dimensions in the given order. */
function arranged(ctx: KernelContext, { x, dims }: Named, order: readonly number[]): TensorInfo {
  return transpose(
    ctx,
    x,
    order.map((d) => dims.indexOf(d)),
  );
}

/** Sums the dimensions that are not kept. */
function summed(ctx: KernelContext, { x, dims }: Named, kept: readonly number[]): Named {
  const axes = dims.flatMap((d, axis) => (kept.includes(d) ? [] : [axis]));
  return axes.length === 0 ? { x, dims } : { x: sumOver(ctx, x, axes), dims: both(dims, kept) };
}

/** The product of two tensors, summed over the dimensions that only they know. */
function contracted(ctx: KernelContext, left: Named, right: Named, output: readonly number[]): Named {
  const a = summed(ctx, left, [...output, ...right.dims]);
  const b = summed(ctx, right, [...output, ...left.dims]);
  const common = both(a.dims, b.dims);
  const batch = both(common, output);
  const inner = without(common, output);
  const [rows, columns] = [without(a.dims, common), without(b.dims, common)];
  const lengths = new Map([a, b].flatMap(({ x, dims }) => dims.map((d, axis) => [d, x.shape[axis]!] as const)));
  const sizeAlong = (dims: readonly number[]) => sizeOf(dims.map((d) => lengths.get(d)!));
  const dims = [...batch, ...rows, ...columns];
  const shape = dims.map((d) => lengths.get(d)!);
  const [batches, m, n, k] = [batch, rows, columns, inner].map(sizeAlong) as [number, number, number, number];
  if (inner.length === 0) {
    const left = ctx.view(arranged(ctx, a, [...batch, ...rows]), [batches, m, 1]);
    const right = ctx.view(arranged(ctx, b, [...batch, ...columns]), [batches, 1, n]);
    return { x: ctx.view(product(ctx, left, right), shape), dims };
  }
  // A tensor that has its dimensions in the order of a transposed matrix already stays as it is.
  const transposeA = sameShape(a.dims, [...batch, ...inner, ...rows]);
  const transposeB = sameShape(b.dims, [...batch, ...columns, ...inner]);
  const x = gemm(ctx, {
    a: transposeA ? a.x : arranged(ctx, a, [...batch, ...rows, ...inner]),
    b: transposeB ? b.x : arranged(ctx, b, [...batch, ...inner, ...columns]),
    ...{ m, k, n, transposeA, transposeB, shape },
    ...(batches > 1 ? { batch: { dims: [batches], aStrides: [1], bStrides: [1] } } : {}),
  });
  return { x, dims };
}

/** The elementwise product of tensors that broadcast to [batches, m, n]. */
function product(ctx: KernelContext, a: TensorInfo, b: TensorInfo): TensorInfo {
  const shape = a.shape.map((d, axis) => (axis === 2 ? b.shape[axis]! : d));
  const same = a.dtype === b.dtype;
  const dtype = same && a.dtype === 'int32' ? 'int32' : 'float32';
  return ctx.map({ expression: same ? 'a * b' : 'float(a) * float(b)', kind: 'product', dtype }, { a, b }, shape);
}

export const einsumKernels: readonly KernelConfig[] = [
  defineKernel<readonly TensorInfo[], EinsumAttrs>(Einsum, (ctx, inputs, { equation }) => {
    const tensors = [...inputs];
    const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, tensors.length);
    backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as Tensor[]);
    const output = Array.from({ length: allDims.length - summedDims.length }, (_, d) => d);
    const [first, second] = tensors.map((x, i): Named => ({ x, dims: idDims[i]! }));
    const result = second ? contracted(ctx, first!, second, output) : summed(ctx, first!, output);
    return arranged(ctx, result, output);
  }),
];
