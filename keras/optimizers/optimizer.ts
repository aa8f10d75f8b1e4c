/** What all optimizers of Keras share: learning rates, clipping, weight decay, and a state that is saved and loaded. */
import * as tf from '@tensorflow/tfjs-core';
import { KerasError } from '../errors';
import { deserializeSchedule, LearningRateSchedule } from './schedules';

type Gradients = Parameters<tf.Optimizer['applyGradients']>[0];
type NamedTensor = Extract<Gradients, readonly unknown[]>[number];

/** Options that all optimizers have. */
export interface OptimizerOptions {
  /** A number, or a schedule. Default: 0.001, for `SGD` 0.01. */
  readonly learningRate?: number | LearningRateSchedule;
  /** Keras 2's: the rate is divided by 1 + decay * iterations. */
  readonly decay?: number;
  /** This part of each weight, times the learning rate, is taken from it in each step. */
  readonly weightDecay?: number | null;
  /** The largest L2 norm of each gradient; longer ones are scaled. */
  readonly clipNorm?: number | null;
  /** The largest L2 norm of all gradients together; longer ones are scaled. */
  readonly globalClipNorm?: number | null;
  /** The largest absolute value of an element of a gradient. */
  readonly clipValue?: number | null;
}

/** What one update of one weight is computed from. */
export interface Update {
  /** The weight, decayed. */
  readonly weight: tf.Tensor;
  readonly gradient: tf.Tensor;
  /** The accumulators, in the order of `slotNames`. */
  readonly slots: readonly tf.Tensor[];
  readonly rate: number;
  /** 1 in the first update. */
  readonly step: number;
}

/** The new values of a weight and of its accumulators. */
export interface Updated {
  readonly weight: tf.Tensor;
  readonly slots: readonly tf.Tensor[];
}

/** A weight with its gradient, clipped. */
interface Trained {
  readonly name: string;
  readonly weight: tf.Variable;
  readonly gradient: tf.Tensor;
}

/** A tfjs optimizer with the options of `keras.optimizers.Optimizer`. */
export abstract class KerasOptimizer extends tf.Optimizer {
  /** The class's name in Keras. */
  abstract readonly kerasName: string;
  /** Keras's names of the accumulators that each weight has. */
  abstract readonly slotNames: readonly string[];

  readonly #options: OptimizerOptions;
  #learningRate: number | LearningRateSchedule;
  /** Accumulators by the names of the weights, in the order in which the weights came. */
  readonly #slots = new Map<string, tf.Variable[]>();
  /** A loaded state: the accumulators of the first weight, of the second and so on, until weights come. */
  #loaded: NamedTensor[][] = [];
  readonly #excluded: (string | RegExp)[] = [];

  constructor(options: OptimizerOptions, defaultRate: number) {
    super();
    const clips = [options.clipNorm, options.globalClipNorm, options.clipValue].filter((clip) => clip != null);
    if (clips.length > 1)
      throw new KerasError('Found several of clipNorm, globalClipNorm and clipValue, expected one at most.');
    if (clips.some((clip) => !(clip > 0)))
      throw new KerasError(`Found a gradient clipped to ${clips[0]}, expected more than 0.`);
    this.#options = options;
    this.#learningRate = restoredRate(options.learningRate ?? defaultRate);
  }

  /** The rate of the next update; a number assigned replaces a schedule. */
  get learningRate(): number {
    if (typeof this.#learningRate !== 'number') return this.#learningRate.at(this.iterations);
    return this.#learningRate / (1 + (this.#options.decay ?? 0) * this.iterations);
  }

  set learningRate(rate: number | LearningRateSchedule) {
    this.#learningRate = rate;
  }

  /** The weights whose names contain one of these do not decay; biases, for example. */
  excludeFromWeightDecay(names: readonly (string | RegExp)[]): void {
    this.#excluded.push(...names);
  }

  /** What the update is that Keras publishes for this optimizer. */
  protected abstract update(update: Update): Updated;

  /** The accumulators' elements before the first update. */
  protected initialValue(_slot: string): number {
    return 0;
  }

  override applyGradients(gradients: Gradients): void {
    const rate = this.learningRate;
    const step = this.iterations + 1;
    tf.tidy(() => {
      for (const { name, weight, gradient } of this.#clipped(trainedBy(gradients))) {
        const slots = this.#slotsOf(name, weight);
        const decayed = this.#decays(name) ? tf.mul(weight, 1 - rate * this.#options.weightDecay!) : weight;
        const updated = this.update({ weight: decayed, gradient, slots, rate, step });
        updated.slots.forEach((value, i) => slots[i]!.assign(value));
        weight.assign(updated.weight);
      }
    });
    this.incrementIterations();
  }

  #decays(name: string): boolean {
    return this.#options.weightDecay != null && !this.#excluded.some((part) => name.search(part) >= 0);
  }

