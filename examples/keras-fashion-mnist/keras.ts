/** What Keras has and tfjs-layers lacks: SGD with decay, and progress. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface SGDOptions {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly decay?: number;
}

/** Keras 2's learning rate after `iterations` updates. */
export function decayedLearningRate({ learningRate, decay = 0 }: SGDOptions, iterations: number): number {
  return learningRate / (1 + decay * iterations);
}

/**
 * Keras 2's `SGD(lr, momentum, decay)`: velocity = momentum * velocity - rate * gradient; weight += velocity.
 *
 * `tf.train.momentum` has no decay, and it scales the whole velocity by the current rate where Keras scales each
 * gradient by the rate of its own step; with a rate that changes, the two drift apart.
 */
export class SGD extends tf.Optimizer {
  static readonly className = 'KerasSGD';
  readonly #options: SGDOptions;
  readonly #velocities = new Map<string, tf.Variable>();

  constructor(options: SGDOptions) {
    super();
    this.#options = options;
  }

  override applyGradients(gradients: Parameters<tf.Optimizer['applyGradients']>[0]): void {
    const named = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    const rate = decayedLearningRate(this.#options, this.iterations);
    const momentum = this.#options.momentum ?? 0;
    for (const { name, tensor: gradient } of named) {
      const weight = tf.engine().registeredVariables[name];
      // tfjs names a weight that the loss does not depend on, with no gradient.
      if (!weight || !gradient) continue;
      tf.tidy(() => {
        const velocity = this.#velocity(name, weight);
        velocity.assign(tf.sub(tf.mul(velocity, momentum), tf.mul(gradient, rate)));
        weight.assign(tf.add(weight, velocity));
      });
    }
    this.incrementIterations();
  }

  #velocity(name: string, weight: tf.Variable): tf.Variable {
    let velocity = this.#velocities.get(name);
    if (!velocity) {
      velocity = tf.variable(tf.zerosLike(weight), false);
      this.#velocities.set(name, velocity);
    }
    return velocity;
  }

  override dispose(): void {
    for (const velocity of this.#velocities.values()) velocity.dispose();
    this.#velocities.clear();
  }

  getConfig(): tf.serialization.ConfigDict {
    return { ...this.#options };
  }
}

/** How far an epoch has come. */
export interface Progress {
  readonly epoch: number;
  /** Steps done in this epoch, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Mean over the batches of this epoch whose values were read. */
  readonly loss: number;
  readonly acc: number;
  /** Milliseconds per step since the values were last read, the read included. */
  readonly msPerStep: number;
}

export interface ProgressListener {
  onEpochBegin?(epoch: number): Promise<void> | void;
  /** Called when values were read, which waits for the GPU; see `ProgressCallback`. */
  onProgress?(progress: Progress, batch: { readonly loss: number; readonly acc: number }): Promise<void> | void;
  onEpochEnd?(epoch: number, logs: Readonly<Record<string, number>>): Promise<void> | void;
}

/** Values by name; a scalar is still on the GPU. */
type UnresolvedLogs = Record<string, number | tf.Scalar>;

/** The first steps are read one by one: their losses are what two backends are compared by. */
export const STEPS_READ_SINGLY = 10;
const READ_INTERVAL_MS = 100;

/**
 * What Keras prints during `fit`, as calls to a listener.
 *
 * Reading a loss waits until the GPU has done all that was asked of it. Beyond the first steps it is therefore done ten
 * times a second and not after every batch, so that the JavaScript thread and the GPU work at the same time.
 */
export class ProgressCallback extends tfl.Callback {
  readonly #listener: ProgressListener;
  readonly #readIntervalMs: number;
  #epoch = 0;
  #stepsInAll = 0;
  #readAt = 0;
  #stepsSinceRead = 0;
  #batchesRead = 0;
  #sums = { loss: 0, acc: 0 };

  /** @param readIntervalMs how long a page may stay without an answer to its user */
  constructor(listener: ProgressListener, readIntervalMs = READ_INTERVAL_MS) {
    super();
    this.#listener = listener;
    this.#readIntervalMs = readIntervalMs;
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch;
    this.#batchesRead = 0;
    this.#sums = { loss: 0, acc: 0 };
    await this.#listener.onEpochBegin?.(epoch);
    this.#stepsSinceRead = 0;
    this.#readAt = performance.now();
  }

  override async onBatchEnd(batch: number, logs?: UnresolvedLogs): Promise<void> {
    this.#stepsInAll++;
    this.#stepsSinceRead++;
    const steps = this.#steps();
    const due = performance.now() - this.#readAt >= this.#readIntervalMs;
    if (!due && batch + 1 < steps && this.#stepsInAll > STEPS_READ_SINGLY) return;
    const [loss, acc] = await Promise.all([scalarValue(logs?.['loss']), scalarValue(logs?.['acc'])]);
    const msPerStep = (performance.now() - this.#readAt) / this.#stepsSinceRead;
    this.#batchesRead++;
    this.#sums = { loss: this.#sums.loss + loss, acc: this.#sums.acc + acc };
    const progress = {
      epoch: this.#epoch,
      step: batch + 1,
      steps,
      loss: this.#sums.loss / this.#batchesRead,
      acc: this.#sums.acc / this.#batchesRead,
      msPerStep,
    };
    await this.#listener.onProgress?.(progress, { loss, acc });
    this.#stepsSinceRead = 0;
    this.#readAt = performance.now();
  }

  override async onEpochEnd(epoch: number, logs: UnresolvedLogs = {}): Promise<void> {
    const entries = Object.entries(logs).map(async ([key, value]) => [key, await scalarValue(value)] as const);
    await this.#listener.onEpochEnd?.(epoch, Object.fromEntries(await Promise.all(entries)));
  }

  #steps(): number {
    const { samples, batchSize } = this.params as { samples: number; batchSize: number };
    return Math.ceil(samples / batchSize);
  }
}

async function scalarValue(value: number | tf.Scalar | undefined): Promise<number> {
  if (value instanceof tf.Tensor) return (await value.data())[0] ?? Number.NaN;
  return value ?? Number.NaN;
}
