/** Operands of matrix products: any shape and transposition, brought to rows of whole texels. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { realDType, type KernelContext } from '../../src/kernel/define_kernel';
import type { DType } from '../../src/plan/plan';
import { ceilDiv, roundUp, sizeOf, type Shape } from '../../src/plan/shape';
import type { Batch, Matrices } from './gemm_plan';
import type { GemmForm } from './gemm_shader';
import { pitchPlan, type MatrixStrides } from './matrix_tiles_shader';

/** One matrix product, or a batch of them. */
export interface MatrixProduct {
  /** Matrices [m, k], or [k, m] with `transposeA`; only the order of the elements counts, not the tensor's shape. */
  readonly a: TensorInfo;
  /** Matrices [k, n], or [n, k] with `transposeB`. */
  readonly b: TensorInfo;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Elements from one row of `a` to the next, a multiple of 4, where rows are padded; what the padding holds does not matter. */
  readonly aPitch?: number;
  readonly bPitch?: number;
  /** Broadcast batch dimensions, strides in matrices; one product unless given. */
  readonly batch?: Batch;
  /** Shape of the result: [...batch dimensions, m, n] unless given. */
  readonly shape?: Shape;
}

type Resolved = Required<Omit<MatrixProduct, 'aPitch' | 'bPitch'>> & Pick<MatrixProduct, 'aPitch' | 'bPitch'>;

/** A product whose operands have rows of whole texels. */
export interface Prepared extends Pick<Resolved, 'm' | 'k' | 'n' | 'batch' | 'shape'> {
  readonly form: GemmForm;
  readonly a: Whole;
  readonly b: Whole;
  readonly dtype: DType;
}

interface Whole {
  readonly tensor: TensorInfo;
  readonly matrices: Matrices;
}

const ONE_PRODUCT: Batch = { dims: [], aStrides: [], bStrides: [] };
/** Transposes and pads operands where no pass reads them as they are, and computes those that wait. */
export function prepared(ctx: KernelContext, product: MatrixProduct): Prepared {
  const { batch = ONE_PRODUCT } = product;
  const shape = shapeOf(product);
  const p = normalized(ctx, { transposeA: false, transposeB: false, ...product, batch, shape });
  const { k, transposeA, transposeB } = p;
  // Rows along k are then copies whose last texel is filled up with zeros, in both operands.
  const filled = transposeB && p.aPitch === undefined && p.bPitch === undefined;
  const a = operand(ctx, p.a, { rows: transposeA ? k : p.m, columns: transposeA ? p.m : k, pitch: p.aPitch });
  const b = operand(ctx, p.b, { rows: transposeB ? p.n : k, columns: transposeB ? k : p.n, pitch: p.bPitch });
  return {
    form: transposeA ? 'tn' : transposeB ? 'nt' : 'nn',
    a,
    b,
    m: p.m,
    k: filled ? roundUp(k, 4) : k,
    n: p.n,
    batch: p.batch,
    shape,
    dtype: resultDType(product),
  };
}

export function shapeOf({ batch = ONE_PRODUCT, m, n, shape }: MatrixProduct): Shape {
  return shape ?? [...batch.dims, m, n];
}

export function resultDType({ a, b }: MatrixProduct): DType {
  const [dtype, other] = [a, b].map((x) => realDType('A matrix product', x));
  return other === 'float32' ? other : dtype!;
}

/** The same product with a single column as a single row, at most one operand transposed, and batches of `a` as its rows. */
function normalized(ctx: KernelContext, p: Resolved): Resolved {
  const { m, k, n, transposeA, transposeB, batch } = p;
  if (n === 1 && m > 1 && p.bPitch === undefined) return normalized(ctx, swapped(p));
  if (m === 1 && transposeA && p.aPitch === undefined) return normalized(ctx, { ...p, transposeA: false });
  if (transposeA && transposeB) return withPlainB(ctx, p);
  if (isOneTallProduct(p)) return { ...p, m: sizeOf(batch.dims) * m, batch: ONE_PRODUCT };
  return k === 1 ? withRowsOfOne(p) : p;
}

