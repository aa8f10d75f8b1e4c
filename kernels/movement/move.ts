/** Ops that only move elements, each as an index map: slice, transpose, reverse, pad, tile and the like. */
import {
  backend_util,
  BatchToSpaceND,
  DepthToSpace,
  FlipLeftRight,
  MirrorPad,
  PadV2,
  Reverse,
  Slice,
  slice_util,
  SpaceToBatchND,
  StridedSlice,
  Tile,
  Transpose,
  util,
  type BatchToSpaceNDAttrs,
  type BatchToSpaceNDInputs,
  type DepthToSpaceAttrs,
  type DepthToSpaceInputs,
  type FlipLeftRightInputs,
  type KernelConfig,
  type MirrorPadAttrs,
  type MirrorPadInputs,
  type PadV2Attrs,
  type PadV2Inputs,
  type ReverseAttrs,
  type ReverseInputs,
  type SliceAttrs,
  type SliceInputs,
  type SpaceToBatchNDAttrs,
  type SpaceToBatchNDInputs,
  type StridedSliceAttrs,
  type StridedSliceInputs,
  type TensorInfo,
  type TileAttrs,
  type TileInputs,
  type TransposeAttrs,
  type TransposeInputs,
} from '@tensorflow/tfjs-core';
import { checkPairs, checkPerDimension, expectWhole } from '../checks';
import { defineKernel, KernelError, keepsRange, realDType, type KernelContext } from '../../src/kernel/define_kernel';
import { sizeOf, stridesOf, type Shape } from '../../src/plan/shape';
import type { Edge } from './index_map';
import { move } from './move_elements';

/** The region of `x` that starts at `begin`, takes every `steps`-th element, and has the shape `size`; seen as `shape`. */
export function sliceOf(
  ctx: KernelContext,
  x: TensorInfo,
  region: { begin: Shape; size: Shape; steps?: Shape },
  shape = region.size,
): TensorInfo {
  const { begin, size, steps = begin.map(() => 1) } = region;
  const strides = stridesOf(x.shape);
  const offset = strides.reduce((sum, s, d) => sum + s * begin[d]!, 0);
  return move(ctx, x, { dims: size, strides: strides.map((s, d) => s * steps[d]!), offset }, shape);
}

/** `x` with its dimensions in the order `perm`. */
export function transpose(ctx: KernelContext, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const strides = stridesOf(x.shape);
  const dims = perm.map((d) => x.shape[d]!);
  return move(ctx, x, { dims, strides: perm.map((d) => strides[d]!), offset: 0 }, dims);
}

function reverse(ctx: KernelContext, x: TensorInfo, axes: readonly number[]): TensorInfo {
  const strides = stridesOf(x.shape);
  const offset = axes.reduce((sum, d) => sum + (x.shape[d]! - 1) * strides[d]!, 0);
  return move(ctx, x, { dims: x.shape, strides: strides.map((s, d) => (axes.includes(d) ? -s : s)), offset }, x.shape);
}

/** `x` with `paddings` before and after each dimension; complex64 only where zeros are padded. */
function pad(
  ctx: KernelContext,
  x: TensorInfo,
  paddings: readonly (readonly number[])[],
  beyond: Edge['beyond'],
): TensorInfo {
  const dims = x.shape.map((d, i) => paddings[i]![0]! + d + paddings[i]![1]!);
  const strides = stridesOf(x.shape);
  const start = paddings.map(([before]) => before!);
  const fill = typeof beyond === 'number' && x.dtype !== 'float32' ? Math.trunc(beyond) : beyond;
  // A mirrored coordinate is counted from the source's start, any other from the result's.
  const offset = typeof beyond === 'number' ? -strides.reduce((sum, s, d) => sum + s * start[d]!, 0) : 0;
  return move(ctx, x, { dims, strides, offset, edge: { start, size: x.shape, beyond: fill } }, dims);
}

