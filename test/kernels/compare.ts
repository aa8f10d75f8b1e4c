/** Compares what two backends made of a call. */
import { Mean, Sum } from '@tensorflow/tfjs-core';
import { SMALLEST_NORMAL, type InputValues, type Output } from './call';

/** Relative error that is allowed unless a case says otherwise. */
export const TOLERANCE = 1e-3;

/** Below this share of the typical magnitude, the error allowed no longer shrinks with the value. */
const NEAR_ZERO = 0.1;

/** Share of a sum's typical term below which its error is rounding: terms may cancel, where one sum is the only output even to 0. */
const CANCELLED = 1e-3;

/** Elements that a message names. */
const NAMED = 8;

/** Places of the elements that are not close to the reference's; integers, NaN and infinities must be equal. */
export type Differing = readonly number[];

/** The magnitude below which what a reduction gives may be what its terms left when they cancelled; 0 for other kernels. */
export function cancelledBelow(kernel: string, { x }: InputValues): number {
  return x && (kernel === Sum || kernel === Mean) ? CANCELLED * medianMagnitude(x) : 0;
}

/**
 * Compares values of outputs that have the same shape and dtype.
 *
 * @param references outputs of the reference; an element may equal any of them
 * @param cancelled magnitude below which the error allowed no longer shrinks with the value, whatever the others are
 */
export function differing(
  actual: Output,
  references: readonly Output[],
  tolerance = TOLERANCE,
  cancelled = 0,
): Differing {
  const exact = actual.dtype === 'int32' || actual.dtype === 'bool';
  const allowed = references.map(({ values }) => closeTo(values, exact ? 0 : tolerance, cancelled));
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

/** Tells whether a value is close to element `i`: relative to it, or to a tenth of the typical magnitude where it is smaller. */
function closeTo(
  expected: ArrayLike<number>,
  tolerance: number,
  cancelled: number,
): (value: number, i: number) => boolean {
  const floor = Math.max(NEAR_ZERO * medianMagnitude(expected), cancelled);
  return (value, i) => {
    const wanted = expected[i]!;
    if (Object.is(value, wanted) || value === wanted) return true;
    if (!Number.isFinite(value) || !Number.isFinite(wanted)) return false;
    if (value === 0 && Math.abs(wanted) < SMALLEST_NORMAL) return true; // GPUs may flush it
    return Math.abs(value - wanted) <= tolerance * Math.max(Math.abs(wanted), floor);
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
