/** Optimizers in Keras's files: their configuration, and their state in the order of each of Keras's versions. */
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { StoredArray } from '../hdf5/reader';
import type { NamedArray } from '../hdf5/writer';
import { InverseTimeDecay } from '../optimizers/schedules';
import type { JsonObject } from './fix_model_json';
import { valuesOf } from './model_weights';

/** How Keras calls one of tfjs's own optimizers: its class, its options, and the accumulators of a weight. */
interface Kind {
  readonly keras: string;
  readonly slots: readonly string[];
  /** Keras's option for each of tfjs's, where its snake case is something else. */
  readonly options?: Readonly<Record<string, string>>;
}

/** By tfjs's class names; those with the prefix Keras are `optimizers.*` of this entry. */
const KINDS: Readonly<Record<string, Kind>> = {
  SGD: { keras: 'SGD', slots: [] },
  Momentum: { keras: 'SGD', slots: ['momentum'], options: { useNesterov: 'nesterov' } },
  Adam: { keras: 'Adam', slots: ['momentum', 'velocity'], options: { beta1: 'beta_1', beta2: 'beta_2' } },
  Adamax: { keras: 'Adamax', slots: ['momentum', 'norm'], options: { beta1: 'beta_1', beta2: 'beta_2' } },
  Adagrad: { keras: 'Adagrad', slots: ['accumulator'] },
  Adadelta: { keras: 'Adadelta', slots: ['accumulated_grad', 'accumulated_delta_var'] },
  RMSProp: { keras: 'RMSprop', slots: ['velocity', 'momentum', 'average_gradient'], options: { decay: 'rho' } },
};

/** Keras 2's names of accumulators where those of Keras 3 differ, by its classes. */
const KERAS_2_SLOTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  SGD: { momentum: 'm' },
  Adam: { momentum: 'm', velocity: 'v', velocity_hat: 'vhat' },
  AdamW: { momentum: 'm', velocity: 'v', velocity_hat: 'vhat' },
  Nadam: { momentum: 'm', velocity: 'v' },
  Adamax: { momentum: 'm', norm: 'u' },
};

/** What `optimizers.*` of this entry tell about themselves. */
interface KerasOptimizer extends tf.Optimizer {
  readonly kerasName?: string;
  readonly slotNames?: readonly string[];
}

/** An optimizer's state, as tensors that belong to it. */
interface State {
  readonly keras: string;
  readonly steps: number;
  /** Keras 3's names of accumulators. */
  readonly slots: readonly string[];
  /** The accumulators of each weight, in the order of the slots; none before the first step. */
  readonly rows: readonly (readonly NamedArray[])[];
  /** Keras 3 keeps a rate that is no schedule with the state. */
  readonly rate?: number;
}

/** A version whose order of the state is meant: before 2.11, then Keras 2's, and Keras 3's. */
export type StateLayout = 'legacy' | 'keras2' | 'keras3';

const toSnake = (name: string): string => name.replace(/([A-Z])/g, '_$1').toLowerCase();
const toCamel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
/** Keras writes these with an underscore that snake case has not, and without ones that it has. */
const ODD_OPTIONS: Readonly<Record<string, string>> = {
  beta1: 'beta_1',
  beta2: 'beta_2',
  clipNorm: 'clipnorm',
  clipValue: 'clipvalue',
  globalClipNorm: 'global_clipnorm',
};

/** Keras's name of an optimizer's class. */
const kerasNameOf = (optimizer: tf.Optimizer): string =>
  (optimizer as KerasOptimizer).kerasName ?? KINDS[optimizer.getClassName()]?.keras ?? optimizer.getClassName();