/** A mirror holds no more than the tensor, without its outermost element where that is not repeated. */
function checkMirror(shape: Shape, paddings: readonly (readonly number[])[], mode: 'reflect' | 'symmetric'): void {
  checkPairs(MirrorPad, 'paddings', paddings, shape.length);
  const most = shape.map((d) => (mode === 'reflect' ? d - 1 : d));
  if (paddings.some((pair, d) => pair.some((n) => n > Math.max(0, most[d]!))))
    throw new KernelError(
      MirrorPad,
      `found paddings [${paddings.join('; ')}], expected at most [${most.join(', ')}] in mode ${mode}.`,
    );
}

function tile(ctx: KernelContext, x: TensorInfo, reps: readonly number[]): TensorInfo {
  checkPerDimension(Tile, 'repeats', reps, x.shape);
  const broadcast = x.shape.every((d, i) => d === 1 || reps[i] === 1);
  if (broadcast && x.dtype !== 'complex64') {
    // Elementwise: whoever needs it reads x itself.
    const shape = x.shape.map((d, i) => d * reps[i]!);
    return ctx.map({ expression: 'x', kind: 'identity', dtype: realDType(Tile, x) }, { x }, shape);
  }
  const dims = x.shape.flatMap((d, i) => [reps[i]!, d]);
  const strides = stridesOf(x.shape).flatMap((s) => [0, s]);
  return move(
    ctx,
    x,
    { dims, strides, offset: 0 },
    x.shape.map((d, i) => d * reps[i]!),
  );
}

