/** Every case of test/cases on convgl against tfjs-backend-cpu, with fresh random inputs. */
import '@tensorflow/tfjs-backend-cpu';
import cases from 'virtual:cases';
import { kernelPlaces } from '../../src/index';
import { useKernelsOfOurOwn } from './backends';
import { expectAsOnCpu } from './harness';

describe('kernels', () => {
  useKernelsOfOurOwn();
  const tested = cases.filter(({ bench }) => bench !== true);
  for (const kernel of [...new Set(tested.map((one) => one.kernel))].sort()) {
    describe(kernel, () => {
      it('is a kernel of our own', () => {
        expect(kernelPlaces().gpu).toContain(kernel);
      });
      for (const one of tested.filter((c) => c.kernel === kernel)) it(one.name, () => expectAsOnCpu('convgl', one));
    });
  }
});
