/** Runs a row of a table of layers on a backend: forward and one step of training, from given weights. */
// Some initializers of tfjs-layers call methods of tensors.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { setRandomSeed } from '../../keras/utils/random_seed';
import { randomOf, valuesOf } from '../cases/fill';
import type { Output } from '../kernels/call';
import { compare } from '../kernels/harness';
import { seed } from '../page';
import { BATCH, type Row } from './row';

/** Relative difference allowed to tfjs-backend-cpu. */
const TOLERANCE = 1e-3;
/** Below this share of the mean magnitude, the error allowed of a change no longer shrinks with it. */
const NEAR_ZERO = 0.1;
/** Of float32 weights up to 2, twice. */
const ROUNDING = 2 ** -22;
/** High, so that a step changes the weights by much more than float32 rounds them. */
const LEARNING_RATE = 1;

/** What a model needs to be trained beside its layers. */
export interface Training {
  readonly loss: string | string[];
  readonly optimizer: () => tf.Optimizer;
  readonly steps: number;
  /** Values of the targets, by output, in place of random ones. */
  readonly targets?: readonly (readonly number[])[];
}

const usual: Training = { loss: 'meanSquaredError', optimizer: () => tf.train.sgd(LEARNING_RATE), steps: 1 };

/** What a row gives on one backend. */
export interface Outcome {
  /** What every weight was before the training. */
  readonly initial: readonly tf.TypedArray[];
  /** The outputs; those of a second call follow where the model keeps states. */
  readonly forward: readonly Output[];
  readonly losses: Output;
  readonly weights: readonly Output[];
  /** What the training added to each weight: its gradient, as long as there is one step. */
  readonly changes: readonly Output[];
  /** Tensors and data ids that are left when all is disposed. */
  readonly left: readonly number[];
}

/** Multiplies each element by a weight of its own, so that the gradient of what follows shows in weights. */
class Scale extends tfl.layers.Layer {
  static readonly className = 'Scale';
  #scale?: tfl.LayerVariable;

  override build(shape: tfl.Shape): void {
    this.#scale = this.addWeight('scale', shape.slice(1), 'float32', tfl.initializers.ones());
    super.build(shape);
  }

  override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul([x].flat()[0]!, this.#scale!.read()));
  }
}

/** A model of the row's inputs and layers. */
function modelOf({ inputs, apply }: Row): tfl.LayersModel {
  const symbolic = inputs.map(({ shape }) => tfl.input({ batchShape: [BATCH, ...shape] }));
  const scaled = inputs.map(({ values }, i) =>
    values ? symbolic[i]! : (new Scale({}).apply(symbolic[i]!) as tfl.SymbolicTensor),
  );
  return tfl.model({ inputs: symbolic, outputs: apply(scaled.length > 1 ? scaled : scaled[0]!) });
}

/** The weights that a model has plus a little, so that none is zero. */
function shifted(model: tfl.LayersModel, random: () => number): tf.TypedArray[] {
  return model.getWeights().map((w) => w.dataSync<'float32'>().map((x) => x + 0.05 + 0.1 * random()));
}

function setWeights(model: tfl.LayersModel, values: readonly tf.TypedArray[]): void {
  const tensors = values.map((v, i) => tf.tensor(v, model.weights[i]!.shape as number[]));
  model.setWeights(tensors);
  tf.dispose(tensors);
}

/** Reads a tensor, and disposes it. */
function taken(x: tf.Tensor): Output {
  const { shape, dtype } = x;
  const values = x.dataSync<'float32'>();
  x.dispose();
  return { shape, dtype, values };
}

function weightsOf(model: tfl.LayersModel): Output[] {
  return model.getWeights().map((w) => ({ shape: w.shape, dtype: w.dtype, values: w.dataSync<'float32'>() }));
}

function predicted(model: tfl.LayersModel, x: tf.Tensor[]): Output[] {
  const times = model.layers.some((layer) => layer.stateful) ? 2 : 1;
  const outputs = Array.from({ length: times }, () => [model.predict(x, { batchSize: BATCH })].flat());
  return outputs.flat().map(taken);
}

async function trained(model: tfl.LayersModel, x: tf.Tensor[], y: tf.Tensor[], training: Training): Promise<Output> {
  const optimizer = training.optimizer();
  model.compile({ optimizer, loss: training.loss });
  const losses: number[] = [];
  for (let i = 0; i < training.steps; i++) losses.push(...[await model.trainOnBatch(x, y)].flat());
  optimizer.dispose();
  return { shape: [losses.length], dtype: 'float32', values: losses };
}

