/** The optimizers of keras/ follow their published formulas, cost no more draws than tfjs's, and keep their state. */
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { KerasError, optimizers, utils } from '../../keras/index';
import { backendInside } from '../backend';
import { randomOf, valuesOf } from '../cases/fill';
import { note, seed } from '../page';
import * as formulas from './optimizer_formulas';

const { schedules } = optimizers;
const STEPS = 20;
/** Two weights: one of more elements than small tensors have, and one of a single texel. */
const SHAPES = [[9, 17], [3]];
/** Of the largest change. */
const TOLERANCE = 2e-5;

interface Row {
  readonly title: string;
  readonly make: () => optimizers.KerasOptimizer;
  readonly formula: formulas.Formula;
  /** The rate of step t, counted from 1; 0.001 where none is given. */
  readonly lr?: (t: number) => number;
  readonly weightDecay?: number;
  readonly clip?: (gradients: number[][]) => number[][];
}

const norm = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
const limited = (by: number, limit: number, values: number[]): number[] =>
  values.map((x) => (x * limit) / Math.max(by, limit));

const rows: readonly Row[] = [
  { title: 'SGD', make: () => new optimizers.SGD(), formula: formulas.sgd, lr: () => 0.01 },
  {
    title: 'SGD with momentum and decay',
    make: () => new optimizers.SGD({ learningRate: 0.05, momentum: 0.9, decay: 0.2 }),
    formula: formulas.momentum(0.9, false),
    lr: (t) => 0.05 / (1 + 0.2 * (t - 1)),
  },
  {
    title: 'SGD with Nesterov momentum',
    make: () => new optimizers.SGD({ momentum: 0.8, nesterov: true }),
    formula: formulas.momentum(0.8, true),
    lr: () => 0.01,
  },
  { title: 'Adam', make: () => new optimizers.Adam(), formula: formulas.adam(false) },
  { title: 'Adam with amsgrad', make: () => new optimizers.Adam({ amsgrad: true }), formula: formulas.adam(true) },
  { title: 'AdamW', make: () => new optimizers.AdamW(), formula: formulas.adam(false), weightDecay: 0.004 },
  { title: 'Adamax', make: () => new optimizers.Adamax(), formula: formulas.adamax },
  { title: 'Nadam', make: () => new optimizers.Nadam(), formula: formulas.nadam },
  { title: 'RMSprop', make: () => new optimizers.RMSprop(), formula: formulas.rmsprop(0.9, 0, false) },
  {
    title: 'centered RMSprop with momentum',
    make: () => new optimizers.RMSprop({ rho: 0.8, momentum: 0.7, centered: true }),
    formula: formulas.rmsprop(0.8, 0.7, true),
  },
  { title: 'Adagrad', make: () => new optimizers.Adagrad(), formula: formulas.adagrad },
  {
    title: 'Adadelta',
    make: () => new optimizers.Adadelta({ learningRate: 1 }),
    formula: formulas.adadelta,
    lr: () => 1,
  },
  {
    title: 'SGD with weight decay',
    make: () => new optimizers.SGD({ learningRate: 0.1, weightDecay: 0.3 }),
    formula: formulas.sgd,
    lr: () => 0.1,
    weightDecay: 0.3,
  },
  {
    title: 'SGD with clipNorm',
    make: () => new optimizers.SGD({ clipNorm: 0.5 }),
    formula: formulas.sgd,
    lr: () => 0.01,
    clip: (gradients) => gradients.map((g) => limited(norm(g), 0.5, g)),
  },
  {
    title: 'SGD with globalClipNorm',
    make: () => new optimizers.SGD({ globalClipNorm: 2 }),
    formula: formulas.sgd,
    lr: () => 0.01,
    clip: (gradients) => gradients.map((g) => limited(norm(gradients.flat()), 2, g)),
  },
  {
    title: 'SGD with clipValue',
    make: () => new optimizers.SGD({ clipValue: 0.25 }),
    formula: formulas.sgd,
    lr: () => 0.01,
    clip: (gradients) => gradients.map((g) => g.map((x) => Math.min(0.25, Math.max(-0.25, x)))),
  },
  {
    title: 'Adam with a schedule',
    make: () => new optimizers.Adam({ learningRate: cosine() }),
    formula: formulas.adam(false),
    lr: (t) => (t <= 5 ? 0.002 + (0.008 * (t - 1)) / 5 : 0.005 * (1 + Math.cos((Math.PI * (t - 6)) / 20))),
  },
];

function cosine(): InstanceType<typeof schedules.CosineDecay> {
  return new schedules.CosineDecay({
    initialLearningRate: 0.002,
    warmupTarget: 0.01,
    warmupSteps: 5,
    decaySteps: 20,
  });
}

