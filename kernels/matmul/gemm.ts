/** Matrix products of any shape: chooses tiles and slices, runs the passes, and untiles the result. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { copyTuning } from '../movement/copy_regions';
import { tuned } from './gemm_tuning';
import type { Epilogue } from '../../src/glsl/epilogue';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { fitsRun } from '../../src/plan/layout';
import type { DType, Layout } from '../../src/plan/plan';
import { ceilDiv, roundUp, sizeOf, type Shape } from '../../src/plan/shape';
import { prepared, releaseOperands, resultDType, shapeOf, type Prepared, type MatrixProduct } from './gemm_operands';
import { gemmPlan } from './gemm_plan';
import type { GemmForm } from './gemm_shader';
import { tileBufferLayout, tileBufferTuning } from '../shader/tile_buffer';
import { untileMatrixPlan } from './matrix_tiles_shader';

/** Rows of a tile, most first: 8 where the device has that many targets. */
const TILE_ROWS = [8, 6, 4, 2, 1] as const;

/**
 * a * b, with any transposes, batches, sizes (0 and 1 included) and dtypes: float32 where either operand is, else as `a`.
 * Sums are taken in the order of k, in slices where k is long and the result small, so that it also serves A^T B with a
 * huge k. The operands are prepared at once; a product of floats is deferred, so that it can apply an epilogue.
 */
export function gemm(ctx: KernelContext, product: MatrixProduct): TensorInfo {
  const shape = shapeOf(product);
  const dtype = resultDType(product);
  if (sizeOf(shape) === 0)
    return ctx.upload(shape, dtype, dtype === 'float32' ? new Float32Array(0) : new Int32Array(0));
  ctx.newLayout(shape, dtype); // Refuses what no texture holds before anything is computed for it.
  const p = prepared(ctx, product);
  if (dtype !== 'float32') return multiply(ctx, p);
  const y = ctx.deferFusable([p.a.tensor, p.b.tensor], shape, (own, [a, b], epilogue) =>
    multiply(own, { ...p, a: { ...p.a, tensor: a! }, b: { ...p.b, tensor: b! } }, epilogue),
  );
  releaseOperands(ctx, product, p);
  return y;
}

/** As `gemm`, but computed at once, with an epilogue. */
export function gemmNow(ctx: KernelContext, product: MatrixProduct, epilogue?: Epilogue<TensorInfo>): TensorInfo {
  return multiply(ctx, prepared(ctx, product), epilogue);
}

/** Products as their tiles stand in the layers of a texture array, a line for each row of the tile in every product. */
export interface ProductTiles {
  readonly tiles: TensorInfo;
  readonly target: Layout;
  readonly targets: number;
  /** Lines of one product in a target: row r * lines + i of the product is line i of target r. */
  readonly lines: number;
}

/** Products of floats in tiles, for a next pass that reads tiles. */
export function gemmTiles(ctx: KernelContext, product: MatrixProduct): ProductTiles {
  const p = prepared(ctx, product);
  const { form, a, b, m, k, n, batch } = p;
  const { targets, tileRows } = tileOf(ctx, form, m);
  const n4 = ceilDiv(n, 4);
  const target = tileBufferLayout([sizeOf(batch.dims) * tileRows, 4 * n4], 'float32', n4, ctx.limits);
  const pass = { form, a: a.matrices, b: b.matrices, m, k, n4, batch, sliceK: k, tileRows };
  const tiles = ctx.runTiles(gemmPlan(pass, new Array<Layout>(targets).fill(target)), [a.tensor, b.tensor]);
  releaseOperands(ctx, product, p);
  return { tiles, target, targets, lines: tileRows };
}

function multiply(ctx: KernelContext, p: Prepared, epilogue?: Epilogue<TensorInfo>): TensorInfo {
  const { form, a, b, m, k, n, batch, shape, dtype } = p;
  const n4 = ceilDiv(n, 4);
  const batches = sizeOf(batch.dims);
  const rows = isSmall(p) ? oneByOne(m) : tileOf(ctx, form, m);
  const slices = slicesOf(k, batches * n4 * rows.tileRows, tuned[m === 1 ? 'gemmFragments.row' : 'gemmFragments.rows']);
  const tiling = { rows: m, n, batches, form, ...rows, slices: slices.count };
  const copying = n % 4 === 0 && slices.count === 1 ? copyTargets(ctx, tiling, { shape, dtype }) : undefined;
  const target =
    copying?.target ?? tileBufferLayout([slices.count * batches * rows.tileRows, 4 * n4], dtype, n4, ctx.limits);
  // The pass that sums the slices has the last word.
  const [early, late] = !copying && slices.count > 1 ? [undefined, epilogue] : [epilogue, undefined];
  const plan = gemmPlan(
    {
      ...{ form, a: a.matrices, b: b.matrices, m, k, n4, batch, sliceK: slices.length, epilogue: early },
      tileRows: copying?.tileRows ?? rows.tileRows,
    },
    new Array<Layout>(rows.targets).fill(target),
  );
  const tiles = ctx.runTiles(plan, [a.tensor, b.tensor, ...(early?.inputs ?? [])]);
  if (copying) return copying.untile(tiles);
  const untile = untileMatrixPlan(
    { ...tiling, quads: form === 'tn', epilogue: late },
    target,
    ctx.newLayout(shape, dtype),
  );
  return release(ctx, tiles, ctx.run(untile, [tiles, ...(late?.inputs ?? [])]));
}

