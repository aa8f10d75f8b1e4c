/** Convolutions of images with one channel, and their filter gradient: limits, tiles and plans. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { filterGradientRows } from './conv_tuning';
import { readsWhole, type Epilogue } from '../../src/glsl/epilogue';
import { MOST_IN_FLOATS } from '../../src/glsl/numeric';
import { rowAccess, rowValues } from '../../src/glsl/row_reader';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { runThatFits } from '../../src/plan/layout';
import type { Layout } from '../../src/plan/plan';
import { ceilDiv, indices } from '../../src/plan/shape';
import type { Info } from './conv_info';
import { wholeRows } from '../matmul/gemm_operands';
import { sumSlices } from './outer_products';
import {
  columnSeen,
  TEXEL_COLUMNS,
  singleChannel,
  texelsSeen,
  untileColumnsPlan,
  type ColumnWindow,
} from './single_channel_shader';
import { singleChannelGradient, type Pair } from './single_channel_gradient_shader';
import { tileBufferLayout } from '../shader/tile_buffer';

/** Taps that are unrolled, at most. */
const MOST_TAPS = 49;
/** With a greater stride, most lanes that are read would be unused. */
const MOST_STRIDE = 2;

/** Whether this algorithm serves a convolution. */
export function suitsSingleChannel({ limits }: KernelContext, info: Info): boolean {
  const { inChannels, filterHeight, filterWidth, dilationHeight, dilationWidth, strideHeight, strideWidth } = info;
  const { batchSize, inHeight, inWidth } = info;
  const inTexels = ceilDiv(inWidth, TEXEL_COLUMNS);
  return (
    inChannels === 1 &&
    Math.max(dilationHeight, dilationWidth) === 1 &&
    Math.max(strideHeight, strideWidth) <= MOST_STRIDE &&
    filterHeight * filterWidth <= MOST_TAPS &&
    batchSize * inHeight < MOST_IN_FLOATS &&
    runThatFits([batchSize * inHeight, inTexels * TEXEL_COLUMNS], [inTexels], limits) !== undefined &&
    ceilDiv(info.outWidth, TEXEL_COLUMNS) * ceilDiv(info.outChannels, 4) <= limits.maxTextureSize
  );
}

/** The texels of a row of outputs in which what they see may begin or end: the first, and the last, which may have fewer outputs than the one before. */
function endsOf(outWidth: number): readonly number[] {
  const quads = ceilDiv(outWidth, TEXEL_COLUMNS);
  return [0, Math.max(0, quads - 2), quads - 1];
}

/** What the passes have to read as zeros because it lies outside of the image, for an output that is not outside itself. */
function guardsOf(info: Info): { guardsRows: boolean; guarded: readonly number[] } {
  const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth: stride, filterHeight, padInfo } = info;
  const along = { size: info.filterWidth, stride };
  const { left } = padInfo;
  const isGuarded = (e: number): boolean =>
    endsOf(outWidth).some((quad) => {
      const texel = quad * stride + e;
      const last = Math.min(outWidth - 1, quad * TEXEL_COLUMNS + TEXEL_COLUMNS - 1) * stride + along.size - 1 - left;
      return texel < 0 || (texel * TEXEL_COLUMNS >= inWidth && texel * TEXEL_COLUMNS <= last);
    });
  return {
    guardsRows: padInfo.top > 0 || (outHeight - 1) * strideHeight + filterHeight - padInfo.top > inHeight,
    guarded: texelsSeen({ along, left }).filter(isGuarded),
  };
}

/** `x` convolved with `filter`, with an epilogue; see `suitsSingleChannel`. */
export function runSingleChannel(
  ctx: KernelContext,
  { x, filter, info }: { x: TensorInfo; filter: TensorInfo; info: Info },
  epilogue?: Epilogue<TensorInfo>,
): TensorInfo {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, outChannels, filterHeight, filterWidth, padInfo } = info;
  const data = wholeRows(ctx, x, batchSize * inHeight, inWidth);
  const weights = wholeRows(ctx, filter, filterHeight * filterWidth, outChannels);
  const [from, by] = [ctx.layout(data), ctx.layout(weights)];
  const inTexels = ceilDiv(inWidth, TEXEL_COLUMNS);
  const quads = ceilDiv(outWidth, TEXEL_COLUMNS);
  const outTexels = ceilDiv(outChannels, 4);
  const rows = ctx.limits.maxTargets >= 2 * TEXEL_COLUMNS && outHeight > 1 ? 2 : 1;
  const tiles = ceilDiv(outHeight, rows);
  const target = tileBufferLayout([batchSize, tiles, quads, outTexels * 4], 'float32', quads * outTexels, ctx.limits);
  const plan = singleChannel(
    {
      rows,
      down: { size: filterHeight, stride: info.strideHeight },
      along: { size: filterWidth, stride: info.strideWidth },
      left: padInfo.left,
      ...guardsOf(info),
      access: rowAccess(from, inTexels),
      filterRuns: by.width / outTexels,
      epilogue: epilogue?.params,
    },
    {
      uniforms: {
        ...{ inRows: inHeight, inTexels, top: padInfo.top, tiles, quads, outTexels },
        ...rowValues('x', from, inTexels),
        filterScale: [1 / by.width, 1 / by.height],
        ...(readsWhole(epilogue?.params) ? { outRows: outHeight, outColumns: outWidth } : {}),
        ...epilogue?.uniforms,
      },
      outputs: indices(TEXEL_COLUMNS * rows).map((): Layout => target),
    },
  );
  const tiled = ctx.runTiles(plan, [data, weights, ...(epilogue?.inputs ?? [])]);
  const out = ctx.newLayout([batchSize, outHeight, outWidth, outChannels], 'float32');
  const y = ctx.run(untileColumnsPlan(plan.outputs, out), [tiled]);
  ctx.release(tiled);
  for (const [own, given] of [
    [data, x],
    [weights, filter],
  ] as const)
    if (own !== given) ctx.release(own);
  return y;
}

