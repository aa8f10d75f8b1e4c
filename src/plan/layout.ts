/** Texture layouts: four consecutive elements per texel, dense, with a width that holds whole inner runs. */
import type { DType, Layout, Limits } from './plan';
import { ceilDiv, checkShape, sizeOf, type Shape } from './shape';

/** Runs narrower than this many texels share a texture row: GPUs draw narrow textures slowly. */
export const NARROW = 16;

/** Thrown by ops whose result does not fit into one texture of the device. */
export class TextureSizeError extends Error {
  /** @internal */
  constructor(
    /** The tensor's shape. */
    readonly shape: readonly number[],
    /** The texels that it would take, of four elements each. */
    readonly texels: number,
    /** The longest side of a texture of this device, in texels. */
    readonly maxTextureSize: number,
  ) {
    super(
      `A tensor of shape [${shape.join(', ')}] takes ${texels} texels of four elements, but a texture of this device holds at most ` +
        `${maxTextureSize} x ${maxTextureSize}.`,
    );
    this.name = 'TextureSizeError';
  }
}

/**
 * The texels of the longest inner run that a kernel walks along: W*C of NHWC data (rank 4 and above), else the last
 * dimension; 0 where no such run consists of whole texels or fits into a texture.
 */
function innerRun(shape: Shape, limits: Limits): number {
  const rank = shape.length;
  const last = shape[rank - 1] ?? 1;
  const fits = (run: number) => run > 0 && run % 4 === 0 && run / 4 <= limits.maxTextureSize;
  if (rank >= 4) {
    const plane = last * shape[rank - 2]!;
    if (fits(plane)) return plane / 4;
  }
  return fits(last) ? last / 4 : 0;
}

/** The width, in texels, of a texture whose rows hold whole runs of `run` texels each. */
export function widthFor(texels: number, run: number, limits: Limits): number {
  const rows = ceilDiv(texels, run);
  const perRow = Math.max(ceilDiv(rows, limits.maxTextureSize), Math.min(ceilDiv(NARROW, run), rows));
  return run * perRow;
}

/**
 * The layout of a tensor. Without `run` it is the one that every tensor of this shape gets; with it, rows of the texture
 * hold whole runs of `run` texels.
 *
 * @throws TextureSizeError, ShapeError
 */
export function layoutOf(shape: Shape, dtype: DType, limits: Limits, run = innerRun(shape, limits)): Layout {
  checkShape(shape);
  const texels = Math.max(1, ceilDiv(sizeOf(shape), 4));
  const max = limits.maxTextureSize;
  let width = run > 0 ? widthFor(texels, run, limits) : 0;
  if (width === 0 || width > max) {
    // No run to respect: as square as it goes, so that neither side reaches its limit early.
    width = texels <= NARROW ? texels : Math.min(max, 2 ** Math.ceil(Math.log2(Math.sqrt(texels))));
  }
  const height = ceilDiv(texels, width);
  if (height > max || width > max) throw new TextureSizeError(shape, texels, max);
  return { shape, dtype, width, height };
}

/** The first of `runs`, in texels, that some texture's rows hold in whole; none where all are wider, or leave no room for the rest. */
export function runThatFits(shape: Shape, runs: readonly number[], limits: Limits): number | undefined {
  return runs.find((run) => run <= limits.maxTextureSize && fitsRun(layoutOf(shape, 'float32', limits, run), run));
}

/** Whether the texels of `layout` form rows that hold whole runs of `run` texels. */
export function fitsRun(layout: Layout, run: number): boolean {
  return layout.width % run === 0;
}
