/** Cases of the reductions: all orders of kept and reduced dimensions, whole texels and parts of them, one pass and several. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from './case';

type Shape = readonly number[];

/** A shape and the axes that are reduced. */
type Extent = readonly [shape: Shape, axes: readonly number[]];

const EXTENTS: readonly Extent[] = [
  [[], []],
  [[7], [0]],
  [
    [1, 1],
    [0, 1],
  ],
  [[3, 5], []],
  [[5, 6], [0]],
  [[5, 6], [1]],
  [[5, 8], [0]],
  [[5, 8], [1]],
  [[4, 1, 8], [1]],
  [
    [2, 3, 4, 8],
    [0, 1, 2],
  ],
  [
    [2, 3, 4, 8],
    [1, 3],
  ],
  [
    [3, 4, 5],
    [0, 2],
  ],
  [[2, 3, 2, 2, 3, 2], [2]],
  [
    [2, 3, 2, 2, 3, 2],
    [0, 3, 5],
  ],
  [[3, 0, 2], [1]],
  [[3, 0, 2], [0]],
];

/** Large enough to be cut into slices. */
const LARGE: readonly Extent[] = [
  [[4099], [0]],
  [[3, 2001], [1]],
  [[2, 4100], [1]],
  [[2000, 8], [0]],
  [[2000, 3], [0]],
  [[2001, 3], [0]],
  [[2, 1500, 6], [1]],
  [
    [6, 20, 20, 4],
    [0, 1, 2],
  ],
  [
    [300, 5, 7],
    [0, 2],
  ],
];

interface Op {
  readonly kernel: string;
  readonly dtypes?: readonly ('int32' | 'bool')[];
  /** Products of many normal values leave float32's range. */
  readonly fill?: TensorSpec['fill'];
}

const ops: readonly Op[] = [
  { kernel: tf.Sum, dtypes: ['int32', 'bool'] },
  { kernel: tf.Mean, dtypes: ['int32', 'bool'] },
  { kernel: tf.Prod, dtypes: ['int32', 'bool'], fill: 'ties' },
  { kernel: tf.Max, dtypes: ['int32', 'bool'] },
  { kernel: tf.Min, dtypes: ['int32', 'bool'] },
];

/** Max alone calls its axes reductionIndices. */
const attrsOf = (kernel: string, axes: readonly number[], keepDims = false) =>
  kernel === tf.Max ? { reductionIndices: axes, keepDims } : { axis: axes, keepDims };

function one(kernel: string, [shape, axes]: Extent, spec: Partial<TensorSpec> = {}, keepDims = false): KernelCase {
  const extra = [spec.dtype, spec.fill, keepDims ? 'kept' : undefined].filter((s) => s !== undefined);
  return {
    name: [`[${shape.join(', ')}] over [${axes.join(', ')}]`, ...extra].join(', '),
    kernel,
    inputs: { x: { shape, ...spec } },
    attrs: attrsOf(kernel, axes, keepDims),
  };
}

function numeric({ kernel, dtypes = [], fill }: Op): KernelCase[] {
  const filled = fill ? { fill } : {};
  // Beyond 2^53 the reference's products are rounded.
  const wide = { [tf.Mean]: {}, [tf.Prod]: { fill: 'ties' } as const }[kernel] ?? ({ fill: 'wide' } as const);
  // Sums of 1e38 and -1e38 depend on their order.
  const odd: Partial<TensorSpec> = { fill: kernel === tf.Max || kernel === tf.Min ? 'special' : 'nonfinite' };
  return [
    ...EXTENTS.map((extent) => one(kernel, extent, filled)),
    ...EXTENTS.map((extent) => one(kernel, extent, filled, true)),
    ...LARGE.map((extent) => one(kernel, extent, filled)),
    ...[EXTENTS[6]!, EXTENTS[7]!, EXTENTS[11]!, LARGE[1]!].map((extent) => one(kernel, extent, odd)),
    ...dtypes.flatMap((dtype) =>
      [...EXTENTS, ...LARGE].map((extent) => one(kernel, extent, dtype === 'int32' ? { dtype, ...wide } : { dtype })),
    ),
  ];
}

const logical = (kernel: string): KernelCase[] =>
  [...EXTENTS, ...LARGE].flatMap((extent) => [
    one(kernel, extent, { dtype: 'bool' }),
    // Nearly all alike: the one that differs must be found.
    one(kernel, extent, { dtype: 'bool', values: almostAll(extent[0], kernel === tf.All ? 1 : 0) }, true),
  ]);

function almostAll(shape: Shape, value: number): number[] {
  const size = shape.reduce((product, side) => product * side, 1);
  return Array.from({ length: size }, (_, i) => (i === size >> 1 ? 1 - value : value));
}

const ARG_FILLS: readonly Partial<TensorSpec>[] = [
  {},
  { fill: 'ties' },
  { fill: 'special' },
  { dtype: 'int32', fill: 'wide' },
  { dtype: 'int32', fill: 'ties' },
  { dtype: 'bool' },
];

const places = (kernel: string): KernelCase[] => [
  ...[...EXTENTS, ...LARGE]
    .filter(([, axes]) => axes.length === 1)
    .flatMap((extent) => ARG_FILLS.map((spec) => one(kernel, extent, spec))),
  ...[
    [NaN, 1, 2],
    [1, NaN, 2],
    [NaN, NaN, NaN],
    [-Infinity, NaN, -Infinity],
    [Infinity, NaN, Infinity],
  ].map((values) => ({
    name: values.join(', '),
    kernel,
    inputs: { x: { shape: [3], values } },
    attrs: { axis: 0 },
  })),
];

/** Sums whose terms overflow together, and int32 sums that wrap. */
const extremes: readonly KernelCase[] = [
  ...[9, 100, 5000].map((count) => ({
    name: `of ${count} large values`,
    kernel: tf.Mean,
    inputs: { x: { shape: [count], values: Array<number>(count).fill(3e38) } },
    attrs: {},
  })),
  {
    name: 'that wraps',
    kernel: tf.Sum,
    inputs: { x: { shape: [5], dtype: 'int32', values: Array(5).fill(2 ** 31 - 1) } },
    attrs: {},
  },
];

export const cases: readonly KernelCase[] = [
  ...ops.flatMap(numeric),
  ...[tf.All, tf.Any].flatMap(logical),
  ...[tf.ArgMax, tf.ArgMin].flatMap(places),
  ...extremes,
];