/** Of columns times rows, where k is 1: one element a row would take a texel of its own; the same elements as one row do not. */
function withRowsOfOne(p: Resolved): Resolved {
  return p.aPitch === undefined && p.bPitch === undefined ? { ...p, transposeA: p.m > 1, transposeB: false } : p;
}

/** The transposed product, of a single row. */
function swapped(p: Resolved): Resolved {
  return {
    ...p,
    ...{ a: p.b, b: p.a, m: 1, n: p.m },
    ...{ transposeA: false, transposeB: !p.transposeA, aPitch: undefined, bPitch: p.aPitch },
    batch: { dims: p.batch.dims, aStrides: p.batch.bStrides, bStrides: p.batch.aStrides },
  };
}

/** The same product of two transposed operands with `b` as a copy that is not. */
function withPlainB(ctx: KernelContext, p: Resolved): Resolved {
  const { b, k, n } = p;
  const pitch = p.bPitch ?? k;
  const plain = transposed(ctx, b, { rows: k, columns: n, matrixStride: n * pitch, rowStride: 1, columnStride: pitch });
  return { ...p, b: plain, transposeB: false, bPitch: roundUp(n, 4) };
}

/** Whether all products of a batch have one `b`, and their rows follow each other. */
function isOneTallProduct({ a, m, k, aPitch, transposeA, batch }: Resolved): boolean {
  const batches = sizeOf(batch.dims);
  const oneB = batch.bStrides.every((s) => s === 0);
  return batches > 1 && !transposeA && oneB && sizeOf(a.shape) === batches * m * (aPitch ?? k);
}

function transposed(ctx: KernelContext, x: TensorInfo, strides: MatrixStrides): TensorInfo {
  return pitched(ctx, x, strides, Math.round(sizeOf(x.shape) / Math.max(1, strides.matrixStride)));
}

function pitched(ctx: KernelContext, x: TensorInfo, strides: MatrixStrides, count: number): TensorInfo {
  return ctx.cachedForm(x, 'pitched', { strides, count }, pitchedForm);
}

function pitchedForm(
  ctx: KernelContext,
  x: TensorInfo,
  { strides, count }: { readonly strides: MatrixStrides; readonly count: number },
): TensorInfo {
  const pitch = roundUp(strides.columns, 4);
  return ctx.run(pitchPlan(strides, ctx.newLayout([count * strides.rows, pitch], ctx.layout(x).dtype)), [x]);
}

/** A matrix with rows of whole texels, filled up with zeros, in a texture whose rows hold them whole where the device allows. */
export function wholeRows(ctx: KernelContext, x: TensorInfo, rows: number, columns: number): TensorInfo {
  const strides = { rows, columns, matrixStride: 0, rowStride: columns, columnStride: 1 };
  const whole = columns % 4 === 0 ? x : pitched(ctx, x, strides, 1);
  const run = ceilDiv(columns, 4);
  return ctx.withRows(whole, run <= ctx.limits.maxTextureSize ? run : undefined);
}

/** An operand with rows of whole texels, in a texture whose rows hold them whole where the device allows. */
function operand(
  ctx: KernelContext,
  x: TensorInfo,
  { rows, columns, pitch = columns }: { rows: number; columns: number; pitch?: number },
) {
  const count = Math.round(sizeOf(x.shape) / Math.max(1, rows * pitch));
  const whole =
    pitch % 4 === 0
      ? x
      : pitched(ctx, x, { rows, columns, matrixStride: rows * pitch, rowStride: pitch, columnStride: 1 }, count);
  const run = ceilDiv(pitch, 4);
  const tensor = ctx.withRows(whole, run > 0 && run <= ctx.limits.maxTextureSize ? run : undefined);
  return { tensor, matrices: { layout: ctx.layout(tensor), rows, run } satisfies Matrices };
}

/** Disposes what was made of operands. */
export function releaseOperands(ctx: KernelContext, { a, b }: MatrixProduct, p: Prepared): void {
  for (const x of [p.a.tensor, p.b.tensor]) if (x !== a && x !== b) ctx.release(x);
}
