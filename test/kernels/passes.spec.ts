/** How many passes ops take: scratch of one must not cost the next a pass that lays it out again. */
import * as tf from '@tensorflow/tfjs-core';
import { convglBackend } from '../../src/index';

/** Draws that the work takes once its inputs are on the GPU. */
function drawsOf(work: () => tf.Tensor): number {
  return tf.tidy(() => {
    work().dataSync();
    const before = convglBackend().stats().draws;
    work().dataSync();
    return convglBackend().stats().draws - before;
  });
}

describe('passes', () => {
  it('of convolutions of single rows, one after the other, are one each', () => {
    const x = tf.ones<tf.Rank.R4>([2, 1, 64, 64]);
    const filter = tf.ones<tf.Rank.R4>([1, 3, 64, 64]);
    const convolve = (y: tf.Tensor4D): tf.Tensor4D => tf.conv2d(y, filter, 1, 'same');
    expect(drawsOf(() => convolve(convolve(x)))).toBe(2);
    tf.dispose([x, filter]);
  });
});
