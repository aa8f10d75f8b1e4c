/** Keras's callbacks of a few lines: History, LambdaCallback and TerminateOnNaN. */
import { Callback, type Logs } from '@tensorflow/tfjs-layers';
import { kerasName, metricsOf, type UnresolvedLogs } from './logs';

/** The values of each epoch by name; `accuracy` is to be found as `acc` too, and `val_accuracy` as `val_acc`. */
export class History extends Callback {
  /** The epochs so far, counted from 0. */
  epoch: number[] = [];
  /** Loss and metrics of each epoch, by their names. */
  history: Record<string, number[]> = {};

  override onTrainBegin(): Promise<void> {
    this.epoch = [];
    this.history = {};
    return Promise.resolve();
  }

  override async onEpochEnd(epoch: number, logs?: UnresolvedLogs): Promise<void> {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(await metricsOf(logs))) {
      const values = (this.history[kerasName(name)] ??= []);
      this.history[name] ??= values;
      values.push(value);
    }
  }
}

type Told = (logs: Logs) => Promise<void> | void;
type ToldAt = (at: number, logs: Logs) => Promise<void> | void;

/** Functions that `LambdaCallback` calls; a promise that one returns is awaited. */
export interface LambdaCallbackOptions {
  /** Before the first epoch. */
  readonly onTrainBegin?: Told;
  /** After the last epoch. */
  readonly onTrainEnd?: Told;
  /** Before each epoch, which is counted from 0. */
  readonly onEpochBegin?: ToldAt;
  /** After each epoch, with its loss and metrics. */
  readonly onEpochEnd?: ToldAt;
  /** Before each batch, which is counted from 0 in each epoch. */
  readonly onBatchBegin?: ToldAt;
  /** After each batch, with its loss and metrics. */
  readonly onBatchEnd?: ToldAt;
}

/** Calls the given functions with logs that are numbers. */
export class LambdaCallback extends Callback {
  readonly #functions: LambdaCallbackOptions;

  constructor(functions: LambdaCallbackOptions) {
    super();
    this.#functions = functions;
  }

  override onTrainBegin = (logs?: UnresolvedLogs): Promise<void> => this.#tell('onTrainBegin', logs);
  override onTrainEnd = (logs?: UnresolvedLogs): Promise<void> => this.#tell('onTrainEnd', logs);
  override onEpochBegin = (epoch: number, logs?: UnresolvedLogs): Promise<void> =>
    this.#tellAt('onEpochBegin', epoch, logs);
  override onEpochEnd = (epoch: number, logs?: UnresolvedLogs): Promise<void> =>
    this.#tellAt('onEpochEnd', epoch, logs);
  override onBatchBegin = (batch: number, logs?: UnresolvedLogs): Promise<void> =>
    this.#tellAt('onBatchBegin', batch, logs);
  override onBatchEnd = (batch: number, logs?: UnresolvedLogs): Promise<void> =>
    this.#tellAt('onBatchEnd', batch, logs);

  // Reading logs waits for the GPU, so only who asks for them has them read.
  async #tell(name: 'onTrainBegin' | 'onTrainEnd', logs?: UnresolvedLogs): Promise<void> {
    const told = this.#functions[name];
    if (told) await told(await metricsOf(logs));
  }

  async #tellAt(
    name: 'onEpochBegin' | 'onEpochEnd' | 'onBatchBegin' | 'onBatchEnd',
    at: number,
    logs?: UnresolvedLogs,
  ): Promise<void> {
    const told = this.#functions[name];
    if (told) await told(at, await metricsOf(logs));
  }
}

/** Stops the training once a loss is not a number or infinite; reads the loss of every batch, which waits for the GPU. */
export class TerminateOnNaN extends Callback {
  override async onBatchEnd(batch: number, logs?: UnresolvedLogs): Promise<void> {
    const { loss } = await metricsOf(logs);
    if (loss === undefined || Number.isFinite(loss)) return;
    console.warn(`Batch ${batch}: Invalid loss, terminating training`);
    this.model.stopTraining = true;
  }
}