const randomValues = (shape: readonly number[], name: string): number[] =>
  Array.from(valuesOf({ shape: [...shape], fill: 'normal' }, randomOf(seed, name)));

/** The weights after some steps of the formula. */
function expected({ formula, lr = () => 0.001, weightDecay = 0, clip = (g) => g }: Row, steps: number): number[][] {
  const weights = SHAPES.map((shape, i) => randomValues(shape, `w${i}`));
  const states = weights.map((weight) => weight.map((): number[] => []));
  for (let t = 1; t <= steps; t++) {
    const gradients = clip(SHAPES.map((shape, i) => randomValues(shape, `g${i} ${t}`)));
    for (const [i, weight] of weights.entries())
      weight.forEach((w, j) => {
        const decayed = w * (1 - weightDecay * lr(t));
        weight[j] = formula(decayed, gradients[i]![j]!, states[i]![j]!, { t, lr: lr(t) });
      });
  }
  return weights;
}

/** Applies the gradients of steps `from` to `to` to variables, and reads what came of each, as `fit` reads a loss. */
function step(optimizer: tf.Optimizer, weights: readonly tf.Variable[], from: number, to: number): void {
  for (let t = from; t <= to; t++)
    tf.tidy(() => {
      if (t > from) valuesOfAll(weights);
      const gradients = weights.map(({ name, shape }, i) => ({
        name,
        tensor: tf.tensor(randomValues(shape, `g${i} ${t}`), shape),
      }));
      optimizer.applyGradients(gradients);
    });
}

const variables = (): tf.Variable[] =>
  tf.tidy(() => SHAPES.map((shape, i) => tf.variable(tf.tensor(randomValues(shape, `w${i}`), shape))));

const valuesOfAll = (weights: readonly tf.Tensor[]): number[][] => weights.map((w) => [...w.dataSync()]);

