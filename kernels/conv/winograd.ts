/** 3x3 convolutions of many channels by Winograd's algorithm: when it pays off, and the passes that it runs. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { tuned } from './conv_tuning';
import type { Epilogue } from '../../src/glsl/epilogue';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { NARROW, runThatFits } from '../../src/plan/layout';
import type { Layout, Plan } from '../../src/plan/plan';
import { ceilDiv, indices, roundUp } from '../../src/plan/shape';
import type { Axis, Geometry } from './geometry';
import { gemmTiles } from '../matmul/gemm';
import { concat } from '../movement/concat_split';
import { POINTS, winogradFilterPlan, winogradInputPlan, type WinogradTiles } from './winograd_shader';
import { winogradOutputPlan } from './winograd_output_shader';

/** A convolution of NHWC data. */
export interface Winograd {
  readonly geometry: Geometry;
  /** [3, 3, in, out] as the forward convolution has it. */
  readonly filter: TensorInfo;
  /** Whether it is flipped and transposed, for the gradient with respect to the input. */
  readonly flipped: boolean;
}

/** Tiles for which the transform of a filter takes as long as their products. */
const FILTER_TILES = 16;
/** Products, the transform's among them, must be fewer than this share of those of the convolution as it is defined. */
const WORTHWHILE = 0.8;
/** Tiles come in whole groups, of the products' rows; so the lines of points do. */
const TILE_GROUP = 8;
/** Lines that stand side by side in a texture, at most: they divide every number of lines. */
const MOST_PER_ROW = POINTS * TILE_GROUP;
/** Bytes of transformed data and products at a time, for more than one image. */
const MOST_BYTES = 64 * 2 ** 20;

/** Whether the algorithm can serve a convolution, and saves more than its transforms cost. */
export function suitsWinograd(ctx: KernelContext, { geometry, filter, flipped }: Winograd): boolean {
  const { batch, rows, columns } = geometry;
  const [, , c, o] = filter.shape as [number, number, number, number];
  if (2 / (1 / c + 1 / o) < tuned.winogradChannels || c % 4 !== 0 || o % 4 !== 0) return false;
  if (!isPlain(rows) || !isPlain(columns) || ctx.limits.maxTargets < POINTS) return false;
  const { tiles } = tilesOf(geometry, { first: 0, images: batch, flipped });
  const k = flipped ? o : c;
  const products = POINTS ** 2 * (tiles + FILTER_TILES);
  return (
    imagesAtOnce(ctx, geometry, [c, o]) > 0 &&
    products < WORTHWHILE * rows.size * columns.size * batch * rows.output * columns.output &&
    runThatFits([batch, rows.input, columns.input, k], [(columns.input * k) / 4], ctx.limits) !== undefined
  );
}

/** Whether an axis is that of a filter of three taps, one beside the other, that moves by one. */
function isPlain({ size, phases, step, tapStride, tapStep }: Axis): boolean {
  return size === 3 && phases.length === 1 && step === 1 && tapStride === 1 && tapStep === 1;
}

/** Images whose transforms are made in one turn; none where those of one do not fit a texture. */
function imagesAtOnce({ limits }: KernelContext, geometry: Geometry, channels: readonly [number, number]): number {
  const { tiles } = tilesOf(geometry, { first: 0, images: 1, flipped: false });
  const max = limits.maxTextureSize;
  const fit =
    MOST_PER_ROW * Math.max(...channels) <= 4 * max ? Math.floor((MOST_PER_ROW * max) / (POINTS ** 2 * tiles)) : 0;
  const bytes = 4 * POINTS ** 2 * tiles * (channels[0] + channels[1]);
  return Math.min(fit, Math.max(1, Math.floor(MOST_BYTES / bytes)));
}

function tilesOf(
  { rows, columns }: Geometry,
  part: Pick<WinogradTiles, 'first' | 'images' | 'flipped'>,
): WinogradTiles {
  const tileRows = ceilDiv(rows.output, 2);
  const tileColumns = ceilDiv(columns.output, 2);
  return {
    ...part,
    inRows: rows.input,
    inColumns: columns.input,
    outRows: rows.output,
    outColumns: columns.output,
    top: rows.phases[0]!.base,
    left: columns.phases[0]!.base,
    tileRows,
    tileColumns,
    tiles: roundUp(part.images * tileRows * tileColumns, TILE_GROUP),
  };
}