/** The name and the options of an optimizer as Keras's `optimizer_config` has them. */
export function optimizerConfig(optimizer: tf.Optimizer, layout: StateLayout): JsonObject {
  const kind = KINDS[optimizer.getClassName()];
  const name = kerasNameOf(optimizer);
  const options = Object.entries(optimizer.getConfig()).filter(([, value]) => value !== undefined);
  const config = Object.fromEntries(
    options.map(([key, value]) => [kind?.options?.[key] ?? ODD_OPTIONS[key] ?? toSnake(key), snakes(value)]),
  ) as JsonObject;
  const { decay, ...rest } = config;
  // Neither Keras 3 nor Keras 2 from 2.11 on have it.
  if (decay) rest['learning_rate'] = snakes(decayed(rest['learning_rate'] as number, decay as number)) as JsonObject;
  // Keras 3 takes no whole number for it, which JSON makes of this one.
  if (rest['momentum'] === 0) delete rest['momentum'];
  if (layout !== 'keras2') return { class_name: name, config: { name, ...rest } };
  // As Keras 2 writes its optimizers since 2.11; otherwise it makes one of before.
  return { class_name: `Custom>${name}`, config: { name, ...rest, is_legacy_optimizer: false } };
}

/** The schedule that a decay is. */
function decayed(rate: number, decay: number): { className: string; config: Record<string, unknown> } {
  const schedule = new InverseTimeDecay({ initialLearningRate: rate, decaySteps: 1, decayRate: decay });
  return { className: schedule.className, config: schedule.getConfig() };
}

/** A learning rate schedule has options of its own. */
function snakes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { className, config } = value as { className?: string; config?: object };
  if (className === undefined) return value;
  const options = Object.entries(config ?? {}).map(([key, option]) => [toSnake(key), option as unknown]);
  return {
    module: 'keras.optimizers.schedules',
    class_name: className,
    config: Object.fromEntries(options) as JsonObject,
    registered_name: null,
  };
}

/** Options of Keras that no optimizer here has, and what Keras does where they have these values. */
const NO_EFFECT: Readonly<Record<string, readonly unknown[]>> = {
  use_ema: [false],
  loss_scale_factor: [null],
  gradient_accumulation_steps: [null, 1],
};
/** Options of Keras that change no number, or only together with those above. */
const PASSED_OVER = ['name', 'ema_momentum', 'ema_overwrite_frequency', 'jit_compile', 'is_legacy_optimizer'];

/**
 * An optimizer of Keras's configuration: one of this entry, or else of tfjs.
 *
 * @param missing gets what neither has
 */
export function makeOptimizer(
  { class_name: written, config }: JsonObject,
  missing: string[],
): tf.Optimizer | undefined {
  // Keras 2 calls its optimizers Custom>Adam and so on.
  const kerasName = typeof written === 'string' ? written.replace(/^.*>/, '') : 'without a name';
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries((config ?? {}) as JsonObject)) {
    if (NO_EFFECT[key] && !NO_EFFECT[key].includes(value)) {
      missing.push(`${key}=${JSON.stringify(value)} of the optimizer ${kerasName}`);
    }
    if (!NO_EFFECT[key] && !PASSED_OVER.includes(key)) options[camelOption(key)] = camels(value);
  }
  const made = classNameMap[`Keras${kerasName}`] ?? tfjsClass(kerasName, options);
  if (!made) {
    missing.push(`the optimizer ${kerasName}`);
    return undefined;
  }
  const [cls, fromConfig] = made;
  return fromConfig(cls, options as tf.serialization.ConfigDict) as unknown as tf.Optimizer;
}

function camelOption(key: string): string {
  if (key === 'lr') return 'learningRate';
  return Object.entries(ODD_OPTIONS).find(([, keras]) => keras === key)?.[0] ?? toCamel(key);
}

/** A learning rate that is a schedule. */
function camels(value: JsonObject[string]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { class_name: className, config } = value;
  const options = Object.entries((config ?? {}) as JsonObject).map(([key, option]) => [toCamel(key), option]);
  return { className, config: Object.fromEntries(options) as JsonObject };
}

