/** Cases of the ops that make, convert and view tensors. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from './case';

const SHAPES = [[], [1], [5], [0], [3, 0, 2], [11, 13], [2, 3, 4, 5, 6]];
const DTYPES = ['float32', 'int32', 'bool'] as const;

const constants: readonly KernelCase[] = SHAPES.flatMap((shape) => [
  ...DTYPES.flatMap((dtype): KernelCase[] => [
    {
      name: `[${shape}] of ${dtype}`,
      kernel: tf.Fill,
      inputs: {},
      attrs: { shape, dtype, value: dtype === 'float32' ? -2.5 : 1 },
    },
    { name: `[${shape}] of ${dtype}`, kernel: tf.ZerosLike, inputs: { x: { shape, dtype } } },
    { name: `[${shape}] of ${dtype}`, kernel: tf.OnesLike, inputs: { x: { shape, dtype } } },
  ]),
  { name: `[${shape}] of complex64`, kernel: tf.OnesLike, inputs: { x: { shape, dtype: 'complex64' } } },
]);

const fills: readonly KernelCase[] = [NaN, Infinity, -Infinity, 1e38].map((value) => ({
  name: String(value),
  kernel: tf.Fill,
  inputs: {},
  attrs: { shape: [11, 13], dtype: 'float32', value },
}));

const ranges: readonly KernelCase[] = [
  [0, 10, 1, 'int32'],
  [10, 0, -1, 'int32'],
  [10, 0, 1, 'int32'],
  [5, 5, 1, 'float32'],
  [0, 5, -1, 'float32'],
  [-5, 1000, 3, 'int32'],
  [1000, -5, -3, 'int32'],
  [0, 200, 0.5, 'float32'],
  [0, 100, 0.5, 'int32'],
  [1000, 0, -0.5, 'float32'],
].map(([start, stop, step, dtype]) => ({
  name: `${start} to ${stop} by ${step}, ${dtype}`,
  kernel: tf.Range,
  inputs: {},
  attrs: { start, stop, step, dtype },
}));

const spaces: readonly KernelCase[] = [
  [0, 1, 1],
  [0, 1, 5],
  [-3, 7, 200],
  [7, -3, 129],
].map(([start, stop, num]) => ({
  name: `${num} from ${start} to ${stop}`,
  kernel: tf.LinSpace,
  inputs: {},
  attrs: { start, stop, num },
}));

const oneHots: readonly KernelCase[] = [
  { shape: [5], depth: 4, onValue: 1, offValue: 0, dtype: 'int32' },
  { shape: [5], depth: 10, onValue: 1, offValue: 0, dtype: 'float32' },
  { shape: [3, 7], depth: 3, onValue: 2.5, offValue: -1.5, dtype: 'float32' },
  { shape: [4], depth: 1, onValue: 1, offValue: 0, dtype: 'bool' },
  { shape: [], depth: 3, onValue: 7, offValue: 3, dtype: 'int32' },
  { shape: [0], depth: 3, onValue: 1, offValue: 0, dtype: 'float32' },
].map(({ shape, ...attrs }) => ({
  name: `[${shape}] with ${attrs.depth} of ${attrs.dtype}`,
  kernel: tf.OneHot,
  inputs: { indices: { shape, dtype: 'int32', fill: 'ties' } },
  attrs,
}));

const casts: readonly KernelCase[] = [
  ...DTYPES.flatMap((from) =>
    DTYPES.map((dtype): KernelCase => ({
      name: `${from} to ${dtype}`,
      kernel: tf.Cast,
      inputs: { x: { shape: [9, 5], dtype: from } },
      attrs: { dtype },
    })),
  ),
  ...(['int32', 'bool'] as const).map((dtype): KernelCase => ({
    name: `special values to ${dtype}`,
    kernel: tf.Cast,
    inputs: { x: { shape: [90, 5], fill: 'special' } },
    attrs: { dtype },
  })),
  {
    name: 'values out of range to int32',
    kernel: tf.Cast,
    inputs: {
      x: {
        shape: [12],
        values: [0.99, -0.99, 1.5, -1.5, 2147483520, -2147483648, 2147483648, 4294967296, 6e9, -6e9, 1e20, 3e38],
      },
    },
    attrs: { dtype: 'int32' },
  },
  ...DTYPES.map((from): KernelCase => ({
    name: `${from} to complex64`,
    kernel: tf.Cast,
    inputs: { x: { shape: [3, 5], dtype: from } },
    attrs: { dtype: 'complex64' },
  })),
  ...[...DTYPES, 'complex64'].map((dtype): KernelCase => ({
    name: `complex64 to ${dtype}`,
    kernel: tf.Cast,
    inputs: { x: { shape: [3, 5], dtype: 'complex64' } },
    attrs: { dtype },
  })),
];

const complex: TensorSpec = { shape: [3, 5], dtype: 'complex64', fill: 'special' };
const parts: readonly KernelCase[] = [
  { name: '[3, 5]', kernel: tf.Complex, inputs: { real: { shape: [3, 5] }, imag: { shape: [3, 5] } } },
  { name: '[3, 5]', kernel: tf.Real, inputs: { input: complex } },
  { name: '[3, 5]', kernel: tf.Imag, inputs: { input: complex } },
  { name: '[3, 5]', kernel: tf.ComplexAbs, inputs: { x: { ...complex, fill: 'normal' } } },
  { name: 'special values', kernel: tf.ComplexAbs, inputs: { x: { ...complex, shape: [90, 5] } } },
  { name: 'complex64', kernel: tf.Reshape, inputs: { x: complex }, attrs: { shape: [5, 3] } },
];

const views: readonly KernelCase[] = [
  ...DTYPES.map((dtype): KernelCase => ({ name: dtype, kernel: tf.Identity, inputs: { x: { shape: [3, 5], dtype } } })),
  { name: 'to [-1, 2]', kernel: tf.Reshape, inputs: { x: { shape: [3, 4] } }, attrs: { shape: [-1, 2] } },
  { name: 'to a scalar', kernel: tf.Reshape, inputs: { x: { shape: [1, 1] } }, attrs: { shape: [] } },
  { name: 'no elements', kernel: tf.Reshape, inputs: { x: { shape: [0, 4] } }, attrs: { shape: [2, 0] } },
  ...[0, 1, 2, -1, -3].map((dim): KernelCase => ({
    name: `axis ${dim}`,
    kernel: tf.ExpandDims,
    inputs: { input: { shape: [3, 5] } },
    attrs: { dim },
  })),
];

const diagonals: readonly KernelCase[] = [
  ...DTYPES.map((dtype): KernelCase => ({ name: dtype, kernel: tf.Diag, inputs: { x: { shape: [7], dtype } } })),
  { name: '[2, 3]', kernel: tf.Diag, inputs: { x: { shape: [2, 3], fill: 'special' } } },
  { name: 'no elements', kernel: tf.Diag, inputs: { x: { shape: [0] } } },
];

export const cases: readonly KernelCase[] = [
  ...diagonals,
  ...constants,
  ...fills,
  ...ranges,
  ...spaces,
  ...oneHots,
  ...casts,
  ...parts,
  ...views,
];
