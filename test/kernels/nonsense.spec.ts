/** Attributes that give no tensor are refused by a KernelError, wherever the input is and however large. */
import * as tf from '@tensorflow/tfjs-core';
import { defineGLSLKernel, KernelError } from '../../src/index';

type Attrs = Readonly<Record<string, unknown>>;

const images =
  (side: number, channels = 2) =>
  () => ({ x: tf.ones([2, side, side, channels]) });
const x =
  (...shape: number[]) =>
  () => ({ x: tf.ones(shape) });
const filtered = (side: number, filter: number[]) => () => ({
  x: tf.ones([2, side, side, 2]),
  filter: tf.ones(filter),
});
const volumes = (filter: number) => () => ({
  x: tf.ones([1, 4, 4, 4, 2]),
  filter: tf.ones([filter, filter, filter, 2, 3]),
});

/** A convolution with some attributes that are wrong. */
const conv = (wrong: Attrs): Attrs => ({
  strides: [1, 1],
  pad: 'valid',
  dataFormat: 'NHWC',
  dilations: [1, 1],
  ...wrong,
});
const pool = (wrong: Attrs): Attrs => ({ filterSize: [2, 2], strides: [1, 1], pad: 'valid', ...wrong });
const pool3d = (wrong: Attrs): Attrs => ({
  filterSize: [2, 2, 2],
  strides: [1, 1, 1],
  pad: 'valid',
  dataFormat: 'NDHWC',
  ...wrong,
});
const NO_MASKS = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

const strange = [1.5, 0, -1, NaN] as const;

