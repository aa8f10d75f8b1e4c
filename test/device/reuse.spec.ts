/** What must not be compiled again, and what a measurement tells. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { note } from '../page';
import { useBackend } from './backends';

describe('programs', () => {
  const backend = useBackend();

  /** A forward and a backward pass over a batch of this size. */
  function step(batch: number, weights: readonly tf.Variable[]): void {
    tf.tidy(() => {
      const x = tf.ones<tf.Rank.R4>([batch, 8, 8, 4]);
      const labels = tf.tile(tf.tensor2d([[0, 1, 0, 0]]), [batch, 1]);
      const { grads } = tf.variableGrads(() => {
        const y = tf.relu(tf.add<tf.Tensor4D>(tf.conv2d(x, weights[0] as tf.Tensor4D, 1, 'same'), weights[1]!));
        const logits = tf.matMul(tf.reshape(tf.maxPool(y, 2, 2, 'valid'), [batch, -1]), weights[2] as tf.Tensor2D);
        return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(labels, logits);
      }, [...weights]);
      Object.values(grads).forEach((g) => g.dataSync());
    });
  }

  it('serve other batch sizes, the last partial batch included', () => {
    const ones = (shape: number[]): tf.Variable => tf.tidy(() => tf.variable(tf.ones(shape)));
    const weights = [ones([3, 3, 4, 8]), ones([8]), ones([4 * 4 * 8, 4])];
    step(32, weights);
    const first = backend().stats().programs;
    const added: Record<number, number> = {};
    for (const batch of [24, 20, 48]) {
      const before = backend().stats().programs;
      step(batch, weights);
      added[batch] = backend().stats().programs - before;
    }
    note(`programs of a small network at batch 32: ${first}; added at other sizes: ${JSON.stringify(added)}`);
    expect(Object.values(added).every((n) => n === 0))
      .withContext(JSON.stringify(added))
      .toBeTrue();
    tf.dispose(weights);
  });

  it('serve any shape of an elementwise op', () => {
    // More elements than are computed on the host, and not all the same, which would be a uniform.
    const run = (shape: number[]): void => {
      const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => i % 7);
      tf.tidy(() => void tf.exp(tf.neg(tf.tensor(values, shape))).dataSync());
    };
    run([300]);
    const before = backend().stats().programs;
    for (const shape of [[301], [3, 5, 20], [2, 3, 4, 10], [100, 100], [129]]) run(shape);
    expect(backend().stats().programs).toBe(before);
  });
});

describe('time', () => {
  useBackend();

  it('reports milliseconds, or why it cannot', async () => {
    const info = await tf.time(() => {
      tf.tidy(() => void tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dataSync());
    });
    expect(typeof info.wallMs).toBe('number');
    expect(info.wallMs).toBeGreaterThan(0);
    const gpu = info.kernelMs;
    // Without a timer it is the time that the work took until the GPU was done.
    if (typeof gpu === 'number') expect(gpu).toBeGreaterThanOrEqual(0);
    else expect(gpu.error).toMatch(/timer/);
  });

  it('measures while another measurement runs', async () => {
    const work = (): void => tf.tidy(() => void tf.neg(tf.ones([1000])).dataSync());
    const [a, b] = await Promise.all([tf.time(work), tf.time(work)]);
    for (const { wallMs } of [a, b]) expect(wallMs).toBeGreaterThan(0);
  });

  it('reports what tf.profile needs', async () => {
    const profile = await tf.profile(() => tf.tidy(() => tf.neg(tf.ones([1000]))));
    expect(profile.kernels.some(({ name }) => name === 'Neg')).toBeTrue();
    (profile.result as tf.Tensor).dispose();
  });
});
