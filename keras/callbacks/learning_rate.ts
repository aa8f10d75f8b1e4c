/** Keras's callbacks that change the learning rate: by a function of the epoch, or where nothing improves any more. */
import { Callback } from '@tensorflow/tfjs-layers';
import { KerasError } from '../errors';
import { print } from '../io/print';
import { learningRateOf, setLearningRate } from '../optimizers/learning_rate';
import { Monitor, resolvedLogs, type MonitorOptions, type UnresolvedLogs } from './logs';

/** Sets the learning rate at the beginning of each epoch, from its number and the rate so far. */
export class LearningRateScheduler extends Callback {
  readonly #schedule: (epoch: number, rate: number) => number;

  constructor(schedule: (epoch: number, rate: number) => number) {
    super();
    this.#schedule = schedule;
  }

  override onEpochBegin(epoch: number): Promise<void> {
    const rate = this.#schedule(epoch, learningRateOf(this.model.optimizer));
    if (!Number.isFinite(rate)) throw new KerasError(`LearningRateScheduler: found rate ${rate}, expected a number.`);
    setLearningRate(this.model.optimizer, rate);
    return Promise.resolve();
  }

  override onEpochEnd(_epoch: number, logs: UnresolvedLogs = {}): Promise<void> {
    logs['learning_rate'] = learningRateOf(this.model.optimizer);
    return Promise.resolve();
  }
}

/** Options of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the rate is multiplied by. Less than 1. Default: 0.1. */
  readonly factor?: number;
  /** Epochs without an improvement after which the rate falls. */
  readonly patience?: number;
  /** Epochs after a fall that do not count. */
  readonly cooldown?: number;
  /** The lowest rate. Default: 0. */
  readonly minLR?: number;
  /** 1 prints each new rate. Default: 0. */
  readonly verbose?: 0 | 1;
}

/** Multiplies the learning rate by a factor where a value no longer improves. */
export class ReduceLROnPlateau extends Callback {
  readonly #options: ReduceLROnPlateauOptions;
  readonly #monitor: Monitor;
  #best: number;
  #wait = 0;
  #cooldown = 0;

  constructor(options: ReduceLROnPlateauOptions = {}) {
    super();
    if ((options.factor ?? 0) >= 1)
      throw new KerasError(`ReduceLROnPlateau: found factor ${options.factor}, expected less than 1.`);
    this.#options = options;
    this.#monitor = new Monitor({ minDelta: 1e-4, ...options });
    this.#best = this.#monitor.worst;
  }

  override onTrainBegin(): Promise<void> {
    this.#best = this.#monitor.worst;
    this.#wait = this.#cooldown = 0;
    return Promise.resolve();
  }

  override async onEpochEnd(epoch: number, logs: UnresolvedLogs = {}): Promise<void> {
    const value = this.#monitor.of(await resolvedLogs(logs));
    logs['learning_rate'] = learningRateOf(this.model.optimizer);
    if (value === undefined) return;
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#wait = 0;
    }
    if (this.#monitor.isBetter(value, this.#best)) {
      this.#best = value;
      this.#wait = 0;
    } else if (this.#cooldown === 0 && ++this.#wait >= (this.#options.patience ?? 10)) this.#reduce(epoch);
  }

  #reduce(epoch: number): void {
    const { factor = 0.1, cooldown = 0, minLR = 0, verbose = 0 } = this.#options;
    const rate = learningRateOf(this.model.optimizer);
    if (rate <= minLR) return;
    const reduced = Math.max(rate * factor, minLR);
    setLearningRate(this.model.optimizer, reduced);
    if (verbose) print(`Epoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${reduced}.`);
    this.#cooldown = cooldown;
    this.#wait = 0;
  }
}
