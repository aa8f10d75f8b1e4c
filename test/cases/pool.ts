/** Cases of pooling: every padding, overlap and rounding in two and three dimensions, ties and NaNs, and the gradients. */
import {
  AvgPool,
  AvgPool3D,
  AvgPool3DGrad,
  AvgPoolGrad,
  backend_util,
  MaxPool,
  MaxPool3D,
  MaxPool3DGrad,
  MaxPoolGrad,
  MaxPoolWithArgmax,
} from '@tensorflow/tfjs-core';
import type { Fill, KernelCase } from './case';

type Pad = 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];
type Rounding = 'floor' | 'round' | 'ceil';

interface Pool<Shape, Size> {
  readonly x: Shape;
  readonly filterSize: Size | number;
  readonly strides: Size | number;
  readonly pad: Pad;
  readonly dimRoundingMode?: Rounding;
}

type Pool2D = Pool<[number, number, number, number], [number, number]>;
type Pool3D = Pool<[number, number, number, number, number], [number, number, number]> & {
  readonly pad: 'same' | 'valid' | number;
};

const pools: readonly Pool2D[] = [
  { x: [2, 8, 8, 8], filterSize: 2, strides: 2, pad: 'valid' },
  { x: [2, 8, 6, 3], filterSize: 2, strides: 2, pad: 'valid' },
  { x: [1, 9, 7, 4], filterSize: 2, strides: 2, pad: 'same' },
  { x: [2, 7, 9, 4], filterSize: 3, strides: 1, pad: 'same' },
  { x: [2, 7, 9, 5], filterSize: 3, strides: 2, pad: 'same' },
  { x: [1, 9, 9, 4], filterSize: [3, 2], strides: [1, 3], pad: 'valid' },
  { x: [1, 9, 9, 4], filterSize: 4, strides: 2, pad: 'valid' }, // too large to be unrolled
  { x: [1, 9, 9, 1], filterSize: 5, strides: 1, pad: 'same' },
  { x: [2, 6, 6, 4], filterSize: 2, strides: 3, pad: 'valid' }, // elements in no window
  { x: [1, 7, 7, 4], filterSize: 3, strides: 2, pad: 1, dimRoundingMode: 'ceil' },
  { x: [1, 6, 6, 2], filterSize: 2, strides: 2, pad: 1, dimRoundingMode: 'floor' },
  { x: [1, 5, 6, 4], filterSize: 2, strides: 1, pad: [[0, 0], [2, 0], [1, 2], [0, 0]] }, // prettier-ignore
  { x: [2, 7, 7, 8], filterSize: 7, strides: 7, pad: 'valid' },
  // Rows of whole texels, in which a texel holds elements of two pixels.
  { x: [3, 8, 8, 6], filterSize: 2, strides: 2, pad: 'valid' },
  { x: [2, 9, 8, 3], filterSize: 3, strides: 1, pad: 'same' },
  { x: [2, 7, 10, 6], filterSize: 3, strides: 1, pad: 'same' },
  { x: [2, 9, 10, 2], filterSize: 4, strides: 2, pad: 'valid' },
  { x: [2, 4, 4, 4], filterSize: 1, strides: 1, pad: 'same' },
  { x: [2, 5, 5, 4], filterSize: 1, strides: 2, pad: 'valid' },
  { x: [0, 4, 4, 4], filterSize: 2, strides: 2, pad: 'valid' },
];

const volumes: readonly Pool3D[] = [
  { x: [2, 4, 6, 4, 4], filterSize: 2, strides: 2, pad: 'valid' },
  { x: [1, 5, 4, 6, 3], filterSize: 2, strides: 1, pad: 'same' },
  { x: [1, 5, 6, 7, 4], filterSize: 3, strides: 2, pad: 'same' },
  { x: [2, 4, 5, 8, 3], filterSize: 2, strides: 1, pad: 'same' },
  { x: [1, 4, 6, 8, 10], filterSize: 2, strides: 2, pad: 'valid' },
  { x: [2, 3, 3, 6, 4], filterSize: [1, 1, 1], strides: [1, 3, 3], pad: 'same' }, // padding below zero
  { x: [1, 5, 5, 5, 2], filterSize: 3, strides: 2, pad: 1, dimRoundingMode: 'ceil' },
];

