/** Times single kernels, the same inputs on every backend, and compares their results. */
import * as tf from '@tensorflow/tfjs-core';
import type { BenchOptions } from '../options.js';
import { use } from './backends';
import { countsBetween, gpuCounts } from './counters';
import type { KernelRow, SideResult } from './result';
import { finish, hasTimeForSecond, interleave, probe, type Opening, type Side } from './sampling';
import { firstOutput, hostInputs, makeInputs, type HostInputs, type Workload } from './workload';

/** Outputs that are alive together within a sample stay below this. */
const SAMPLE_BYTES = 64 * 2 ** 20;
const MOST_CALLS = 16;

/** The most calls of a workload that one sample holds. */
export function mostCalls(outputSize: number): number {
  return Math.max(1, Math.min(MOST_CALLS, Math.floor(SAMPLE_BYTES / (4 * outputSize + 1))));
}

/** What is to be prepared on each backend. */
interface Order {
  readonly workload: Workload;
  readonly host: HostInputs;
  readonly capMs: number;
}

interface Prepared {
  readonly name: string;
  readonly inputs: tf.NamedTensorMap | tf.Tensor[];
  readonly opening: Opening;
  readonly output: ArrayLike<number>;
  readonly facts: SideResult;
}

function bytesOf(inputs: tf.NamedTensorMap | tf.Tensor[], outputSize: number): number {
  return 4 * (outputSize + Object.values(inputs).reduce((sum, x: tf.Tensor) => sum + x.size, 0));
}

/** Calls and waits; every output has a part in what is read, so that none can be skipped. */
export function runCalls(workload: Workload, inputs: tf.NamedTensorMap | tf.Tensor[], calls: number): void {
  tf.tidy(() => {
    const probes: tf.Tensor[] = [];
    for (let i = 0; i < calls; i++) {
      const output = firstOutput(workload, inputs);
      probes.push(probe(output));
      output.dispose();
    }
    finish(probes);
  });
}

/** One call looked at closely: its time, its result, and its draws, less those that reading the result takes. */
function observed(workload: Workload, inputs: tf.NamedTensorMap | tf.Tensor[], backend: string) {
  return tf.tidy(() => {
    const before = gpuCounts(backend);
    const start = performance.now();
    const output = firstOutput(workload, inputs);
    finish([probe(output)]);
    const ms = performance.now() - start;
    const between = gpuCounts(backend);
    finish([probe(output)]);
    const reading = countsBetween(between, gpuCounts(backend));
    const { draws, programsLinked } = countsBetween(before, between);
    return { ms, draws: draws - reading.draws, programs: programsLinked, output };
  });
}

/** Largest difference relative to the reference's largest value. */
export function difference(values: ArrayLike<number>, reference: ArrayLike<number>): number {
  let largest = 0;
  let gap = 0;
  for (let i = 0; i < reference.length; i++) {
    const expected = reference[i]!;
    largest = Math.max(largest, Math.abs(expected));
    gap = Math.max(gap, Math.abs(values[i]! - expected));
  }
  return gap / (largest || 1);
}

async function prepare({ workload, host, capMs }: Order, backend: string): Promise<Prepared> {
  await use(backend);
  const inputs = makeInputs(workload, host);
  try {
    const first = observed(workload, inputs, backend);
    const output = first.output.dataSync();
    first.output.dispose();
    const second = hasTimeForSecond(backend, first.ms, capMs) ? observed(workload, inputs, backend) : undefined;
    second?.output.dispose();
    const opening = { firstMs: first.ms, ...(second ? { warmMs: second.ms } : {}) };
    const facts = { programs: first.programs, draws: second?.draws ?? first.draws };
    return { name: backend, inputs, opening, output, facts };
  } catch (error) {
    tf.dispose(inputs);
    throw error;
  }
}

async function prepareAll(workload: Workload, options: BenchOptions, sides: Record<string, SideResult>) {
  const { backends, timeCap } = options;
  const order = { workload, host: hostInputs(workload), capMs: timeCap * 1000 };
  const prepared: Prepared[] = [];
  for (const backend of backends) {
    try {
      prepared.push(await prepare(order, backend));
    } catch (error) {
      sides[backend] = { error: (error as Error).message };
    }
  }
  return prepared;
}

/** Times one workload on all backends. */
export async function benchWorkload(workload: Workload, options: BenchOptions): Promise<KernelRow> {
  const sides: Record<string, SideResult> = {};
  const prepared = await prepareAll(workload, options, sides);
  const reference = prepared[0]?.output;
  const outputSize = reference?.length ?? 0;
  const maxCalls = mostCalls(outputSize);
  const running = prepared.map(({ name, inputs, opening }): Side => ({
    name,
    maxCalls,
    opening,
    run: (calls) => runCalls(workload, inputs, calls),
  }));
  const times = await interleave(running, { repeats: options.repeats, capMs: options.timeCap * 1000 });
  for (const { name, output, facts } of prepared) {
    const gap = reference && output !== reference ? { difference: difference(output, reference) } : {};
    sides[name] = { ...times.get(name), ...facts, ...gap };
  }
  const bytes = prepared[0] ? bytesOf(prepared[0].inputs, outputSize) : 0;
  for (const { inputs } of prepared) tf.dispose(inputs);
  const { kernel, name, flops } = workload;
  return { kernel, name, ...(flops === undefined ? {} : { flops }), bytes, sides };
}

/** The workloads that the options ask for. */
export function selected(workloads: readonly Workload[], options: BenchOptions): Workload[] {
  const pattern = new RegExp(options.kernels, 'i');
  return workloads.filter(({ kernel, name }) => pattern.test(`${kernel} ${name}`));
}
