/** Filters of image processing as tensors: windows by formula, noise, and the search for a pattern. */
import * as tf from '@tensorflow/tfjs-core';

/** A picture of shape [height, width, channels], from 0 (black) to 1. */
export type Picture = tf.Tensor3D;

/** What lies beyond the border: black, the outermost pixels again, the picture mirrored, or its opposite side. */
export type Border = 'zero' | 'extended' | 'mirrored' | 'cyclic';

/** Adds `before` and `after` rows at the top and bottom, and as many columns at the left and right. */
function pad(x: Picture, [before, after]: readonly [number, number], border: Border): Picture {
  const ends: [number, number] = [before, after];
  if (border === 'zero') return tf.pad(x, [ends, ends, [0, 0]]);
  if (border === 'mirrored') return tf.mirrorPad(x, [ends, ends, [0, 0]], 'symmetric');
  const along = (n: number) => {
    const places = Array.from({ length: before + n + after }, (_, i) => i - before);
    const source = (i: number) => (border === 'extended' ? Math.min(Math.max(i, 0), n - 1) : ((i % n) + n) % n);
    return tf.tensor1d(places.map(source), 'int32');
  };
  return tf.gather(tf.gather(x, along(x.shape[0])), along(x.shape[1]), 1);
}

/** Each pixel becomes the sum of its neighbours times the window's weights. Without a border, only where the window fits. */
export function correlate(x: Picture, window: tf.Tensor2D, border?: Border): Picture {
  const [size] = window.shape;
  const before = Math.floor((size - 1) / 2);
  const padded = border === undefined ? x : pad(x, [before, size - 1 - before], border);
  // The same window for each channel.
  const perChannel = tf.tile<tf.Tensor4D>(tf.reshape(window, [size, window.shape[1], 1, 1]), [1, 1, x.shape[2], 1]);
  return tf.depthwiseConv2d(padded, perChannel, 1, 'valid');
}

/** As `correlate` with the window turned by half a turn. That is what makes it associative. */
export function convolve(x: Picture, window: tf.Tensor2D, border?: Border): Picture {
  return correlate(x, tf.reverse(window), border);
}

/** The window that does in one pass what `a` does after `b`. */
export function combine(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const reach = a.shape[0] - 1;
  const surrounded = tf.pad(b, [
    [reach, reach],
    [reach, reach],
  ]);
  return tf.squeeze(convolve(tf.expandDims(surrounded, 2), a), [2]);
}

/** All weights the same. */
export const mean = (size: number): tf.Tensor2D => tf.fill([size, size], 1 / size ** 2);

/** exp(-(dx^2 + dy^2) / (2 sigma^2)), scaled to the sum 1. */
export function gaussian(size: number, sigma: number): tf.Tensor2D {
  const squares = tf.square(tf.sub(tf.range(0, size), (size - 1) / 2));
  const distance = tf.add<tf.Tensor2D>(tf.reshape(squares, [size, 1]), tf.reshape(squares, [1, size]));
  const bell = tf.exp(tf.div<tf.Tensor2D>(distance, -2 * sigma ** 2));
  return tf.div(bell, tf.sum(bell));
}

/** The second derivatives of both axes, added. */
export const laplacian = (): tf.Tensor2D =>
  tf.tensor2d([
    [0, 1, 0],
    [1, -4, 1],
    [0, 1, 0],
  ]);

export const laplacianOfGaussian = (size: number, sigma: number) => combine(laplacian(), gaussian(size, sigma));

/** The pixel, and once more what a mean would take from it. */
export function sharpen(size: number): tf.Tensor2D {
  const centre = (size ** 2 - 1) / 2;
  const twice = tf.reshape(tf.mul(tf.oneHot(tf.tensor1d([centre], 'int32'), size ** 2), 2), [size, size]);
  return tf.sub(tf.cast(twice, 'float32'), mean(size));
}

/** Edges: a difference across, smoothed along (Sobel). */
export const verticalEdges = (): tf.Tensor2D =>
  tf.tensor2d([
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ]);
export const horizontalEdges = (): tf.Tensor2D => tf.transpose(verticalEdges());

/** Lines: bright along, dark on both sides. */
export const horizontalLines = (): tf.Tensor2D =>
  tf.tensor2d([
    [-1, -1, -1],
    [2, 2, 2],
    [-1, -1, -1],
  ]);
