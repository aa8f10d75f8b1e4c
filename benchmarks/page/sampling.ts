/** How times are taken: sides interleaved in one page, each sample ended by a read of the result, medians kept. */
import * as tf from '@tensorflow/tfjs-core';
import { use } from './backends';

/** One of the things compared: `run` makes so many calls and returns when their work is finished. */
export interface Side {
  readonly name: string;
  readonly run: (calls: number) => void | Promise<void>;
  /** The most calls that one sample may hold; bounded by memory. */
  readonly maxCalls: number;
  readonly opening: Opening;
}

/** The calls before the samples; the second one is missing where the time cap allows only one. */
export interface Opening {
  readonly firstMs: number;
  readonly warmMs?: number;
}

/** Times of one side in milliseconds per call. */
export interface Times {
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly minMs: number;
  readonly samples: number;
  readonly callsPerSample: number;
  /** The first call: shader compilation and uploads included. */
  readonly firstMs: number;
  /** True where the time cap left nothing but the first call: the median is that call, compilation included. */
  readonly onlyFirst: boolean;
}

export interface Bounds {
  readonly repeats: number;
  /** For all sides together. */
  readonly capMs: number;
}

/** A sample should last this long, so that the read at its end and the clock's grain do not count. */
export const SAMPLE_MS = 20;
/** The plain JavaScript backend is there for scale; its times hardly vary. */
const CPU_REPEATS = 3;

/** The q-quantile with linear interpolation. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error('quantile: expected at least one value, found none.');
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const low = Math.floor(position);
  const a = sorted[low]!;
  const b = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return a + (b - a) * (position - low);
}

/** Lets the browser do other things, such as sending progress lines. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Whether a backend that needed so long for its first call makes a second one. Only the plain JavaScript backend is left
 * at one call early: of the others a time without compilation is wanted.
 */
export function hasTimeForSecond(name: string, firstMs: number, capMs: number): boolean {
  return firstMs < (name === 'cpu' ? capMs / 8 : capMs);
}

async function timed(side: Side, calls: number): Promise<number> {
  await use(side.name);
  const start = performance.now();
  await side.run(calls);
  return performance.now() - start;
}

interface Course {
  readonly side: Side;
  readonly calls: number;
  readonly repeats: number;
  readonly samples: number[];
  spentMs: number;
  lastMs: number;
}

function begin(side: Side, repeats: number): Course {
  const { firstMs, warmMs = 0 } = side.opening;
  const calls = Math.max(1, Math.min(side.maxCalls, Math.round(SAMPLE_MS / Math.max(warmMs, 0.01))));
  return {
    side,
    calls,
    repeats: side.name === 'cpu' ? Math.min(repeats, CPU_REPEATS) : repeats,
    samples: [],
    spentMs: firstMs + warmMs,
    lastMs: warmMs * calls,
  };
}

function toTimes({ side, samples, calls }: Course): Times {
  const { firstMs, warmMs } = side.opening;
  const onlyFirst = samples.length === 0 && warmMs === undefined;
  const values = samples.length > 0 ? samples : [warmMs ?? firstMs];
  return {
    medianMs: quantile(values, 0.5),
    p95Ms: quantile(values, 0.95),
    minMs: Math.min(...values),
    samples: values.length,
    callsPerSample: samples.length > 0 ? calls : 1,
    firstMs,
    onlyFirst,
  };
}

/**
 * Times the sides in turn, A B C A B C, so that a slow spell of the machine falls on all of them. A side leaves the
 * rounds when its share of the time cap is used up.
 */
export async function interleave(sides: readonly Side[], { repeats, capMs }: Bounds): Promise<Map<string, Times>> {
  const budgetMs = capMs / Math.max(1, sides.filter(({ name }) => name !== 'cpu').length);
  const courses = sides.map((side) => begin(side, repeats));
  let active = courses;
  while (active.length > 0) {
    active = active.filter((c) => c.samples.length < c.repeats && c.spentMs + c.lastMs < budgetMs);
    for (const course of active) {
      course.lastMs = await timed(course.side, course.calls);
      course.spentMs += course.lastMs;
      course.samples.push(course.lastMs / course.calls);
    }
    await breathe();
  }
  return new Map(courses.map((course) => [course.side.name, toTimes(course)]));
}

/** One element of a tensor as a tensor of shape [1]: a pass that needs the whole tensor to be computed. */
export function probe(x: tf.Tensor): tf.Tensor {
  const corner = x.rank === 0 ? x : tf.slice(x, new Array<number>(x.rank).fill(0), new Array<number>(x.rank).fill(1));
  return tf.reshape(corner, [1]);
}

/** Waits until the GPU has finished whatever the probes depend on, by reading them together. */
export function finish(probes: readonly tf.Tensor[]): void {
  const all = probes.length === 1 ? probes[0]! : tf.concat([...probes]);
  all.dataSync();
}
