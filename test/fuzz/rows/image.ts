/** Ops that sample, crop, rotate and warp images, and grey-scale dilation. */
import * as tf from '@tensorflow/tfjs-core';
import type { Draw } from '../draw';
import { rowsOf, type Row, type Rows } from '../row';

const CHANNELS = [1, 3, 4, 2, 5, 8];

const resize: Row = {
  sensitive: true,
  tolerance: 1e-4,
  make: (draw, kernel) => {
    const shape = [draw.int(1, 3), draw.int(1, 9), draw.int(1, 9), draw.of(CHANNELS)];
    const size = draw.chance(30)
      ? [shape[1]! * draw.int(1, 3), shape[2]! * draw.int(1, 3)]
      : [draw.int(1, 20), draw.int(1, 20)];
    const sampling = draw.of([
      { alignCorners: false, halfPixelCenters: false },
      { alignCorners: true, halfPixelCenters: false },
      { alignCorners: false, halfPixelCenters: true },
    ]);
    const images =
      kernel === tf.ResizeBilinear
        ? draw.tensor(shape, 'float32', ['normal', 'ties', 'nonfinite'])
        : draw.chance(50)
          ? draw.anyTensor(shape, 'float32')
          : draw.tensor(shape, 'int32', ['ties', 'int']); // through float32 on tfjs-backend-cpu
    return { inputs: { images }, attrs: { ...sampling, size } };
  },
};

/**
 * One image each: with more, tfjs-backend-cpu's gradient of nearest neighbours reads the others at the wrong place; and a
 * square one, since it swaps the sides of the bilinear gradient. With corners aligned, sides of one pixel divide by zero there.
 */
const resizeGrad: Row = {
  sensitive: true,
  make: (draw, kernel) => {
    const alignCorners = draw.chance(40);
    const lowest = alignCorners ? 2 : 1;
    const height = draw.int(lowest, 9);
    const width = kernel === tf.ResizeBilinearGrad ? height : draw.int(lowest, 9);
    const size = [draw.int(1, 20), draw.int(1, 20)];
    const channels = draw.of(CHANNELS);
    return {
      inputs: {
        images: draw.tensor([1, height, width, channels], 'float32', ['normal']),
        dy: draw.tensor([1, ...size, channels], 'float32', ['normal', 'ties']),
      },
      attrs: { alignCorners, halfPixelCenters: false, size },
    };
  },
};

const crop: Row = {
  sensitive: true,
  make: (draw) => {
    const image = [draw.int(1, 3), draw.int(1, 9), draw.int(1, 9), draw.of(CHANNELS)];
    const boxes = draw.int(0, 5);
    const corner = () => draw.int(-6, 16) / 10;
    return {
      inputs: {
        image: draw.tensor(image, draw.of(['float32', 'int32'] as const), ['ties']),
        boxes: { shape: [boxes, 4], values: Array.from({ length: boxes * 4 }, corner) },
        boxInd: draw.indices([boxes], 0, image[0]! - 1),
      },
      attrs: {
        cropSize: [draw.int(1, 9), draw.int(1, 9)],
        method: draw.of(['bilinear', 'nearest']),
        extrapolationValue: draw.of([0, -2.5]),
      },
    };
  },
};

/** Angles and centres at which no pixel's source lies between two to the last bit. */
const rotate: Row = {
  make: (draw) => {
    const channels = draw.of(CHANNELS);
    const shape = [draw.int(1, 3), draw.int(1, 20), draw.int(1, 20), channels];
    const colour = [0.5, 1, 2, 3, 4].slice(0, Math.max(3, channels));
    return {
      inputs: { image: draw.anyTensor(shape, draw.of(['float32', 'int32'] as const)) },
      attrs: {
        radians: draw.int(-700, 700) / 100 + 0.00123,
        fillValue: channels <= 4 && draw.chance(50) ? colour.slice(0, 3) : draw.of([0, 7]),
        center: draw.of([0.5, 0.31, [0.3, 0.6]]),
      },
    };
  },
};

/** One image each: tfjs-backend-cpu leaves out all but the first. */
const transform: Row = {
  sensitive: true,
  make: (draw) => {
    const shape = [1, draw.int(1, 12), draw.int(1, 12), draw.of(CHANNELS)];
    const near = (value: number) => value + draw.int(-90, 90) / 101;
    const values = [
      near(1),
      near(0),
      near(0) * 5,
      near(0),
      near(1),
      near(0) * 5,
      draw.int(-5, 5) / 503,
      draw.int(-5, 5) / 503,
    ];
    return {
      inputs: { image: draw.tensor(shape, 'float32', ['normal', 'ties']), transforms: { shape: [1, 8], values } },
      attrs: {
        interpolation: draw.of(['nearest', 'bilinear']),
        fillMode: draw.of(['constant', 'reflect', 'wrap', 'nearest']),
        fillValue: draw.of([0, 3]),
        ...(draw.chance(40) ? { outputShape: [draw.int(1, 12), draw.int(1, 12)] } : {}),
      },
    };
  },
};

/** Sides of the result of a window that slides along a side of the input. */
function slid(side: number, window: number, stride: number, pad: string): number {
  return Math.ceil((pad === 'same' ? side : side - window + 1) / stride);
}

/** Normal values: sums of infinities of both signs have no largest. */
const dilation: Row = {
  tolerance: 1e-5,
  make: (draw, kernel) => {
    const filter = [draw.int(1, 4), draw.int(1, 4)] as const;
    const [strides, dilations] = [[draw.int(1, 3), draw.int(1, 3)] as const, [draw.int(1, 2), draw.int(1, 2)] as const];
    const windows = filter.map((side, d) => (side - 1) * dilations[d]! + 1);
    const sides = windows.map((window) => window + draw.int(0, 6));
    const pad = draw.of(['valid', 'same']);
    const [batch, channels] = [draw.int(1, 2), draw.of(CHANNELS)];
    const tensor = (shape: readonly number[]) => draw.tensor(shape, 'float32', ['normal', 'ties']);
    const out = sides.map((side, d) => slid(side, windows[d]!, strides[d]!, pad));
    return {
      inputs: {
        x: tensor([batch, ...sides, channels]),
        filter: tensor([...filter, channels]),
        ...(kernel === tf.Dilation2D ? {} : { dy: tensor([batch, ...out, channels]) }),
      },
      attrs: { strides, pad, dilations },
    };
  },
};

/** As many samples of each distribution; numbers of the same generator. */
const multinomial: Row = {
  make: (draw: Draw) => {
    const shape = [draw.int(1, 5), draw.int(1, 40)];
    return {
      inputs: { logits: draw.tensor(shape, 'float32', ['normal']) },
      attrs: { numSamples: draw.int(1, 40), seed: draw.int(1, 9999), normalized: false },
    };
  },
};

export const imageRows: Rows = {
  ...rowsOf([tf.ResizeBilinear, tf.ResizeNearestNeighbor], resize),
  ...rowsOf([tf.ResizeBilinearGrad, tf.ResizeNearestNeighborGrad], resizeGrad),
  [tf.CropAndResize]: crop,
  [tf.RotateWithOffset]: rotate,
  [tf.Transform]: transform,
  ...rowsOf([tf.Dilation2D, tf.Dilation2DBackpropInput, tf.Dilation2DBackpropFilter], { ...dilation, sensitive: true }),
  [tf.Multinomial]: { ...multinomial, sensitive: true },
};
