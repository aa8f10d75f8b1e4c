/** Convolutions over one and two axes: the padding written out, the rest by tf.conv1d and tf.conv2d. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** What lies beyond the border: zeros, the outermost element again, or the opposite end. */
export type Border = 'zero' | 'extended' | 'cyclic';

export interface Sliding {
  /** Elements that the window moves from one output to the next. */
  readonly stride: number;
  /** Elements from one weight to the next; 1 leaves no gaps. */
  readonly dilation: number;
  /** "valid": the window stays inside. "same": padded, so that stride 1 gives as many outputs as inputs. */
  readonly padding: 'valid' | 'same';
  readonly border: Border;
}

/** Elements under a window of k weights, its gaps included. */
export const reach = (k: number, dilation: number) => dilation * (k - 1) + 1;

/** What "same" puts before and after n elements. Where the sum is odd, the greater part comes after. */
export function samePadding(n: number, k: number, stride: number): [before: number, after: number] {
  const sum = Math.max(stride * (Math.ceil(n / stride) - 1) + k - n, 0);
  return [Math.floor(sum / 2), Math.ceil(sum / 2)];
}

/** Outputs of a window of k over n elements with p of padding: floor((n + p - k) / s) + 1. */
export const outputLength = (n: number, p: number, k: number, stride: number) => Math.floor((n + p - k) / stride) + 1;

/** Lengthens one axis at both ends. */
export function pad(x: tf.Tensor, axis: number, [before, after]: readonly [number, number], border: Border): tf.Tensor {
  const n = x.shape[axis]!;
  if (border === 'zero') {
    return tf.pad(
      x,
      x.shape.map((_, i) => (i === axis ? [before, after] : [0, 0])),
    );
  }
  const positions = Array.from({ length: before + n + after }, (_, i) => i - before);
  const sources = positions.map((i) => (border === 'extended' ? Math.min(Math.max(i, 0), n - 1) : ((i % n) + n) % n));
  return tf.gather(x, tf.tensor1d(sources, 'int32'), axis);
}

/** Pads an axis as the sliding of k weights over it asks for. */
function padFor(x: tf.Tensor, axis: number, k: number, { stride, dilation, padding, border }: Sliding): tf.Tensor {
  if (padding === 'valid') return x;
  return pad(x, axis, samePadding(x.shape[axis]!, reach(k, dilation), stride), border);
}

/**
 * A window over a signal.
 *
 * @param x of shape [n, channels]
 * @param w of shape [k, channels, filters]
 * @returns the padded signal, and the result of shape [outputs, filters]
 */
export function convolve1d(x: tf.Tensor2D, w: tf.Tensor3D, sliding: Sliding) {
  const padded = padFor(x, 0, w.shape[0], sliding) as tf.Tensor2D;
  const y = tf.conv1d(padded, w, sliding.stride, 'valid', 'NWC', sliding.dilation);
  return { padded, y };
}

/**
 * A window over a picture.
 *
 * @param x of shape [height, width, channels]
 * @param w of shape [k, k, channels, filters]
 * @returns the padded picture, and the result of shape [rows, columns, filters]
 */
export function convolve2d(x: tf.Tensor3D, w: tf.Tensor4D, sliding: Sliding) {
  const rows = padFor(x, 0, w.shape[0], sliding);
  const padded = padFor(rows, 1, w.shape[1], sliding) as tf.Tensor3D;
  const y = tf.conv2d(padded, w, sliding.stride, 'valid', 'NHWC', sliding.dilation);
  return { padded, y };
}

export interface LayerShape {
  readonly side: number;
  readonly channels: number;
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same';
  readonly filters: number;
}

/** What a convolutional layer gives, learns and costs: asked from the layer itself. */
export function countLayer({ side, channels, ...shape }: LayerShape) {
  const model = tfl.sequential({ layers: [tfl.layers.conv2d({ ...shape, inputShape: [side, side, channels] })] });
  const [, rows, columns, maps] = model.outputShape as [null, number, number, number];
  const [kernel, bias] = model.getWeights() as [tf.Tensor, tf.Tensor];
  // Each output is a sum of as many products as its filter has weights.
  const multiplications = rows * columns * kernel.size;
  const counts = { output: [rows, columns, maps], weights: kernel.size, biases: bias.size, multiplications };
  model.dispose();
  return counts;
}
