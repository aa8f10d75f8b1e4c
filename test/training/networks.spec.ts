/** Small networks train on convgl as on tfjs-backend-cpu, with each optimizer: the same losses, which fall. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { setRandomSeed } from '../../keras/utils/random_seed';
import { backendInside } from '../backend';
import { note } from '../page';

const STEPS = 10;
const BATCH = 10;
const CLASSES = 10;
const SIDE = 12;
/** Relative difference of the losses. */
const TOLERANCE = 1e-3;

const layers = tfl.layers;

/** After LeCun: two convolutions, each averaged over 2 x 2, and two dense layers. */
function leNet(): tfl.Sequential {
  return tfl.sequential({
    layers: [
      layers.conv2d({ filters: 6, kernelSize: 5, padding: 'same', activation: 'tanh', inputShape: [SIDE, SIDE, 1] }),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 16, kernelSize: 3, activation: 'tanh' }),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 24, activation: 'tanh' }),
      layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
}

function dense(): tfl.Sequential {
  return tfl.sequential({
    layers: [
      layers.flatten({ inputShape: [SIDE, SIDE, 1] }),
      layers.dense({ units: 33, activation: 'sigmoid' }),
      layers.dense({ units: 20, activation: 'relu' }),
      layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
}

/** Strides, depthwise filters, normalization, dropout and max pooling. */
function separable(): tfl.Sequential {
  return tfl.sequential({
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', inputShape: [SIDE, SIDE, 1] }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.separableConv2d({ filters: 12, kernelSize: 3, padding: 'same', activation: 'elu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.dropout({ rate: 0.25 }),
      layers.flatten(),
      layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
}

const optimizers = {
  SGD: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.03, 0.9),
  RMSProp: () => tf.train.rmsprop(0.002),
  Adam: () => tf.train.adam(0.003),
} as const;

const runs: readonly (readonly [string, () => tfl.Sequential, keyof typeof optimizers])[] = [
  ['LeNet', leNet, 'SGD'],
  ['LeNet', leNet, 'Adam'],
  ['dense layers', dense, 'momentum'],
  ['dense layers', dense, 'RMSProp'],
  ['dense layers', dense, 'Adam'],
  ['a separable convolution', separable, 'SGD'],
];

/** Images of one class each with a bright row to tell it by, and their one-hot labels. */
function examples(): { x: tf.Tensor4D; y: tf.Tensor2D } {
  const values = Float32Array.from({ length: BATCH * SIDE * SIDE }, (_, i) => {
    const [image, row] = [Math.floor(i / SIDE ** 2), Math.floor(i / SIDE) % SIDE];
    return Math.random() * 0.5 + (row === image ? 0.5 : 0);
  });
  const labels = tf.tidy(() => tf.cast(tf.eye(BATCH, CLASSES), 'float32'));
  return { x: tf.tensor4d(values, [BATCH, SIDE, SIDE, 1]), y: labels };
}

interface Trained {
  readonly losses: readonly number[];
  /** Tensors left when all is disposed: the momentum optimizer forgets one. */
  readonly left: number;
}

/** The same steps, from the same weights and with the same dropout, on a backend. */
async function train(backend: string, build: () => tfl.Sequential, optimizer: () => tf.Optimizer): Promise<Trained> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const restore = setRandomSeed(7);
  const losses: number[] = [];
  try {
    const model = build();
    model.compile({ optimizer: optimizer(), loss: 'categoricalCrossentropy' });
    const { x, y } = examples();
    for (let i = 0; i < STEPS; i++) {
      losses.push((await model.trainOnBatch(x, y)) as number);
      // The cpu backend never waits; without a pause the page answers karma only after the last step.
      await new Promise((resolve) => setTimeout(resolve));
    }
    tf.dispose([x, y]);
    model.optimizer.dispose();
    model.dispose();
  } finally {
    restore();
  }
  return { losses, left: tf.memory().numTensors - before };
}

describe('training', () => {
  let worst = 0;
  let forwarded: boolean;
  beforeAll(async () => {
    await tf.setBackend('convgl');
    forwarded = backendInside().smallOnCpu;
  });
  afterEach(async () => {
    await tf.setBackend('convgl');
    backendInside().smallOnCpu = forwarded;
  });
  afterAll(() => note(`small networks, largest relative difference of a loss to cpu: ${worst.toExponential(1)}`));

  for (const [name, build, optimizer] of runs) {
    it(`${name} with ${optimizer} has the losses of cpu, and they fall`, async () => {
      const expected = await train('cpu', build, optimizers[optimizer]);
      const draws = backendInside().stats().draws;
      const { losses, left } = await train('convgl', build, optimizers[optimizer]);
      expect(backendInside().stats().draws - draws)
        .withContext('draws')
        .toBeGreaterThan(20 * STEPS);
      losses.forEach((loss, i) => {
        const difference = Math.abs(loss / expected.losses[i]! - 1);
        worst = Math.max(worst, difference);
        expect(difference).withContext(`step ${i}: ${loss} and ${expected.losses[i]} on cpu`).toBeLessThan(TOLERANCE);
      });
      expect(losses.at(-1)!)
        .withContext(`losses ${losses.join(', ')}`)
        .toBeLessThan(losses[0]!);
      expect(left).withContext('tensors left when all is disposed, as on cpu').toBe(expected.left);
    });
  }

  it('is the same where small tensors, too, are computed on the GPU', async () => {
    backendInside().smallOnCpu = true;
    const forward = await train('convgl', dense, optimizers.Adam);
    backendInside().smallOnCpu = false;
    const own = await train('convgl', dense, optimizers.Adam);
    own.losses.forEach((loss, i) => expect(Math.abs(loss / forward.losses[i]! - 1)).toBeLessThan(TOLERANCE));
  });
});
