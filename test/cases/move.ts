/** Cases of the ops that move elements: every rank, odd and empty sizes, every dtype, whole texels and single elements. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from './case';

const DTYPES = ['float32', 'int32', 'bool'] as const;

/** A tensor with NaN, infinities and int32's extremes in it. */
function extreme(shape: readonly number[], dtype: (typeof DTYPES)[number] = 'float32'): TensorSpec {
  return { shape, dtype, fill: ({ float32: 'special', int32: 'wide', bool: 'bool' } as const)[dtype] };
}

const text = (...parts: readonly unknown[]): string => parts.map((part) => JSON.stringify(part)).join(' ');

const permutations: readonly (readonly [shape: readonly number[], perm: readonly number[]])[] = [
  [[], []],
  [[7], [0]],
  [
    [5, 7],
    [1, 0],
  ],
  [
    [8, 12],
    [1, 0],
  ],
  [
    [64, 36],
    [1, 0],
  ],
  [
    [3, 0, 4],
    [2, 0, 1],
  ],
  [
    [3, 5, 4],
    [1, 0, 2],
  ],
  [
    [3, 5, 8],
    [2, 0, 1],
  ],
  [
    [2, 4, 6, 8],
    [0, 3, 1, 2],
  ],
  [
    [2, 5, 6, 4],
    [0, 2, 1, 3],
  ],
  [
    [2, 3, 4, 3, 2],
    [4, 2, 0, 3, 1],
  ],
  [
    [2, 1, 3, 2, 2, 4],
    [5, 3, 1, 0, 2, 4],
  ],
];

const transposes = permutations.flatMap(([shape, perm]) =>
  DTYPES.map((dtype): KernelCase => ({
    name: `${text(shape, perm)} of ${dtype}`,
    kernel: tf.Transpose,
    inputs: { x: extreme(shape, dtype) },
    attrs: { perm },
  })),
);

const regions: readonly (readonly [shape: readonly number[], begin: readonly number[], size: readonly number[]])[] = [
  [[11], [3], [5]],
  [[4011], [1004], [3001]],
  [[9], [4], [0]],
  [
    [5, 7],
    [1, 2],
    [3, -1],
  ],
  [
    [6, 8],
    [2, 4],
    [3, 4],
  ],
  [
    [6, 8],
    [0, 0],
    [6, 8],
  ],
  [
    [3, 0],
    [1, 0],
    [2, 0],
  ],
  [
    [64, 32, 32],
    [3, 0, 0],
    [40, 32, 32],
  ],
  [
    [100, 64, 64],
    [0, 8, 0],
    [100, 16, 64],
  ],
  [
    [100, 16, 64],
    [0, 0, 16],
    [100, 16, 32],
  ],
  [
    [30, 28, 28, 32],
    [2, 3, 0, 0],
    [20, 20, 28, 32],
  ],
  [
    [2, 3, 4, 5, 6],
    [1, 0, 1, 2, 0],
    [1, 3, 2, 2, 5],
  ],
  [
    [2, 2, 3, 2, 3, 4],
    [0, 1, 1, 0, 2, 0],
    [2, 1, 2, 2, 1, 4],
  ],
];

const slices = regions.flatMap(([shape, begin, size]) =>
  DTYPES.map((dtype): KernelCase => ({
    name: `${text(shape, begin, size)} of ${dtype}`,
    kernel: tf.Slice,
    inputs: { x: extreme(shape, dtype) },
    attrs: { begin, size },
  })),
);

const NO_MASKS = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

const steps: readonly (readonly [
  shape: readonly number[],
  attrs: Partial<tf.StridedSliceAttrs> & Pick<tf.StridedSliceAttrs, 'begin' | 'end' | 'strides'>,
])[] = [
  [[11], { begin: [1], end: [10], strides: [3] }],
  [[11], { begin: [-1], end: [-12], strides: [-2] }],
  [[11], { begin: [4], end: [4], strides: [1] }],
  [[6, 8], { begin: [0, 1], end: [6, 8], strides: [2, 3] }],
  [[6, 8], { begin: [5, 0], end: [0, 8], strides: [-1, 4] }],
  [[6, 8], { begin: [2, 0], end: [3, 8], strides: [1, 1], shrinkAxisMask: 1 }],
  [[6, 8], { begin: [2, 3], end: [0, 0], strides: [1, 1], endMask: 3 }],
  [[4, 5, 6], { begin: [1, 2], end: [3, 5], strides: [1, 2], ellipsisMask: 1 }],
  [[4, 5, 6], { begin: [0, 1, 0], end: [0, 3, 0], strides: [1, 1, 2], ellipsisMask: 1, beginMask: 4, endMask: 4 }],
  [[4, 6], { begin: [0, 1, 0], end: [1, 3, 6], strides: [1, 1, 1], newAxisMask: 1 }],
  [[3, 0], { begin: [0, 0], end: [3, 0], strides: [2, 1] }],
];

const stridedSlices = steps.map(([shape, attrs]): KernelCase => ({
  name: text(shape, attrs),
  kernel: tf.StridedSlice,
  inputs: { x: extreme(shape) },
  attrs: { ...NO_MASKS, ...attrs },
}));

const mirrored: readonly (readonly [shape: readonly number[], dims: readonly number[]])[] = [
  [[7], [0]],
  [[5, 8], []],
  [[5, 8], [0]],
  [[5, 8], [-1]],
  [
    [3, 4, 5],
    [0, 2],
  ],
  [
    [2, 3, 4, 8],
    [1, 2],
  ],
  [[0, 3], [0]],
];

