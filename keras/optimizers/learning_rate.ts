/** The learning rate of any optimizer, tfjs's own included. */
import type * as tf from '@tensorflow/tfjs-core';
import { KerasError } from '../errors';

/** What tfjs's optimizers have and do not declare in common. */
interface WithRate {
  learningRate?: unknown;
  setLearningRate?: (rate: number) => void;
}

/** The rate of the next update. */
export function learningRateOf(optimizer: tf.Optimizer): number {
  const { learningRate } = optimizer as unknown as WithRate;
  if (typeof learningRate !== 'number')
    throw new KerasError(`${optimizer.getClassName()}: found no learning rate, expected a number.`);
  return learningRate;
}

/** Sets the rate of the next update and those after it; a schedule ends. */
export function setLearningRate(optimizer: tf.Optimizer, rate: number): void {
  learningRateOf(optimizer);
  const settable = optimizer as unknown as WithRate;
  if (settable.setLearningRate) settable.setLearningRate(rate);
  else settable.learningRate = rate;
}
