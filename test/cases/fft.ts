/** Cases of the discrete Fourier transforms: lengths of every kind of factor, and rows. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './case';

const SHAPES = [
  [1],
  [2],
  [3],
  [8],
  [16],
  [17],
  [60],
  [7, 12],
  [2, 3, 5],
  [3, 128],
  [2, 97],
  [1, 1000],
  [2, 1, 2, 1, 2, 6],
  [0, 4],
];

export const cases: readonly KernelCase[] = [tf.FFT, tf.IFFT].flatMap((kernel) =>
  SHAPES.map((shape) => ({ name: `[${shape}]`, kernel, inputs: { input: { shape, dtype: 'complex64' } } })),
);
