/** Runs a kernel case within a spec, with this run's inputs, and expects what another backend made of it. */
import * as tf from '@tensorflow/tfjs-core';
import { backendInside } from '../backend';
import { randomOf, valuesOf } from '../cases/fill';
import type { KernelCase } from '../cases/case';
import { seed } from '../page';
import { callKernel, fillInputs, flushed, type InputValues, type Output } from './call';
import { describeDiffering, differing, misshapen, type Closeness } from './compare';
import { closenessOf } from './magnitudes';

/** The templates of the passes that some work draws on a backend, once what it makes on its way is disposed. */
export function passesOf(work: () => tf.Tensor, { device } = backendInside()): string[] {
  const run = spyOn(device, 'run').and.callThrough();
  try {
    const y = tf.tidy(work);
    y.dataSync();
    y.dispose();
    return run.calls.allArgs().map(([plan]) => plan.key.split(' ')[0]!);
  } finally {
    // The next call spies anew.
    Reflect.deleteProperty(device, 'run');
  }
}

/** Values for this run's seed. */
function inputValues(one: KernelCase): InputValues {
  const random = randomOf(seed, `${one.kernel} ${one.name}`);
  return fillInputs(one, (spec) => valuesOf(spec, random));
}

/**
 * Expects the reference's shape, dtype, and values; integers, NaN and infinities exactly.
 *
 * @param references outputs of the reference; an element may equal any of them
 */
export function compare(actual: Output, references: readonly Output[], closeness: Closeness = {}): void {
  const [reference] = references;
  if (!reference) throw new Error('compare: no reference.');
  const shape = misshapen(actual, reference);
  expect(shape).toEqual([]);
  if (shape.length > 0) return;
  const wrong = differing(actual, references, closeness);
  if (wrong.length > 0) fail(describeDiffering(wrong, actual, reference));
}

/** Expects of a backend what tfjs-backend-cpu makes of a case; of subnormals, whichever it makes of them or of zeros. */
export async function expectAsOnCpu(backend: string, one: KernelCase): Promise<void> {
  const values = inputValues(one);
  const expected = await callKernel('cpu', one, values);
  const expectedFlushed = hasSubnormals(one) ? await callKernel('cpu', one, flushed(values)) : [];
  const closeness = await closenessOf(one, values, one.tolerance);
  const actual = await callKernel(backend, one, values);
  expect(actual.length).withContext('number of outputs').toBe(expected.length);
  actual.forEach((output, i) => {
    const references = [expected[i], expectedFlushed[i]].filter((reference) => reference !== undefined);
    compare(output, references, closeness[i] ?? { tolerance: one.tolerance });
  });
}

function hasSubnormals({ inputs }: KernelCase): boolean {
  return Object.values(inputs).some(({ fill }) => fill === 'special');
}