export const verticalLines = (): tf.Tensor2D => tf.transpose(horizontalLines());
export const fallingLines = (): tf.Tensor2D =>
  tf.tensor2d([
    [2, -1, -1],
    [-1, 2, -1],
    [-1, -1, 2],
  ]);
export const risingLines = (): tf.Tensor2D => tf.reverse(fallingLines(), 1);

/** How strong an edge is, whatever its direction: the length of the gradient. */
export function edgeStrength(x: Picture, border?: Border): Picture {
  const across = correlate(x, verticalEdges(), border);
  const down = correlate(x, horizontalEdges(), border);
  return tf.sqrt(tf.add<Picture>(tf.square(across), tf.square(down)));
}

/** Each pixel becomes the middle one of its neighbourhood's values in order. No window of weights can do that. */
export function median(x: Picture, size: number, border: Border): Picture {
  const [height, width, channels] = x.shape;
  const before = (size - 1) / 2;
  const padded = pad(x, [before, before], border);
  const neighbours = Array.from({ length: size ** 2 }, (_, i) =>
    tf.slice<tf.Rank.R3, Picture>(padded, [Math.floor(i / size), i % size, 0], [height, width, channels]),
  );
  const middle = (size ** 2 - 1) / 2;
  const { values } = tf.topk(tf.stack(neighbours, 3), middle + 1);
  return tf.reshape<tf.Rank.R3>(tf.slice(values, [0, 0, 0, middle], [height, width, channels, 1]), [
    height,
    width,
    channels,
  ]);
}

/** Each value is a little off. */
export function gaussianNoise(x: Picture, sigma: number, seed: number): Picture {
  return tf.clipByValue(tf.add<Picture>(x, tf.randomNormal(x.shape, 0, sigma, 'float32', seed)), 0, 1);
}

/** A share of the pixels is lost: half of those black, half white. */
export function saltAndPepper(x: Picture, share: number, seed: number): Picture {
  const chance = tf.randomUniform([x.shape[0], x.shape[1], 1], 0, 1, 'float32', seed);
  const salted = tf.where<Picture>(tf.greater(chance, 1 - share / 2), tf.onesLike(x), x);
  return tf.where<Picture>(tf.less(chance, share / 2), tf.zerosLike(x), salted);
}

/** Peak signal to noise ratio in decibels: the higher, the nearer two pictures are. */
export function similarity(a: Picture, b: Picture): tf.Scalar {
  const error = tf.mean<tf.Scalar>(tf.squaredDifference(a, b));
  return tf.mul(tf.log(error), -10 / Math.LN10);
}

/**
 * How well a pattern fits at each place, from -1 to 1: the correlation of both without their means, divided by their
 * strengths, so that neither brightness nor contrast counts.
 */
export function matches(x: Picture, pattern: Picture): tf.Tensor2D {
  const [height, width, channels] = pattern.shape;
  const own = tf.sub<Picture>(pattern, tf.mean(pattern));
  const filter = (weights: Picture) => tf.reshape<tf.Rank.R4>(weights, [height, width, channels, 1]);
  const under = (y: Picture, weights: Picture) => tf.conv2d(y, filter(weights), 1, 'valid');
  const ones = tf.onesLike(pattern);
  // Without the picture's mean, as that costs digits.
  const centred = tf.sub<Picture>(x, tf.mean(x));
  const sum = under(centred, ones);
  const variance = tf.sub(under(tf.square(centred), ones), tf.div(tf.square(sum), pattern.size));
  const strengths = tf.sqrt(tf.mul(tf.maximum(variance, 1e-3), tf.sum(tf.square(own))));
  return tf.squeeze(tf.div(under(centred, own), strengths), [2]);
}

/** The example of a mean over 3 x 3: a bright square with one dark pixel in it, and one bright pixel beside it. */
export function ninety(): tf.Tensor2D {
  const bright = (row: number, column: number) => row >= 2 && row <= 6 && column >= 3 && column <= 7;
  const value = (row: number, column: number) => {
    if (row === 5 && column === 4) return 0;
    return bright(row, column) || (row === 8 && column === 2) ? 90 : 0;
  };
  const side = Array.from({ length: 10 }, (_, i) => i);
  return tf.tensor2d(side.map((row) => side.map((column) => value(row, column))));
}
