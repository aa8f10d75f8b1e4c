/** Measures the JavaScript time of kernel calls: until everything is handed to the GPU, without waiting for it. */
import * as tf from '@tensorflow/tfjs-core';
import { kernelCallCount, use } from './backends';
import { countsBetween, gpuCounts } from './counters';
import { uniform } from './fill';
import type { DispatchRow } from './result';
import { finish, probe, quantile } from './sampling';
import { seedWeights } from './zoo/network';
import { lenet5 } from './zoo/small';

/** Few enough that the GPU process keeps up: a full command buffer would make the script wait. */
const CALLS = 100;
/** The first batches are the interpreter's; a training makes thousands. */
const WARM_BATCHES = 60;
const BATCHES = 40;

interface DispatchCase {
  readonly name: string;
  /** One call whose result is the next one's input. */
  readonly next: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;
  readonly shapes: readonly [readonly number[], readonly number[]];
}

const square = [16, 16] as const;
const CASES: readonly DispatchCase[] = [
  { name: 'Add 16x16', next: (x, y) => tf.add(x, y), shapes: [square, square] },
  { name: 'Add 16x16 + 16', next: (x, y) => tf.add(x, y), shapes: [square, [16]] },
  { name: 'Relu 16x16', next: (x) => tf.relu(x), shapes: [square, [1]] },
  { name: 'Transpose 16x16', next: (x) => tf.transpose(x), shapes: [square, [1]] },
  { name: 'BatchMatMul 16x16', next: (x, y) => tf.matMul(x, y), shapes: [square, square] },
  {
    name: 'Conv2D 1x8x8x4, 3x3',
    next: (x, y) => tf.conv2d(x as tf.Tensor4D, y as tf.Tensor4D, 1, 'same'),
    shapes: [
      [1, 8, 8, 4],
      [3, 3, 4, 4],
    ],
  },
  { name: 'Reshape 16x16', next: (x) => tf.reshape(x, square as unknown as number[]), shapes: [square, [1]] },
  { name: 'Identity 16x16', next: (x) => tf.clone(x), shapes: [square, [1]] },
];

/** A case on one backend. */
interface DispatchSide {
  readonly step: () => Batch;
  readonly dispose: () => void;
}

interface Batch {
  readonly ms: number;
  readonly calls: number;
  readonly draws: number;
}

function timeBatch({ next }: DispatchCase, [x, y]: readonly [tf.Tensor, tf.Tensor], backend: string): Batch {
  const before = gpuCounts(backend);
  const start = performance.now();
  // Asking for an element hands over what a backend may have put off; the other results go with the scope's end.
  const corner = tf.tidy(() => {
    let value = x;
    for (let i = 0; i < CALLS; i++) value = next(value, y);
    return probe(value);
  });
  const ms = performance.now() - start;
  const { draws } = countsBetween(before, gpuCounts(backend));
  finish([corner]);
  corner.dispose();
  return { ms, calls: CALLS, draws };
}

/** A training step of LeNet-5 on one image: so little arithmetic that the script's part is what counts. */
function trainingSide(backend: string): DispatchSide {
  const model = lenet5.build(28);
  seedWeights(model);
  const optimizer = lenet5.optimizer();
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const images = tf.tensor(uniform(784, 1, 1), [1, 28, 28, 1]);
  const labels = tf.tensor2d(uniform(10, 1, 2), [1, 10]);
  // The part of trainOnBatch before it waits for the loss; not in the type declarations.
  interface Trainer {
    readonly makeTrainFunction: () => (data: tf.Tensor[]) => tf.Tensor[];
  }
  // A sequential model leaves the work to a functional one inside it.
  const train = (model as unknown as { readonly model: Trainer }).model.makeTrainFunction();
  const step = (): Batch => {
    const before = gpuCounts(backend);
    const calls = kernelCallCount();
    const start = performance.now();
    const losses = train([images, labels]);
    const ms = performance.now() - start;
    const batch = { ms, calls: kernelCallCount() - calls, draws: countsBetween(before, gpuCounts(backend)).draws };
    const last = model.trainableWeights[model.trainableWeights.length - 1];
    tf.tidy(() => finish([probe(last ? last.read() : losses[0]!)]));
    tf.dispose(losses);
    return batch;
  };
  const dispose = (): void => {
    optimizer.dispose();
    model.dispose();
    tf.dispose([images, labels]);
  };
  return { step, dispose };
}

function chainSide(dispatchCase: DispatchCase, backend: string): DispatchSide {
  const [x, y] = dispatchCase.shapes.map((shape, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(uniform(size, 0.1, i + 1), [...shape]);
  }) as [tf.Tensor, tf.Tensor];
  return { step: () => timeBatch(dispatchCase, [x, y], backend), dispose: () => tf.dispose([x, y]) };
}

function summary(batches: readonly Batch[]): DispatchRow['sides'][string] {
  const us = quantile(
    batches.map(({ ms }) => ms * 1e3),
    0.5,
  );
  const { calls, draws } = batches[batches.length - 1]!;
  return { usPerCall: us / calls, draws: draws / calls, ...(draws >= calls / 2 ? { usPerDraw: us / draws } : {}) };
}

/** The batches of each backend, in turn, so that a slow spell of the machine, and what all share, falls on all of them. */
async function benchSides(
  backends: readonly string[],
  begin: (backend: string) => DispatchSide,
): Promise<DispatchRow['sides']> {
  const sides: Record<string, DispatchRow['sides'][string]> = {};
  const running = new Map<string, DispatchSide & { readonly batches: Batch[] }>();
  const attempt = async (backend: string, work: () => void): Promise<void> => {
    await use(backend);
    try {
      work();
    } catch (error) {
      sides[backend] = { error: (error as Error).message };
      running.delete(backend);
    }
  };
  for (const name of backends) await attempt(name, () => running.set(name, { ...begin(name), batches: [] }));
  for (let round = 0; round < WARM_BATCHES + BATCHES; round++)
    for (const [name, { step, batches }] of running) await attempt(name, () => batches.push(step()));
  for (const [name, { dispose, batches }] of running) {
    await attempt(name, dispose);
    sides[name] = summary(batches.slice(WARM_BATCHES));
  }
  return sides;
}

/** Measures all backends; the plain JavaScript one has nothing to dispatch and is left out. */
export async function benchDispatch(backends: readonly string[]): Promise<DispatchRow[]> {
  const names = backends.filter((name) => name === 'convgl' || name === 'webgl');
  const rows: DispatchRow[] = [];
  for (const row of CASES) rows.push({ name: row.name, sides: await benchSides(names, (b) => chainSide(row, b)) });
  rows.push({ name: 'LeNet-5 training step, batch 1', sides: await benchSides(names, trainingSide) });
  return rows;
}
