/** Cases of sampling: the same seed gives the numbers of the reference. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './case';

export const cases: readonly KernelCase[] = [
  { shape: [1, 2], numSamples: 1, seed: 3 },
  { shape: [3, 7], numSamples: 50, seed: 5 },
  { shape: [2, 1], numSamples: 9, seed: 0.25 },
  { shape: [5, 130], numSamples: 33, seed: 1234 },
].flatMap(({ shape, ...attrs }) => [
  {
    name: `logits [${shape}]`,
    kernel: tf.Multinomial,
    inputs: { logits: { shape } },
    attrs: { ...attrs, normalized: false },
  },
  {
    name: `probabilities [${shape}]`,
    kernel: tf.Multinomial,
    inputs: { logits: { shape, values: Array.from({ length: shape[0]! * shape[1]! }, () => 1 / shape[1]!) } },
    attrs: { ...attrs, normalized: true },
  },
]);
