/** Measures a training: how long its first step takes, and its other ones. */
import * as tf from '@tensorflow/tfjs';

type Logs = Readonly<Record<string, number | tf.Scalar>>;

/** A callback that waits for the GPU after the first and last step of each epoch, and at no other time. */
export class StepTimes extends tf.Callback {
  firstStepMs = NaN;
  /** Milliseconds of a step, for each epoch. */
  readonly perStep: number[] = [];
  trainSeconds = NaN;
  imagesPerSecond = NaN;
  #trainBegan = 0;
  #startedAt = 0;
  #counted = 0;

  override onTrainBegin(): Promise<void> {
    this.#trainBegan = performance.now();
    return Promise.resolve();
  }

  override onTrainEnd(): Promise<void> {
    const { samples, batchSize } = this.params as { samples: number; batchSize: number };
    this.trainSeconds = (performance.now() - this.#trainBegan) / 1000;
    this.imagesPerSecond = (1000 * Math.min(samples, batchSize)) / this.median;
    return Promise.resolve();
  }

  override onEpochBegin(): Promise<void> {
    this.#startedAt = performance.now();
    this.#counted = 0;
    return Promise.resolve();
  }

  override async onBatchEnd(batch: number, logs: Logs = {}): Promise<void> {
    this.#counted++;
    const { samples, batchSize } = this.params as { samples: number; batchSize: number };
    const steps = Math.ceil(samples / batchSize);
    const first = Number.isNaN(this.firstStepMs);
    if (!first && batch + 1 < steps) return;
    await finished(logs['loss']);
    const ms = performance.now() - this.#startedAt;
    if (first) {
      this.firstStepMs = ms;
      this.#startedAt = performance.now();
      this.#counted = 0;
      if (steps > 1) return;
    }
    this.perStep.push(ms / Math.max(1, this.#counted));
  }

  /** The median over the epochs. */
  get median(): number {
    const sorted = [...this.perStep].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? NaN;
  }
}

/** Waits until the GPU has computed a value. */
async function finished(value: number | tf.Scalar | undefined): Promise<void> {
  if (value instanceof tf.Tensor) await value.data();
}