describe('optimizers', () => {
  let worst = 0;
  afterAll(() => note(`optimizers, largest difference to the float64 formulas: ${worst.toExponential(1)} of a change`));

  for (const backend of ['cpu', 'convgl'])
    for (const row of rows)
      it(`${row.title} follows its formula for ${STEPS} steps on ${backend}`, async () => {
        await tf.setBackend(backend);
        const before = tf.memory().numTensors;
        const [weights, optimizer] = [variables(), row.make()];
        step(optimizer, weights, 1, STEPS);
        const [actual, wanted] = [valuesOfAll(weights), expected(row, STEPS)];
        const start = SHAPES.map((shape, i) => randomValues(shape, `w${i}`));
        const change = Math.max(...wanted.flatMap((w, i) => w.map((x, j) => Math.abs(x - start[i]![j]!))));
        const error = Math.max(...wanted.flatMap((w, i) => w.map((x, j) => Math.abs(x - actual[i]![j]!)))) / change;
        worst = Math.max(worst, error);
        // Float32 rounds a weight of up to 4 in each step, however small the change.
        expect(error).toBeLessThan(TOLERANCE + (STEPS * 2 ** -22) / change);
        expect(change).toBeGreaterThan(1e-3);
        tf.dispose(weights);
        optimizer.dispose();
        expect(tf.memory().numTensors).toBe(before);
        await tf.setBackend('convgl');
      });

  for (const row of rows)
    it(`${row.title} goes on from a saved state and configuration as if nothing had happened`, async () => {
      const whole = { weights: variables(), optimizer: row.make() };
      step(whole.optimizer, whole.weights, 1, 7);
      valuesOfAll(whole.weights);
      const saved = { weights: whole.weights.map((w) => tf.variable(tf.clone(w))), optimizer: row.make() };
      const config = JSON.parse(JSON.stringify(whole.optimizer.getConfig())) as tf.serialization.ConfigDict;
      const { constructor } = whole.optimizer as unknown as { constructor: new (config: unknown) => tf.Optimizer };
      saved.optimizer = new constructor(config) as optimizers.KerasOptimizer;
      const state = await whole.optimizer.getWeights();
      await saved.optimizer.setWeights(state);
      const names = async (optimizer: tf.Optimizer): Promise<string[]> =>
        (await optimizer.getWeights()).map(({ name }) => name);
      expect(await names(saved.optimizer))
        .withContext('before the first step')
        .toEqual(state.map(({ name }) => name));
      step(whole.optimizer, whole.weights, 8, STEPS);
      step(saved.optimizer, saved.weights, 8, STEPS);
      expect(valuesOfAll(saved.weights)).toEqual(valuesOfAll(whole.weights));
      tf.dispose([whole.weights, saved.weights]);
      whole.optimizer.dispose();
      saved.optimizer.dispose();
    });

  it('refuse a state that is not theirs, and keep what they have', async () => {
    const [weights, optimizer] = [variables(), new optimizers.Adam()];
    step(optimizer, weights, 1, 1);
    const state = await optimizer.getWeights();
    await expectAsync(optimizer.setWeights(state.slice(0, -1))).toBeRejectedWithError(KerasError, /momentum, velocity/);
    expect((await optimizer.getWeights()).length).toBe(5);
    const [iter, a, b] = state;
    await optimizer.setWeights([iter!, b!, a!, b!, a!]);
    expect(() => step(optimizer, weights, 2, 2)).toThrowError(KerasError, /shape \[3\], expected \[9,17\]/);
    tf.dispose(weights);
    optimizer.dispose();
  });

  it('leave weights without a gradient alone, and those excluded undecayed', () => {
    const weights = variables();
    const optimizer = new optimizers.SGD({ learningRate: 0.5, weightDecay: 0.5 });
    optimizer.excludeFromWeightDecay([weights[1]!.name]);
    const before = valuesOfAll(weights);
    optimizer.applyGradients(weights.map(({ name, shape }) => ({ name, tensor: tf.zeros(shape) })));
    optimizer.applyGradients(weights.map(({ name }) => ({ name, tensor: undefined as unknown as tf.Tensor })));
    const after = valuesOfAll(weights);
    expect(after[1]).toEqual(before[1]);
    after[0]!.forEach((w, i) => expect(w).toBeCloseTo(0.75 * before[0]![i]!, 6));
    tf.dispose(weights);
  });

  it('refuse several ways to clip at once', () => {
    expect(() => new optimizers.SGD({ clipNorm: 1, clipValue: 1 })).toThrowError(KerasError, /one at most/);
    expect(() => new optimizers.SGD({ clipNorm: 0 })).toThrowError(KerasError, /more than 0/);
  });

  it("lets anybody read and set a rate, of tfjs's optimizers too", () => {
    for (const optimizer of [tf.train.sgd(0.5), tf.train.momentum(0.5, 0.9), tf.train.adam(0.5)]) {
      expect(optimizers.learningRateOf(optimizer)).toBe(0.5);
      optimizers.setLearningRate(optimizer, 0.25);
      expect(optimizers.learningRateOf(optimizer)).toBe(0.25);
      optimizer.dispose();
    }
    const weight = tf.variable(tf.tensor1d([1]));
    const momentum = tf.train.momentum(0.5, 0);
    optimizers.setLearningRate(momentum, 0.25);
    tf.tidy(() => momentum.applyGradients([{ name: weight.name, tensor: tf.tensor1d([1]) }]));
    expect([...weight.dataSync()]).toEqual([0.75]);
    weight.dispose();
    momentum.dispose();
  });
});

describe('learning rate schedules', () => {
  const at = (schedule: { at(step: number): number }, ...steps: number[]): number[] => steps.map((s) => schedule.at(s));
  const close = (actual: readonly number[], wanted: readonly number[]): void => {
    expect(actual.length).toBe(wanted.length);
    wanted.forEach((x, i) => expect(actual[i]).toBeCloseTo(x, 12));
  };

  it('decay exponentially and with the inverse of time, by step or in stairs', () => {
    const options = { initialLearningRate: 0.8, decaySteps: 10, decayRate: 0.5 };
    close(at(new schedules.ExponentialDecay(options), 0, 5, 10), [0.8, 0.8 * Math.SQRT1_2, 0.4]);
    close(at(new schedules.ExponentialDecay({ ...options, staircase: true }), 9, 10, 25), [0.8, 0.4, 0.2]);
    close(at(new schedules.InverseTimeDecay(options), 0, 10, 20), [0.8, 0.8 / 1.5, 0.4]);
    close(at(new schedules.InverseTimeDecay({ ...options, staircase: true }), 9, 19), [0.8, 0.8 / 1.5]);
  });

  it('are constant in pieces, each with its last step', () => {
    const schedule = new schedules.PiecewiseConstantDecay({ boundaries: [2, 4], values: [1, 0.5, 0.25] });
    expect(at(schedule, 0, 2, 3, 4, 5)).toEqual([1, 1, 0.5, 0.5, 0.25]);
    expect(() => new schedules.PiecewiseConstantDecay({ boundaries: [2], values: [1] })).toThrowError(KerasError);
  });

  it('decay as a polynomial, once or again and again', () => {
    const options = { initialLearningRate: 1, endLearningRate: 0.5, decaySteps: 4, power: 2 };
    close(at(new schedules.PolynomialDecay(options), 0, 2, 4, 9), [1, 0.625, 0.5, 0.5]);
    close(at(new schedules.PolynomialDecay({ ...options, cycle: true }), 0, 4, 6, 8), [1, 0.5, 0.53125, 0.5]);
  });

  it('decay as half a cosine, after a warm-up if there is one', () => {
    const plain = new schedules.CosineDecay({ initialLearningRate: 1, decaySteps: 10, alpha: 0.2 });
    close(at(plain, 0, 5, 10, 99), [1, 0.6, 0.2, 0.2]);
    close(at(cosine(), 0, 4, 5, 15, 25, 40), [0.002, 0.0084, 0.01, 0.005, 0, 0]);
  });

  it('refuse what cannot be', () => {
    expect(() => new schedules.CosineDecay({ initialLearningRate: 1, decaySteps: 0 })).toThrowError(KerasError);
    expect(() => schedules.deserializeSchedule('toString', {})).toThrowError(KerasError, /ExponentialDecay/);
  });
});