  #clipped(trained: readonly Trained[]): readonly Trained[] {
    const { clipNorm, globalClipNorm, clipValue } = this.#options;
    const each = (clip: (gradient: tf.Tensor) => tf.Tensor) =>
      trained.map((one) => ({ ...one, gradient: clip(one.gradient) }));
    if (clipValue != null) return each((gradient) => tf.clipByValue(gradient, -clipValue, clipValue));
    if (clipNorm != null) return each((gradient) => scaledDown(gradient, squares(gradient), clipNorm));
    if (globalClipNorm == null || trained.length === 0) return trained;
    const all = tf.addN(trained.map(({ gradient }) => squares(gradient)));
    return each((gradient) => scaledDown(gradient, all, globalClipNorm));
  }

  #slotsOf(name: string, weight: tf.Variable): tf.Variable[] {
    let slots = this.#slots.get(name);
    if (!slots) {
      const loaded = this.#loaded.shift();
      slots = this.slotNames.map((slot, i) => {
        const { tensor } = loaded?.[i] ?? {};
        if (tensor && !tf.util.arraysEqual(tensor.shape, weight.shape))
          throw new KerasError(
            `The optimizer's loaded ${loaded![i]!.name}: found shape [${tensor.shape}], expected [${weight.shape}] as ${name}.`,
          );
        // Values from here, as opposed to a pass that fills: the second step's programs are then the first one's.
        const values = (): Float32Array => new Float32Array(weight.size).fill(this.initialValue(slot));
        const variable = tf.variable(tensor ?? tf.tensor(values(), weight.shape), false);
        tensor?.dispose();
        return variable;
      });
      this.#slots.set(name, slots);
    }
    return slots;
  }

  /** The number of updates as `iter`, then the accumulators: the first of all weights, the second of all weights. */
  override async getWeights(): Promise<NamedTensor[]> {
    const bound = [...this.#slots].map(([weight, variables]) =>
      variables.map((tensor, i) => ({ name: `${weight}/${this.slotNames[i]!}`, tensor: tensor })),
    );
    const rows = [...bound, ...this.#loaded];
    return [await this.saveIterations(), ...this.slotNames.flatMap((_, i) => rows.map((row) => row[i]!))];
  }

  /** Takes what `getWeights` gave; its accumulators belong to the weights in the order in which updates name them. */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const count = this.slotNames.length;
    const state = weights.slice(1);
    const rows = count === 0 ? 0 : state.length / count;
    if (weights.length === 0 || !Number.isInteger(rows) || (count === 0 && state.length > 0))
      throw new KerasError(
        `${this.kerasName}: found a state of ${weights.length} tensors, expected iter and ${count} (${this.slotNames.join(', ')}) for each weight.`,
      );
    await this.extractIterations(weights);
    const loaded = Array.from({ length: rows }, (_, row) =>
      this.slotNames.map((_, slot) => {
        const { name, tensor } = state[slot * rows + row]!;
        return { name, tensor: tf.keep(tf.clone(tensor)) };
      }),
    );
    this.#disposeState(); // last: these may be the tensors given
    this.#loaded = loaded;
  }

  #disposeState(): void {
    for (const variables of this.#slots.values()) tf.dispose(variables);
    tf.dispose(this.#loaded.flat().map(({ tensor }) => tensor));
    this.#slots.clear();
    this.#loaded = [];
  }

  override dispose(): void {
    this.#disposeState();
  }

  getConfig(): tf.serialization.ConfigDict {
    const rate = this.#learningRate;
    const learningRate =
      rate instanceof LearningRateSchedule ? { className: rate.className, config: rate.getConfig() } : rate;
    return { ...this.#options, learningRate } as unknown as tf.serialization.ConfigDict;
  }

  /** Makes an optimizer of what `getConfig` gave. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new cls(config);
  }
}

/** The weights that have a gradient: tfjs also names those that the loss does not depend on. */
function trainedBy(gradients: Gradients): Trained[] {
  const named = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  return named.flatMap(({ name, tensor }) => {
    const weight = tf.engine().registeredVariables[name];
    return weight && (tensor as tf.Tensor | undefined) ? [{ name, weight, gradient: tensor }] : [];
  });
}

/** The sum of the squares of all elements. */
const squares = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(x));

/** The gradient, scaled so that a norm with this square is at most `limit`. */
const scaledDown = (gradient: tf.Tensor, square: tf.Tensor, limit: number): tf.Tensor =>
  tf.mul(gradient, tf.div(limit, tf.maximum(tf.sqrt(square), limit)));

/** A rate as given, or as `getConfig` wrote a schedule. */
function restoredRate(rate: number | LearningRateSchedule): number | LearningRateSchedule {
  if (typeof rate === 'number' || rate instanceof LearningRateSchedule) return rate;
  const { className, config } = rate as { className: string; config: Record<string, unknown> };
  return deserializeSchedule(className, config);
}