function stridedSlice(ctx: KernelContext, x: TensorInfo, attrs: StridedSliceAttrs): TensorInfo {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  expectWhole(StridedSlice, 'begin, end and strides', [...begin, ...end, ...strides], -Infinity);
  if (strides.includes(0))
    throw new KernelError(StridedSlice, `found strides [${strides.join(', ')}], expected none of 0.`);
  const info = slice_util.sliceInfo(
    x.shape,
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  const size = slice_util.computeOutShape(info.begin, info.end, info.strides).map((d) => Math.max(0, d));
  return sliceOf(ctx, x, { begin: info.begin, size, steps: info.strides }, info.finalShape);
}

function batchToSpace(ctx: KernelContext, x: TensorInfo, { blockShape, crops }: BatchToSpaceNDAttrs): TensorInfo {
  const blocks = sizeOf(blockShape);
  expectWhole(BatchToSpaceND, 'a block shape of', blockShape, 1);
  checkPairs(BatchToSpaceND, 'crops', crops, blockShape.length);
  const cut = backend_util.getReshaped(x.shape, blockShape, blocks);
  const moved = transpose(ctx, ctx.view(x, cut), backend_util.getPermuted(cut.length, blockShape.length));
  const joined = backend_util.getReshapedPermuted(x.shape, blockShape, blocks);
  // Only as many entries as there are cropped dimensions, and the one of the batch.
  const begin = backend_util.getSliceBeginCoords(crops, blockShape.length);
  const size = backend_util.getSliceSize(joined, crops, blockShape.length);
  return sliceOf(ctx, ctx.view(moved, joined), {
    begin: joined.map((_, d) => begin[d] ?? 0),
    size: joined.map((n, d) => size[d] ?? n),
  });
}

function spaceToBatch(ctx: KernelContext, x: TensorInfo, { blockShape, paddings }: SpaceToBatchNDAttrs): TensorInfo {
  const blocks = sizeOf(blockShape);
  expectWhole(SpaceToBatchND, 'a block shape of', blockShape, 1);
  checkPairs(SpaceToBatchND, 'paddings', paddings, blockShape.length);
  const padded = pad(
    ctx,
    x,
    x.shape.map((_, d) => paddings[d - 1] ?? [0, 0]),
    0,
  );
  const cut = backend_util.getReshaped(padded.shape, blockShape, blocks, false);
  const moved = transpose(ctx, ctx.view(padded, cut), backend_util.getPermuted(cut.length, blockShape.length, false));
  return ctx.view(moved, backend_util.getReshapedPermuted(padded.shape, blockShape, blocks, false));
}

function depthToSpace(ctx: KernelContext, x: TensorInfo, { blockSize: b, dataFormat }: DepthToSpaceAttrs): TensorInfo {
  const [n, p, q, r] = x.shape as [number, number, number, number];
  expectWhole(DepthToSpace, 'a block size of', [b], 1);
  if (dataFormat === 'NHWC') {
    const depth = r / (b * b);
    return ctx.view(transpose(ctx, ctx.view(x, [n, p, q, b, b, depth]), [0, 1, 3, 2, 4, 5]), [n, p * b, q * b, depth]);
  }
  const depth = p / (b * b);
  return ctx.view(transpose(ctx, ctx.view(x, [n, b, b, depth, q, r]), [0, 3, 4, 1, 5, 2]), [n, depth, q * b, r * b]);
}

export const moveKernels: readonly KernelConfig[] = [
  defineKernel<TransposeInputs, TransposeAttrs>(
    Transpose,
    (ctx, { x }, { perm }) => transpose(ctx, x, perm),
    keepsRange('x'),
  ),
  defineKernel<SliceInputs, SliceAttrs>(
    Slice,
    (ctx, { x }, attrs) => {
      // tfjs-core's types do not say that it may be missing.
      expectWhole(Slice, 'a size of', [(attrs.size as Shape | undefined) ?? []].flat(), -1);
      const [begin, size] = slice_util.parseSliceParams(x, attrs.begin, attrs.size) as [number[], number[]];
      checkPerDimension(Slice, 'a begin of', begin, x.shape);
      checkPerDimension(Slice, 'a size of', size, x.shape);
      if (begin.some((b, d) => b + size[d]! > x.shape[d]!))
        throw new KernelError(
          Slice,
          `found a slice of [${size.join(', ')}] at [${begin.join(', ')}], expected one within [${x.shape.join(', ')}].`,
        );
      return sliceOf(ctx, x, { begin, size });
    },
    keepsRange('x'),
  ),
  defineKernel<StridedSliceInputs, StridedSliceAttrs>(
    StridedSlice,
    (ctx, { x }, attrs) => stridedSlice(ctx, x, attrs),
    keepsRange('x'),
  ),
  defineKernel<ReverseInputs, ReverseAttrs>(
    Reverse,
    (ctx, { x }, { dims }) => reverse(ctx, x, util.parseAxisParam(dims, x.shape)),
    keepsRange('x'),
  ),
  defineKernel<FlipLeftRightInputs>(FlipLeftRight, (ctx, { image }) => reverse(ctx, image, [2])),
  defineKernel<TileInputs, TileAttrs>(Tile, (ctx, { x }, { reps }) => tile(ctx, x, reps), keepsRange('x')),
  defineKernel<PadV2Inputs, PadV2Attrs>(PadV2, (ctx, { x }, { paddings, constantValue }) => {
    checkPairs(PadV2, 'paddings', paddings, x.shape.length);
    if (x.dtype === 'complex64' && constantValue !== 0)
      throw new KernelError(PadV2, `a complex64 tensor is padded with 0, not with ${constantValue}.`);
    return pad(ctx, x, paddings, constantValue);
  }),
  defineKernel<MirrorPadInputs, MirrorPadAttrs>(MirrorPad, (ctx, { x }, { paddings, mode }) => {
    checkMirror(x.shape, paddings, mode);
    return pad(ctx, x, paddings, mode);
  }),
  defineKernel<BatchToSpaceNDInputs, BatchToSpaceNDAttrs>(BatchToSpaceND, (ctx, { x }, attrs) =>
    batchToSpace(ctx, x, attrs),
  ),
  defineKernel<SpaceToBatchNDInputs, SpaceToBatchNDAttrs>(SpaceToBatchND, (ctx, { x }, attrs) =>
    spaceToBatch(ctx, x, attrs),
  ),
  defineKernel<DepthToSpaceInputs, DepthToSpaceAttrs>(DepthToSpace, (ctx, { x }, attrs) => depthToSpace(ctx, x, attrs)),
];
