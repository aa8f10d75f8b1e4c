/** Optimizers in Keras's files: their configuration, and their state in Keras's order. */
import * as tf from '@tensorflow/tfjs-core';
import type { StoredArray } from '../hdf5/reader';
import type { NamedArray } from '../hdf5/writer';
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
  Momentum: { keras: 'SGD', slots: ['m'], options: { useNesterov: 'nesterov' } },
  Adam: { keras: 'Adam', slots: ['m', 'v'], options: { beta1: 'beta_1', beta2: 'beta_2' } },
  Adamax: { keras: 'Adamax', slots: ['m', 'u'], options: { beta1: 'beta_1', beta2: 'beta_2' } },
  Adagrad: { keras: 'Adagrad', slots: ['accumulator'] },
  Adadelta: { keras: 'Adadelta', slots: ['accumulated_grad', 'accumulated_delta_var'] },
  RMSProp: { keras: 'RMSprop', slots: ['velocity', 'momentum'], options: { decay: 'rho' } },
};

/** What `optimizers.*` of this entry tell about themselves. */
interface KerasOptimizer extends tf.Optimizer {
  readonly kerasName?: string;
  readonly slotNames?: readonly string[];
}

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

/** The name and the options of an optimizer as Keras's `optimizer_config` has them. */
export function optimizerConfig(optimizer: tf.Optimizer): JsonObject {
  const { kerasName } = optimizer as KerasOptimizer;
  const kind = KINDS[optimizer.getClassName()];
  const name = kerasName ?? kind?.keras ?? optimizer.getClassName();
  const options = Object.entries(optimizer.getConfig()).filter(([, value]) => value !== undefined);
  const config = options.map(([key, value]) => [
    kind?.options?.[key] ?? ODD_OPTIONS[key] ?? toSnake(key),
    snakes(value),
  ]);
  return { class_name: name, config: { name, ...(Object.fromEntries(config) as JsonObject) } };
}

/** A learning rate schedule has options of its own. */
function snakes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { className, config } = value as { className?: string; config?: object };
  if (className === undefined) return value;
  const options = Object.entries(config ?? {}).map(([key, option]) => [toSnake(key), option as unknown]);
  return { class_name: className, config: Object.fromEntries(options) as JsonObject };
}

/**
 * An optimizer of Keras's configuration: one of this entry, or else of tfjs.
 *
 * @returns nothing where neither has it
 */
export function makeOptimizer({ class_name: kerasName, config }: JsonObject): tf.Optimizer | undefined {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const options = Object.fromEntries(
    Object.entries((config ?? {}) as JsonObject).map(([key, value]) => [camelOption(key), camels(value)]),
  );
  const own = classNameMap[`Keras${kerasName as string}`];
  const made = own ?? tfjsClass(kerasName as string, options);
  if (!made) return undefined;
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

/** An optimizer's state as arrays in the order of Keras 2.11 and later: the iterations, then the accumulators weight by weight. */
export async function optimizerArrays(optimizer: tf.Optimizer): Promise<NamedArray[]> {
  const [iterations, ...state] = await optimizer.getWeights();
  const { kerasName, slotNames } = optimizer as KerasOptimizer;
  const slots = slotNames ?? KINDS[optimizer.getClassName()]?.slots ?? [];
  const count = Math.max(1, slots.length);
  const rows = Math.floor(state.length / count);
  const name = kerasName ?? KINDS[optimizer.getClassName()]?.keras ?? optimizer.getClassName();
  const values = await Promise.all(state.map(({ tensor }) => tensor.data() as Promise<Float32Array>));
  // The number of steps is a new tensor each time.
  const steps = iterations ? Number((await iterations.tensor.data())[0]) : 0;
  iterations?.tensor.dispose();
  const arrays = Array.from({ length: rows * count }, (_, i) => {
    const [row, slot] = [Math.floor(i / count), i % count];
    const { name: own, tensor } = state[slot * rows + row]!;
    const weight = own.replace(/\/[^/]*$/, '');
    return {
      name: `${name}/${slots[slot] ?? 'state'}/${weight}:0`,
      shape: tensor.shape,
      values: values[slot * rows + row]!,
    };
  });
  return [{ name: 'iteration:0', shape: [], values: BigInt64Array.of(BigInt(steps)) }, ...arrays];
}

const ITERATIONS = /(^|\/)iter(ation|ations)?(:0)?$/;
const LEARNING_RATE = /(^|\/)(current_)?learning_rate(:0)?$/;

/**
 * A function that gives an optimizer a state of Keras, whichever order the version keeps accumulators in.
 *
 * @returns nothing where the arrays are not those of this optimizer
 */
export function optimizerSetter(
  optimizer: tf.Optimizer,
  arrays: readonly StoredArray[],
  shapes: readonly (readonly number[])[],
): (() => Promise<void>) | undefined {
  const slots = (optimizer as KerasOptimizer).slotNames ?? KINDS[optimizer.getClassName()]?.slots ?? [];
  const iterations = arrays.find(({ path }) => ITERATIONS.test(path));
  const state = arrays.filter(({ path }) => !ITERATIONS.test(path) && !LEARNING_RATE.test(path));
  const rows = shapes.length;
  if (!iterations || iterations.shape.length > 0 || state.length !== rows * slots.length) return undefined;
  const bySlot = Array.from(state, (_, i) => state[(i % rows) * slots.length + Math.floor(i / rows)]!);
  const ordered = isBySlot(state, rows) ? state : bySlot;
  const fits = ordered.every(({ shape }, i) => tf.util.arraysEqual(shape as number[], shapes[i % rows] as number[]));
  if (!fits) return undefined;
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

/** Keras before 2.11 keeps the first accumulator of all weights, then the second: `Adam/dense/kernel/m:0`. */
function isBySlot(state: readonly StoredArray[], rows: number): boolean {
  const slotOf = ({ path }: StoredArray): string =>
    path
      .replace(/(_\d+)?:0$/, '')
      .split('/')
      .at(-1)!;
  return (
    rows > 1 &&
    state.length > rows &&
    slotOf(state[0]!) === slotOf(state[1]!) &&
    /^(m|v|u|vhat|rms|momentum|mg|accumulator|accum_grad|accum_var)$/.test(slotOf(state[0]!))
  );
}
