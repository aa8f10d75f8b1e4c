/** Cases of the elementwise ops of two and more tensors: broadcasting, integers over their whole range, special values. */
import * as tf from '@tensorflow/tfjs-core';
import type { Fill, KernelCase, TensorSpec } from './case';

type Shape = readonly number[];

/** Two inputs and their names. */
function pair(kernel: string, name: string, a: TensorSpec, b: TensorSpec): KernelCase {
  return { name, kernel, inputs: { a, b } };
}

/** Equal shapes of every rank, zero-sized ones, and broadcasts in which operands move by texels, by lanes, or not at all. */
const SHAPES: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[7], [7]],
  [
    [3, 5],
    [3, 5],
  ],
  [
    [67, 129],
    [67, 129],
  ],
  [
    [2, 1, 3, 2, 3, 2],
    [2, 1, 3, 2, 3, 2],
  ],
  [[0, 3], [3]],
  [
    [3, 0],
    [1, 1],
  ],
  [[67, 129], []],
  [[1], [5, 9]],
  [[3, 5], [5]],
  [[8], [2, 3, 8]],
  [
    [2, 3, 8],
    [3, 1],
  ],
  [
    [2, 3, 8],
    [2, 1, 8],
  ],
  [
    [4, 1],
    [1, 7],
  ],
  [
    [4, 1],
    [1, 8],
  ],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [
    [2, 1, 2, 3, 1, 4],
    [1, 3, 2, 1, 2, 4],
  ],
];

interface Op {
  readonly kernel: string;
  readonly fill?: Fill;
  /** Fills of int32 operands; none where the op takes none. */
  readonly ints?: readonly (readonly [Fill, Fill])[];
  readonly bool?: boolean;
  readonly special?: false;
}

const WHOLE: Op['ints'] = [
  ['ties', 'ties'],
  ['wide', 'int'],
  ['wide', 'wide'],
];
const SMALL: Op['ints'] = [
  ['ties', 'ties'],
  ['wide', 'int'],
];

const ops: readonly Op[] = [
  { kernel: tf.Add, ints: WHOLE },
  { kernel: tf.Atan2, ints: [['ties', 'ties']] },
  { kernel: tf.BitwiseAnd, ints: WHOLE },
  { kernel: tf.Equal, fill: 'ties', ints: WHOLE, bool: true },
  { kernel: tf.FloorDiv, ints: WHOLE },
  { kernel: tf.Greater, fill: 'ties', ints: WHOLE, bool: true },
  { kernel: tf.GreaterEqual, fill: 'ties', ints: WHOLE, bool: true },
  { kernel: tf.Less, fill: 'ties', ints: WHOLE, bool: true },
  { kernel: tf.LessEqual, fill: 'ties', ints: WHOLE, bool: true },
  { kernel: tf.LogicalAnd, fill: 'bool', bool: true, special: false },
  { kernel: tf.LogicalOr, fill: 'bool', bool: true, special: false },
  { kernel: tf.Maximum, ints: WHOLE, bool: true },
  { kernel: tf.Minimum, ints: WHOLE, bool: true },
  { kernel: tf.Mod, ints: WHOLE },
  { kernel: tf.Multiply, ints: SMALL, bool: true }, // beyond 2^53 the reference loses the low bits
  { kernel: tf.NotEqual, fill: 'ties', ints: WHOLE, bool: true },
  {
    kernel: tf.Pow,
    ints: [
      ['ties', 'ties'],
      ['ties', 'bool'],
    ],
  },
  { kernel: tf.RealDiv, ints: WHOLE },
  { kernel: tf.SquaredDifference, ints: [['int', 'int']] },
  { kernel: tf.Sub, ints: WHOLE },
];

function casesOf({ kernel, fill = 'normal', ints = [], bool, special }: Op): KernelCase[] {
  const all = kernel === tf.Add;
  const shapes = all ? SHAPES : SHAPES.filter(([a, b]) => a.length === b.length && a.length < 3 && a.length > 0);
  const floats = kernel !== tf.BitwiseAnd;
  return [
    ...(floats
      ? shapes.map(([a, b]) =>
          pair(kernel, `[${a.join(', ')}] and [${b.join(', ')}]`, { shape: a, fill }, { shape: b, fill }),
        )
      : []),
    ...(floats && special !== false
      ? [
          pair(kernel, 'special values', { shape: [40, 25], fill: 'special' }, { shape: [40, 25], fill: 'special' }),
          pair(
            kernel,
            'special values and a column',
            { shape: [9, 24], fill: 'special' },
            { shape: [9, 1], fill: 'special' },
          ),
        ]
      : []),
    ...ints.map((fills) => {
      const [a, b] = fills.map((one): TensorSpec => ({ shape: [23, 9], dtype: 'int32', fill: one }));
      return pair(kernel, `int32, ${fills.join(' and ')}`, a!, b!);
    }),
    ...(bool ? [pair(kernel, 'bool', { shape: [5, 9], dtype: 'bool' }, { shape: [5, 9], dtype: 'bool' })] : []),
  ];
}

/** Corners at which operators differ from JavaScript's. */
const INT_CORNERS = [-(2 ** 31), -(2 ** 31) + 1, -7, -1, 0, 1, 7, 46341, 2 ** 31 - 1];
const FLOAT_CORNERS = [
  -1e30,
  -16777217,
  -2.5,
  -1,
  -0.1,
  -1e-30,
  -0,
  0,
  1e-30,
  0.1,
  1,
  2.5,
  3,
  16777217,
  1e30,
  Infinity,
  -Infinity,
  NaN,
];

