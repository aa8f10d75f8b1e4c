/** Compiling ahead: nothing is left to compile, and nothing else has changed. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { warmup, type WarmupProgress } from '../../src/index';
import { counts, useBackend } from './backends';

const { layers } = tfl;

/** A network with all that a step can change: weights, moving averages, and the optimizer's variables. */
function network(): tfl.Sequential {
  const model = tfl.sequential({
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [12, 12, 3] }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** As an application has it: values on the host. */
const batchOf = (size: number): { x: tf.Tensor; y: tf.Tensor } => ({
  x: tf.randomNormal([size, 12, 12, 3]),
  y: tf.tensor2d(Array.from({ length: size }, (_, i) => Array.from({ length: 10 }, (_, k) => Number(i === k)))),
});

const valuesOf = (tensors: readonly tf.Tensor[]): number[][] => tensors.map((tensor) => [...tensor.dataSync()]);

describe('warmup', () => {
  const backend = useBackend();
  const programs = (): number => backend().stats().programs;

  it('compiles what training and prediction need, and reports each program', async () => {
    const model = network();
    const seen: WarmupProgress[] = [];
    const before = programs();
    await warmup(model, { batchSizes: [6], training: true, onProgress: (progress) => seen.push(progress) });
    const warm = programs();
    expect(warm).toBeGreaterThan(before);
    expect(seen.map(({ done }) => done)).toEqual(seen.map((_, i) => i + 1));
    expect(seen.at(-1)).toEqual({ done: warm - before, total: warm - before });
    const { x, y } = batchOf(6);
    for (let step = 0; step < 4; step++) await model.trainOnBatch(x, y);
    const prediction = model.predict(x, { batchSize: 6 }) as tf.Tensor;
    expect([...(await prediction.data())].every(Number.isFinite)).toBeTrue();
    expect(programs()).withContext('after training').toBe(warm);
    tf.dispose(model.evaluate(x, y, { batchSize: 6 }));
    expect(programs()).withContext('after evaluation').toBe(warm);
    tf.dispose([x, y, prediction]);
    model.optimizer.dispose();
    model.dispose();
  });

  it("does not change weights or the optimizer's state, and leaks nothing", async () => {
    const model = network();
    const { x, y } = batchOf(6);
    await model.trainOnBatch(x, y);
    const states = async (): Promise<number[][]> => {
      const optimizer = await model.optimizer.getWeights();
      return valuesOf([...model.getWeights(), ...optimizer.map(({ tensor }) => tensor)]);
    };
    const before = await states();
    const held = counts(backend());
    await warmup(model, { batchSizes: [3], training: true });
    expect(counts(backend())).toEqual(held);
    expect(await states()).toEqual(before);
    tf.dispose([x, y]);
    model.optimizer.dispose();
    model.dispose();
  });

  it('caches nothing that it did not draw, such as padded forms of weights', async () => {
    const model = tfl.sequential({ layers: [layers.dense({ units: 3, inputShape: [150] })] });
    const kernel = tf.reshape(tf.div(tf.range(0, 450), 100), [150, 3]);
    model.setWeights([kernel, tf.tensor1d([1, 2, 3])]);
    await warmup(model, { batchSizes: [5] });
    const y = model.predict(tf.ones([5, 150])) as tf.Tensor;
    // Column c of the kernel sums to that of (3 r + c) / 100 over r, which is 335.25 + 1.5 c.
    for (const [i, value] of y.dataSync().entries()) {
      const column = i % 3;
      expect(value)
        .withContext(`element ${i}`)
        .toBeCloseTo(335.25 + 2.5 * column + 1, 2);
    }
    tf.dispose([kernel, y]);
    model.dispose();
  });

  it('computes pending values before, by draws', async () => {
    const x = tf.randomNormal([300]);
    const pending = tf.tidy(() => tf.sum(tf.mul(x, 3), 0, true));
    await warmup(() => tf.add(pending, 1));
    const expected = [...x.dataSync()].reduce((sum, value) => sum + value * 3, 0);
    expect(Math.abs(pending.dataSync()[0]! - expected)).toBeLessThan(1e-2);
    tf.dispose([x, pending]);
  });

  it('does not block the page', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++);
    const a = tf.randomNormal([40, 40]);
    const before = programs();
    await warmup(() => tf.cumsum(tf.sin(tf.matMul(tf.cos(a), a, true)), 1));
    clearInterval(timer);
    expect(programs()).toBeGreaterThan(before + 1);
    expect(turns).toBeGreaterThan(1);
    a.dispose();
  });

  it('throws for work that makes variables, and for open shapes', async () => {
    const held = counts(backend());
    await expectAsync(warmup(() => tf.variable(tf.zeros([3])))).toBeRejectedWithError(/new variables/);
    const model = tfl.sequential({
      layers: [layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [null, null, 1] })],
    });
    await expectAsync(warmup(model)).toBeRejectedWithError(/pass a function/);
    await expectAsync(warmup(model, { training: true })).toBeRejectedWithError(/not compiled/);
    model.dispose();
    expect(counts(backend())).toEqual(held);
  });
});
