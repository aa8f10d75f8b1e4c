/** Tries the candidates of each choice in turn, on the shapes that it affects, and compares their times. */
import * as tf from '@tensorflow/tfjs-core';
import { setTuning, type TuningParameter } from '../../src/plan/tuning';
import { TUNING, type TuningName } from '../../kernels/tuning_table';
import type { TuneOptions } from '../options.js';
import { use } from './backends';
import { rendererName } from './device';
import { difference, mostCalls, runCalls } from './kernels';
import type { TunedValue, TuneResult, TuneRow } from './result';
import { breathe, quantile, SAMPLE_MS } from './sampling';
import type { Task } from './tasks';
import { workloadsFor } from './tune_cases';
import { firstOutput, hostInputs, makeInputs, type Workload } from './workload';

/** Results of two values of a choice differ by rounding only. */
const SAME = 2e-3;

/** A series of samples; the present value has two, so that the noise is known. */
interface Series {
  readonly value: number;
  readonly times: number[];
}

/** What one case says about a choice: each series' time as a share of the first one's, which is the present value's. */
interface CaseOutcome {
  readonly ratios: readonly { readonly value: number; readonly ratio: number }[];
  readonly failures: readonly string[];
}

interface Trial {
  readonly choice: TuningName;
  readonly workload: Workload;
  readonly options: TuneOptions;
}

type Inputs = ReturnType<typeof makeInputs>;

/** Compiles, and computes once. */
function outputOf(workload: Workload, inputs: Inputs): Float32Array {
  return tf.tidy(() => firstOutput(workload, inputs).dataSync() as Float32Array);
}

/** The values that can be timed: those that give what the present value gives. */
function working({ choice, workload }: Trial, inputs: Inputs) {
  const { value: present, candidates }: TuningParameter = TUNING[choice];
  setTuning();
  const expected = outputOf(workload, inputs);
  const failures: string[] = [];
  const others = candidates.filter((value) => {
    if (value === present) return false;
    try {
      setTuning({ [choice]: value });
      const gap = difference(outputOf(workload, inputs), expected);
      if (gap <= SAME) return true;
      failures.push(`= ${value} on ${workload.kernel} ${workload.name}: the result differs by ${gap.toPrecision(2)}.`);
    } catch (error) {
      const [reason] = (error as Error).message.split('\n');
      failures.push(`= ${value} on ${workload.kernel} ${workload.name}: ${reason}`);
    }
    return false;
  });
  return { values: [present, ...others, present], failures, outputSize: expected.length };
}

/** Times the values in turn, so that a slow spell of the machine falls on all of them. */
async function timeInTurn(
  { choice, workload, options }: Trial,
  inputs: Inputs,
  { values, calls }: { values: readonly number[]; calls: number },
) {
  const series = values.map((value): Series => ({ value, times: [] }));
  const end = performance.now() + options.timeCap * 1000;
  for (let round = 0; round < options.repeats && (round === 0 || performance.now() < end); round++) {
    for (let i = 0; i < series.length; i++) {
      // Each round starts with another one.
      const { value, times } = series[(i + round) % series.length]!;
      setTuning({ [choice]: value });
      // Plans were forgotten, and are made again by this call.
      runCalls(workload, inputs, 1);
      const start = performance.now();
      runCalls(workload, inputs, calls);
      times.push(performance.now() - start);
    }
    await breathe();
  }
  return series;
}

/** Tries a choice's candidates on one case. */
async function tryOn(trial: Trial): Promise<CaseOutcome> {
  const { workload } = trial;
  const inputs = makeInputs(workload, hostInputs(workload));
  try {
    const { values, failures, outputSize } = working(trial, inputs);
    setTuning();
    runCalls(workload, inputs, 1);
    const start = performance.now();
    runCalls(workload, inputs, 1);
    const ms = performance.now() - start;
    const calls = Math.max(1, Math.min(mostCalls(outputSize), Math.round(SAMPLE_MS / ms)));
    const series = await timeInTurn(trial, inputs, { values, calls });
    const [present] = series;
    // Samples of one round are compared with each other: they were taken one after the other.
    const ratios = series.slice(1).map(({ value, times }) => ({
      value,
      ratio: quantile(
        times.map((time, round) => time / present!.times[round]!),
        0.5,
      ),
    }));
    return { ratios, failures };
  } finally {
    setTuning();
    tf.dispose(inputs);
  }
}

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((total, value) => total + Math.log(value), 0) / values.length);

/** Joins the outcomes of a choice's cases; a value that failed on one of them is left out. */
function rowOf(choice: TuningName, cases: readonly string[], outcomes: readonly CaseOutcome[]): TuneRow {
  const { unit, value: present, candidates }: TuningParameter = TUNING[choice];
  const of = (value: number): number[] =>
    outcomes.flatMap(({ ratios }) => ratios.filter((r) => r.value === value).map(({ ratio }) => ratio));
  const values = candidates.flatMap((value): TunedValue[] => {
    const byCase = of(value);
    return value === present || byCase.length < cases.length ? [] : [{ value, byCase, ratio: geometricMean(byCase) }];
  });
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  return { choice, unit, present, cases, values, noise: Math.abs(1 - geometricMean(of(present))), failures };
}

/** All that the options ask for, a task for each choice and case. */
export function tuneTasks(options: TuneOptions): Task<TuneResult>[] {
  const names = (Object.keys(TUNING) as TuningName[]).filter((name) => new RegExp(options.choices).test(name));
  const tasks = names.flatMap((choice) => {
    const workloads = workloadsFor(choice, new RegExp(options.kernels));
    const cases = workloads.map(({ kernel, name }) => `${kernel} ${name}`);
    const outcomes: CaseOutcome[] = [];
    return workloads.map((workload, i): Task<TuneResult> => ({
      name: `${choice}: ${cases[i]}`,
      run: async (result) => {
        await use('convgl');
        const outcome = await tryOn({ choice, workload, options });
        outcomes.push(outcome);
        if (outcomes.length === cases.length) result.rows = [...result.rows, rowOf(choice, cases, outcomes)];
        const { value: present } = TUNING[choice];
        const others = outcome.ratios.filter(({ value }) => value !== present);
        return others.map(({ value, ratio }) => `${value} ${(100 * (1 - ratio)).toFixed(0)} %`).join(', ');
      },
    }));
  });
  if (tasks.length === 0)
    throw new Error(`No choice and case fit --choices '${options.choices}' --kernels '${options.kernels}'.`);
  return tasks;
}

/** The result before any task has run. */
export function emptyTuneResult(options: TuneOptions): TuneResult {
  const { renderer } = rendererName();
  return { date: new Date().toISOString(), renderer, userAgent: navigator.userAgent, options, rows: [] };
}
