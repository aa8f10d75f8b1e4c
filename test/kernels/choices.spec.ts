/** Every candidate of every choice, against tfjs-backend-cpu: a tuner's advice must be safe to follow. */
import '@tensorflow/tfjs-backend-cpu';
import { choose, CHOICES, type Choice, type ChoiceName } from '../../src/plan/tuning';
import { CHOICE_CASES } from '../cases/choices';
import { useKernelsOfOurOwn } from './backends';
import { expectAsOnCpu } from './harness';

describe('choices', () => {
  useKernelsOfOurOwn();
  afterEach(() => choose());
  for (const name of Object.keys(CHOICES) as ChoiceName[]) {
    const { candidates }: Choice = CHOICES[name];
    for (const value of candidates) {
      it(`${name} = ${value}`, () => {
        choose({ [name]: value });
        return expectAsOnCpu('convgl', CHOICE_CASES[name]);
      });
    }
  }
});
