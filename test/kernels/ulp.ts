/** Errors in units in the last place of float32, and inputs that look for the largest: all exponents, and both sides of turning points. */
import { randomOf } from '../cases/fill';
import { seed } from '../page';
import { SMALLEST_NORMAL } from './call';

/** What is beyond the largest float32 counts as the power of two that comes next. */
const OVERFLOW = 2 ** 128;
const SMALLEST = 2 ** -149;
/** Random significands of each exponent, beside the ends. */
const PER_EXPONENT = 5;
/** Neighbours on each side of a turning point. */
const NEIGHBOURS = 12;

/** What a unit in the last place is of float32 numbers next to x. */
export function ulpOf(x: number): number {
  const magnitude = Math.min(Math.max(Math.abs(x), SMALLEST_NORMAL), OVERFLOW / 2);
  return 2 ** (exponentOf(magnitude) - 23);
}

function exponentOf(x: number): number {
  const e = Math.floor(Math.log2(x));
  return 2 ** e > x ? e - 1 : 2 ** (e + 1) <= x ? e + 1 : e;
}

/** By how many units in the last place a float32 is off, 0 where it may be a zero or an infinity in the reference's place. */
export function ulpError(found: number, expected: number): number {
  if (Number.isNaN(found) || Number.isNaN(expected)) return Object.is(found, expected) ? 0 : Infinity;
  const bounded = (x: number): number => Math.min(Math.max(x, -OVERFLOW), OVERFLOW);
  // Of what is subnormal a GPU may make a zero.
  if (found === 0 && Math.abs(expected) < SMALLEST_NORMAL * (1 + 2 ** -20)) return 0;
  return Math.abs(bounded(found) - bounded(expected)) / ulpOf(expected);
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The float32 that is so many places further from 0. */
function neighbour(x: number, places: number): number {
  float[0] = x;
  bits[0]! += places;
  return float[0];
}

/** Numbers next to x on both sides, and x. */
function around(x: number): number[] {
  const near = Array.from({ length: 2 * NEIGHBOURS + 1 }, (_, i) => neighbour(x, i - NEIGHBOURS));
  return [...near, ...[4, 7, 10, 13, 16].flatMap((k) => [neighbour(x, 2 ** k), neighbour(x, -(2 ** k))])];
}

const range = (length: number, of: (i: number) => number): number[] => Array.from({ length }, (_, i) => of(i));

/** Where the functions, or their formulas, turn: thresholds between branches, and the edges of overflow and underflow. */
const TURNING_POINTS = [
  ...[0.1, 0.2, 0.25, 0.35, 0.4, Math.SQRT2 - 1, 0.42, 0.5, Math.SQRT1_2, 0.75, 1, Math.SQRT2, 2, Math.SQRT2 + 1, 3],
  ...[4, 5, 6, 8, 10, 16.6, 20, 44, 87.33654, 88, 88.03, 88.72284, 88.73, 89.41599, 103.27893, 103.97208, 104],
  ...[128, 256, 1e9, 2 ** 23, 2 ** 24, 2 ** 31, 2 ** 64, 2 ** 63.5, 2 ** -12, 2 ** -24, 2 ** -63],
  ...range(60, (k) => ((k + 1) * Math.PI) / 4),
  ...range(9, (k) => (k + 1) * Math.LN2),
];

/** All exponents, both signs, both sides of turning points, and more of what is neither large nor small. */
export function unaryInputs(): Float32Array {
  const random = randomOf(seed, 'inputs of functions');
  const magnitudes = [0, Infinity, NaN, SMALLEST, SMALLEST_NORMAL, SMALLEST_NORMAL * (1 - 2 ** -23)];
  for (let e = -149; e < 128; e++) {
    for (const m of [1, 2 - 2 ** -23, ...range(PER_EXPONENT, () => 1 + random())]) magnitudes.push(m * 2 ** e);
  }
  magnitudes.push(...TURNING_POINTS.flatMap((x) => around(x)));
  magnitudes.push(...range(2000, () => 4 * random()), ...range(2000, () => 110 * random()));
  magnitudes.push(...range(500, () => (Math.floor(2 ** (24 * random())) * Math.PI) / 2));
  return Float32Array.from(magnitudes.flatMap((x) => [x, -x]));
}

/** Numbers at which functions of two turn, each with each other. */
const CORNERS = [
  ...[0, Infinity, NaN, SMALLEST_NORMAL, 2 ** 127, 3.4028234663852886e38, 1e-30, 1e30, 2 ** 24, 2 ** 24 + 2, 2 ** 62],
  ...[1 - 2 ** -24, 1, 1 + 2 ** -23, 0.1, 0.3, 0.5, 0.7, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 17, 33, 100, 127, 128, 129],
];

/** Pairs of numbers: of all exponents, of like ones, and of corners. */
export function binaryInputs(): { a: Float32Array; b: Float32Array } {
  const random = randomOf(seed, 'inputs of functions of two');
  const sign = (): number => (random() < 0.5 ? -1 : 1);
  const any = (): number => sign() * (1 + random()) * 2 ** Math.floor(random() * 254 - 126);
  const common = (): number => sign() * (1 + random()) * 2 ** Math.floor(random() * 16 - 8);
  const signed = CORNERS.flatMap((x) => [x, -x]);
  const pairs = signed.flatMap((a) => signed.map((b) => [a, b]));
  for (let i = 0; i < 3000; i++) {
    const x = common();
    pairs.push([any(), any()], [any(), common()], [common(), common()], [Math.abs(any()), common() / 16]);
    pairs.push([x, neighbour(x, Math.floor(random() * 9) - 4)], [x, Math.floor(8 * common())]);
    pairs.push([1 + random() * sign() * 2 ** -Math.floor(20 * random()), common() * 2 ** Math.floor(random() * 20)]);
  }
  return { a: Float32Array.from(pairs, ([a]) => a!), b: Float32Array.from(pairs, ([, b]) => b!) };
}

/** The input as a GPU may see it. */
export function flush(x: number): number {
  return Math.abs(x) < SMALLEST_NORMAL ? x * 0 : x;
}
