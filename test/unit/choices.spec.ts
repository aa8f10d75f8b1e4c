/** The table of choices: what it says about itself, and that each one is in force where it should be. */
import { choose, CHOICES, chosen, type Choice, type ChoiceName } from '../../src/plan/tuning';
import { memoize } from '../../src/plan/plan';
import { CHOICE_CASES } from '../cases/choices';
import { Recorder } from './recorder';

const names = Object.keys(CHOICES) as ChoiceName[];

/** What a device is asked to do for a choice's case. */
function recorded(name: ChoiceName): string {
  const recorder = new Recorder();
  const { passes, copyings, outputs } = recorder.run(CHOICE_CASES[name]);
  recorder.dispose(outputs);
  const plans = passes.map(({ plan }) => [plan.key, plan.uniforms, plan.outputs]);
  return JSON.stringify([plans, copyings.map(({ copies }) => copies)]);
}

describe('choices', () => {
  afterEach(() => choose());

  for (const name of names) {
    const { value, candidates }: Choice = CHOICES[name];

    it(`${name}: candidates grow, and the present value is one of them`, () => {
      expect(candidates).toContain(value);
      expect([...candidates]).toEqual([...new Set(candidates)].sort((a, b) => a - b));
    });

    it(`${name}: the smallest and the largest candidate plan otherwise`, () => {
      choose({ [name]: candidates[0]! });
      const smallest = recorded(name);
      choose({ [name]: candidates[candidates.length - 1]! });
      expect(recorded(name)).not.toBe(smallest);
    });
  }

  it('are those of the table again once no other is given', () => {
    choose({ slideTaps: 3 });
    expect(chosen.slideTaps).toBe(3);
    expect(chosen.poolUnroll).toBe(CHOICES.poolUnroll.value);
    choose({ poolUnroll: 4 });
    expect(chosen.slideTaps).toBe(CHOICES.slideTaps.value);
  });

  it('empty all memos', () => {
    const make = jasmine.createSpy<(parts: object) => number>().and.returnValue(1);
    const memoized = memoize(make);
    memoized({ side: 1 });
    choose();
    memoized({ side: 1 });
    expect(make).toHaveBeenCalledTimes(2);
  });
});