/** Convolves, a few images at a time where their transforms take much memory; see `suitsWinograd`. */
export function runWinograd(
  ctx: KernelContext,
  x: TensorInfo,
  { geometry, filter, flipped }: Winograd,
  epilogue?: Epilogue<TensorInfo>,
): TensorInfo {
  const { batch, columns } = geometry;
  const [, , c, o] = filter.shape as [number, number, number, number];
  const weights = ctx.withRows(filter);
  const operands: Operands = {
    data: ctx.withRows(x, (columns.input * (flipped ? o : c)) / 4),
    weights,
    points: ctx.cachedForm(weights, 'winograd', {}, filterPoints),
  };
  const part = (first: number, images: number): TensorInfo =>
    convolveImages(ctx, operands, tilesOf(geometry, { first, images, flipped }), epilogue);
  const atOnce = imagesAtOnce(ctx, geometry, [c, o]);
  if (atOnce >= batch) return part(0, batch);
  const parts = indices(ceilDiv(batch, atOnce)).map((i) => part(i * atOnce, Math.min(atOnce, batch - i * atOnce)));
  const y = concat(ctx, parts, 0);
  parts.forEach((some) => ctx.release(some));
  return y;
}

interface Operands {
  readonly data: TensorInfo;
  readonly weights: TensorInfo;
  /** The filter's points, a matrix of input and output channels for each. */
  readonly points: TensorInfo;
}

function filterPoints(ctx: KernelContext, filter: TensorInfo): TensorInfo {
  const [, , c, o] = filter.shape as [number, number, number, number];
  const target = pointsLayout(ctx, c, o / 4);
  return runPoints(ctx, winogradFilterPlan((c * o) / 4, ctx.layout(filter), target), filter);
}

function convolveImages(
  ctx: KernelContext,
  { data, weights, points }: Operands,
  by: WinogradTiles,
  epilogue: Epilogue<TensorInfo> | undefined,
): TensorInfo {
  const [, , c, o] = weights.shape as [number, number, number, number];
  const [k, n] = by.flipped ? [o, c] : [c, o];
  const target = pointsLayout(ctx, by.tiles, k / 4);
  const a = runPoints(ctx, winogradInputPlan(by, ctx.layout(data), k / 4, target), data);
  const batch = { dims: [POINTS * POINTS], aStrides: [1], bStrides: [1] };
  const { tiles, ...how } = gemmTiles(ctx, { a, b: points, m: by.tiles, k, n, transposeB: by.flipped, batch });
  ctx.release(a);
  const out = ctx.newLayout([by.images, by.outRows, by.outColumns, n], 'float32');
  const plan = winogradOutputPlan({ by, ...how, inTexels: k / 4, outTexels: n / 4, epilogue }, out);
  const y = ctx.run(plan, [tiles, data, weights, ...(epilogue?.inputs ?? [])]);
  ctx.release(tiles);
  return y;
}

/** A column of points, `count` lines of `run` texels for each: texture rows hold a power of two of lines, so that the last is full. */
function pointsLayout({ limits }: KernelContext, count: number, run: number): Layout {
  const lines = POINTS * count;
  let perRow = 1;
  while (perRow * run < NARROW || (POINTS * lines) / perRow > limits.maxTextureSize) perRow *= 2;
  return { shape: [lines, 4 * run], dtype: 'float32', width: perRow * run, height: lines / perRow };
}

/** Draws the columns of points, and sets them one after the other. */
function runPoints(ctx: KernelContext, plan: Plan, input: TensorInfo): TensorInfo {
  const columns = ctx.runTiles(plan, [input]);
  const { shape, dtype, width, height } = plan.outputs[0]!;
  const parts = indices(POINTS).map((layer) => ({
    from: columns,
    layer,
    copies: [{ x: 0, y: 0, width, height, toX: 0, toY: layer * height }],
  }));
  const all = { shape: [POINTS * shape[0]!, shape[1]!], dtype, width, height: POINTS * height };
  const result = ctx.copyRegions(all, parts);
  ctx.release(columns);
  return result;
}
