/**
 * Sums of every elementwise op, several in one pass: the most copies of its expression that a shader holds. Expressions with
 * branches once took a software renderer twice as long for each copy, and so for ever.
 */
import * as tf from '@tensorflow/tfjs-core';
import { unaryRows } from '../../kernels/elementwise/unary';
import { randomOf } from '../cases/fill';
import { seed } from '../page';
import { useKernelsOfOurOwn } from './backends';

const SHAPE: [number, number] = [31, 8];
const TOGETHER = 4;
const ATTRIBUTES = { alpha: 0.3, clipValueMin: -0.5, clipValueMax: 0.75 };

/** Where every op has a finite value. */
const INSIDE: Readonly<Record<string, (x: number) => number>> = { [tf.Acosh]: (x) => x + 1 };

function sums(kernel: string, values: readonly Float32Array[]): Promise<tf.TypedArray[]> {
  const ys = values.map((x) =>
    tf.tidy(() => {
      const y = tf.engine().runKernel<tf.Tensor>(kernel, { x: tf.tensor(x, SHAPE) }, ATTRIBUTES);
      return tf.sum(tf.cast(y, 'float32'), 0);
    }),
  );
  const read = Promise.all(ys.map((y) => y.data()));
  tf.dispose(ys);
  return read;
}

describe('sums fused with', () => {
  useKernelsOfOurOwn();

  for (const kernel of Object.keys(unaryRows).sort()) {
    it(kernel, async () => {
      const random = randomOf(seed, kernel);
      const inside = INSIDE[kernel] ?? ((x: number) => x);
      const values = Array.from({ length: TOGETHER }, () =>
        Float32Array.from({ length: SHAPE[0] * SHAPE[1] }, () => inside(0.05 + 0.9 * random())),
      );
      await tf.setBackend('cpu');
      const expected = await sums(kernel, values);
      await tf.setBackend('convgl');
      const actual = await sums(kernel, values);
      actual.forEach((own, k) =>
        own.forEach((y, i) => expect(Math.abs(y - expected[k]![i]!)).toBeLessThan(1e-4 * (1 + Math.abs(y)))),
      );
    });
  }
});
