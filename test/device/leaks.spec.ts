/** What must stay constant from one training step to the next, and what the pool of textures may keep. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { counts, startBackend, stopBackend, useBackend } from './backends';

const STEPS = 100;
/** A few steps until all that a step leaves to the next comes round again: running products of scalars are computed every fourth step. */
const WARM = 20;

/** A small network's weights, and a step of training on one batch. */
function network(): { step: () => void; dispose: () => void } {
  const random = (shape: number[]): tf.Variable =>
    tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, 0.1, 'float32', 1)));
  const weights = [random([3, 3, 1, 8]), random([3, 3, 8, 8]), random([4 * 4 * 8, 10])] as const;
  const x = tf.randomNormal<tf.Rank.R4>([8, 8, 8, 1], 0, 1, 'float32', 4);
  const labels = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], 'int32'), 10), 'float32'));
  const optimizer = tf.train.adam(0.01);
  const loss = (): tf.Scalar => {
    let y = tf.relu(tf.conv2d(x, weights[0] as tf.Tensor4D, 1, 'same'));
    y = tf.maxPool(tf.relu(tf.conv2d(y, weights[1] as tf.Tensor4D, 1, 'same')), 2, 2, 'same');
    const logits = tf.matMul(tf.reshape(y, [8, -1]), weights[2]);
    return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(labels, logits);
  };
  return {
    step: () => void optimizer.minimize(loss, false, [...weights]),
    dispose: () => {
      optimizer.dispose();
      tf.dispose([x, labels, ...weights]);
    },
  };
}

describe('leaks', () => {
  const backend = useBackend();

  it(`${STEPS} steps of training need nothing that ${WARM} did not`, () => {
    const framebuffers = spyOn(WebGL2RenderingContext.prototype, 'createFramebuffer').and.callThrough();
    const made = spyOn(WebGL2RenderingContext.prototype, 'createTexture').and.callThrough();
    const now = (): Readonly<Record<string, number>> => ({
      tensors: tf.memory().numTensors,
      bytes: tf.memory().numBytes,
      'data ids': backend().numDataIds(),
      programs: backend().stats().programs,
      'bytes in textures': backend().memory().numBytesInGPU,
      'bytes in all textures': backend().memory().numBytesInGPUAllocated,
      textures: made.calls.count(),
      framebuffers: framebuffers.calls.count(),
    });
    const before = counts(backend());
    const { step, dispose } = network();
    for (let i = 0; i < WARM; i++) step();
    const warm = now();
    for (let i = WARM; i < STEPS; i++) step();
    expect(now()).toEqual(warm);
    dispose();
    expect(counts(backend())).withContext('after all is disposed').toEqual(before);
  });

  it('a convolution that is computed after its inputs were disposed leaves no packed form of them behind', async () => {
    const before = counts(backend());
    const filters: [number, number, number, number][] = [
      [3, 3, 1, 8],
      [3, 1, 1, 1],
      [3, 3, 3, 4],
    ];
    for (const shape of filters) {
      const y = tf.tidy(() =>
        tf.conv2d(tf.randomNormal<tf.Rank.R4>([1, 8, 8, shape[2]]), tf.randomNormal(shape), 1, 'valid'),
      );
      await y.data();
      y.dispose();
      expect(counts(backend())).withContext(`filter ${shape}`).toEqual(before);
    }
  });

  it('a gradient leaves nothing behind', () => {
    const x = tf.randomNormal([4, 300]);
    const gradient = tf.grad((a: tf.Tensor) => tf.sum(tf.sigmoid(tf.mul(a, a))));
    gradient(x).dispose();
    const before = [tf.memory().numTensors, backend().numDataIds(), backend().memory().numBytesInGPU];
    gradient(x).dispose();
    expect([tf.memory().numTensors, backend().numDataIds(), backend().memory().numBytesInGPU]).toEqual(before);
    x.dispose();
  });
});

describe('memory', () => {
  const BUDGET = 2 ** 20;
  const backend = useBackend({ recycleBudget: BUDGET, deferred: false });

  it('reports the bytes of textures exactly', () => {
    const before = tf.memory() as tf.MemoryInfo & { numBytesInGPU: number };
    expect(before.unreliable).toBeFalse();
    const x = tf.ones([1024]);
    const y = tf.add(x, 1);
    const during = backend().memory();
    // 1024 float32 each.
    expect(during.numBytesInGPU - before.numBytesInGPU).toBe(2 * 4096);
    tf.dispose([x, y]);
    const after = backend().memory();
    expect(after.numBytesInGPU).toBe(before.numBytesInGPU);
    expect(after.numBytesInGPUFree).toBeGreaterThanOrEqual(2 * 4096);
    expect(after.numBytesInGPUAllocated).toBe(after.numBytesInGPU + after.numBytesInGPUFree);
  });

  it('keeps no more than the budget of what is freed, whatever the sizes', () => {
    for (let i = 1; i < 60; i++) {
      tf.tidy(() => void tf.add(tf.ones([i * 1024]), 1));
      expect(backend().memory().numBytesInGPUFree).toBeLessThanOrEqual(BUDGET);
    }
    expect(backend().memory().numBytesInGPUFree).toBeGreaterThan(BUDGET / 2);
  });

  it('is freed when idle', async () => {
    jasmine.clock().install();
    const start = performance.now();
    let waited = 0;
    spyOn(performance, 'now').and.callFake(() => start + waited);
    const own = await startBackend({ deferred: false });
    try {
      tf.tidy(() => void tf.add(tf.ones([4096]), 1));
      expect(own.backend.memory().numBytesInGPUFree).toBeGreaterThan(0);
      for (; waited < 10_000; waited += 1000) jasmine.clock().tick(1000);
      expect(own.backend.memory().numBytesInGPUFree).toBe(0);
    } finally {
      jasmine.clock().uninstall();
      await stopBackend(own.name);
    }
  });
});