const title = ({ x, filterSize, strides, pad, dimRoundingMode }: Pool2D | Pool3D) =>
  `[${x}], ${filterSize}/${strides}, pad ${JSON.stringify(pad)}${dimRoundingMode ? `, ${dimRoundingMode}` : ''}`;

interface Kernels {
  readonly forward: readonly string[];
  readonly gradients: readonly string[];
}

function casesOf(pool: Pool2D | Pool3D, outShape: readonly number[], { forward, gradients }: Kernels): KernelCase[] {
  const { x, ...attrs } = pool;
  const fills: readonly Fill[] = ['normal', 'ties', 'nonfinite'];
  return fills.flatMap((fill) => [
    ...forward.map((kernel): KernelCase => ({
      name: `${title(pool)}, ${fill}`,
      kernel,
      inputs: { x: { shape: x, fill } },
      attrs,
    })),
    ...gradients.map((kernel): KernelCase => ({
      name: `${title(pool)}, ${fill}`,
      kernel,
      inputs: { dy: { shape: outShape }, input: { shape: x, fill }, output: { shape: outShape } },
      attrs,
    })),
  ]);
}

const planar = pools.flatMap((pool) => {
  const { x, filterSize, strides, pad, dimRoundingMode } = pool;
  const { outShape } = backend_util.computePool2DInfo(x, filterSize, strides, 1, pad, dimRoundingMode);
  // tfjs-core's attributes of the other two have no rounding.
  const rounding = dimRoundingMode !== undefined && dimRoundingMode !== 'floor';
  const forward = [MaxPool, AvgPool, ...(rounding ? [] : [MaxPoolWithArgmax])];
  return casesOf(pool, outShape, { forward, gradients: [MaxPoolGrad, ...(rounding ? [] : [AvgPoolGrad])] });
});

const spatial = volumes.flatMap((pool) => {
  const { x, filterSize, strides, pad, dimRoundingMode } = pool;
  const { outShape } = backend_util.computePool3DInfo(x, filterSize, strides, 1, pad, dimRoundingMode);
  return casesOf({ ...pool, dataFormat: 'NDHWC' } as Pool3D, outShape, {
    forward: [MaxPool3D, AvgPool3D],
    gradients: [MaxPool3DGrad, AvgPool3DGrad],
  });
});

const others: readonly KernelCase[] = [
  ...[3, 4, 6].map((channels): KernelCase => ({
    name: `special values, ${channels} channels`,
    kernel: MaxPool,
    inputs: { x: { shape: [2, 8, 8, channels], fill: 'special' } },
    attrs: { filterSize: 2, strides: 2, pad: 'same' },
  })),
  {
    name: 'int32',
    kernel: MaxPool,
    inputs: { x: { shape: [1, 6, 6, 3], dtype: 'int32', fill: 'wide' } },
    attrs: { filterSize: 2, strides: 2, pad: 'same' },
  },
  ...[true, false].map((includeBatchInIndex): KernelCase => ({
    name: `int32, index ${includeBatchInIndex ? 'across' : 'within'} the batch`,
    kernel: MaxPoolWithArgmax,
    inputs: { x: { shape: [3, 6, 5, 4], dtype: 'int32', fill: 'ties' } },
    attrs: { filterSize: 2, strides: 2, pad: 'same', includeBatchInIndex },
  })),
  {
    name: 'index across the batch, texels',
    kernel: MaxPoolWithArgmax,
    inputs: { x: { shape: [3, 6, 5, 8], fill: 'ties' } },
    attrs: { filterSize: 3, strides: 2, pad: 'same', includeBatchInIndex: true },
  },
];

export const cases: readonly KernelCase[] = [...planar, ...spatial, ...others];
