/** Runs a kernel case within a spec, with this run's inputs, and expects what another backend made of it. */
import { randomOf, valuesOf } from '../cases/fill';
import type { KernelCase } from '../cases/case';
import { seed } from '../page';
import { fillInputs, type InputValues, type Output } from './call';
import { describeDiffering, differing, misshapen } from './compare';

export { callKernel as runCase, flushed } from './call';

/** Values for this run's seed. */
export function inputValues(one: KernelCase): InputValues {
  const random = randomOf(seed, `${one.kernel} ${one.name}`);
  return fillInputs(one, (spec) => valuesOf(spec, random));
}

/**
 * Expects the reference's shape, dtype, and values; integers, NaN and infinities exactly.
 *
 * @param references outputs of the reference; an element may equal any of them
 */
export function compare(actual: Output, references: readonly Output[], tolerance?: number): void {
  const [reference] = references;
  if (!reference) throw new Error('compare: no reference.');
  const shape = misshapen(actual, reference);
  expect(shape).toEqual([]);
  if (shape.length > 0) return;
  const wrong = differing(actual, references, tolerance);
  if (wrong.length > 0) fail(describeDiffering(wrong, actual, reference));
}
