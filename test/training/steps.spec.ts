/** What a training step costs once the first is over: no program is linked, and few passes are drawn. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { startBackend, stopBackend } from '../device/backends';
import { note } from '../page';

const BATCH = 6;
const STEPS = 4;

const optimizers = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.9, 1e-7, true),
} satisfies Record<string, () => tf.Optimizer>;

/** One step, and what it needs. */
interface Training {
  readonly step: (optimizer: tf.Optimizer) => tf.Scalar;
  readonly dispose: () => void;
}

/** A model of layers on a batch of random data. */
function training(layers: tfl.layers.Layer[], x: tf.Tensor, y: tf.Tensor): Training {
  const model = tfl.sequential({ layers });
  return {
    step: (optimizer) =>
      optimizer.minimize(() => tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor), true)!,
    dispose: () => (model.dispose(), tf.dispose([x, y])),
  };
}

const { layers } = tfl;

const networks = {
  'convolutions, a normalization and one unit': () =>
    training(
      [
        layers.conv2d({ filters: 6, kernelSize: 5, padding: 'same', activation: 'tanh', inputShape: [12, 12, 1] }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 16, kernelSize: 3, kernelRegularizer: 'l1l2' }),
        layers.batchNormalization(),
        layers.activation({ activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: 24, activation: 'tanh' }),
        layers.dense({ units: 1 }),
      ],
      tf.randomUniform([BATCH, 12, 12, 1]),
      tf.randomUniform([BATCH, 1]),
    ),
  'an embedding and a recurrent layer': () =>
    training(
      [
        layers.embedding({ inputDim: 30, outputDim: 5, inputLength: 7 }),
        layers.lstm({ units: 6, recurrentInitializer: 'glorotUniform' }),
        layers.dense({ units: 2, activation: 'sigmoid' }),
      ],
      tf.randomUniform([BATCH, 7], 0, 30, 'int32'),
      tf.randomUniform([BATCH, 2]),
    ),
  'numbers alone': () => {
    const weights = [0.5, -1, 2].map((value) => tf.variable(tf.scalar(value)));
    const x = tf.randomUniform([50]);
    const y = tf.tidy(() => tf.add(tf.mul(tf.square(x), 3), 1));
    const loss = () => {
      const [a, b, c] = weights as [tf.Variable, tf.Variable, tf.Variable];
      return tf.losses.meanSquaredError<tf.Tensor, tf.Scalar>(
        y,
        tf.add(tf.add(tf.mul(a, tf.square(x)), tf.mul(b, x)), c),
      );
    };
    return {
      step: (optimizer: tf.Optimizer) => optimizer.minimize(loss, true, weights)!,
      dispose: () => tf.dispose([weights, x, y]),
    };
  },
} satisfies Record<string, () => Training>;

describe('a training step', () => {
  const draws: string[] = [];
  afterAll(() => note(`draws of a step: ${draws.join('; ')}`));
  for (const [network, start] of Object.entries(networks)) {
    for (const [name, make] of Object.entries(optimizers)) {
      it(`of ${network} with ${name} links nothing after the first`, async () => {
        const own = await startBackend({ smallOnCpu: true });
        try {
          const { step, dispose } = start();
          const optimizer = make();
          const linked: number[] = [];
          const drawn: number[] = [];
          for (let i = 0; i < STEPS; i++) {
            const before = own.backend.stats();
            const loss = step(optimizer);
            await loss.data();
            loss.dispose();
            const after = own.backend.stats();
            linked.push(after.programs - before.programs);
            drawn.push(after.draws - before.draws);
          }
          draws.push(`${network}, ${name} ${drawn.at(-1)}`);
          expect(linked.slice(1)).toEqual(linked.slice(1).map(() => 0));
          optimizer.dispose();
          dispose();
        } finally {
          await stopBackend(own.name);
        }
      });
    }
  }
});
