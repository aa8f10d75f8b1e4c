/** What the cases of softmax cannot say: the logarithm, which tfjs-backend-cpu composes of other kernels, and views. */
import * as tf from '@tensorflow/tfjs-core';
import { useKernelsOfOurOwn } from './backends';

describe('softmax', () => {
  useKernelsOfOurOwn();

  for (const shape of [[7], [64, 10], [3, 4, 5], [2, 5001]]) {
    it(`has a logarithm, [${shape.join(', ')}]`, async () => {
      const values = tf.tidy(() => tf.mul(tf.randomNormal(shape), 50).dataSync<'float32'>());
      await tf.setBackend('cpu');
      const expected = tf.tidy(() => tf.logSoftmax(tf.tensor(values, shape)).dataSync<'float32'>());
      await tf.setBackend('convgl');
      const actual = tf.tidy(() => {
        const logits = tf.tensor(values, shape);
        return tf.engine().runKernel<tf.Tensor>('LogSoftmax', { logits }, { axis: -1 }).dataSync<'float32'>();
      });
      actual.forEach((y, i) => expect(Math.abs(y - expected[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(y))));
    });
  }

  it('reads a view, whose texture has the width of another shape', () => {
    tf.tidy(() => {
      const x = tf.relu(tf.randomNormal([8, 7, 16, 4]));
      const viewed = tf.softmax(tf.reshape(x, [56, 64])).dataSync<'float32'>();
      const copied = tf.softmax(tf.tensor(x.dataSync<'float32'>(), [56, 64])).dataSync<'float32'>();
      expect(viewed).toEqual(copied);
    });
  });
});