function release(ctx: KernelContext, tiles: TensorInfo, result: TensorInfo): TensorInfo {
  ctx.release(tiles);
  return result;
}

interface Tile {
  readonly targets: number;
  readonly tileRows: number;
}

/** The tile with the fewest fetches: R rows and four columns take R + 4 of them. Large products always take the largest. */
function tileOf({ limits }: KernelContext, form: GemmForm, m: number): Tile {
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

const oneByOne = (m: number): Tile => ({ targets: 1, tileRows: m });

/** Whether a product is so small that untiling would cost more than tiles save. */
function isSmall({ form, m, k, n, batch }: Prepared): boolean {
  const whole = form !== 'tn' && n % 4 === 0 && k < 2 * tuned.gemmSlice;
  return whole && sizeOf(batch.dims) * m * k * n <= tuned.gemmSingle;
}

/** How K is cut: enough pieces to fill the GPU, each long enough to pay, whole rounds of the loop. */
function slicesOf(k: number, fragments: number, enough: number): { count: number; length: number } {
  const wanted = Math.min(ceilDiv(enough, fragments), Math.floor(k / tuned.gemmSlice));
  if (wanted <= 1) return { count: 1, length: k };
  const length = roundUp(ceilDiv(k, wanted), 8);
  return { count: ceilDiv(k, length), length };
}

type Copying = {
  readonly target: Layout;
  readonly tileRows: number;
  readonly untile: (tiles: TensorInfo) => TensorInfo;
};

/**
 * The layouts with which every target is a few rectangles of the result; undefined where they would be many, small or ragged. A
 * single target is the result itself. In form `tn`, four rows of the result lie side by side, a target each.
 */
function copyTargets(
  ctx: KernelContext,
  { form, targets, tileRows, rows, n, batches }: Tile & { form: GemmForm; rows: number; n: number; batches: number },
  { shape, dtype }: { shape: Shape; dtype: DType },
): Copying | undefined {
  const quads = form === 'tn';
  const run = n / 4;
  const usual = ctx.newLayout(shape, dtype);
  const out = !quads && fitsRun(usual, run) ? usual : ctx.newLayout(shape, dtype, quads ? n : run);
  if (targets === 1) return { target: out, tileRows, untile: (y) => ctx.view(y, shape) };
  const perRow = out.width / run;
  const rowsPerLine = quads ? 4 : perRow;
  const lines = quads ? tileRows : ceilDiv(tileRows, perRow);
  const padded = quads ? tileRows : lines * perRow;
  const ragged =
    (quads && perRow !== 4) ||
    !Number.isInteger(perRow) ||
    padded > 1.25 * tileRows ||
    (batches > 1 && rows % rowsPerLine !== 0);
  // A copy saves the pass that untiles, which is worth a few idle processors, but not all of them.
  const small =
    (quads ? run : out.width) * lines < copyTuning.copyTexels || batches * lines < tileBufferTuning.tileBufferRows / 4;
  if (ragged || small || batches * targets > tuned.gemmCopies) return undefined;
  const target: Layout = {
    shape: [batches * padded, n],
    dtype,
    width: quads ? run : out.width,
    height: batches * lines,
  };
  if (target.height > ctx.limits.maxTextureSize) return undefined;
  const linesOfProduct = ceilDiv(rows, rowsPerLine);
  const untile = (tiles: TensorInfo) => {
    const parts = Array.from({ length: targets }, (_, layer) => {
      const [first, toX] = quads ? [(layer >> 2) * lines, (layer & 3) * run] : [layer * lines, 0];
      const height = Math.min(lines, linesOfProduct - first);
      const copies = Array.from({ length: height > 0 ? batches : 0 }, (_, i) => ({
        x: 0,
        y: i * lines,
        width: target.width,
        height,
        toX,
        toY: i * linesOfProduct + first,
      }));
      return { from: tiles, layer, copies };
    });
    return release(ctx, tiles, ctx.copyRegions(out, parts));
  };
  return { target, tileRows: padded, untile };
}