const reverses = mirrored.map(([shape, dims]): KernelCase => ({
  name: text(shape, dims),
  kernel: tf.Reverse,
  inputs: { x: extreme(shape, 'int32') },
  attrs: { dims },
}));

const repeated: readonly (readonly [shape: readonly number[], reps: readonly number[]])[] = [
  [[5], [3]],
  [[8], [1]],
  [[4], [0]],
  [
    [3, 8],
    [2, 3],
  ],
  [
    [3, 4096],
    [5, 1],
  ],
  [
    [1, 3, 1],
    [4, 1, 5],
  ],
  [
    [2, 3, 2, 4],
    [1, 2, 3, 1],
  ],
  [
    [2, 0],
    [3, 2],
  ],
];

const tiles = repeated.flatMap(([shape, reps]) =>
  DTYPES.map((dtype): KernelCase => ({
    name: `${text(shape, reps)} of ${dtype}`,
    kernel: tf.Tile,
    inputs: { x: extreme(shape, dtype) },
    attrs: { reps },
  })),
);

const borders: readonly (readonly [shape: readonly number[], paddings: readonly (readonly number[])[]])[] = [
  [[], []],
  [[5], [[2, 1]]],
  [[5], [[0, 0]]],
  [
    [3, 7],
    [
      [1, 0],
      [0, 4],
    ],
  ],
  [
    [3, 8],
    [
      [0, 2],
      [4, 8],
    ],
  ],
  [
    [2, 5, 6, 4],
    [
      [0, 0],
      [1, 2],
      [2, 1],
      [0, 0],
    ],
  ],
  [
    [2, 5, 6, 3],
    [
      [0, 0],
      [1, 2],
      [2, 1],
      [1, 0],
    ],
  ],
  [
    [2, 2, 3, 2, 2],
    [
      [0, 1],
      [0, 0],
      [1, 1],
      [0, 0],
      [2, 0],
    ],
  ],
];

const pads = borders.flatMap(([shape, paddings]) => [
  ...DTYPES.map((dtype): KernelCase => ({
    name: `${text(shape, paddings)} of ${dtype}`,
    kernel: tf.PadV2,
    inputs: { x: extreme(shape, dtype) },
    attrs: { paddings, constantValue: dtype === 'bool' ? 1 : -3 },
  })),
  {
    name: `${text(shape, paddings)} with NaN`,
    kernel: tf.PadV2,
    inputs: { x: extreme(shape) },
    attrs: { paddings, constantValue: NaN },
  },
]);

const emptyPad: KernelCase = {
  name: 'of nothing',
  kernel: tf.PadV2,
  inputs: { x: { shape: [0, 3] } },
  attrs: {
    paddings: [
      [2, 1],
      [0, 1],
    ],
    constantValue: 2,
  },
};

const mirrorPads = (['reflect', 'symmetric'] as const).flatMap((mode) =>
  borders
    .filter(([shape]) => shape.length < 5 && !shape.includes(1))
    .map(([shape, paddings]): KernelCase => {
      const fitting = paddings.map((sides, d) => sides.map((n) => Math.min(n, shape[d]! - 1)));
      return {
        name: `${mode} ${text(shape, fitting)}`,
        kernel: tf.MirrorPad,
        inputs: { x: extreme(shape) },
        attrs: { paddings: fitting, mode },
      };
    }),
);

const blocks: readonly KernelCase[] = DTYPES.flatMap((dtype) => [
  {
    name: `cropped, of ${dtype}`,
    kernel: tf.BatchToSpaceND,
    inputs: { x: extreme([12, 3, 4, 3], dtype) },
    attrs: {
      blockShape: [2, 3],
      crops: [
        [1, 0],
        [0, 2],
      ],
    },
  },
  {
    name: `whole, of ${dtype}`,
    kernel: tf.BatchToSpaceND,
    inputs: { x: extreme([8, 3, 4, 4], dtype) },
    attrs: {
      blockShape: [2, 2],
      crops: [
        [0, 0],
        [0, 0],
      ],
    },
  },
  {
    name: `padded, of ${dtype}`,
    kernel: tf.SpaceToBatchND,
    inputs: { x: extreme([2, 5, 7, 3], dtype) },
    attrs: {
      blockShape: [2, 3],
      paddings: [
        [1, 0],
        [0, 2],
      ],
    },
  },
  {
    name: `of rank 3, of ${dtype}`,
    kernel: tf.SpaceToBatchND,
    inputs: { x: extreme([2, 6, 4], dtype) },
    attrs: { blockShape: [3], paddings: [[0, 0]] },
  },
]);

const depths: readonly KernelCase[] = [
  { shape: [2, 3, 4, 8], blockSize: 2 },
  { shape: [1, 2, 3, 16], blockSize: 2 },
  { shape: [2, 2, 1, 27], blockSize: 3 },
].map(({ shape, blockSize }) => ({
  name: text(shape, blockSize),
  kernel: tf.DepthToSpace,
  inputs: { x: extreme(shape) },
  attrs: { blockSize, dataFormat: 'NHWC' },
}));

const flips: readonly KernelCase[] = DTYPES.map((dtype) => ({
  name: dtype,
  kernel: tf.FlipLeftRight,
  inputs: { image: extreme([2, 3, 5, 3], dtype) },
}));

export const cases: readonly KernelCase[] = [
  ...transposes,
  ...slices,
  ...stridedSlices,
  ...reverses,
  ...tiles,
  ...pads,
  emptyPad,
  ...mirrorPads,
  ...blocks,
  ...depths,
  ...flips,
];
