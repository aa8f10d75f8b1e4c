/** Arithmetic on shapes: sizes, strides, broadcasting, merged dimensions, axes. Integers only. */

export type Shape = readonly number[];

/** Thrown for a shape that no tensor can have. */
export class ShapeError extends Error {
  constructor(shape: Shape) {
    super(`found the shape [${shape.join(', ')}], expected whole numbers of at least 0.`);
    this.name = 'ShapeError';
  }
}

/** @throws ShapeError for a shape that no tensor can have */
export function checkShape(shape: Shape): void {
  for (const d of shape) if (!(Number.isSafeInteger(d) && d >= 0)) throw new ShapeError(shape);
}

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const d of shape) size *= d;
  return size;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether a tensor of `shape` can be read as one of shape `out`, with dimensions that repeat. */
export function broadcastsTo(shape: Shape, out: Shape): boolean {
  const skipped = out.length - shape.length;
  return skipped >= 0 && shape.every((d, i) => d === 1 || d === out[skipped + i]);
}

/** Strides that read a tensor of `shape` as if it were broadcast to `out`: 0 along every dimension that repeats. */
export function broadcastStrides(shape: Shape, out: Shape): number[] {
  return extendStrides(stridesOf(shape), shape, out);
}

/** Strides along the dimensions of `shape` as those along `out`, which it is broadcast to. */
export function extendStrides(strides: readonly number[], shape: Shape, out: Shape): number[] {
  const lead = out.length - shape.length;
  const extended: number[] = [];
  for (let i = 0; i < out.length; i++) extended.push(i < lead || shape[i - lead] === 1 ? 0 : strides[i - lead]!);
  return extended;
}

/** Dimensions with, for each operand, the stride it has along each of them. */
export interface Strided {
  readonly dims: number[];
  readonly strides: number[][];
}

/**
 * Merges neighbouring dimensions along which every operand moves as along one, and drops dimensions of size 1, so that
 * programs depend on as few ranks as possible. At least one dimension is left.
 */
export function collapse(dims: Shape, strides: readonly (readonly number[])[]): Strided {
  const outDims: number[] = [];
  const outStrides: number[][] = strides.map(() => []);
  for (let i = 0; i < dims.length; i++) {
    const d = dims[i]!;
    if (d === 1) continue;
    const last = outDims.length - 1;
    if (last >= 0 && strides.every((s, j) => outStrides[j]![last] === s[i]! * d)) {
      outDims[last]! *= d;
      strides.forEach((s, j) => (outStrides[j]![last] = s[i]!));
    } else {
      outDims.push(d);
      strides.forEach((s, j) => outStrides[j]!.push(s[i]!));
    }
  }
  if (outDims.length === 0) {
    outDims.push(1);
    outStrides.forEach((s) => s.push(0));
  }
  return { dims: outDims, strides: outStrides };
}

/** Dimensions merged by `collapse`, each with whether it is reduced. */
export interface Reduced extends Strided {
  readonly reduced: boolean[];
}

/**
 * Merges dimensions as `collapse` does, but never one that is reduced with one that is kept.
 *
 * @param axes the reduced dimensions of `dims`
 */
export function collapseReduced(
  dims: Shape,
  axes: readonly number[],
  strides: readonly (readonly number[])[],
): Reduced {
  const kept = dims.map((d, i) => (axes.includes(i) ? 1 : d));
  // A stride of 0 marks a reduced dimension, and collapses with nothing else.
  const results = stridesOf(kept).map((s, i) => (axes.includes(i) ? 0 : s));
  const collapsed = collapse(dims, [results, ...strides]);
  const [own = [], ...others] = collapsed.strides;
  return { dims: collapsed.dims, strides: others, reduced: own.map((s) => s === 0) };
}

/** 0 up to, but not including, n. */
export const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/**
 * Strides along the dimensions of `to` that visit the same elements as `strides` do along those of `from`, a shape of the same size;
 * undefined if there are none.
 */
export function reshapeStrides(from: Shape, strides: readonly number[], to: Shape): readonly number[] | undefined {
  if (sameShape(from, to)) return strides;
  const dims = from.filter((d) => d !== 1);
  const own = strides.filter((_, i) => from[i] !== 1);
  const result = to.map(() => 0);
  for (let i = 0, j = 0; i < dims.length; i++) {
    // Groups of dimensions of the same size, which have to be one walk in `from`.
    const first = j;
    let ours = dims[i]!;
    let theirs = to[j++]!;
    while (ours !== theirs) {
      if (theirs < ours) theirs *= to[j++]!;
      else {
        if (own[i] !== own[i + 1]! * dims[i + 1]!) return undefined;
        ours *= dims[++i]!;
      }
    }
    result[j - 1] = own[i]!;
    for (let d = j - 1; d > first; d--) result[d - 1] = result[d]! * to[d]!;
  }
  return result;
}

export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** `x` rounded up to a multiple of `step`. */
export function roundUp(x: number, step: number): number {
  return Math.ceil(x / step) * step;
}