/** Whether this algorithm serves a filter gradient. */
export function suitsSingleChannelGradient(ctx: KernelContext, info: Info): boolean {
  const { batchSize, outHeight, outWidth, outChannels, filterWidth } = info;
  const outTexels = ceilDiv(outChannels, 4);
  return (
    suitsSingleChannel(ctx, info) &&
    filterWidth > 1 &&
    filterWidth <= ctx.limits.maxTargets &&
    runThatFits([batchSize, outHeight, outWidth, outTexels * 4], [outWidth * outTexels], ctx.limits) !== undefined
  );
}

/** The filter's gradient [rows, columns, 1, channels of dy]: the channels of `dy` fill texels. */
export function runSingleChannelGradient(
  ctx: KernelContext,
  { x, dy, info }: { x: TensorInfo; dy: TensorInfo; info: Info },
): TensorInfo {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const outTexels = dy.shape[3]! / 4;
  const inTexels = ceilDiv(inWidth, TEXEL_COLUMNS);
  const data = wholeRows(ctx, x, batchSize * inHeight, inWidth);
  const dyRun = outWidth * outTexels;
  const gradient = ctx.withRows(dy, dyRun);
  const [from, by] = [ctx.layout(data), ctx.layout(gradient)];
  const fragments = filterHeight * outTexels;
  const perSlice = filterGradientRows(batchSize * outHeight, outWidth, fragments);
  const slices = ceilDiv(batchSize * outHeight, perSlice);
  const target = tileBufferLayout([slices, filterHeight, outTexels * 4], 'float32', outTexels, ctx.limits);
  const quads = ceilDiv(outWidth, TEXEL_COLUMNS);
  const window = { along: { size: filterWidth, stride: info.strideWidth }, left: padInfo.left };
  const plan = singleChannelGradient(
    {
      ...window,
      x: rowAccess(from, inTexels),
      dy: rowAccess(by, dyRun),
      guarded: guardedPairs(info, window),
      whole: inWidth % TEXEL_COLUMNS === 0,
      ragged: outWidth % TEXEL_COLUMNS,
    },
    {
      uniforms: {
        ...{ inRows: inHeight, inColumns: inWidth, inTexels, outRows: outHeight, outColumns: outWidth, outTexels },
        ...{ filterRows: filterHeight, top: padInfo.top, stride: info.strideHeight, quads, perSlice, batch: batchSize },
        ...rowValues('x', from, inTexels),
        ...rowValues('dy', by, dyRun),
      },
      outputs: indices(filterWidth).map((): Layout => target),
      fetches: perSlice * quads * (TEXEL_COLUMNS + texelsSeen(window).length),
    },
  );
  const partial = ctx.runTiles(plan, [data, gradient]);
  // A filter's columns are here what its channels are elsewhere.
  const uniforms = { channels: filterWidth, targets: filterWidth, groups: 1, outTexels, slices, stride: fragments };
  const out = ctx.newLayout([filterHeight, filterWidth, 1, outTexels * 4], 'float32');
  const result = ctx.run(sumSlices({ depthwise: false }, { uniforms, outputs: [out] }), [partial]);
  for (const own of [partial, data, gradient]) if (own !== x && own !== dy) ctx.release(own);
  return result;
}

/** The taps that see columns outside of the image, or that outputs beyond the last of a row see through. */
function guardedPairs({ inWidth, outWidth }: Info, window: ColumnWindow): Pair[] {
  const isGuarded = ([k, l]: Pair): boolean =>
    endsOf(outWidth).some((quad) => {
      const column = quad * TEXEL_COLUMNS * window.along.stride + columnSeen(window, l, k);
      return column < 0 || column >= inWidth || quad * TEXEL_COLUMNS + l >= outWidth;
    });
  return indices(window.along.size)
    .flatMap((k) => indices(TEXEL_COLUMNS).map((l): Pair => [k, l]))
    .filter(isGuarded);
}
