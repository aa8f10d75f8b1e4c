/** How often each class was taken for which. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { KerasError } from '../errors';

/** What `confusionMatrix` returns. */
export interface ConfusionMatrix {
  /** Rows of true classes, columns of predicted ones. */
  readonly counts: readonly (readonly number[])[];
  /** The part of samples whose class was predicted. */
  readonly accuracy: number;
  /** The part of each class that was predicted as such; 0 where there is none. */
  readonly recall: readonly number[];
  /** The part of predictions of each class that are right; 0 where there is none. */
  readonly precision: readonly number[];
}

/**
 * Predicts, and compares with the classes.
 *
 * @param y one-hot rows, or numbers of classes
 */
export async function confusionMatrix(
  model: LayersModel,
  x: tf.Tensor,
  y: tf.Tensor,
  { batchSize = 32 }: { readonly batchSize?: number } = {},
): Promise<ConfusionMatrix> {
  const output = model.predict(x, { batchSize }) as tf.Tensor;
  const classes = output.shape.at(-1)!;
  const oneHot = y.rank > 1 && y.shape.at(-1) === classes && classes > 1;
  if (output.rank !== 2 || classes < 2 || (!oneHot && y.size !== output.shape[0]))
    throw new KerasError(
      `confusionMatrix: found outputs [${output.shape}] and classes [${y.shape}], expected [count, classes], and the same or [count].`,
    );
  const [predicted, truth] = [tf.argMax(output, -1), oneHot ? tf.argMax(y, -1) : tf.reshape(y, [-1])];
  const [found, expected] = await Promise.all([predicted.data(), truth.data()]);
  tf.dispose([output, predicted, truth]);
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  expected.forEach((own, i) => {
    if (!counts[own]) throw new KerasError(`confusionMatrix: found class ${own}, expected 0 to ${classes - 1}.`);
    counts[own][found[i]!]!++;
  });
  const right = counts.map((row, i) => row[i]!);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    counts,
    accuracy: sum(right) / found.length,
    recall: right.map((count, i) => count / (sum(counts[i]!) || 1)),
    precision: right.map((count, i) => count / (sum(counts.map((row) => row[i]!)) || 1)),
  };
}
