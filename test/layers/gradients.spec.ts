/** What tfjs-backend-cpu gets wrong or lacks in layers, compared with central differences, and with a formula, instead. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { useKernelsOfOurOwn } from '../kernels/backends';

const { layers } = tfl;

type Apply = (x: tf.Tensor) => tf.Tensor;

/** Half the distance between the inputs that are compared; small enough that no maximum moves. */
const STEP = 1e-3;
/** What float32 leaves of such a difference. */
const TOLERANCE = 5e-3;

/** Layers, and shapes of inputs, batch included. */
const rows: readonly (readonly [title: string, shape: readonly number[], make: () => tfl.layers.Layer])[] = [
  ['upSampling2d of several images', [3, 4, 5, 2], () => layers.upSampling2d({})],
  ['upSampling2d by 3 and 1', [2, 4, 5, 2], () => layers.upSampling2d({ size: [3, 1] })],
  ['bilinear upSampling2d', [2, 3, 5, 2], () => layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' })],
  [
    'maxPooling3d in bricks',
    [2, 4, 5, 3, 2],
    () => layers.maxPooling3d({ poolSize: [2, 3, 2], strides: 2, padding: 'same' }),
  ],
  ['dilated conv1d', [2, 9, 3], () => layers.conv1d({ filters: 4, kernelSize: 3, dilationRate: 2, padding: 'same' })],
  ['dilated conv2d', [2, 6, 7, 2], () => layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2 })],
  [
    'dilated separableConv2d',
    [2, 6, 7, 2],
    () => layers.separableConv2d({ filters: 3, kernelSize: 2, dilationRate: 2 }),
  ],
  ['conv3dTranspose', [2, 2, 3, 2, 2], () => layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 })],
];

/** Values that differ by more than two steps, in a scrambled order. */
function scrambled(size: number): number[] {
  return Array.from(tf.util.createShuffledIndices(size), (i) => (i - size / 2) * 0.02);
}

/** The sum of what a layer gives, each element times a weight. */
function total(apply: Apply, values: readonly number[], shape: readonly number[]): number {
  const y = tf.tidy(() => apply(tf.tensor([...values], [...shape])).dataSync<'float32'>());
  return y.reduce((sum, value, i) => sum + value * Math.cos(i), 0);
}

function differences(apply: Apply, values: readonly number[], shape: readonly number[]): number[] {
  return values.map((x, i) => {
    const [above, below] = [x + STEP, x - STEP].map((moved) =>
      total(apply, [...values.slice(0, i), moved, ...values.slice(i + 1)], shape),
    );
    return (above! - below!) / (2 * STEP);
  });
}

function gradient(apply: Apply, values: readonly number[], shape: readonly number[]): Float32Array {
  return tf.tidy(() => {
    const weighted = (x: tf.Tensor): tf.Tensor => {
      const y = apply(x);
      return tf.sum(tf.mul(y, tf.cos(tf.reshape(tf.range(0, y.size), y.shape))));
    };
    return tf
      .grad(weighted)(tf.tensor([...values], [...shape]))
      .dataSync<'float32'>();
  });
}

describe('layers beyond tfjs-backend-cpu', () => {
  useKernelsOfOurOwn();

  for (const [title, shape, make] of rows) {
    it(`have the gradient of ${title}`, async () => {
      const layer = make();
      const apply: Apply = (x) => layer.apply(x) as tf.Tensor;
      const values = scrambled(tf.util.sizeFromShape([...shape]));
      await tf.setBackend('cpu');
      const expected = differences(apply, values, shape);
      await tf.setBackend('convgl');
      const actual = gradient(apply, values, shape);
      expected.forEach((slope, i) =>
        expect(Math.abs(actual[i]! - slope))
          .withContext(`${i}`)
          .toBeLessThan(TOLERANCE),
      );
    });
  }

  it('normalize over another axis than the last', async () => {
    await tf.setBackend('convgl');
    const x = tf.randomNormal([2, 3, 4, 2]);
    const layer = layers.batchNormalization({ axis: 1, epsilon: 0 });
    layer.build(x.shape);
    const [gamma, beta, mean, variance] = [
      [1, 2, 3],
      [-1, 0, 1],
      [0.5, 1, 2],
      [4, 1, 0.25],
    ];
    layer.setWeights([gamma, beta, mean, variance].map((values) => tf.tensor1d(values)));
    const y = (layer.apply(x) as tf.Tensor).dataSync();
    x.dataSync().forEach((value, i) => {
      const channel = Math.floor(i / 8) % 3;
      const expected = ((value - mean[channel]!) / Math.sqrt(variance[channel]!)) * gamma[channel]! + beta[channel]!;
      expect(Math.abs(y[i]! - expected))
        .withContext(`${i}`)
        .toBeLessThan(1e-4);
    });
  });
});
