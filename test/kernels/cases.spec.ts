/** Every case of test/cases on convgl against tfjs-backend-cpu, with fresh random inputs. */
import '@tensorflow/tfjs-backend-cpu';
import cases from 'virtual:cases';
import { kernelPlaces } from '../../src/index';
import type { KernelCase } from '../cases/case';
import { useKernelsOfOurOwn } from './backends';
import { compare, flushed, inputValues, runCase } from './harness';

describe('kernels', () => {
  useKernelsOfOurOwn();
  const tested = cases.filter(({ bench }) => bench !== true);
  for (const kernel of [...new Set(tested.map((one) => one.kernel))].sort()) {
    describe(kernel, () => {
      it('is a kernel of our own', () => {
        expect(kernelPlaces().gpu).toContain(kernel);
      });
      tested.filter((one) => one.kernel === kernel).forEach(check);
    });
  }
});

function check(one: KernelCase): void {
  it(one.name, async () => {
    const values = inputValues(one);
    const expected = await runCase('cpu', one, values);
    const expectedFlushed = hasSubnormals(one) ? await runCase('cpu', one, flushed(values)) : [];
    const actual = await runCase('convgl', one, values);
    expect(actual.length).withContext('number of outputs').toBe(expected.length);
    actual.forEach((output, i) => {
      const references = [expected[i], expectedFlushed[i]].filter((reference) => reference !== undefined);
      compare(output, references, one.tolerance);
    });
  });
}

function hasSubnormals({ inputs }: KernelCase): boolean {
  return Object.values(inputs).some(({ fill }) => fill === 'special');
}