/** Every corner with every other. */
function corners(kernel: string, dtype: 'float32' | 'int32', values: readonly number[]): KernelCase {
  const n = values.length;
  return pair(kernel, `corners of ${dtype}`, { shape: [n, 1], dtype, values }, { shape: [n], dtype, values });
}

const more: readonly KernelCase[] = [
  ...[tf.Add, tf.FloorDiv, tf.Mod, tf.RealDiv, tf.Maximum, tf.Less].map((kernel) =>
    corners(kernel, 'int32', INT_CORNERS),
  ),
  ...[tf.Atan2, tf.Mod, tf.Pow, tf.RealDiv, tf.Maximum, tf.Minimum, tf.NotEqual, tf.LessEqual].map((kernel) =>
    corners(kernel, 'float32', FLOAT_CORNERS),
  ),
  pair(tf.FloorDiv, 'tenths', { shape: [6], values: [1, 2, 3, -1, -2, -3] }, { shape: [], values: [0.1] }),
  pair(
    tf.Mod,
    'large quotients',
    { shape: [6], values: [1e30, -1e30, 16777216, 1e10, -1e10, 123456.7] },
    { shape: [], values: [0.3] },
  ),
  pair(tf.Pow, 'whole exponents', { shape: [64], fill: 'normal' }, { shape: [64], fill: 'ties' }),
  pair(tf.Pow, 'positive bases', { shape: [64], fill: 'positive' }, { shape: [64], fill: 'normal' }),
  ...[tf.Add, tf.Sub, tf.Multiply].flatMap((kernel) => [
    pair(kernel, 'complex', { shape: [3, 5], dtype: 'complex64' }, { shape: [3, 5], dtype: 'complex64' }),
    pair(kernel, 'complex, broadcast', { shape: [3, 1], dtype: 'complex64' }, { shape: [4], dtype: 'complex64' }),
    pair(kernel, 'complex and real', { shape: [3, 4], dtype: 'complex64' }, { shape: [3, 4] }),
  ]),
  ...[
    [[3, 5], [5]],
    [[2, 4, 8], [8]],
    [
      [2, 3, 4, 4],
      [1, 1, 4],
    ],
    [[7], [7]],
  ].flatMap(([x, alpha]): KernelCase[] => [
    {
      name: `[${x}] and [${alpha}]`,
      kernel: tf.Prelu,
      inputs: { x: { shape: x!, fill: 'special' }, alpha: { shape: alpha! } },
    },
  ]),
  { name: 'int32', kernel: tf.Prelu, inputs: { x: { shape: [9], dtype: 'int32' }, alpha: { shape: [9] } } },
  { name: '[7, 5]', kernel: tf.EluGrad, inputs: { dy: { shape: [7, 5] }, y: { shape: [7, 5] } } },
  {
    name: 'special values',
    kernel: tf.EluGrad,
    inputs: { dy: { shape: [70, 5] }, y: { shape: [70, 5], fill: 'special' } },
  },
];

const float: TensorSpec = { shape: [3, 4, 5], fill: 'special' };
const int: TensorSpec = { shape: [3, 4, 5], dtype: 'int32', fill: 'wide' };
const bool: TensorSpec = { shape: [3, 4, 5], dtype: 'bool' };

const nary: readonly KernelCase[] = [
  ...[
    [float, float],
    [int, int],
    [bool, bool],
    [float, int],
    [int, float],
    [bool, int],
  ].map(([t, e]): KernelCase => ({
    name: `${t!.dtype ?? 'float32'} or ${e!.dtype ?? 'float32'}`,
    kernel: tf.Select,
    inputs: { condition: bool, t: t!, e: e! },
  })),
  {
    name: 'scalars',
    kernel: tf.Select,
    inputs: { condition: { shape: [], dtype: 'bool' }, t: { shape: [] }, e: { shape: [] } },
  },
  {
    name: 'no elements',
    kernel: tf.Select,
    inputs: { condition: { shape: [0, 2], dtype: 'bool' }, t: { shape: [0, 2] }, e: { shape: [0, 2] } },
  },
  ...[1, 2, 7, 8, 9, 20].map((n): KernelCase => ({
    name: `${n} tensors`,
    kernel: tf.AddN,
    inputs: Array.from({ length: n }, () => ({ shape: [5, 7] })),
  })),
  {
    name: 'int32',
    kernel: tf.AddN,
    inputs: Array.from({ length: 3 }, (): TensorSpec => ({ shape: [5, 7], dtype: 'int32', fill: 'wide' })),
  },
];

/** Remainders next to divisors in which a double has no room for them, or just has. */
const lostRemainders: KernelCase = {
  name: 'remainders lost against the divisor',
  kernel: tf.Mod,
  inputs: {
    a: { shape: [8], values: [-0.45, -0.5, -0.55, -0.2, -0.25, -0.3, -1, -1.5] },
    b: { shape: [8], values: [7.1e15, 7.1e15, 7.1e15, 2 ** 52, 2 ** 52, 2 ** 52, 1.3e16, 1.3e16] },
  },
};

/** Of which the positive power is too small for float32. */
const largeInverses: KernelCase = {
  name: 'inverses of powers that underflow',
  kernel: tf.Pow,
  inputs: {
    a: { shape: [4], values: [1.61e-13, -1.61e-13, 6e-20, 1.2e-38] },
    b: { shape: [4], values: [-3, -3, -2, -1] },
  },
};

export const cases: readonly KernelCase[] = [...ops.flatMap(casesOf), ...more, ...nary, lostRemainders, largeInverses];
