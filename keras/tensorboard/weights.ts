/** Weights as TensorBoard shows them: how their values are distributed, and as images. */
import type { Pixels } from './png';

const BUCKETS = 30;

/** Rows of left edge, right edge and count, of equal widths; values that are not numbers do not count. */
export function bucketsOf(values: ArrayLike<number>): [number, number, number][] {
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) return [];
  const [least, most] = finite.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  if (least === most) return [[least - 0.5, least + 0.5, finite.length]];
  const width = (most - least) / BUCKETS;
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const x of finite) counts[Math.min(BUCKETS - 1, Math.floor((x - least) / width))]!++;
  return counts.map((count, i) => [least + i * width, i === BUCKETS - 1 ? most : least + (i + 1) * width, count]);
}

/** The last two axes of a convolution's filter lie side by side as tiles of its first two; a matrix is a picture as it is. */
export function pictureOf(values: ArrayLike<number>, shape: readonly number[]): Pixels | undefined {
  const axes = shape.filter((size) => size > 1);
  if (axes.length < 2 || axes.length > 4) return undefined;
  const [h = 1, w = 1, rows = 1, columns = 1] = axes.length === 3 ? [axes[0], axes[1], 1, axes[2]] : axes;
  const [width, height] = [columns * w, rows * h];
  const finite = Array.from(values).filter(Number.isFinite);
  const least = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const span = finite.reduce((a, b) => Math.max(a, b), -Infinity) - least || 1;
  const levels = Uint8Array.from({ length: width * height }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    const tile = Math.floor(y / h) * columns + Math.floor(x / w);
    const value = values[((y % h) * w + (x % w)) * rows * columns + tile]!;
    return Math.round((255 * (value - least)) / span);
  });
  return { width, height, channels: 1, levels };
}
