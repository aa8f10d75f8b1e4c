/** Plans the pass of a matrix product: its operands, the loop over k, and what the uniforms hold. */
import { tuned } from './gemm_tuning';
import { readsWhole, type Epilogue } from '../../src/glsl/epilogue';
import { rowAccess, rowValues, type RowParams } from '../../src/glsl/row_reader';
import type { Layout, Plan } from '../../src/plan/plan';
import { gemm, type GemmForm, type GemmParams } from './gemm_shader';

/** Broadcast batch dimensions: for each of `dims`, by how many matrices either operand moves along it. */
export interface Batch {
  readonly dims: readonly number[];
  readonly aStrides: readonly number[];
  readonly bStrides: readonly number[];
}

/** One operand of a product: matrices, each of `rows` rows of `run` texels, one after the other. */
export interface Matrices {
  readonly layout: Layout;
  /** Rows of one matrix as it is stored. */
  readonly rows: number;
  /** Texels from one row to the next. */
  readonly run: number;
}

/** How rows of an operand are read, which are looked up in the loop over k or before it. */
function rowsOf({ layout, run }: Matrices, inLoop: boolean): RowParams {
  return { dtype: layout.dtype, access: rowAccess(layout, run, inLoop) };
}

/** What one product pass computes. */
export interface GemmPass {
  readonly form: GemmForm;
  readonly a: Matrices;
  readonly b: Matrices;
  readonly k: number;
  /** Texels in a row of the result. */
  readonly n4: number;
  /** How many tiles stand on top of each other in one product. */
  readonly tileRows: number;
  readonly batch: Batch;
  /** Length of the pieces that K is cut into; each makes a result of its own, after those of all batches. */
  readonly sliceK: number;
  /** Rows of one product. */
  readonly m: number;
  readonly epilogue?: Pick<Epilogue<unknown>, 'params' | 'uniforms'> | undefined;
}

/** Elements of a small dense layer's weights, and of its batch, at most. */
const SMALL_WEIGHTS = 2 ** 16;
const SMALL_BATCH = 512;

/** Whether a product is one of a small dense layer or its gradients: a longer loop body would cost more to compile than it saves. */
function isSmallLayer({ form, m, k, n4, batch }: GemmPass): boolean {
  const [rows, weights] = form === 'tn' ? [k, m * n4 * 4] : [m, k * n4 * 4];
  return batch.dims.length === 0 && rows <= SMALL_BATCH && weights <= SMALL_WEIGHTS;
}

/**
 * How the loop goes through K: without a rest where it can, which is faster and compiles sooner. In form `tn` K is
 * often a batch, whose size should need no program of its own.
 */
function roundOf(pass: GemmPass): Pick<GemmParams, 'unroll' | 'rest'> {
  const { form, k, sliceK } = pass;
  const most = isSmallLayer(pass) ? 1 : tuned[`gemmUnroll.${form}`];
  if (form === 'tn') return { unroll: most, rest: true };
  const whole = (texels: number): boolean => k % (4 * texels) === 0 && sliceK % (4 * texels) === 0;
  return { unroll: whole(most) ? most : 1, rest: !whole(1) };
}

/**
 * The pass that computes all tiles: target r holds, for every slice of K, batch and tile, the tile's row r. Tile i consists
 * of the rows i + r * tileRows, in form `tn` of the rows 4 * (i + floor(r / 4) * tileRows) + r % 4.
 *
 * @param targets a layout for each row of the tile
 */
export function gemmPlan(pass: GemmPass, targets: readonly Layout[]): Plan {
  const { form, a, b, m, k, n4, tileRows, batch, sliceK, epilogue } = pass;
  const batches = batch.dims.reduce((product, d) => product * d, 1);
  const batched = batches > 1;
  return gemm(
    {
      form,
      targets: targets.length,
      ...roundOf(pass),
      a: rowsOf(a, form === 'tn'),
      b: rowsOf(b, form !== 'nt'),
      dtype: targets[0]!.dtype,
      batchRank: batched ? batch.dims.length : 0,
      epilogue: epilogue?.params,
    },
    {
      uniforms: {
        k,
        n4,
        tileRows,
        batches,
        sliceK,
        aRows: a.rows,
        bRows: b.rows,
        ...rowValues('a', a.layout, a.run),
        ...rowValues('b', b.layout, b.run),
        ...(batched ? { dims: batch.dims, a_strides: batch.aStrides, b_strides: batch.bStrides } : {}),
        ...(readsWhole(epilogue?.params) ? { m } : {}),
        ...epilogue?.uniforms,
      },
      outputs: targets,
      // Four rows of b, and a row of a for each target.
      fetches: Math.min(k, sliceK) * (1 + targets.length / 4),
    },
  );
}
