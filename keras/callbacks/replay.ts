/** Lets `fit` pass over what an interrupted training has done already, at no cost and with no effect on the model. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Progress } from './backup_and_restore';
import { bestWeightsOf, setReplaying } from './training_state';

/** What `fit` computes a step from, and a model does not declare. */
interface Internals {
  outputs: unknown[];
  inputs: unknown[];
  lossFunctions: (() => tf.Tensor)[];
  metricsTensors: (readonly [() => tf.Tensor, number])[];
  metricsNames: readonly string[];
  calculateLosses: () => tf.Scalar[];
  optimizer: tf.Optimizer;
}

/**
 * While it lasts, a step of the model executes no layer, changes no weight, and gives the values of a batch that was.
 *
 * `fit` keeps its loop, so its shuffles and its callbacks happen as they did.
 */
export class Replay {
  readonly progress: Progress;
  readonly #model: LayersModel;
  readonly #best: { readonly bestEpoch: number; readonly bestWeights: tf.Tensor[] };
  readonly #end: () => void;
  #values: readonly number[] = [];

  constructor(model: LayersModel, progress: Progress, best: { bestEpoch: number; bestWeights: tf.Tensor[] }) {
    this.#model = model;
    this.progress = progress;
    this.#best = best;
    this.#end = this.#replaceStep(model as unknown as Internals);
  }

  /** What the next step is to give, by name. */
  nextBatch(logs: Readonly<Record<string, number>>): void {
    this.#values = Object.values(logs);
  }

  #replaceStep(model: Internals): () => void {
    const { outputs, lossFunctions, metricsTensors, optimizer } = model;
    const value = (i: number): tf.Tensor => tf.scalar(this.#values[i] ?? 0);
    // A model's input is a value that is there already.
    model.outputs = outputs.map(() => model.inputs[0]);
    // The value of the loss is the mean over the outputs' sum; the metrics of several outputs begin with their losses.
    model.lossFunctions = lossFunctions.map((_, i) => () => (outputs.length > 1 ? value(i + 1) : value(0)));
    model.metricsTensors = metricsTensors.map(([, output], i) => [() => value(i + 1), output] as const);
    model.calculateLosses = () => [];
    optimizer.minimize = (loss) => {
      const sum = loss();
      return outputs.length > 1 ? (value(0) as tf.Scalar) : sum;
    };
    return () => {
      Object.assign(model, { outputs, lossFunctions, metricsTensors });
      delete (model as Partial<Internals>).calculateLosses;
      delete (optimizer as Partial<tf.Optimizer>).minimize;
    };
  }

  /** The training begins again. */
  end(): void {
    this.#end();
    setReplaying(this.#model, false);
    const holder = bestWeightsOf(this.#model);
    // The replay remembers the weights of now; those of an earlier best epoch are in the backup.
    if (holder?.bestWeights && holder.bestEpoch === this.#best.bestEpoch && this.#best.bestWeights.length > 0) {
      tf.dispose(holder.bestWeights);
      holder.bestWeights = this.#best.bestWeights;
    } else tf.dispose(this.#best.bestWeights);
  }
}
