/** Cases of the elementwise ops of one tensor: every op on ordinary, special and integer values, and on every rank. */
import * as tf from '@tensorflow/tfjs-core';
import type { Fill, KernelCase, TensorSpec } from './case';

/** What an op is tested on; `fill` is where it is defined and interesting. */
interface Op {
  readonly fill: Fill;
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** Values at which the op turns or rounds. */
  readonly values?: readonly number[];
  /** Dtypes that tfjs-core passes on to the kernel, beside float32. */
  readonly dtypes?: readonly ('int32' | 'bool')[];
  /** False where the reference has no defined answer for NaN or infinities. */
  readonly special?: false;
  readonly tolerance?: number;
}

const INT = ['int32'] as const;
const HALVES = [-2.5, -1.5, -0.5, -0.2, 0, 0.2, 0.5, 1.5, 2.5, 3.49, 8388607.5];
const KINKS = [-7, -1, -0.5, -0, 0, 0.5, 1, 5.999, 6, 7];

const ops: Readonly<Record<string, Op>> = {
  [tf.Abs]: { fill: 'normal', dtypes: INT },
  [tf.Acos]: { fill: 'unit', values: [-1, -0.999, 0, 0.999, 1, 1.5], dtypes: INT },
  [tf.Acosh]: { fill: 'positive', values: [0.5, 1, 1.0001, 2, 1e4, 1e18], dtypes: INT },
  [tf.Asin]: { fill: 'unit', values: [-1, -0.999, 0, 1e-4, 0.999, 1, 1.5], dtypes: INT },
  [tf.Asinh]: { fill: 'normal', values: [-1e18, -100, -1e-4, 0, 1e-4, 100, 1e18], dtypes: INT },
  [tf.Atan]: { fill: 'normal', dtypes: INT },
  [tf.Atanh]: { fill: 'unit', values: [-1, -0.999, -1e-4, 0, 1e-4, 0.999, 1, 1.5], dtypes: INT },
  [tf.Ceil]: { fill: 'normal', values: HALVES },
  [tf.ClipByValue]: { fill: 'normal', attrs: { clipValueMin: -0.5, clipValueMax: 0.75 }, dtypes: INT },
  [tf.Cos]: { fill: 'normal', values: [-100, -3.1415927, 0, 1.5707964, 100] },
  [tf.Cosh]: { fill: 'normal' },
  [tf.Elu]: { fill: 'normal', values: KINKS },
  [tf.Erf]: { fill: 'normal', values: [-6, -3, -1, -0.5, -1e-3, 0, 1e-3, 0.5, 1, 3, 6] },
  [tf.Exp]: { fill: 'normal', values: [-100, -20, -1, 0, 1, 20, 88, 100], dtypes: INT },
  [tf.Expm1]: { fill: 'normal', values: [-20, -1, -1e-4, 0, 1e-4, 1, 20, 88] },
  [tf.Floor]: { fill: 'normal', values: HALVES },
  [tf.IsFinite]: { fill: 'normal', dtypes: INT },
  [tf.IsInf]: { fill: 'normal', dtypes: INT },
  [tf.IsNan]: { fill: 'normal', dtypes: INT },
  [tf.LeakyRelu]: { fill: 'normal', values: KINKS, attrs: { alpha: 0.3 }, dtypes: INT },
  [tf.Log]: { fill: 'positive', values: [-1, 0, 1e-30, 1e-3, 1, 1e30] },
  [tf.Log1p]: { fill: 'positive', values: [-2, -1, -0.5, -1e-4, 0, 1e-4, 1, 1e30], dtypes: INT },
  [tf.LogicalNot]: { fill: 'bool', dtypes: ['bool'], special: false },
  [tf.Neg]: { fill: 'normal', dtypes: ['int32', 'bool'] },
  [tf.Reciprocal]: { fill: 'positive', values: [-1e30, -2, -0.5, 0, 0.5, 2, 1e30], dtypes: INT },
  [tf.Relu]: { fill: 'normal', values: KINKS, dtypes: INT },
  [tf.Relu6]: { fill: 'normal', values: KINKS, dtypes: INT },
  [tf.Round]: { fill: 'normal', values: HALVES, dtypes: INT },
  [tf.Rsqrt]: { fill: 'positive', values: [-1, 0, 1e-30, 1, 4, 1e30] },
  [tf.Selu]: { fill: 'normal', values: KINKS, dtypes: INT },
  [tf.Sigmoid]: { fill: 'normal', values: [-100, -20, -1, 0, 1, 20, 100] },
  [tf.Sign]: { fill: 'normal', values: KINKS, dtypes: INT },
  [tf.Sin]: { fill: 'normal', values: [-100, -3.1415927, -1e-4, 0, 1.5707964, 100] },
  [tf.Sinh]: { fill: 'normal', values: [-20, -1, -1e-3, 0, 1e-3, 1, 20] },
  [tf.Softplus]: { fill: 'normal', values: [-100, -20, -1, 0, 1, 20, 100], dtypes: INT },
  [tf.Sqrt]: { fill: 'positive', values: [-1, 0, 1e-30, 1, 4, 1e30] },
  [tf.Square]: { fill: 'normal', dtypes: INT },
  [tf.Step]: { fill: 'normal', values: KINKS, attrs: { alpha: 0.2 }, dtypes: INT },
  [tf.Tan]: { fill: 'unit', values: [-100, -1.5, 0, 1e-4, 1.5, 100] },
  [tf.Tanh]: { fill: 'normal', values: [-100, -20, -1, -1e-3, 0, 1e-3, 1, 20, 100] },
};

/** Every rank; sizes that are odd, one, zero, and more than one row of texels. */
const SHAPES = [
  [],
  [1],
  [7],
  [3, 5],
  [2, 3, 5],
  [2, 3, 1, 5],
  [2, 1, 3, 2, 3],
  [1, 2, 1, 3, 2, 2],
  [0],
  [3, 0, 2],
  [67, 129],
];

function casesOf(kernel: string, { fill, attrs, values, dtypes = [], special, tolerance }: Op): KernelCase[] {
  const one = (name: string, x: TensorSpec): KernelCase => ({
    name,
    kernel,
    inputs: { x },
    attrs,
    tolerance,
  });
  const floats = fill !== 'bool';
  return [
    ...SHAPES.map((shape) => one(`[${shape.join(', ')}]`, { shape, fill, dtype: floats ? 'float32' : 'bool' })),
    ...(values ? [one('its turning points', { shape: [values.length], values })] : []),
    ...((special ?? true) ? [one('NaN, infinities, zeros, subnormals', { shape: [9, 25], fill: 'special' })] : []),
    ...dtypes.map((dtype) => one(dtype, { shape: [5, 7], dtype })),
  ];
}

/** Integers that float32 does not hold. */
const wide: readonly KernelCase[] = [tf.Softplus, tf.Neg, tf.Relu, tf.Sign, tf.Round].map((kernel) => ({
  name: 'int32, wide',
  kernel,
  inputs: { x: { shape: [5, 7], dtype: 'int32', fill: 'extremes' } },
}));

export const cases: readonly KernelCase[] = [
  ...Object.entries(ops).flatMap(([kernel, op]) => casesOf(kernel, op)),
  ...wide,
];
