/** Keras's EarlyStopping, which also restores the best weights. */
import * as tf from '@tensorflow/tfjs-core';
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import { print } from '../io/print';
import { Monitor, resolvedLogs, type MonitorOptions, type UnresolvedLogs } from './logs';
import { holdBestWeights, snapshotOf, writeWeights, type BestWeights } from './training_state';

/** Options of `EarlyStopping`. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without an improvement after which training stops. */
  readonly patience?: number;
  /** What to improve on at least. */
  readonly baseline?: number;
  /** Whether the model gets the weights of its best epoch when training ends. Default: false. */
  readonly restoreBestWeights?: boolean;
  /** Epochs before this one do not count. */
  readonly startFromEpoch?: number;
  /** 1 prints when training stops. Default: 0. */
  readonly verbose?: 0 | 1;
}

/** Keras's EarlyStopping: ends training once a loss or metric no longer improves. */
export class EarlyStopping extends Callback implements BestWeights {
  readonly #options: EarlyStoppingOptions;
  readonly #monitor: Monitor;
  #wait = 0;
  /** The epoch that training stopped in, or 0. */
  stoppedEpoch = 0;
  best: number;
  bestEpoch = 0;
  bestWeights: tf.Tensor[] | undefined;

  constructor(options: EarlyStoppingOptions = {}) {
    super();
    this.#options = options;
    this.#monitor = new Monitor(options);
    this.best = this.#monitor.worst;
  }

  override setModel(model: LayersModel): void {
    super.setModel(model);
    holdBestWeights(model, this);
  }

  override onTrainBegin(): Promise<void> {
    this.#wait = 0;
    this.stoppedEpoch = 0;
    this.best = this.#monitor.worst;
    this.bestEpoch = 0;
    this.#forget();
    return Promise.resolve();
  }

  // eslint-disable-next-line complexity -- the conditions of Keras's own, in their order.
  override async onEpochEnd(epoch: number, logs?: UnresolvedLogs): Promise<void> {
    const { patience = 0, baseline, restoreBestWeights = false, startFromEpoch = 0 } = this.#options;
    const value = this.#monitor.of(await resolvedLogs(logs));
    if (value === undefined || epoch < startFromEpoch) return;
    if (restoreBestWeights && !this.bestWeights) this.#remember(epoch);
    this.#wait++;
    if (this.#monitor.isBetter(value, this.best)) {
      this.best = value;
      this.bestEpoch = epoch;
      if (restoreBestWeights) this.#remember(epoch);
      if (baseline === undefined || this.#monitor.isBetter(value, baseline)) this.#wait = 0;
      return;
    }
    if (this.#wait >= patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  override onTrainEnd(): Promise<void> {
    if (this.stoppedEpoch > 0 && this.#options.verbose) print(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (this.bestWeights) writeWeights(this.model, this.bestWeights);
    this.#forget();
    return Promise.resolve();
  }

  #remember(epoch: number): void {
    this.#forget();
    this.bestEpoch = epoch;
    this.bestWeights = snapshotOf(this.model);
  }

  #forget(): void {
    tf.dispose(this.bestWeights);
    this.bestWeights = undefined;
  }
}
