/** Cases of the ops that resize, crop, rotate and warp images, and of dilation. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './case';

/** Relative to values near 1, which are added up to sixteen at a time. */
const tolerance = 1e-5;

const samplings = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
];

const sizes: readonly (readonly [shape: readonly number[], size: readonly [number, number]])[] = [
  [
    [2, 4, 5, 3],
    [8, 15],
  ],
  [
    [2, 4, 5, 4],
    [7, 6],
  ],
  [
    [1, 9, 8, 1],
    [3, 2],
  ],
  [
    [1, 1, 1, 8],
    [3, 4],
  ],
  [
    [1, 7, 5, 2],
    [1, 1],
  ],
  [
    [1, 2, 3, 1],
    [98, 147],
  ],
];

const describe = ({ alignCorners, halfPixelCenters }: (typeof samplings)[number]): string =>
  alignCorners ? 'corners aligned' : halfPixelCenters ? 'half-pixel centres' : 'plain';

const resizes = samplings.flatMap((sampling) =>
  sizes.flatMap(([shape, size]): KernelCase[] => {
    const name = `[${shape}] to ${size.join('x')}, ${describe(sampling)}`;
    const attrs = { ...sampling, size };
    return [
      { name, kernel: tf.ResizeBilinear, inputs: { images: { shape, fill: 'uniform' } }, attrs, tolerance },
      { name, kernel: tf.ResizeNearestNeighbor, inputs: { images: { shape, fill: 'special' } }, attrs },
    ];
  }),
);

/** One image each: with more, tfjs-backend-cpu's gradient of nearest neighbours reads the others at the wrong place. */
const resizeGradients = samplings.slice(0, 2).flatMap((sampling) =>
  sizes
    .filter(([[, height, width]]) => !sampling.alignCorners || (height! > 1 && width! > 1))
    .flatMap(([[, height, width, channels], size]): KernelCase[] => {
      const attrs = { ...sampling, size };
      const nearest = [1, height!, width!, channels!];
      // A square image: of others, tfjs-backend-cpu swaps the sides of the bilinear gradient.
      const square = [1, height!, height!, channels!];
      const dy = { shape: [1, ...size, channels!], fill: 'uniform' } as const;
      const name = `${height}x${width}x${channels} to ${size.join('x')}, ${describe(sampling)}`;
      return [
        {
          name,
          kernel: tf.ResizeNearestNeighborGrad,
          inputs: { images: { shape: nearest }, dy },
          attrs,
          tolerance: 1e-3,
        },
        { name, kernel: tf.ResizeBilinearGrad, inputs: { images: { shape: square }, dy }, attrs, tolerance: 1e-3 },
      ];
    }),
);

const crops = (['bilinear', 'nearest'] as const).flatMap((method) =>
  [
    { cropSize: [4, 5], channels: 3 },
    { cropSize: [1, 6], channels: 4 },
    { cropSize: [9, 1], channels: 1 },
  ].map(({ cropSize, channels }): KernelCase => ({
    name: `${method}, ${cropSize.join('x')} of ${channels} channels`,
    kernel: tf.CropAndResize,
    inputs: {
      image: { shape: [2, 6, 7, channels], fill: 'uniform' },
      boxes: {
        shape: [6, 4],
        values: [
          0,
          0,
          1,
          1,
          0.1,
          0.2,
          0.73,
          0.9,
          0.8,
          0.9,
          0.2,
          0.1,
          -0.3,
          0.2,
          0.5,
          1.4,
          NaN,
          0.2,
          0.5,
          0.9,
          0,
          0.1,
          0.9,
          NaN,
        ],
      },
      boxInd: { shape: [6], dtype: 'int32', values: [0, 1, 1, 0, 0, 1] },
    },
    attrs: { cropSize, method, extrapolationValue: 2.5 },
    tolerance,
  })),
);

/** None in which a pixel's source lies exactly between two: there, the last bit of float64 decides. */
const rotations: readonly KernelCase[] = [
  { radians: Math.PI / 2, fillValue: 0, center: 0.5, channels: 1 },
  { radians: Math.PI, fillValue: 7, center: [0.3, 0.6], channels: 4 },
  { radians: 0.7, fillValue: [1, 2, 3], center: 0.5, channels: 3 },
  { radians: -2.1, fillValue: [1, 2, 3], center: 0, channels: 4 },
  { radians: 3.3, fillValue: 5, center: 0.5, channels: 8 },
].flatMap(({ channels, ...attrs }) =>
  (['float32', 'int32'] as const).map((dtype) => ({
    name: `${attrs.radians.toFixed(2)} rad around ${String(attrs.center)}, ${channels} channels of ${dtype}`,
    kernel: tf.RotateWithOffset,
    inputs: { image: { shape: [2, 31, 37, channels], dtype } },
    attrs,
  })),
);

/**
 * One image each: tfjs-backend-cpu leaves out all but the first. No pixel's source lies so near the middle of two that
 * rounding decides; what lies exactly there is divided by powers of two.
 */
const warps = (['nearest', 'bilinear'] as const).flatMap((interpolation) =>
  (['constant', 'reflect', 'wrap', 'nearest'] as const).flatMap((fillMode) =>
    [
      { values: [1, 0, -13, 0, 1, 17, 0, 0], channels: 3 },
      { values: [0.8, 0.3, -1.132, -0.31, 0.9, 2.21, 0.01, -0.02], channels: 4, outputShape: [9, 12] },
      { values: [1, 0, 0, 0, 1, 0, -0.5, 0], channels: 1 },
    ].map(({ values, channels, outputShape }): KernelCase => ({
      name: `${interpolation}, ${fillMode}, by ${values.join()}`,
      kernel: tf.Transform,
      inputs: { image: { shape: [1, 6, 8, channels], fill: 'uniform' }, transforms: { shape: [1, 8], values } },
      attrs: { interpolation, fillMode, fillValue: 3, outputShape },
      tolerance: 1e-4,
    })),
  ),
);

const dilations = [
  { x: [2, 7, 8, 3], filter: [3, 2, 3], strides: [1, 1], dilations: [1, 1], pad: 'same', out: [7, 8] },
  { x: [2, 7, 8, 4], filter: [2, 3, 4], strides: [2, 1], dilations: [1, 1], pad: 'valid', out: [3, 6] },
  { x: [1, 9, 9, 1], filter: [3, 3, 1], strides: [1, 2], dilations: [2, 2], pad: 'same', out: [9, 5] },
].flatMap(({ x, filter, strides, dilations: steps, pad, out }) =>
  (['normal', 'ties', 'special'] as const).flatMap((fill): KernelCase[] => {
    const name = `[${x}] with [${filter}], ${pad}, by ${strides.join()}, dilated by ${steps.join()}, ${fill}`;
    const attrs = { strides, pad, dilations: steps };
    const inputs = {
      x: { shape: x, fill },
      filter: { shape: filter, fill: fill === 'special' ? 'normal' : fill },
    } as const;
    const gradientInputs = { ...inputs, dy: { shape: [x[0]!, ...out, x[3]!] } };
    return [
      { name, kernel: tf.Dilation2D, inputs, attrs, tolerance },
      { name, kernel: tf.Dilation2DBackpropInput, inputs: gradientInputs, attrs },
      { name, kernel: tf.Dilation2DBackpropFilter, inputs: gradientInputs, attrs },
    ];
  }),
);

export const cases: readonly KernelCase[] = [
  ...resizes,
  ...resizeGradients,
  ...crops,
  ...rotations,
  ...warps,
  ...dilations,
];
