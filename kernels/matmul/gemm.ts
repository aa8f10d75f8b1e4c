/** Matrix products of any shape: chooses tiles and slices, runs the passes, and untiles the result. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { algorithmFor, type Algorithm } from '../algorithm';
import type { Epilogue } from '../../src/glsl/epilogue';
import type { KernelContext } from '../../src/kernel/define_kernel';
import type { Layout } from '../../src/plan/plan';
import { ceilDiv, sizeOf } from '../../src/plan/shape';
import { prepared, releaseOperands, resultDType, shapeOf, type Prepared, type MatrixProduct } from './gemm_operands';
import { gemmPlan } from './gemm_plan';
import { copiedTiles, isOneRow, isSmall, resultLayout, tileOf, tilingOf, type Tiling } from './gemm_tiling';
import { tileBufferLayout } from '../shader/tile_buffer';
import { untileMatrixPlan } from './matrix_tiles_shader';

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
  return algorithmFor(GEMM, ctx, p)(ctx, p, epilogue);
}

/** Algorithms for matrix products, the most special first. */
export const GEMM: readonly Algorithm<
  Prepared,
  (ctx: KernelContext, p: Prepared, epilogue?: Epilogue<TensorInfo>) => TensorInfo
>[] = [
  {
    name: 'rows of the result',
    serves: (ctx, p) => isSmall(p) || isOneRow(ctx, p),
    run: (ctx, p, epilogue) => {
      const target = resultLayout(ctx, p, p.n / 4);
      const tiles = runTiles(ctx, p, { targets: 1, tileRows: p.m, slices: 1, sliceK: p.k, target }, epilogue);
      return ctx.view(tiles, p.shape);
    },
  },
  {
    name: 'tiles, copied',
    serves: (ctx, p) => copiedTiles(ctx, p) !== undefined,
    run: (ctx, p, epilogue) => {
      const { tiling, target, out, parts } = copiedTiles(ctx, p)!;
      const tiles = runTiles(ctx, p, { ...tiling, target }, epilogue);
      return release(ctx, tiles, ctx.copyRegions(out, parts(tiles)));
    },
  },
  {
    name: 'tiles',
    serves: () => true,
    run: (ctx, p, epilogue) => {
      const { m: rows, n, form, dtype, batch } = p;
      const { sliceK, ...tiling } = tilingOf(ctx, p);
      const batches = sizeOf(batch.dims);
      const n4 = ceilDiv(n, 4);
      const target = tileBufferLayout([tiling.slices * batches * tiling.tileRows, 4 * n4], dtype, n4, ctx.limits);
      // The pass that sums the slices has the last word.
      const [early, late] = tiling.slices > 1 ? [undefined, epilogue] : [epilogue, undefined];
      const tiles = runTiles(ctx, p, { ...tiling, sliceK, target }, early);
      const untiling = { ...tiling, rows, n, batches, quads: form === 'tn', epilogue: late };
      const plan = untileMatrixPlan(untiling, target, ctx.newLayout(p.shape, dtype));
      return release(ctx, tiles, ctx.run(plan, [tiles, ...(late?.inputs ?? [])]));
    },
  },
];

/** The pass that computes tiles, each of their rows in a layer of the layout `target`. */
function runTiles(
  ctx: KernelContext,
  { form, a, b, m, k, n, batch }: Prepared,
  { targets, tileRows, sliceK, target }: Tiling & { readonly target: Layout },
  epilogue?: Epilogue<TensorInfo>,
): TensorInfo {
  const pass = { form, a: a.matrices, b: b.matrices, m, k, n4: ceilDiv(n, 4), batch, sliceK, tileRows, epilogue };
  const plan = gemmPlan(pass, new Array<Layout>(targets).fill(target));
  return ctx.runTiles(plan, [a.tensor, b.tensor, ...(epilogue?.inputs ?? [])]);
}

function release(ctx: KernelContext, tiles: TensorInfo, result: TensorInfo): TensorInfo {
  ctx.release(tiles);
  return result;
}
