/** A small training that specs of callbacks run, interrupt and look into. */
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { optimizers, utils } from '../../keras/index';

export const SAMPLES = 22;
export const BATCH = 5;
export const BATCHES = Math.ceil(SAMPLES / BATCH);

export interface Options {
  readonly epochs: number;
  readonly callbacks: readonly tfl.Callback[];
  readonly optimizer?: () => tf.Optimizer;
  readonly initialEpoch?: number;
}

export interface Trained {
  readonly history: Record<string, number[]>;
  readonly weights: readonly number[][];
}

const usual = (): tf.Optimizer => new optimizers.Adam({ learningRate: 0.01 });

/** A network with a convolution, batch normalization and dropout, as a new process would build it. */
export function buildModel(): tfl.Sequential {
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 1], activation: 'relu', name: 'conv' }),
      tfl.layers.batchNormalization({ name: 'norm' }),
      tfl.layers.flatten({ name: 'flat' }),
      tfl.layers.dropout({ rate: 0.4, name: 'drop' }),
      tfl.layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
    ],
  });
}

/** Images of three classes. */
export function data(count = SAMPLES): { x: tf.Tensor; y: tf.Tensor } {
  const random = utils.setRandomSeed(8);
  const values = Float32Array.from({ length: count * 64 }, (_, i) => Math.random() + (Math.floor(i / 64) % 3));
  random();
  const classes = Int32Array.from({ length: count }, (_, i) => i % 3);
  return { x: tf.tensor(values, [count, 8, 8, 1]), y: utils.toCategorical(classes, 3) };
}

/** Builds, compiles, trains and disposes. */
export async function train({ epochs, callbacks, optimizer = usual, initialEpoch }: Options): Promise<Trained> {
  // The page answers its runner.
  await new Promise((resolve) => setTimeout(resolve));
  const restore = utils.setRandomSeed(5);
  const model = buildModel();
  const [{ x, y }, validation, own] = [data(), data(7), optimizer()];
  model.compile({ optimizer: own, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  try {
    const { history } = await model.fit(x, y, {
      epochs,
      initialEpoch,
      batchSize: BATCH,
      validationData: [validation.x, validation.y],
      callbacks: [...callbacks],
      verbose: 0,
    });
    const weights = await Promise.all(model.getWeights().map(async (weight) => [...(await weight.data())]));
    return { history: history as Record<string, number[]>, weights };
  } finally {
    tf.dispose([x, y, validation.x, validation.y]);
    model.dispose();
    own.dispose();
    restore();
  }
}

/** Ends a training as a closed page does, by an error, before a batch of an epoch. */
export class Interruption extends tfl.Callback {
  #epoch = 0;

  constructor(
    readonly epoch: number,
    readonly batch: number,
  ) {
    super();
  }

  override onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch;
    return Promise.resolve();
  }

  override onBatchBegin(batch: number): Promise<void> {
    if (this.#epoch === this.epoch && batch === this.batch) throw new Error('interrupted');
    return Promise.resolve();
  }
}
