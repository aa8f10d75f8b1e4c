/** Work that could be taken for other work by what is kept of it: plans of reductions, forms of tensors. */
import * as tf from '@tensorflow/tfjs-core';
import { randomOf } from '../cases/fill';
import { seed } from '../page';
import { useKernelsOfOurOwn } from './backends';

describe('what is kept belongs to', () => {
  useKernelsOfOurOwn();

  it('the kind of the reduction, not only to how it combines', async () => {
    const ids = tf.tensor2d(new Int32Array(8192).fill(3), [1, 8192], 'int32');
    await tf.denseBincount(ids, tf.tensor2d([], [0, 0], 'int32'), 9, true).data();
    const below = tf.tensor2d(new Int32Array(144).fill(-5), [16, 9], 'int32');
    expect(Array.from(await tf.max(below, 0).data())).toEqual(Array<number>(9).fill(-5));
  });

  it('the shape in which data is seen', async () => {
    // As long as filters of Winograd's algorithm, whose points are kept beside the filter.
    const random = randomOf(seed, 'views');
    const values = Float32Array.from({ length: 9 * 128 * 128 }, () => random() - 0.5);
    const image = (channels: number) => Float32Array.from({ length: 36 * channels }, () => random() - 0.5);
    const [few, many] = [image(64), image(128)];
    const run = async () => {
      const filter = tf.tensor4d(values, [3, 3, 128, 128]);
      const first = tf.conv2d(tf.tensor4d(many, [1, 6, 6, 128]), filter, 1, 'same');
      const second = tf.conv2d(tf.tensor4d(few, [1, 6, 6, 64]), tf.reshape(filter, [3, 3, 64, 256]), 1, 'same');
      return [await first.data(), await second.data()];
    };
    const found = await run();
    await tf.setBackend('cpu');
    const expected = await run();
    found.forEach((y, i) => y.forEach((value, k) => expect(value).toBeCloseTo(expected[i]![k]!, 3)));
  });
});
