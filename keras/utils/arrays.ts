/** Keras's helpers for labels and vectors: to_categorical and normalize. */
import * as tf from '@tensorflow/tfjs-core';
import { KerasError } from '../errors';

/**
 * Keras's `to_categorical`: class indices to rows of zeros with a single one, as float32.
 *
 * @param labels whole numbers from 0; a tensor may have any rank, and a last dimension of 1 is dropped
 * @param classes the length of a row; without it, the largest label plus 1, for which a tensor is read synchronously
 * @returns shape [...labels.shape, classes]
 * @throws {KerasError} where a label is no whole number from 0 to classes - 1; labels in a tensor are checked only where
 *   `classes` is left out, because a check reads them
 */
export function toCategorical(labels: ArrayLike<number> | tf.Tensor, classes?: number): tf.Tensor {
  const values =
    labels instanceof tf.Tensor ? (classes === undefined ? Array.from(labels.dataSync()) : []) : Array.from(labels);
  const depth = classes ?? values.reduce((most, label) => Math.max(most, label), -1) + 1;
  const wrong = values.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= depth);
  if (wrong >= 0) {
    throw new KerasError(
      `toCategorical: found ${values[wrong]} at index ${wrong}, expected whole numbers from 0 to ${depth - 1}.`,
    );
  }
  return tf.tidy(() => {
    const all = labels instanceof tf.Tensor ? labels : tf.tensor1d(values, 'int32');
    const shape = all.rank > 1 && all.shape.at(-1) === 1 ? all.shape.slice(0, -1) : all.shape;
    const rows = tf.oneHot(tf.cast(tf.reshape(all, [all.size]), 'int32'), depth);
    return tf.reshape(tf.cast(rows, 'float32'), [...shape, depth]);
  });
}

/**
 * Keras's `normalize`: divides vectors by their norm; a vector of zeros stays as it is.
 *
 * @param axis along which the vectors lie
 * @param order of the norm: 1, 2 or Infinity for the largest magnitude
 */
export function normalize(x: tf.TensorLike | tf.Tensor, axis = -1, order = 2): tf.Tensor {
  return tf.tidy(() => {
    const values = tf.cast(x instanceof tf.Tensor ? x : tf.tensor(x), 'float32');
    const norm = tf.norm(values, order === 2 ? 'euclidean' : order, axis, true);
    return tf.div(values, tf.where(tf.equal(norm, 0), tf.onesLike(norm), norm));
  });
}
