/** Runs a kernel case on a backend, and compares what two backends made of it. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from '../cases/case';
import { randomOf, valuesOf } from '../cases/fill';
import { seed } from '../page';

/** Relative error that a case allows unless it says otherwise. */
const TOLERANCE = 1e-3;

/** Below this share of the typical magnitude, the error allowed no longer shrinks with the value. */
const NEAR_ZERO = 0.1;

/** Smallest float32 that is not subnormal. */
const SMALLEST_NORMAL = 2 ** -126;

/** One output of a kernel, read. */
export interface Output {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
  readonly values: ArrayLike<number>;
}

/** The values of a case's inputs, by input name or place. */
export type InputValues = Readonly<Record<string, tf.TypedArray>>;

/** Values for this run's seed; a complex64 input has two entries, real and imaginary. */
export function inputValues({ kernel, name, inputs }: KernelCase): InputValues {
  const random = randomOf(seed, `${kernel} ${name}`);
  const values: Record<string, tf.TypedArray> = {};
  for (const [key, spec] of Object.entries<TensorSpec>(inputs)) {
    values[key] = valuesOf(spec, random);
    if (spec.dtype === 'complex64') values[`${key} imaginary`] = valuesOf(spec, random);
  }
  return values;
}

/** The same values with subnormal numbers replaced by zeros: GPUs may flush them. */
export function flushed(values: InputValues): InputValues {
  const flush = (x: number): number => (Math.abs(x) < SMALLEST_NORMAL ? x * 0 : x);
  return Object.fromEntries(Object.entries(values).map(([key, array]) => [key, array.map(flush)]));
}

function inputTensor(key: string, { shape, dtype = 'float32' }: TensorSpec, values: InputValues): tf.Tensor {
  const own = values[key]!;
  if (dtype !== 'complex64') return tf.tensor(own, [...shape], dtype);
  return tf.tidy(() => tf.complex(tf.tensor(own, [...shape]), tf.tensor(values[`${key} imaginary`]!, [...shape])));
}

/** Every element as numbers; of complex64, real and imaginary parts by turns. */
async function read(y: tf.Tensor): Promise<Output> {
  return { shape: y.shape, dtype: y.dtype, values: await y.data() };
}

/**
 * Calls the case's kernel on a backend and disposes everything it made.
 *
 * @throws Error where a tensor or a data id stays behind
 */
export async function runCase(
  backend: string,
  { kernel, inputs, attrs }: KernelCase,
  values: InputValues,
): Promise<Output[]> {
  await tf.setBackend(backend);
  const before = counts();
  const specs = Object.entries<TensorSpec>(inputs);
  const tensors = specs.map(([key, spec]) => [key, inputTensor(key, spec, values)] as const);
  // A list of tensors, as Concat takes it, is an array for tfjs too.
  const given: tf.NamedTensorMap = Object.assign(Array.isArray(inputs) ? [] : {}, Object.fromEntries(tensors));
  const outputs: tf.Tensor[] = [];
  try {
    outputs.push(...[tf.engine().runKernel(kernel, given, (attrs ?? {}) as tf.NamedAttrMap)].flat());
    return await Promise.all(outputs.map(read));
  } finally {
    tf.dispose([tensors.map(([, tensor]) => tensor), outputs]);
    expectEqualCounts(before, counts(), backend);
  }
}

function counts(): Readonly<Record<string, number>> {
  return { tensors: tf.memory().numTensors, 'data ids': tf.engine().backend.numDataIds() };
}

function expectEqualCounts(before: Readonly<Record<string, number>>, after: typeof before, backend: string): void {
  for (const [what, count] of Object.entries(after)) {
    expect(count).withContext(`${what} on ${backend} after the kernel, as before it`).toBe(before[what]!);
  }
}

/**
 * Compares an output with the reference's: shape, dtype, and values; integers, NaN and infinities exactly.
 *
 * @param references outputs of the reference; an element may equal any of them
 */
export function compare(actual: Output, references: readonly Output[], tolerance = TOLERANCE): void {
  const [reference] = references;
  if (!reference) throw new Error('compare: no reference.');
  expect(actual.shape)
    .withContext('shape')
    .toEqual(reference.shape as number[]);
  expect(actual.dtype).withContext('dtype').toBe(reference.dtype);
  expect(actual.values.length).withContext('number of values').toBe(reference.values.length);
  const exact = actual.dtype === 'int32' || actual.dtype === 'bool';
  const allowed = references.map(({ values }) => closeTo(values, exact ? 0 : tolerance));
  const wrong: string[] = [];
  for (let i = 0; i < actual.values.length; i++) {
    const value = actual.values[i]!;
    if (allowed.some((isClose) => isClose(value, i))) continue;
    wrong.push(`[${placeOf(i, actual)}] = ${value}, expected ${reference.values[i]}`);
  }
  if (wrong.length > 0) {
    const more = wrong.length > 8 ? `\n... ${wrong.length} of ${actual.values.length} in all` : '';
    fail(`${wrong.slice(0, 8).join('\n')}${more}`);
  }
}

/** Tells whether a value is close to element `i`: relative to it, or to a tenth of the typical magnitude where it is smaller. */
function closeTo(expected: ArrayLike<number>, tolerance: number): (value: number, i: number) => boolean {
  const floor = NEAR_ZERO * medianMagnitude(expected);
  return (value, i) => {
    const wanted = expected[i]!;
    if (Object.is(value, wanted) || value === wanted) return true;
    if (!Number.isFinite(value) || !Number.isFinite(wanted)) return false;
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