type Registered = ReturnType<typeof tf.serialization.SerializationMap.getMap>['classNameMap'][string];

/** tfjs's own class; its momentum is another class than its SGD, and its options have names of their own. */
function tfjsClass(kerasName: string, options: Record<string, unknown>): Registered | undefined {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const withMomentum = kerasName === 'SGD' && Number(options['momentum'] ?? 0) !== 0;
  const [name, kind] =
    Object.entries(KINDS).find(([tfjs, { keras }]) => keras === kerasName && (tfjs === 'Momentum') === withMomentum) ??
    [];
  for (const [tfjs, keras] of Object.entries(kind?.options ?? {})) {
    const key = camelOption(keras);
    if (key in options && key !== tfjs) options[tfjs] = options[key];
  }
  return name === undefined ? undefined : classNameMap[name];
}

/** The accumulators that an optimizer keeps now, and those of them that Keras has. */
function slotsOf(optimizer: tf.Optimizer): { kept: readonly string[]; keras: readonly string[] } {
  const { slotNames } = optimizer as KerasOptimizer;
  if (slotNames) return { kept: slotNames, keras: slotNames };
  const all = KINDS[optimizer.getClassName()]?.slots ?? [];
  if (optimizer.getClassName() !== 'RMSProp') return { kept: all, keras: all };
  const { momentum, centered } = optimizer.getConfig();
  const kept = all.filter((slot) => slot !== 'average_gradient' || centered);
  return { kept, keras: kept.filter((slot) => slot !== 'momentum' || Number(momentum) > 0) };
}

/** Reads an optimizer's state, weight by weight. */
async function stateOf(model: tfl.LayersModel): Promise<State> {
  const { optimizer } = model;
  const [iterations, ...state] = await savedWeights(optimizer);
  // The number of steps is a new tensor each time.
  const steps = iterations ? Number((await iterations.tensor.data())[0]) : 0;
  iterations?.tensor.dispose();
  const { kept, keras: slots } = slotsOf(optimizer);
  const weights = model.trainableWeights;
  const values = await Promise.all(state.map(({ tensor }) => tensor.data() as Promise<Float32Array>));
  const { learning_rate: rate } = optimizerConfig(optimizer, 'keras3')['config'] as JsonObject;
  // tfjs scales the velocity by the rate where Keras scales what goes into it.
  const scale = optimizer.getClassName() === 'Momentum' ? -Number(rate) : 1;
  const isWhole = state.length === weights.length * kept.length;
  const rows = isWhole && state.length > 0 ? weights : [];
  return {
    keras: kerasNameOf(optimizer),
    steps,
    slots,
    rows: rows.map((weight, row) =>
      slots.map((slot) => ({
        name: weight.originalName,
        shape: weight.shape as number[],
        values: values[kept.indexOf(slot) * weights.length + row]!.map((value) => value * scale),
      })),
    ),
    ...(typeof rate === 'number' ? { rate } : {}),
  };
}

/** tfjs's Adamax has no way to its state. */
async function savedWeights(optimizer: tf.Optimizer): ReturnType<tf.Optimizer['getWeights']> {
  return optimizer.getClassName() === 'Adamax' ? [] : optimizer.getWeights();
}

/** The slots that Keras keeps weight by weight, as opposed to one after the other, by their indices. */
function groupsOf(keras: string, slots: readonly string[], layout: StateLayout): number[][] {
  const indices = slots.map((_, i) => i);
  if (layout === 'legacy' || keras === 'RMSprop') return indices.map((i) => [i]);
  const last = slots.indexOf('velocity_hat');
  return last < 0 ? [indices] : [indices.filter((i) => i !== last), [last]];
}

/** The pairs of a weight and a slot in the order of a version. */
function orderOf(keras: string, slots: readonly string[], layout: StateLayout, rows: number): [number, number][] {
  return groupsOf(keras, slots, layout).flatMap((group) =>
    Array.from({ length: rows }, (_, row) => group.map((slot): [number, number] => [row, slot])).flat(),
  );
}

