/** Keras's ModelCheckpoint: saves the model after epochs or batches, all of them or only the best. */
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import { isNode, nodeFiles } from '../io/node_files';
import { print } from '../io/print';
import { saveModel } from '../saving/model';
import { saveWeights } from '../saving/weights';
import { Monitor, metricsOf, withKerasNames, type MonitorOptions, type UnresolvedLogs } from './logs';
import { isReplaying } from './training_state';

/** Options of `ModelCheckpoint`. */
export interface ModelCheckpointOptions extends MonitorOptions {
  /** Whether only improvements are saved. Default: false. */
  readonly saveBestOnly?: boolean;
  /** `epoch`, or a number of batches. */
  readonly saveFreq?: 'epoch' | number;
  /** What is known as the best before the training. */
  readonly initialValueThreshold?: number;
  /**
   * How to save under the name made of the pattern. Unless told otherwise, `saveWeights` for names that end in `.weights.h5`,
   * `saveModel` for other `.h5` and `.keras`, and `model.save` with the optimizer for any other, such as `indexeddb://best`.
   */
  readonly save?: (name: string, model: LayersModel) => Promise<unknown>;
  /** 1 prints what is saved. Default: 0. */
  readonly verbose?: 0 | 1;
}

async function saveByName(name: string, model: LayersModel): Promise<void> {
  const folder = name.slice(0, Math.max(0, name.lastIndexOf('/')));
  if (folder !== '' && !name.includes('://') && isNode()) await (await nodeFiles()).mkdir(folder, { recursive: true });
  if (name.endsWith('.weights.h5')) await saveWeights(model, name);
  else if (/\.(h5|keras)$/.test(name)) await saveModel(model, name);
  else await model.save(name, { includeOptimizer: true });
}

/** Keras's ModelCheckpoint: saves the model after epochs or batches, all of them or only the best. */
export class ModelCheckpoint extends Callback {
  readonly #pattern: string;
  readonly #options: ModelCheckpointOptions;
  readonly #monitor: Monitor;
  #epoch = 0;
  #batches = 0;
  #best: number;

  /** @param pattern a name with places such as `{epoch:02d}` and `{val_loss:.2f}` */
  constructor(pattern: string, options: ModelCheckpointOptions = {}) {
    super();
    this.#pattern = pattern;
    this.#options = options;
    this.#monitor = new Monitor(options);
    this.#best = options.initialValueThreshold ?? this.#monitor.worst;
  }

  override onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch;
    return Promise.resolve();
  }

  override async onBatchEnd(_batch: number, logs?: UnresolvedLogs): Promise<void> {
    const { saveFreq = 'epoch' } = this.#options;
    this.#batches++;
    if (saveFreq !== 'epoch' && this.#batches % saveFreq === 0) await this.#offer(await metricsOf(logs));
  }

  override async onEpochEnd(_epoch: number, logs?: UnresolvedLogs): Promise<void> {
    if ((this.#options.saveFreq ?? 'epoch') === 'epoch') await this.#offer(await metricsOf(logs));
  }

  async #offer(logs: Record<string, number>): Promise<void> {
    const { saveBestOnly = false, save = saveByName, verbose = 0 } = this.#options;
    if (saveBestOnly) {
      const value = this.#monitor.of(logs);
      if (value === undefined || !this.#monitor.isBetter(value, this.#best)) return;
      this.#best = value;
    }
    if (isReplaying(this.model)) return; // saved before the interruption
    const name = formatName(this.#pattern, { ...logs, ...withKerasNames(logs), epoch: this.#epoch + 1 });
    if (verbose) print(`Epoch ${this.#epoch + 1}: saving model to ${name}`);
    await save(name, this.model);
  }
}

/** Python's format for numbers, as far as names of files use it: `{epoch:02d}`, `{val_loss:.2f}`, `{loss}`. */
export function formatName(pattern: string, values: Readonly<Record<string, number>>): string {
  return pattern.replace(/\{(\w+)(?::(0?\d*)(?:\.(\d+))?([df]?))?\}/g, (place, name: string, ...rest) => {
    const [width = '', digits = undefined, kind = ''] = rest as [string?, string?, string?];
    const value = values[name];
    if (value === undefined) return place;
    const text =
      digits === undefined ? (kind === 'f' ? value.toFixed(6) : String(value)) : value.toFixed(Number(digits));
    return text.padStart(Number(width), width.startsWith('0') ? '0' : ' ');
  });
}
