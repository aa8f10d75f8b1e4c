/** How matrix products are cut into tiles and slices of K, and whether tiles can be copied into the result. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { copyTuning } from '../movement/copy_regions';
import { tuned } from './gemm_tuning';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { fitsRun } from '../../src/plan/layout';
import type { Copy, Layout } from '../../src/plan/plan';
import { ceilDiv, indices, roundUp, sizeOf } from '../../src/plan/shape';
import type { Prepared } from './gemm_operands';
import type { GemmForm } from './gemm_shader';
import { tileBufferTuning } from '../shader/tile_buffer';

/** Rows of a tile, most first: 8 where the device has that many targets. */
const TILE_ROWS = [8, 6, 4, 2, 1] as const;

interface Tile {
  readonly targets: number;
  readonly tileRows: number;
}

/** Tiles, and the slices that K is cut into. */
export interface Tiling extends Tile {
  readonly slices: number;
  readonly sliceK: number;
}

/** The tile with the fewest fetches: R rows and four columns take R + 4 of them. Large products always take the largest. */
export function tileOf({ limits }: KernelContext, form: GemmForm, m: number): Tile {
  const most = Math.min(limits.maxTargets, tuned[`gemmRows.${form}`]);
  if (form === 'tn') {
    const targets = most >= 8 && m > 4 ? 8 : 4;
    return { targets, tileRows: ceilDiv(ceilDiv(m, 4), targets / 4) };
  }
  const sizes = TILE_ROWS.filter((r) => r <= most);
  const fetches = (r: number) => ceilDiv(m, r) * (r + 4);
  const targets = m >= 2 * sizes[0]! ? sizes[0]! : sizes.reduce((best, r) => (fetches(r) < fetches(best) ? r : best));
  return { targets, tileRows: ceilDiv(m, targets) };
}

/** Whether a product is so small that untiling would cost more than tiles save. */
export function isSmall({ form, m, k, n, batch }: Prepared): boolean {
  const whole = form !== 'tn' && n % 4 === 0 && k < 2 * tuned.gemmSlice;
  return whole && sizeOf(batch.dims) * m * k * n <= tuned.gemmSingle;
}

/** How K is cut: enough pieces to fill the GPU, each long enough to pay, whole rounds of the loop. */
function slicesOf({ m, k, n, batch }: Prepared, tileRows: number): Pick<Tiling, 'slices' | 'sliceK'> {
  const fragments = sizeOf(batch.dims) * ceilDiv(n, 4) * tileRows;
  const enough = tuned[m === 1 ? 'gemmFragments.row' : 'gemmFragments.rows'];
  const wanted = Math.min(ceilDiv(enough, fragments), Math.floor(k / tuned.gemmSlice));
  if (wanted <= 1) return { slices: 1, sliceK: k };
  const sliceK = roundUp(ceilDiv(k, wanted), 8);
  return { slices: ceilDiv(k, sliceK), sliceK };
}

/** How a product is cut. */
export function tilingOf(ctx: KernelContext, p: Prepared): Tiling {
  const tile = tileOf(ctx, p.form, p.m);
  return { ...tile, ...slicesOf(p, tile.tileRows) };
}

/** Whether a tile is one row of a product in one slice, of whole texels. */
export function isOneRow(ctx: KernelContext, p: Prepared): boolean {
  const { targets, slices } = tilingOf(ctx, p);
  return p.n % 4 === 0 && targets === 1 && slices === 1;
}

/** A layout of the result whose texture rows hold whole runs of `run` texels, if there is one. */
export function resultLayout(ctx: KernelContext, { shape, dtype }: Prepared, run: number): Layout {
  const usual = ctx.newLayout(shape, dtype);
  return fitsRun(usual, run) ? usual : ctx.newLayout(shape, dtype, run);
}

/** Tiles of whose targets each is a few rectangles of the result. */
export interface CopiedTiles {
  readonly tiling: Tiling;
  readonly target: Layout;
  readonly out: Layout;
  /** The copies that make the result of the tiles. */
  readonly parts: (tiles: TensorInfo) => { from: TensorInfo; layer: number; copies: Copy[] }[];
}

/** How the rows of a target lie in the result: `perLine` rows of it to a texture row, `lines` texture rows of each product. */
interface Lines {
  readonly out: Layout;
  readonly width: number;
  readonly lines: number;
  readonly perLine: number;
  /** Rows of a tile, filled up to whole lines. */
  readonly tileRows: number;
  /** Where in the result a target begins. */
  readonly start: (layer: number) => { readonly toX: number; readonly line: number };
}

/** In form `tn`, four rows of the result lie side by side, a target each. */
function quadLines(ctx: KernelContext, { shape, dtype, n }: Prepared, { tileRows }: Tiling): Lines | undefined {
  const out = ctx.newLayout(shape, dtype, n);
  if (out.width !== n) return undefined;
  const start = (layer: number) => ({ toX: (layer & 3) * (n / 4), line: (layer >> 2) * tileRows });
  return { out, width: n / 4, lines: tileRows, perLine: 4, tileRows, start };
}

/** Otherwise each target is a series of the result's rows. */
function plainLines(ctx: KernelContext, p: Prepared, { tileRows }: Tiling): Lines | undefined {
  const out = resultLayout(ctx, p, p.n / 4);
  const perLine = out.width / (p.n / 4);
  const lines = ceilDiv(tileRows, perLine);
  if (!Number.isInteger(perLine) || lines * perLine > 1.25 * tileRows) return undefined;
  const start = (layer: number) => ({ toX: 0, line: layer * lines });
  return { out, width: out.width, lines, perLine, tileRows: lines * perLine, start };
}

/** The tiles of a product that copies put in order; undefined where the rectangles would be many, small or ragged. */
export function copiedTiles(ctx: KernelContext, p: Prepared): CopiedTiles | undefined {
  const { m, n, dtype } = p;
  const tiling = tilingOf(ctx, p);
  if (n % 4 !== 0 || tiling.slices > 1) return undefined;
  const lines = p.form === 'tn' ? quadLines(ctx, p, tiling) : plainLines(ctx, p, tiling);
  const batches = sizeOf(p.batch.dims);
  if (!lines || !isWorthCopies(lines, { batches, m, targets: tiling.targets })) return undefined;
  const height = batches * lines.lines;
  if (height > ctx.limits.maxTextureSize) return undefined;
  const ofProduct = ceilDiv(m, lines.perLine);
  const copiesOf = (layer: number): Copy[] => {
    const { toX, line } = lines.start(layer);
    const filled = Math.min(lines.lines, ofProduct - line);
    return indices(filled > 0 ? batches : 0).map((i) => ({
      ...{ x: 0, y: i * lines.lines, width: lines.width, height: filled },
      ...{ toX, toY: i * ofProduct + line },
    }));
  };
  return {
    tiling: { ...tiling, tileRows: lines.tileRows },
    target: { shape: [batches * lines.tileRows, n], dtype, width: lines.width, height },
    out: lines.out,
    parts: (from) => indices(tiling.targets).map((layer) => ({ from, layer, copies: copiesOf(layer) })),
  };
}

/** Whether copies beat a pass that untiles, which is worth a few idle processors, but not all of them. */
function isWorthCopies(
  { width, lines, perLine }: Lines,
  { batches, m, targets }: { batches: number; m: number; targets: number },
): boolean {
  return (
    (batches === 1 || m % perLine === 0) &&
    width * lines >= copyTuning.copyTexels &&
    batches * lines >= tileBufferTuning.tileBufferRows / 4 &&
    batches * targets <= tuned.gemmCopies
  );
}
