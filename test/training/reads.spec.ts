/** Training and prediction go on without waiting for the GPU: nothing is read but what is asked for. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { startBackend, stopBackend } from '../device/backends';

const EXAMPLES = 400;
/** More than what is computed on the host as it is small. */
const BATCH = 150;

/** Reads of pixels that make the thread wait, and those that a fence announces. */
interface Reads {
  waiting: number;
  announced: number;
}

async function readsOf(work: () => Promise<unknown>): Promise<Reads> {
  const prototype = WebGL2RenderingContext.prototype;
  const original = Reflect.get(prototype, 'readPixels') as (...args: unknown[]) => void;
  const reads: Reads = { waiting: 0, announced: 0 };
  Reflect.set(prototype, 'readPixels', function (this: WebGL2RenderingContext, ...args: unknown[]) {
    if (typeof args[6] === 'number') reads.announced++;
    else reads.waiting++;
    original.apply(this, args);
  });
  try {
    await work();
  } finally {
    Reflect.set(prototype, 'readPixels', original);
  }
  return reads;
}

const { layers } = tfl;

/** Networks with the data that they take. */
const networks = {
  'of numbers': () => ({
    own: [layers.dense({ units: 8, activation: 'relu', inputShape: [5] })],
    x: tf.randomUniform([EXAMPLES, 5]),
  }),
  'with an embedding of int32 tokens': () => ({
    own: [layers.embedding({ inputDim: 30, outputDim: 4, inputLength: 6 }), layers.flatten()],
    x: tf.randomUniform([EXAMPLES, 6], 0, 30, 'int32'),
  }),
  'with an embedding of float32 tokens': () => ({
    own: [layers.embedding({ inputDim: 30, outputDim: 4, inputLength: 6 }), layers.flatten()],
    x: tf.tensor2d(Array.from({ length: EXAMPLES }, (_, i) => [0, 1, 2, 3, 4, 5].map((k) => (i * 7 + k * 5) % 30))),
  }),
} satisfies Record<string, () => { own: tfl.layers.Layer[]; x: tf.Tensor }>;

/** Batches of both tensors, as tf.data gives them. */
function datasetOf(x: tf.Tensor, y: tf.Tensor): Parameters<tfl.LayersModel['fitDataset']>[0] {
  const iterator = () => {
    let at = 0;
    return Promise.resolve({
      next: () => {
        if (at >= EXAMPLES) return Promise.resolve({ done: true, value: null });
        const batch = (all: tf.Tensor) => tf.slice(all, at, Math.min(BATCH, EXAMPLES - at));
        const value = { xs: batch(x), ys: batch(y) };
        at += BATCH;
        return Promise.resolve({ done: false, value });
      },
    });
  };
  return { size: Math.ceil(EXAMPLES / BATCH), iterator };
}

describe('a network', () => {
  for (const [name, start] of Object.entries(networks)) {
    it(`${name} is trained, evaluated and asked without a wait`, async () => {
      const own = await startBackend({ smallOnCpu: true });
      try {
        const { own: first, x } = start();
        const y = tf.randomUniform([EXAMPLES, 1]);
        const model = tfl.sequential({ layers: [...first, layers.dense({ units: 1 })] });
        model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
        // The first read finds out how this device reads.
        const copy = tf.concat([y, y]);
        await copy.data();
        copy.dispose();
        const waiting = async (work: () => Promise<unknown>) => (await readsOf(work)).waiting;
        const batches = { batchSize: BATCH };
        const fit = () => model.fit(x, y, { epochs: 2, validationSplit: 0.2, ...batches, verbose: 0 });
        expect(await waiting(fit))
          .withContext('fit')
          .toBe(0);
        expect(await waiting(() => model.fitDataset(datasetOf(x, y), { epochs: 2, verbose: 0 })))
          .withContext('fitDataset')
          .toBe(0);
        const asked = await readsOf(async () => {
          const predicted = model.predict(x, batches) as tf.Tensor;
          const [loss] = model.evaluate(x, y, batches) as tf.Scalar[];
          await Promise.all([predicted.data(), loss!.data()]);
          tf.dispose([predicted, loss!]);
        });
        expect(asked.waiting).withContext('predict and evaluate').toBe(0);
        expect(asked.announced).withContext('predict and evaluate').toBeLessThanOrEqual(3);
        tf.dispose([x, y]);
        model.dispose();
      } finally {
        await stopBackend(own.name);
      }
    });
  }
});