/** An optimizer's state as Keras writes it: the iterations, then the accumulators; named by paths in Keras 2, numbered in 3. */
export async function optimizerArrays(model: tfl.LayersModel, layout: 'keras2' | 'keras3'): Promise<NamedArray[]> {
  const { keras, steps, slots, rows, rate } = await stateOf(model);
  const arrays = orderOf(keras, slots, layout, rows.length).map(([row, slot]) => {
    const array = rows[row]![slot]!;
    const name = slots[slot]!;
    return { ...array, name: `${keras}/${KERAS_2_SLOTS[keras]?.[name] ?? name}/${array.name}:0` };
  });
  const iterations = { name: 'iteration:0', shape: [], values: BigInt64Array.of(BigInt(steps)) };
  if (layout === 'keras2') return [iterations, ...arrays];
  const scalar = (value: number): NamedArray => ({ name: '', shape: [], values: Float32Array.of(value) });
  const all = [
    iterations,
    ...(rate === undefined ? [] : [scalar(rate)]),
    ...arrays,
    ...(keras === 'Nadam' ? [scalar(momentumProduct(model.optimizer, steps))] : []),
  ];
  return all.map((array, i) => ({ ...array, name: String(i) }));
}

/** The product of Nadam's momenta so far, which it computes anew here. */
function momentumProduct(optimizer: tf.Optimizer, steps: number): number {
  const beta = Number(optimizer.getConfig()['beta1']);
  return Array.from({ length: steps }, (_, i) => beta * (1 - 0.5 * 0.96 ** (i + 1))).reduce((a, b) => a * b, 1);
}

/**
 * A function that gives an optimizer a state of Keras.
 *
 * @param arrays the iterations, what else is a scalar, and the accumulators
 * @returns nothing where the arrays are not those of this optimizer
 */
export function optimizerSetter(
  optimizer: tf.Optimizer,
  arrays: readonly StoredArray[],
  { shapes, layout }: { shapes: readonly (readonly number[])[]; layout: StateLayout },
): (() => Promise<void>) | undefined {
  const { kept, keras: slots } = slotsOf(optimizer);
  const [iterations, ...rest] = arrays;
  if (iterations?.shape.length !== 0) return undefined;
  const rows = shapes.length;
  // The rate, which the configuration has too, and Nadam's product; Keras 2 keeps momenta of an SGD that has none.
  const state = slots.length === 0 ? [] : rest.filter(({ shape }) => shape.length > 0);
  if (kept.length !== slots.length || (state.length > 0 && state.length !== rows * slots.length)) return undefined;
  const order = orderOf(kerasNameOf(optimizer), slots, layout, state.length === 0 ? 0 : rows);
  if (!order.every(([row], i) => tf.util.arraysEqual(shapes[row] as number[], state[i]!.shape as number[]))) {
    return undefined;
  }
  const ordered = new Array<StoredArray>(order.length);
  order.forEach(([row, slot], i) => (ordered[slot * rows + row] = state[i]!));
  const values = ordered.map((array) => valuesOf(array, 'float32'));
  const steps = valuesOf(iterations, 'int32');
  return async () => {
    const weights = [
      { name: 'iter', tensor: tf.tensor<tf.Rank>(steps, [], 'int32') },
      ...ordered.map(({ path, shape }, i) => ({ name: path, tensor: tf.tensor(values[i]!, [...shape]) })),
    ];
    await optimizer.setWeights(weights);
    tf.dispose(weights.map(({ tensor }) => tensor));
  };
}

/** The layout of a state in Keras 2's files, by the name of its first array. */
export const layoutOf = (arrays: readonly StoredArray[]): StateLayout =>
  /(^|\/)iter(ations)?(:0)?$/.test(arrays[0]?.path ?? '') ? 'legacy' : 'keras2';