/** A small network whose steps take convolutions, a batch normalization and dense layers. */
function network(): tfl.Sequential {
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 6, kernelSize: 3, inputShape: [10, 10, 3], activation: 'relu' }),
      tfl.layers.batchNormalization(),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 19, activation: 'relu' }),
      tfl.layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });
}

interface Cost {
  readonly draws: number;
  /** Programs after each of three steps. */
  readonly programs: readonly number[];
}

async function costOf(optimizer: tf.Optimizer): Promise<Cost> {
  const restore = utils.setRandomSeed(3);
  const model = network();
  restore();
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const [x, y] = [tf.randomUniform([6, 10, 10, 3], 0, 1, 'float32', 1), tf.oneHot([0, 1, 2, 3, 4, 0], 5)];
  const programs: number[] = [];
  let draws = 0;
  for (let i = 0; i < 3; i++) {
    draws = backendInside().stats().draws;
    await model.trainOnBatch(x, y);
    // What the step left pending belongs to it.
    for (const w of model.getWeights()) await w.data();
    // tfjs's Adamax does not show its state.
    if (!(optimizer instanceof tf.AdamaxOptimizer))
      for (const { tensor } of await optimizer.getWeights()) await tensor.data();
    draws = backendInside().stats().draws - draws;
    programs.push(backendInside().stats().programs);
  }
  tf.dispose([x, y]);
  model.dispose();
  optimizer.dispose();
  return { draws, programs };
}

describe('a training step', () => {
  let forwarded: boolean;
  beforeAll(async () => {
    await tf.setBackend('convgl');
    forwarded = backendInside().smallOnCpu;
    backendInside().smallOnCpu = false;
  });
  afterAll(() => {
    backendInside().smallOnCpu = forwarded;
  });

  const pairs: readonly (readonly [string, () => tf.Optimizer, () => tf.Optimizer])[] = [
    ['SGD', () => new optimizers.SGD(), () => tf.train.sgd(0.01)],
    ['momentum', () => new optimizers.SGD({ momentum: 0.9 }), () => tf.train.momentum(0.01, 0.9)],
    ['Nesterov', () => new optimizers.SGD({ momentum: 0.9, nesterov: true }), () => tf.train.momentum(0.01, 0.9, true)],
    ['Adam', () => new optimizers.Adam(), () => tf.train.adam()],
    ['AdamW', () => new optimizers.AdamW(), () => tf.train.adam()],
    ['Adamax', () => new optimizers.Adamax(), () => tf.train.adamax()],
    ['Nadam', () => new optimizers.Nadam(), () => tf.train.adam()],
    ['RMSprop', () => new optimizers.RMSprop(), () => tf.train.rmsprop(0.001)],
    ['centered', () => new optimizers.RMSprop({ centered: true }), () => tf.train.rmsprop(0.001, 0.9, 0, 1e-7, true)],
    ['Adagrad', () => new optimizers.Adagrad(), () => tf.train.adagrad(0.001)],
    ['Adadelta', () => new optimizers.Adadelta(), () => tf.train.adadelta()],
  ];
  for (const [name, ours, theirs] of pairs)
    it(`with ${name} takes no more draws than with tfjs's optimizer, and compiles all in the first`, async () => {
      const [tfjs, keras] = [await costOf(theirs()), await costOf(ours())];
      note(`${name}: ${keras.draws} draws a step, tfjs's ${tfjs.draws}`);
      expect(keras.draws).toBeGreaterThan(0);
      expect(keras.draws).toBeLessThanOrEqual(tfjs.draws);
      expect(keras.programs[1]).withContext('programs after the second step').toBe(keras.programs[0]);
      expect(keras.programs[2]).toBe(keras.programs[0]);
    });
});
