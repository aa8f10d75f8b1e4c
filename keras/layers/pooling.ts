/** Pooling by the L2 norm. */
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';

type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** Options of `L2NormPooling2D`. */
export interface L2NormPooling2DArgs extends LayerArgs {
  /** One number, or [height, width]. Default: 2. */
  readonly poolSize?: number | readonly [number, number];
  /** The pool's size unless told otherwise. */
  readonly strides?: number | readonly [number, number];
  /** Default: `valid`. */
  readonly padding?: 'valid' | 'same';
  /** Added to each sum of squares, so that the gradient of a window of zeros is 0 and not infinite times 0. */
  readonly epsilon?: number;
}

/** The square root of the sum of the squares of each window; what lies outside of the image counts as 0. */
export class L2NormPooling2D extends layers.Layer {
  static readonly className = 'L2NormPooling2D';
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: 'valid' | 'same';
  readonly epsilon: number;

  constructor(args: L2NormPooling2DArgs = {}) {
    super(args);
    this.poolSize = pair(args.poolSize ?? 2);
    this.strides = pair(args.strides ?? this.poolSize);
    this.padding = args.padding ?? 'valid';
    this.epsilon = args.epsilon ?? 1e-12;
    this.inputSpec = [{ ndim: 4 }];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, height, width, channels] = inputShape as [number | null, number | null, number | null, number];
    const [rows, columns] = [height, width].map((size, i) => this.#outputSize(size, i));
    return [batch, rows!, columns!, channels];
  }

  #outputSize(size: number | null, axis: number): number | null {
    if (size === null) return null;
    const covered = this.padding === 'same' ? size : size - this.poolSize[axis]! + 1;
    return Math.ceil(covered / this.strides[axis]!);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
      const squares = tf.square(this.padding === 'same' ? this.#padded(x) : x);
      // Of complete windows: an average over an incomplete one would be of fewer elements.
      const means = tf.avgPool(squares, [...this.poolSize], [...this.strides], 'valid');
      return tf.sqrt(tf.add(tf.mul(means, this.poolSize[0] * this.poolSize[1]), this.epsilon));
    });
  }

  #padded(x: tf.Tensor4D): tf.Tensor4D {
    const paddings = [x.shape[1], x.shape[2]].map((size, i): [number, number] => {
      const needed = (this.#outputSize(size, i)! - 1) * this.strides[i]! + this.poolSize[i]! - size;
      const all = Math.max(0, needed);
      return [Math.floor(all / 2), Math.ceil(all / 2)];
    });
    return tf.pad(x, [[0, 0], paddings[0]!, paddings[1]!, [0, 0]]);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { poolSize, strides, padding, epsilon } = this;
    return { ...super.getConfig(), poolSize: [...poolSize], strides: [...strides], padding, epsilon };
  }
}
tf.serialization.registerClass(L2NormPooling2D);

const pair = (size: number | readonly [number, number]): readonly [number, number] =>
  typeof size === 'number' ? [size, size] : size;
