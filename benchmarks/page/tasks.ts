/** What a run of the benchmark does one by one, a list for each section. */
import { wants, type BenchOptions, type Section } from '../options.js';
import cases from 'virtual:cases';
import { better, measureCeilings } from './ceilings';
import { setOwner } from './counters';
import { benchDispatch } from './dispatch';
import { enduranceParts, startEndurance, type EnduranceRun } from './endurance';
import { growthBench, growthCases } from './growth';
import { benchWorkload, selected } from './kernels';
import { benchModel, modelCases, type ModelCase } from './models';
import type { BenchResult, SideResult } from './result';
import { fromCase, GROUPS } from './workload';

/** One step of the progress bar. */
export interface Task<R = BenchResult> {
  readonly name: string;
  /** Puts its figures into the result and returns a line about them. */
  readonly run: (result: R) => Promise<string>;
}

function brief(sides: Readonly<Record<string, SideResult & { leftOut?: string }>>): string {
  const [first] = Object.values(sides);
  return Object.entries(sides)
    .map(([name, { medianMs, error, leftOut }]) => {
      if (medianMs === undefined) return `${name}: ${(leftOut ?? error ?? 'no time').split('\n')[0]?.slice(0, 60)}`;
      const ratio = first?.medianMs && sides[name] !== first ? ` (${(medianMs / first.medianMs).toFixed(1)}x)` : '';
      return `${name} ${medianMs.toPrecision(3)} ms${ratio}`;
    })
    .join(', ');
}

const sizeOf = ({ network, mode, batchSize, imageSize }: ModelCase): string =>
  `${network.name} ${mode}, batch ${batchSize}, ${imageSize}x${imageSize}`;

const ceilings: Task = {
  name: 'ceilings',
  run: (result) => {
    setOwner('ceilings');
    const measured = measureCeilings();
    result.ceilings = result.ceilings ? better(result.ceilings, measured) : measured;
    const { multiplyAddGflops, textureGtexels } = result.ceilings;
    return Promise.resolve(`${multiplyAddGflops.toFixed(1)} GFLOP/s, ${textureGtexels.toFixed(2)} Gtexel/s`);
  },
};

function dispatchTasks({ backends }: BenchOptions): Task[] {
  const run = async (result: BenchResult): Promise<string> => {
    const rows = (result.dispatch = await benchDispatch(backends));
    const sides = Object.entries(rows[0]?.sides ?? {});
    return sides.map(([name, { usPerCall }]) => `${name} ${usPerCall?.toFixed(1)} us per Add`).join(', ');
  };
  return [{ name: 'dispatch', run }];
}

function kernelTasks(options: BenchOptions): Task[] {
  const workloads = selected([...cases.map(fromCase), ...GROUPS], options);
  if (workloads.length === 0) throw new Error(`--kernels ${options.kernels}: no case of that name.`);
  return workloads.map((workload) => ({
    name: `${workload.kernel} ${workload.name}`,
    run: async (result) => {
      const row = await benchWorkload(workload, options);
      result.kernels = [...(result.kernels ?? []), row];
      return brief(row.sides);
    },
  }));
}

function modelTasks(options: BenchOptions): Task[] {
  return modelCases(options).map((modelCase) => ({
    name: sizeOf(modelCase),
    run: async (result) => {
      const row = await benchModel(modelCase, options);
      result.models = [...(result.models ?? []), row];
      return brief(row.sides);
    },
  }));
}

function growthTasks(options: BenchOptions): Task[] {
  const bench = growthBench(options);
  return growthCases(options).map((growthCase) => ({
    name: `growth: ${sizeOf(growthCase)}`,
    run: async (result) => {
      const row = await bench(growthCase);
      result.growth = [...(result.growth ?? []), row];
      return brief(row.sides);
    },
  }));
}

function enduranceTasks({ backends, steps }: BenchOptions): Task[] {
  if (!backends.includes('convgl')) return [];
  let training: EnduranceRun | undefined;
  let last = 0;
  return enduranceParts(steps).map((part) => {
    const [from, to] = [last + 1, last + part];
    last = to;
    return {
      name: `endurance: steps ${from} to ${to}`,
      run: async (result) => {
        training ??= await startEndurance();
        const { textureBytes, tensors } = await training.take(part);
        if (to === steps) result.endurance = training.end();
        return `${(textureBytes / 2 ** 20).toFixed(1)} MiB of textures, ${tensors} tensors`;
      },
    };
  });
}

/** In the order of a run; sections without backends that they need have no tasks. */
const SECTION_TASKS: Readonly<Record<Exclude<Section, 'ceilings'>, (options: BenchOptions) => Task[]>> = {
  dispatch: dispatchTasks,
  kernels: kernelTasks,
  models: modelTasks,
  growth: growthTasks,
  endurance: enduranceTasks,
};

/** All that the options ask for. */
export function tasksFor(options: BenchOptions): Task[] {
  const sections = Object.keys(SECTION_TASKS) as (keyof typeof SECTION_TASKS)[];
  const tasks = sections.flatMap((section) => (wants(options, section) ? SECTION_TASKS[section](options) : []));
  // Kernels and networks are shown as a share of what the device can do, measured in the same run.
  if (!(['ceilings', 'kernels', 'models'] as const).some((section) => wants(options, section))) return tasks;
  // Once more at the end: a machine that was busy at the start would have understated its limits.
  return [ceilings, ...tasks, ...(tasks.length > 0 ? [ceilings] : [])];
}
