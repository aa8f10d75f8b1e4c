/** Every loss, metric, optimizer, regularizer, constraint and initializer of tfjs-layers is on convgl what it is on tfjs-backend-cpu. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { lossesMap } from '@tensorflow/tfjs-layers/dist/losses';
import { metricsMap } from '@tensorflow/tfjs-layers/dist/metrics';
import { setRandomSeed } from '../../keras/utils/random_seed';
import { randomOf, valuesOf } from '../cases/fill';
import { useKernelsOfOurOwn } from '../kernels/backends';
import type { Output } from '../kernels/call';
import { compare } from '../kernels/harness';
import { seed } from '../page';
import { compareOutcomes, run } from './harness';
import { BATCH, rowsOf, type Row } from './row';

const CLASSES = 4;
const FEATURES = [6];
const sgd = (): tf.Optimizer => tf.train.sgd(0.5);
const DENSE = { units: CLASSES, activation: 'softmax' } as const;

const random = (fill: 'positive' | 'uniform', name: string): number[] =>
  Array.from(valuesOf({ shape: [BATCH * CLASSES], fill }, randomOf(seed, name)));
const oneHot = (): number[] =>
  Array.from({ length: BATCH * CLASSES }, (_, i) => Number(i % CLASSES === (i >> 2) % CLASSES));
const signs = (): number[] => random('uniform', 'signs').map(Math.sign);
const binary = (): number[] => random('uniform', 'binary').map((x) => Number(x > 0));
const distributions = (): number[] => random('positive', 'distributions').map((x) => x / 10);
const values = (): number[] => random('uniform', 'values');
const positive = (): number[] => random('positive', 'positive');
const ids = (): number[] => [2, 0, 3];

/** Targets of each loss. */
const losses: Readonly<Record<string, () => number[]>> = {
  meanSquaredError: values,
  meanAbsoluteError: values,
  meanAbsolutePercentageError: positive,
  meanSquaredLogarithmicError: positive,
  squaredHinge: signs,
  hinge: signs,
  categoricalHinge: oneHot,
  logcosh: values,
  categoricalCrossentropy: oneHot,
  sparseCategoricalCrossentropy: ids,
  binaryCrossentropy: binary,
  kullbackLeiblerDivergence: distributions,
  poisson: positive,
  cosineProximity: values,
};

/** Targets of each metric. */
const metrics: Readonly<Record<string, () => number[]>> = {
  binaryAccuracy: binary,
  binaryCrossentropy: binary,
  categoricalAccuracy: oneHot,
  categoricalCrossentropy: oneHot,
  sparseCategoricalAccuracy: ids,
  sparseCategoricalCrossentropy: ids,
  precision: binary,
  recall: binary,
  cosine: values,
  cosineProximity: values,
  mae: values,
  MAE: values,
  meanAbsoluteError: values,
  meanAbsolutePercentageError: positive,
  mape: positive,
  MAPE: positive,
  meanSquaredError: values,
  mse: values,
  MSE: values,
  r2Score: values,
};

/** What `tf.train` makes, and the names that `compile` takes. */
const optimizers: Readonly<Record<string, () => tf.Optimizer>> = {
  sgd,
  momentum: () => tf.train.momentum(0.1, 0.9, true),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5, undefined, true),
  adam: () => tf.train.adam(0.01),
  adadelta: () => tf.train.adadelta(0.5),
  adamax: () => tf.train.adamax(0.01),
  adagrad: () => tf.train.adagrad(0.1),
};

type Config = Parameters<typeof tfl.layers.dense>[0];

const regularizers: Readonly<Record<string, () => Config['kernelRegularizer']>> = {
  l1: () => tfl.regularizers.l1({ l1: 0.1 }),
  l2: () => tfl.regularizers.l2({ l2: 0.2 }),
  l1l2: () => tfl.regularizers.l1l2({ l1: 0.1, l2: 0.3 }),
};

const constraints: Readonly<Record<string, () => Config['kernelConstraint']>> = {
  maxNorm: () => tfl.constraints.maxNorm({ maxValue: 0.5, axis: 0 }),
  minMaxNorm: () => tfl.constraints.minMaxNorm({ minValue: 0.2, maxValue: 0.6, rate: 0.7, axis: 0 }),
  nonNeg: () => tfl.constraints.nonNeg(),
  unitNorm: () => tfl.constraints.unitNorm({ axis: 0 }),
};

type Initializer = ReturnType<typeof tfl.initializers.zeros>;

