/** What callbacks of one model know of each other: whether an interrupted training is replayed, and who holds weights. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A callback that holds the weights of the best epoch so far. */
export interface BestWeights {
  bestEpoch: number;
  bestWeights: tf.Tensor[] | undefined;
}

/** Models whose past epochs pass by without training. */
const replayed = new WeakSet<LayersModel>();
const holders = new WeakMap<LayersModel, BestWeights>();

export const isReplaying = (model: LayersModel): boolean => replayed.has(model);

export function setReplaying(model: LayersModel, replaying: boolean): void {
  if (replaying) replayed.add(model);
  else replayed.delete(model);
}

export const bestWeightsOf = (model: LayersModel): BestWeights | undefined => holders.get(model);

export function holdBestWeights(model: LayersModel, holder: BestWeights): void {
  holders.set(model, holder);
}

/** All weights as they are now; the variables go on and leave these values. */
export const snapshotOf = (model: LayersModel): tf.Tensor[] =>
  model.weights.map((weight) => tf.keep(tf.clone(weight.read())));

/** Writes values into the weights, in their order. */
export function writeWeights(model: LayersModel, values: readonly tf.Tensor[]): void {
  model.weights.forEach((weight, i) => weight.write(values[i]!));
}
