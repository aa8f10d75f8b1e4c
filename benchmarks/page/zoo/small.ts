/** The networks that people train in a browser: the Fashion-MNIST tutorial's, LeNet-5, and ConvNetJS's for CIFAR-10. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { conv, dense, maxPool, relu, sequential, type Network } from './network';

const { batchNormalization, dropout, flatten } = tfl.layers;

const tutorialStack = (filters: number): tfl.layers.Layer[] => [
  conv(filters, 3),
  relu(),
  batchNormalization(),
  conv(filters, 3),
  relu(),
  batchNormalization(),
  maxPool(),
];

/** The Keras tutorial's network for Fashion-MNIST. */
export const tutorial: Network = {
  name: 'tutorial',
  imageSize: 28,
  channels: 1,
  classes: 10,
  batch: { train: 64, predict: 64 },
  modes: ['train', 'predict'],
  metrics: ['accuracy'],
  optimizer: () => tf.train.momentum(0.01, 0.9),
  build: (imageSize) =>
    sequential(
      [imageSize, imageSize, 1],
      [
        ...tutorialStack(32),
        ...tutorialStack(64),
        flatten(),
        dense(512),
        relu(),
        batchNormalization(),
        // The seed makes the masks, and with them the losses, the same on all backends.
        dropout({ rate: 0.5, seed: 7 }),
        dense(10, 'softmax'),
      ],
    ),
};

/** LeCun et al. 1998, with the padding that makes 28x28 images fit. */
export const lenet5: Network = {
  name: 'lenet5',
  imageSize: 28,
  channels: 1,
  classes: 10,
  batch: { train: 64, predict: 64 },
  modes: ['train', 'predict'],
  metrics: [],
  optimizer: () => tf.train.sgd(0.05),
  build: (imageSize) => {
    const averagePool = () => tfl.layers.averagePooling2d({ poolSize: 2, strides: 2 });
    return sequential(
      [imageSize, imageSize, 1],
      [
        conv(6, 5, { activation: 'tanh' }),
        averagePool(),
        conv(16, 5, { activation: 'tanh', padding: 'valid' }),
        averagePool(),
        flatten(),
        dense(120, 'tanh'),
        dense(84, 'tanh'),
        dense(10, 'softmax'),
      ],
    );
  },
};

/** The network of ConvNetJS's CIFAR-10 demonstration, trained as there with Adadelta. */
export const cifar10: Network = {
  name: 'cifar10',
  imageSize: 32,
  channels: 3,
  classes: 10,
  batch: { train: 64, predict: 64 },
  modes: ['train', 'predict'],
  metrics: [],
  optimizer: () => tf.train.adadelta(1, 0.95, 1e-6),
  build: (imageSize) =>
    sequential(
      [imageSize, imageSize, 3],
      [
        ...[16, 20, 20].flatMap((filters) => [conv(filters, 5, { activation: 'relu' }), maxPool()]),
        flatten(),
        dense(10, 'softmax'),
      ],
    ),
};
