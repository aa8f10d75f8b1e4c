/** Every candidate of every choice, against tfjs-backend-cpu: a tuner's advice must be safe to follow. */
import '@tensorflow/tfjs-backend-cpu';
import { setTuning, type TuningParameter } from '../../src/plan/tuning';
import { TUNING, type TuningName } from '../../kernels/tuning_table';
import { CHOICE_CASES } from '../cases/choices';
import { useKernelsOfOurOwn } from './backends';
import { expectAsOnCpu } from './harness';

describe('choices', () => {
  useKernelsOfOurOwn();
  afterEach(() => setTuning());
  for (const name of Object.keys(TUNING) as TuningName[]) {
    const { candidates }: TuningParameter = TUNING[name];
    for (const value of candidates) {
      it(`${name} = ${value}`, () => {
        setTuning({ [name]: value });
        return expectAsOnCpu('convgl', CHOICE_CASES[name]);
      });
    }
  }
});
