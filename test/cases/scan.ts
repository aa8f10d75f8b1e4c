/** Cases of running sums and products. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from './case';

/** Shapes and axes: one pass and several, rows, and channels that fill texels or do not. */
const EXTENTS: readonly (readonly [shape: readonly number[], axis: number])[] = [
  [[1], 0],
  [[7], 0],
  [[17], 0],
  [[5000], 0],
  [[3, 40, 5], 1],
  [[3, 40, 8], 1],
  [[40, 3, 4], 0],
  [[3, 1, 300], 2],
  [[2, 3, 2, 2, 3, 2], 4],
  [[2, 0], 1],
  [[0, 2], 1],
];

const MODES = [false, true].flatMap((exclusive) => [false, true].map((reverse) => ({ exclusive, reverse })));

function casesOf(kernel: string, specs: readonly Partial<TensorSpec>[]): KernelCase[] {
  return EXTENTS.flatMap(([shape, axis]) =>
    MODES.flatMap((mode) =>
      // A long product leaves float32's range, where its order matters.
      specs
        .filter(({ fill }) => fill !== 'nonfinite' || shape[axis]! <= 40)
        .map((spec) => ({
          name: [
            `[${shape.join(', ')}] along ${axis}`,
            ...(mode.exclusive ? ['exclusive'] : []),
            ...(mode.reverse ? ['reverse'] : []),
            ...(spec.dtype ? [spec.dtype] : []),
            ...(spec.fill ? [spec.fill] : []),
          ].join(', '),
          kernel,
          inputs: { x: { shape, ...spec } },
          attrs: { axis, ...mode },
        })),
    ),
  );
}

export const cases: readonly KernelCase[] = [
  ...casesOf(tf.Cumsum, [
    { fill: 'positive' },
    { fill: 'nonfinite' },
    { dtype: 'int32', fill: 'wide' },
    { dtype: 'bool' },
  ]),
  ...casesOf(tf.Cumprod, [
    { fill: 'uniform' },
    { fill: 'nonfinite' },
    { dtype: 'int32', fill: 'ties' },
    { dtype: 'bool' },
  ]),
];
