/** The tasks of this exhibit: arrays in, arrays out. */
import * as tf from '@tensorflow/tfjs-core';
import { answer } from '../../framework/worker';
import { convolve1d, convolve2d, countLayer, type LayerShape, type Sliding } from './model';

interface Signal {
  /** [n, channels] */
  readonly x: number[][];
  /** [k, channels, filters] */
  readonly w: number[][][];
  readonly sliding: Sliding;
}

interface Image {
  /** [height, width, channels] */
  readonly x: number[][][];
  /** [k, k, channels, filters] */
  readonly w: number[][][][];
  readonly sliding: Sliding;
}

export const tasks = answer({
  signal: async ({ x, w, sliding }: Signal) => {
    const { padded, y } = tf.tidy(() => convolve1d(tf.tensor2d(x), tf.tensor3d(w), sliding));
    const result = { padded: await padded.array(), y: await y.array() };
    tf.dispose([padded, y]);
    return result;
  },
  image: async ({ x, w, sliding }: Image) => {
    const { padded, y } = tf.tidy(() => convolve2d(tf.tensor3d(x), tf.tensor4d(w), sliding));
    const result = { padded: await padded.array(), y: await y.array() };
    tf.dispose([padded, y]);
    return result;
  },
  count: (shape: LayerShape) => countLayer(shape),
});

export type ConvolutionTasks = typeof tasks;
