/** Compares what two backends made of a call. */
import { SMALLEST_NORMAL, type Output } from './call';

/** Relative error that is allowed unless a case says otherwise. */
export const TOLERANCE = 1e-3;

/** Below this share of the typical magnitude, the error allowed no longer shrinks with the value. */
const NEAR_ZERO = 0.1;

/** Elements that a message names. */
const NAMED = 8;

/** Places of the elements that are not close to the reference's; integers, NaN and infinities must be equal. */
export type Differing = readonly number[];

/** How close values have to be. */
export interface Closeness {
  /** Relative; {@link TOLERANCE} unless said. */
  readonly tolerance?: number | undefined;
  /** Of each element the magnitude that the error is relative to where the element's own is smaller, as what its terms add up to. */
  readonly magnitudes?: ArrayLike<number> | undefined;
}

/**
 * Compares values of outputs that have the same shape and dtype.
 *
 * @param references outputs of the reference; an element may equal any of them
 */
export function differing(actual: Output, references: readonly Output[], closeness: Closeness = {}): Differing {
  const exact = actual.dtype === 'int32' || actual.dtype === 'bool';
  const allowed = references.map(({ values }) => closeTo(values, exact ? { tolerance: 0 } : closeness));
  const wrong: number[] = [];
  for (let i = 0; i < actual.values.length; i++) {
    const value = actual.values[i]!;
    if (!allowed.some((isClose) => isClose(value, i))) wrong.push(i);
  }
  return wrong;
}

/** What is wrong with an output's shape, dtype or number of values. */
export function misshapen(actual: Output, reference: Output): string[] {
  const compared: readonly (readonly [what: string, found: unknown, expected: unknown])[] = [
    ['shape', `[${actual.shape.join()}]`, `[${reference.shape.join()}]`],
    ['dtype', actual.dtype, reference.dtype],
    ['number of values', actual.values.length, reference.values.length],
  ];
  return compared
    .filter(([, found, expected]) => found !== expected)
    .map(([what, found, expected]) => `${what} ${String(found)}, expected ${String(expected)}`);
}

/** Names elements of an output and what they should be. */
export function describeDiffering(places: Differing, actual: Output, reference: Output): string {
  const lines = places
    .slice(0, NAMED)
    .map((i) => `[${placeOf(i, actual)}] = ${actual.values[i]}, expected ${reference.values[i]}`);
  if (places.length > NAMED) lines.push(`... ${places.length} of ${actual.values.length} in all`);
  return lines.join('\n');
}

/** Tells whether a value is close to element `i`: relative to it, or where it is smaller, to its magnitude or a tenth of the typical one. */
function closeTo(
  expected: ArrayLike<number>,
  { tolerance = TOLERANCE, magnitudes }: Closeness,
): (value: number, i: number) => boolean {
  const floor = NEAR_ZERO * medianMagnitude(expected);
  return (value, i) => {
    const wanted = expected[i]!;
    if (Object.is(value, wanted) || value === wanted) return true;
    if (!Number.isFinite(value) || !Number.isFinite(wanted)) return false;
    const error = Math.abs(value - wanted);
    // GPUs may flush subnormal numbers; an error in one is no larger than it.
    if (error < SMALLEST_NORMAL && Math.abs(wanted) < SMALLEST_NORMAL && tolerance > 0) return true;
    const magnitude = magnitudes ? (magnitudes[i] ?? 0) : floor;
    if (Number.isFinite(magnitude)) return error <= tolerance * Math.max(Math.abs(wanted), magnitude);
    // Terms whose magnitudes add up to more than the largest float, and which cancel.
    return error <= Math.max(tolerance, TOLERANCE) * Math.max(Math.abs(wanted), floor);
  };
}

/** The median of the finite values' magnitudes, without zeros; unlike a mean it ignores the few very large. */
function medianMagnitude(values: ArrayLike<number>): number {
  const magnitudes = Array.from(values, Math.abs).filter((x) => x > 0 && Number.isFinite(x));
  const sorted = magnitudes.sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 1;
}

function placeOf(flat: number, { shape, dtype }: Output): string {
  const place: number[] = [];
  let rest = dtype === 'complex64' ? flat >> 1 : flat;
  for (const side of [...shape].reverse()) {
    place.unshift(rest % side);
    rest = Math.floor(rest / side);
  }
  return place.join(', ');
}