function counts(): number[] {
  return [tf.memory().numTensors, tf.engine().backend.numDataIds()];
}

/**
 * Runs a row on a backend.
 *
 * @param initial the weights to start from; without them, new ones
 */
export async function run(
  backend: string,
  row: Row,
  initial?: readonly tf.TypedArray[],
  training: Training = usual,
): Promise<Outcome> {
  await tf.setBackend(backend);
  const before = counts();
  const random = randomOf(seed, `${row.layer} ${row.title}`);
  const restore = setRandomSeed(seed);
  try {
    const model = modelOf(row);
    const start = initial ?? shifted(model, random);
    setWeights(model, start);
    const inputs = row.inputs.map((spec) =>
      valuesOf({ ...spec, shape: [BATCH, ...spec.shape] }, randomOf(seed, row.title)),
    );
    const x = inputs.map((values, i) => tf.tensor(values, [BATCH, ...row.inputs[i]!.shape]));
    const forward = predicted(model, x);
    model.resetStates();
    const y = targets(model, training);
    const losses = row.untrained !== undefined ? nothing : await trained(model, x, y, training);
    const weights = weightsOf(model);
    tf.dispose([x, y]);
    model.dispose();
    const left = counts().map((count, i) => count - before[i]!);
    return { initial: start, forward, losses, weights, changes: changesOf(weights, start), left };
  } finally {
    restore();
  }
}

const nothing: Output = { shape: [0], dtype: 'float32', values: [] };

function targets(model: tfl.LayersModel, training: Training): tf.Tensor[] {
  return model.outputs.map(({ shape }, i) => {
    const values =
      training.targets?.[i] ?? valuesOf({ shape: shape as number[], fill: 'uniform' }, randomOf(seed, `y${i}`));
    return tf.tensor([...values], training.targets ? [BATCH, values.length / BATCH] : (shape as number[]));
  });
}

function changesOf(weights: readonly Output[], initial: readonly tf.TypedArray[]): Output[] {
  return weights.map((w, i) => ({ ...w, values: Array.from(w.values, (x, j) => x - initial[i]![j]!) }));
}

/** Compares all that two backends made of a row. */
export function compareOutcomes(actual: Outcome, expected: Outcome, tolerance = TOLERANCE): void {
  for (const part of ['forward', 'weights'] as const) {
    expect(actual[part].length).withContext(part).toBe(expected[part].length);
    actual[part].forEach((output, i) => compare(output, [expected[part][i]!], { tolerance }));
  }
  actual.changes.forEach((change, i) => compareChanges(change, expected.changes[i]!, tolerance));
  compare(actual.losses, [expected.losses], { tolerance });
  expect(actual.left).withContext('tensors and data ids left when all is disposed, as on cpu').toEqual(expected.left);
}

/** Compares what a training added to weights, which were rounded before and after it. */
function compareChanges(actual: Output, expected: Output, tolerance: number): void {
  const wanted = Array.from(expected.values);
  const numbers = wanted.filter((x) => !Number.isNaN(x));
  const mean = numbers.reduce((sum, x) => sum + Math.abs(x), 0) / Math.max(1, numbers.length);
  const wrong = wanted.flatMap((x, i) => {
    const allowed = tolerance * Math.max(Math.abs(x), NEAR_ZERO * mean) + ROUNDING;
    // The centered rmsprop may take the root of a variance that rounding made negative, on every backend.
    const alike = Number.isNaN(x) ? Number.isNaN(actual.values[i]) : Math.abs(actual.values[i]! - x) <= allowed;
    return alike ? [] : [`[${i}]: ${actual.values[i]}, expected ${x}`];
  });
  expect(wrong.slice(0, 8))
    .withContext(`changes of a weight of shape [${expected.shape.join(', ')}]`)
    .toEqual([]);
}

/** Whether a row that is only run forward could be trained after all, on both backends alike. */
export async function trainsAlike(row: Row): Promise<boolean> {
  const whole = { ...row, untrained: undefined };
  try {
    const expected = await run('cpu', whole);
    const actual = await run('convgl', whole, expected.initial);
    const [a, b] = [actual, expected].map(({ changes }) => changes.flatMap(({ values }) => Array.from(values)));
    return a!.every((x, i) => Math.abs(x - b![i]!) < TOLERANCE);
  } catch {
    return false;
  }
}
