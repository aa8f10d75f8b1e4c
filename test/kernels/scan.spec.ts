/** What the cases of running sums cannot say: a scalar is its own sum, where tfjs-backend-cpu gives 0. */
import * as tf from '@tensorflow/tfjs-core';
import { useKernelsOfOurOwn } from './backends';

describe('a running sum or product of a scalar', () => {
  useKernelsOfOurOwn();

  for (const scan of [tf.cumsum, tf.cumprod]) {
    it(`is the scalar: ${scan.name}`, () => {
      const values = tf.tidy(() => [3, -2.5].map((x) => scan(tf.scalar(x), 0)).map((y) => [y.shape, y.dataSync()[0]]));
      expect(values).toEqual([
        [[], 3],
        [[], -2.5],
      ]);
    });
  }

  it('leaves the identity where it is exclusive', () => {
    const values = tf.tidy(() => [tf.cumsum, tf.cumprod].map((scan) => scan(tf.scalar(3), 0, true).dataSync()[0]));
    expect(values).toEqual([0, 1]);
  });
});