const nonsense: readonly (readonly [kernel: string, inputs: () => tf.NamedTensorMap, attrs: readonly Attrs[]])[] = [
  [tf.Conv2D, filtered(9, [11, 11, 2, 4]), [conv({}), conv({ strides: [2, 2] })]],
  [
    tf.Conv2D,
    filtered(9, [3, 3, 2, 4]),
    [
      ...strange.map((s) => conv({ strides: [s, s] })),
      ...strange.map((d) => conv({ dilations: [d, d] })),
      conv({ dilations: [5, 5] }),
    ],
  ],
  [tf.DepthwiseConv2dNative, filtered(9, [11, 11, 2, 1]), [conv({})]],
  [tf.DepthwiseConv2dNative, filtered(9, [3, 3, 2, 1]), strange.map((s) => conv({ strides: [s, s] }))],
  [tf.Conv3D, volumes(5), [conv({ strides: [1, 1, 1], dilations: [1, 1, 1] })]],
  [tf.Conv3D, volumes(2), strange.map((s) => conv({ strides: [s, s, s], dilations: [1, 1, 1] }))],
  [tf.Dilation2D, filtered(4, [5, 5, 2]), [conv({})]],
  [tf.Dilation2D, filtered(4, [2, 2, 2]), strange.map((s) => conv({ strides: [s, s] }))],
  ...[tf.MaxPool, tf.AvgPool].map(
    (kernel) =>
      [
        kernel,
        images(4),
        [
          pool({ filterSize: [5, 5] }),
          ...strange.flatMap((s) => [pool({ strides: [s, s] }), pool({ filterSize: [s, s] })]),
        ],
      ] as const,
  ),
  ...[tf.MaxPool3D, tf.AvgPool3D].map(
    (kernel) => [kernel, x(1, 4, 4, 4, 2), [...strange.map((s) => pool3d({ strides: [s, s, s] }))]] as const,
  ),
  ...[tf.ResizeBilinear, tf.ResizeNearestNeighbor].map(
    (kernel) =>
      [
        kernel,
        () => ({ images: tf.ones([1, 4, 4, 2]) }),
        [1.5, -1, NaN, Infinity].map((side) => ({ size: [side, 4], alignCorners: false, halfPixelCenters: false })),
      ] as const,
  ),
  [
    tf.CropAndResize,
    () => ({ image: tf.ones([1, 4, 4, 2]), boxes: tf.ones([1, 4]), boxInd: tf.zeros([1], 'int32') }),
    strange.map((side) => ({ cropSize: [side, 2], method: 'bilinear', extrapolationValue: 0 })),
  ],
  [tf.Tile, x(3, 2), [1.5, -1, NaN].map((n) => ({ reps: [n, 2] }))],
  [
    tf.Slice,
    x(3, 2),
    [
      { begin: [0, 0], size: [1.5, 1] },
      { begin: [0, 0], size: [-2, 1] },
      { begin: [0.5, 0], size: [1, 1] },
      { begin: [2, 0], size: [2, 1] },
    ],
  ],
  [tf.StridedSlice, x(8), [1.5, 0, NaN].map((s) => ({ begin: [0], end: [8], strides: [s], ...NO_MASKS }))],
  [tf.PadV2, x(3), [1.5, -1, NaN].map((n) => ({ paddings: [[n, 0]], constantValue: 0 }))],
  [tf.MirrorPad, x(3), [1.5, -1, 3].map((n) => ({ paddings: [[n, 0]], mode: 'reflect' }))],
  [
    tf.BatchToSpaceND,
    x(4, 2, 2, 1),
    [
      {
        blockShape: [0, 2],
        crops: [
          [0, 0],
          [0, 0],
        ],
      },
      {
        blockShape: [2, 2],
        crops: [
          [-1, 0],
          [0, 0],
        ],
      },
    ],
  ],
  [
    tf.SpaceToBatchND,
    x(1, 4, 4, 1),
    [
      {
        blockShape: [1.5, 2],
        paddings: [
          [0, 0],
          [0, 0],
        ],
      },
      {
        blockShape: [2, 2],
        paddings: [
          [-2, 0],
          [0, 0],
        ],
      },
    ],
  ],
  [tf.DepthToSpace, x(1, 2, 2, 4), strange.map((blockSize) => ({ blockSize, dataFormat: 'NHWC' }))],
  [tf.Fill, () => ({}), [1.5, -1, NaN].map((side) => ({ shape: [side, 2], value: 1, dtype: 'float32' }))],
  [
    tf.Range,
    () => ({}),
    [
      { start: 0, stop: Infinity, step: 1, dtype: 'float32' },
      { start: 0, stop: NaN, step: 1, dtype: 'int32' },
    ],
  ],
  [tf.LinSpace, () => ({}), [1.5, 0, -1, NaN].map((num) => ({ start: 0, stop: 1, num }))],
  [
    tf.OneHot,
    () => ({ indices: tf.zeros([3], 'int32') }),
    [1.5, -1, NaN].map((depth) => ({ depth, onValue: 1, offValue: 0, dtype: 'float32' })),
  ],
  [tf.Reshape, x(4), [{ shape: [-2, -2] }, { shape: [0.5, 8] }]],
];

describe('nonsense', () => {
  for (const [kernel, inputs, all] of nonsense) {
    for (const attrs of all) {
      const text = JSON.stringify(attrs, (_, value: unknown) =>
        Number.isFinite(value) || typeof value !== 'number' ? value : String(value),
      );
      it(`is refused by ${kernel}: ${text}`, async () => {
        await tf.setBackend('convgl');
        const before = tf.memory().numTensors;
        tf.tidy(() => {
          const given = inputs();
          const call = () => tf.engine().runKernel(kernel, given, attrs as tf.NamedAttrMap);
          expect(call).toThrowError(KernelError, new RegExp(`^${kernel}: found `));
        });
        expect(tf.memory().numTensors).toBe(before);
      });
    }
  }

  it('is not taken from a custom kernel', async () => {
    await tf.setBackend('convgl');
    const glsl = 'float element(int i) { return 0.0; }';
    for (const output of [{ shape: [-1] }, { shape: [1.5] }, { shape: [NaN] }, { shape: [2], dtype: 'complex64' }]) {
      const name = `Test/nonsense ${JSON.stringify(output)}`;
      const op = defineGLSLKernel({
        name,
        inputs: { x: 'float32' },
        output: () => output as { shape: number[] },
        glsl,
      });
      tf.tidy(() => expect(() => op({ x: tf.ones([2]) })).toThrowError(KernelError, /found the (shape|dtype)/));
    }
  });
});
