/** Images and labels as Keras's datasets give them: bytes with a shape, as numpy's uint8, which tfjs has no dtype for. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * Bytes on the host. Fashion-MNIST's training images are 47 MB so; as a tensor of any of tfjs's dtypes they would be 188 MB, so
 * that is left to the caller, at the moment and for the part that is needed.
 */
export class ByteTensor {
  constructor(
    /** Row-major. */
    readonly values: Uint8Array,
    readonly shape: readonly number[],
  ) {}

  /** The number of images or labels. */
  get length(): number {
    return this.shape[0] ?? 0;
  }

  /** Some of the images or labels, from `begin` to before `end`, without a copy. */
  slice(begin: number, end = this.length): ByteTensor {
    const each = this.shape.slice(1).reduce((product, length) => product * length, 1);
    const values = this.values.subarray(begin * each, end * each);
    return new ByteTensor(values, [each === 0 ? 0 : values.length / each, ...this.shape.slice(1)]);
  }

  /** A tensor of the values divided by `divisor`, as `x.astype("float32") / 255`; the caller disposes it. */
  toTensor(divisor = 1): tf.Tensor {
    const values = divisor === 1 ? Float32Array.from(this.values) : Float32Array.from(this.values, (v) => v / divisor);
    return tf.tensor(values, [...this.shape]);
  }
}

/** What Keras's `load_data()` returns: `[[trainX, trainY], [testX, testY]]`. */
export type Dataset = readonly [train: readonly [ByteTensor, ByteTensor], test: readonly [ByteTensor, ByteTensor]];
