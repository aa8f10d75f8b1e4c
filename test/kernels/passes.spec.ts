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

describe('a tensor of one number', () => {
  const SIZE = 5000;

  /** Bytes that the work leaves on the GPU beside its result. */
  function bytesBeside(x: tf.Tensor, work: (x: tf.Tensor) => tf.Tensor): number {
    return tf.tidy(() => {
      const before = convglBackend().stats().bytesInUse;
      const y = work(x);
      y.dataSync();
      const own = y.size * 4;
      return convglBackend().stats().bytesInUse - before - own;
    });
  }

  for (const [name, value, dtype] of [
    ['1', 1, 'float32'],
    ['-2.5', -2.5, 'float32'],
    ['NaN', NaN, 'float32'],
    ['infinity', Infinity, 'float32'],
    ['2^30 + 1', 2 ** 30 + 1, 'int32'],
    ['true', 1, 'bool'],
  ] as const) {
    it(`is not uploaded to be added: ${name}`, () => {
      const values = dtype === 'float32' ? new Float32Array(SIZE).fill(value) : new Int32Array(SIZE).fill(value);
      const x = tf.tensor(dtype === 'bool' ? Uint8Array.from(values) : values, [SIZE], dtype);
      const other = tf.range(0, SIZE, 1, dtype === 'int32' ? 'int32' : 'float32');
      other.dataSync();
      // A byte for each is what bools would take.
      expect(bytesBeside(x, (ones) => tf.add(ones, other))).toBeLessThan(SIZE);
      const sum = tf.add(x, other).dataSync();
      for (const i of [0, 1, 4095, SIZE - 1]) expect(sum[i]).toEqual(value + i);
      tf.dispose([x, other]);
    });
  }

  it('is told from one that differs in a single element, or in the sign of zero', () => {
    for (const [number, odd] of [
      [1, -1],
      [1, 0],
      [0, -0],
    ] as const) {
      const values = new Float32Array(SIZE).fill(number);
      values[SIZE - 1] = odd;
      tf.tidy(() => {
        const inverse = tf.div(tf.ones([SIZE]), tf.tensor1d(values)).dataSync();
        expect(inverse[SIZE - 1]).toBe(1 / odd);
        expect(inverse[0]).toBe(1 / number);
      });
    }
  });

  it('works where all operands are such', () => {
    tf.tidy(() => {
      const ones = tf.ones([80, 80]);
      expect(tf.sum(tf.add(ones, tf.mul(ones, tf.onesLike(ones)))).dataSync()[0]).toBe(12800);
      expect(tf.sum(ones, 0).dataSync()[79]).toBe(80);
      expect(tf.matMul(ones, ones).dataSync()[6399]).toBe(80);
      expect(tf.cast(ones, 'int32').dataSync()[6399]).toBe(1);
    });
  });
});

describe('passes', () => {
  it('of convolutions of single rows, one after the other, are one each', () => {
    const x = tf.ones<tf.Rank.R4>([2, 1, 64, 64]);
    const filter = tf.ones<tf.Rank.R4>([1, 3, 64, 64]);
    const convolve = (y: tf.Tensor4D): tf.Tensor4D => tf.conv2d(y, filter, 1, 'same');
    expect(drawsOf(() => convolve(convolve(x)))).toBe(2);
    tf.dispose([x, filter]);
  });
});
