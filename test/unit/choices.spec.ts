/** The table of choices: what it says about itself, and that each one is in force where it should be. */
import { tuned as conv } from '../../kernels/conv/conv_tuning';
import { setTuning, type TuningParameter } from '../../src/plan/tuning';
import { TUNING, type TuningName } from '../../kernels/tuning_table';
import { memoize } from '../../src/plan/plan';
import { CHOICE_CASES } from '../cases/choices';
import { Recorder } from './recorder';

const names = Object.keys(TUNING) as TuningName[];

/** What a device is asked to do for a choice's case. */
function recorded(name: TuningName): string {
  const recorder = new Recorder();
  const { passes, copyings, outputs } = recorder.run(CHOICE_CASES[name]);
  recorder.dispose(outputs);
  const plans = passes.map(({ plan }) => [plan.key, plan.uniforms, plan.outputs]);
  return JSON.stringify([plans, copyings.map(({ copies }) => copies)]);
}

describe('choices', () => {
  afterEach(() => setTuning());

  for (const name of names) {
    const { value, candidates }: TuningParameter = TUNING[name];

    it(`${name}: candidates grow, and the present value is one of them`, () => {
      expect(candidates).toContain(value);
      expect([...candidates]).toEqual([...new Set(candidates)].sort((a, b) => a - b));
    });

    it(`${name}: the smallest and the largest candidate plan otherwise`, () => {
      setTuning({ [name]: candidates[0]! });
      const smallest = recorded(name);
      setTuning({ [name]: candidates[candidates.length - 1]! });
      expect(recorded(name)).not.toBe(smallest);
    });
  }

  it('are those of the table again once no other is given', () => {
    setTuning({ directTaps: 3 });
    expect(conv.directTaps).toBe(3);
    expect(conv.filterGradientUnroll).toBe(TUNING.filterGradientUnroll.value);
    setTuning({ filterGradientUnroll: 4 });
    expect(conv.directTaps).toBe(TUNING.directTaps.value);
  });

  it('empty all memos', () => {
    const make = jasmine.createSpy<(parts: object) => number>().and.returnValue(1);
    const memoized = memoize(make);
    memoized({ side: 1 });
    setTuning();
    memoized({ side: 1 });
    expect(make).toHaveBeenCalledTimes(2);
  });
});