const initializers: Readonly<Record<string, () => Initializer>> = {
  zeros: () => tfl.initializers.zeros(),
  ones: () => tfl.initializers.ones(),
  constant: () => tfl.initializers.constant({ value: 0.3 }),
  identity: () => tfl.initializers.identity({ gain: 2 }),
  randomUniform: () => tfl.initializers.randomUniform({ minval: -0.1, maxval: 0.3 }),
  randomNormal: () => tfl.initializers.randomNormal({ mean: 1, stddev: 0.2 }),
  truncatedNormal: () => tfl.initializers.truncatedNormal({ mean: 1, stddev: 0.2 }),
  varianceScaling: () => tfl.initializers.varianceScaling({ scale: 2, mode: 'fanAvg', distribution: 'uniform' }),
  glorotUniform: () => tfl.initializers.glorotUniform({}),
  glorotNormal: () => tfl.initializers.glorotNormal({}),
  heNormal: () => tfl.initializers.heNormal({}),
  heUniform: () => tfl.initializers.heUniform({}),
  leCunNormal: () => tfl.initializers.leCunNormal({}),
  leCunUniform: () => tfl.initializers.leCunUniform({}),
  orthogonal: () => tfl.initializers.orthogonal({ gain: 1.5 }),
};

/** The names of the functions that make an optimizer: static methods of a class. */
function optimizerNames(): string[] {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(tf.train));
  return descriptors.filter(([, { value }]) => typeof value === 'function').map(([name]) => name);
}

/** Each table, with the names that it must have. */
const tables: readonly (readonly [what: string, table: object, exported: readonly string[]])[] = [
  ['losses', losses, Object.keys(lossesMap)],
  ['metrics', metrics, [...Object.keys(tfl.metrics), ...Object.keys(metricsMap)]],
  ['optimizers', optimizers, optimizerNames()],
  ['regularizers', regularizers, Object.keys(tfl.regularizers)],
  ['constraints', constraints, Object.keys(tfl.constraints)],
  ['initializers', initializers, Object.keys(tfl.initializers)],
];

/** The one row of a dense layer. */
function dense(config: Config): Row {
  return rowsOf('dense', FEATURES, [config])[0]!;
}

/** Trains a dense layer on both backends; a configuration may hold objects, which each needs new ones of. */
async function compareTraining(config: () => Config, training: Parameters<typeof run>[3]): Promise<void> {
  const expected = await run('cpu', dense(config()), undefined, training);
  const actual = await run('convgl', dense(config()), expected.initial, training);
  compareOutcomes(actual, expected);
}

/** What a function of tensors gives on a backend. */
async function computed(backend: string, compute: () => tf.Tensor): Promise<Output> {
  await tf.setBackend(backend);
  const restore = setRandomSeed(seed);
  try {
    return tf.tidy(() => {
      const y = compute();
      return { shape: y.shape, dtype: y.dtype, values: y.dataSync<'float32'>() };
    });
  } finally {
    restore();
  }
}

async function compareComputed(compute: () => tf.Tensor): Promise<void> {
  const expected = await computed('cpu', compute);
  compare(await computed('convgl', compute), [expected]);
}

describe('parts of layers', () => {
  useKernelsOfOurOwn();

  for (const [what, table, exported] of tables) {
    it(`have a row for all ${what}`, () => {
      expect(exported.length).toBeGreaterThan(0);
      expect(exported.filter((name) => !(name in table))).toEqual([]);
    });
  }

  for (const [loss, targets] of Object.entries(losses)) {
    it(`loss ${loss}`, () => compareTraining(() => DENSE, { loss, optimizer: sgd, steps: 2, targets: [targets()] }));
  }

  for (const [name, optimizer] of Object.entries(optimizers)) {
    it(`optimizer ${name}`, () =>
      compareTraining(() => DENSE, { loss: 'categoricalCrossentropy', optimizer, steps: 5, targets: [oneHot()] }));
  }

  for (const [name, kernelRegularizer] of Object.entries(regularizers)) {
    const config = () => ({ ...DENSE, kernelRegularizer: kernelRegularizer(), biasRegularizer: kernelRegularizer() });
    it(`regularizer ${name}`, () =>
      compareTraining(config, { loss: 'meanSquaredError', optimizer: sgd, steps: 2, targets: [values()] }));
  }

  for (const [name, kernelConstraint] of Object.entries(constraints)) {
    const config = () => ({ ...DENSE, kernelConstraint: kernelConstraint(), biasConstraint: kernelConstraint() });
    it(`constraint ${name}`, () =>
      compareTraining(config, { loss: 'meanSquaredError', optimizer: sgd, steps: 2, targets: [values()] }));
  }

  for (const [name, targets] of Object.entries(metrics)) {
    const metric = { ...metricsMap, ...tfl.metrics }[name] as (y: tf.Tensor, predicted: tf.Tensor) => tf.Tensor;
    it(`metric ${name}`, () =>
      compareComputed(() => {
        const wanted = targets();
        const predicted = tf.tensor(distributions(), [BATCH, CLASSES]);
        return metric(tf.tensor(wanted, [BATCH, wanted.length / BATCH]), predicted);
      }));
  }

  for (const [name, initializer] of Object.entries(initializers)) {
    for (const shape of name === 'identity'
      ? [[5, 5]]
      : name === 'orthogonal'
        ? [
            [6, 4],
            [3, 7],
          ]
        : [
            [7, 5],
            [3, 3, 2, 8],
          ]) {
      it(`initializer ${name} of [${shape.join(', ')}]`, () => compareComputed(() => initializer().apply(shape)));
    }
  }
});
