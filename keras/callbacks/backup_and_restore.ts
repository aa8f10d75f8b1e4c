/** Keras's BackupAndRestore: a training that was interrupted goes on, and ends with the same bits as one that was not. */
import * as tf from '@tensorflow/tfjs-core';
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import { KerasError } from '../errors';
import { openFolder, type Folder, type FolderPlace } from '../io/folder';
import type { RandomNumbers } from '../utils/random_seed';
import { decodeBackup, encodeBackup, type NamedTensors } from './backup_file';
import { metricsOf, type UnresolvedLogs } from './logs';
import { Replay } from './replay';
import { bestWeightsOf, setReplaying, writeWeights } from './training_state';

/** Options of `BackupAndRestore`. */
export interface BackupAndRestoreOptions {
  /** `epoch`, or a number of batches. */
  readonly saveFreq?: 'epoch' | number;
  /** Whether to remove the backup once the training is done. */
  readonly deleteCheckpoint?: boolean;
}

/** How far a training has come. */
export interface Progress {
  /** The epoch and batch to go on with. */
  readonly epoch: number;
  readonly batch: number;
  readonly firstEpoch: number;
  /** The states of `utils.setRandomSeed`'s numbers at the beginning of each epoch, and now. */
  readonly random: readonly (number | null)[];
  readonly randomNow: number | null;
  /** What each finished epoch was logged with. */
  readonly epochs: readonly Record<string, number>[];
  /** The loss and metrics of each batch of the epoch to go on with. */
  readonly batches: readonly Record<string, number>[];
}

/** What lies in the file beside the tensors. */
interface Saved {
  readonly progress: Progress;
  readonly weights: number;
  readonly optimizer: number;
  readonly bestEpoch: number;
}

const FILE = 'backup.convgl';

/**
 * Saves weights, the optimizer's state, the random numbers' and all values logged, and goes on from there in the next `fit` with
 * the same data, options and callbacks: after a reload, or once a lost context is restored.
 *
 * Stands first among the callbacks. The epochs that are done pass by without training: `fit` shuffles as it did, and the callbacks
 * that follow hear the same values again, so that each comes to the state that it had.
 */
export class BackupAndRestore extends Callback {
  readonly #place: FolderPlace;
  readonly #options: BackupAndRestoreOptions;
  #folder!: Folder;
  #replay: Replay | undefined;
  #epoch = 0;
  #firstEpoch = 0;
  #random: (number | null)[] = [];
  #epochs: Record<string, number>[] = [];
  #batches: Record<string, number>[] = [];
  /** Values of batches that have not been read yet. */
  #unread: UnresolvedLogs[] = [];

  /** @param place a folder for the backup alone */
  constructor(place: FolderPlace, options: BackupAndRestoreOptions = {}) {
    super();
    this.#place = place;
    this.#options = options;
  }

  override async onTrainBegin(): Promise<void> {
    this.#replay?.end(); // of a training that an error ended
    this.#replay = undefined;
    this.#firstEpoch = (this.params['initialEpoch'] as number | undefined) ?? 0;
    this.#random = [];
    this.#epochs = [];
    this.#startEpoch([]);
    this.#folder = await openFolder(this.#place);
    const file = await this.#folder.read(FILE);
    if (file) await this.#restore(file);
  }

  override onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch;
    const { progress } = this.#replay ?? {};
    if (progress?.epoch === epoch && progress.batch === 0) this.#endReplay();
    const past = progress?.random[epoch - this.#firstEpoch];
    if (past === undefined) this.#random.push(randomState());
    else setRandomState(past);
    return Promise.resolve();
  }

  override onBatchBegin(batch: number): Promise<void> {
    const { progress } = this.#replay ?? {};
    if (progress?.epoch !== this.#epoch) return Promise.resolve();
    if (batch === progress.batch) this.#endReplay();
    else this.#replay!.nextBatch(progress.batches[batch]!);
    return Promise.resolve();
  }

  override async onBatchEnd(batch: number, logs: UnresolvedLogs = {}): Promise<void> {
    if (this.#replay) {
      // One batch of a past epoch is enough.
      if (this.#epoch < this.#replay.progress.epoch) this.model.stopTraining = true;
      return;
    }
    const { saveFreq = 'epoch' } = this.#options;
    if (saveFreq === 'epoch') return;
    this.#unread.push(kept(logs));
    const { samples, batchSize } = this.params as { samples: number; batchSize: number };
    // The last batch is saved with the epoch.
    if ((batch + 1) % saveFreq === 0 && (batch + 1) * batchSize < samples) await this.#save(this.#epoch, batch + 1);
  }

  override async onEpochEnd(epoch: number, logs: UnresolvedLogs = {}): Promise<void> {
    if (this.#replay) {
      const past = this.#replay.progress.epochs[epoch - this.#firstEpoch]!;
      tf.dispose(Object.values(logs).filter((value) => value instanceof tf.Tensor));
      for (const name of Object.keys(logs)) delete logs[name];
      Object.assign(logs, past);
      this.model.stopTraining = false;
      return;
    }
    this.#epochs.push(await metricsOf(logs));
    this.#startEpoch([]);
    await this.#save(epoch + 1, 0);
  }

  override async onTrainEnd(): Promise<void> {
    if (this.#replay) this.#endReplay(); // all had been done
    this.#startEpoch([]);
    if (this.#options.deleteCheckpoint ?? true) await this.#folder.remove(FILE);
    await this.#folder.close?.();
  }

  #startEpoch(batches: Record<string, number>[]): void {
    this.#batches = batches;
    for (const logs of this.#unread) tf.dispose(Object.values(logs).filter((value) => value instanceof tf.Tensor));
    this.#unread = [];
  }

  async #save(epoch: number, batch: number): Promise<void> {
    this.#batches.push(...(await Promise.all(this.#unread.map(metricsOf))));
    this.#startEpoch(this.#batches);
    const progress: Progress = {
      epoch,
      batch,
      firstEpoch: this.#firstEpoch,
      random: this.#random,
      randomNow: randomState(),
      epochs: this.#epochs,
      batches: this.#batches,
    };
    const { model } = this;
    const state = await model.optimizer.getWeights();
    const { bestEpoch = 0, bestWeights = [] } = bestWeightsOf(model) ?? {};
    const tensors = [
      ...model.weights.map((weight) => weight.read()),
      ...state.map(({ tensor }) => tensor),
      ...bestWeights,
    ];
    const names = [...model.weights.map(({ originalName }) => originalName), ...state.map(({ name }) => name)];
    const content: Saved = { progress, weights: model.weights.length, optimizer: state.length, bestEpoch };
    await this.#folder.write(FILE, await encodeBackup(content, { names, tensors }));
    state[0]?.tensor.dispose(); // iter, which getWeights made
  }

  async #restore(file: Uint8Array): Promise<void> {
    const { model } = this;
    const { content, names, tensors } = decodeBackup<Saved>(file);
    try {
      checkWeights(model, content, { names, tensors });
      const [weights, state] = [tensors.slice(0, content.weights), tensors.slice(content.weights)];
      writeWeights(model, weights);
      await model.optimizer.setWeights(
        state.slice(0, content.optimizer).map((tensor, i) => ({ name: names[content.weights + i]!, tensor })),
      );
      const { progress } = content;
      this.#firstEpoch = progress.firstEpoch;
      this.#random = [...progress.random];
      this.#epochs = [...progress.epochs];
      this.#batches = [...progress.batches];
      const best = state.slice(content.optimizer).map((tensor) => tf.keep(tf.clone(tensor)));
      this.#replay = new Replay(model, progress, { bestEpoch: content.bestEpoch, bestWeights: best });
      setReplaying(model, true);
    } finally {
      tf.dispose([...tensors]);
    }
  }

  #endReplay(): void {
    setRandomState(this.#replay!.progress.randomNow);
    this.#replay!.end();
    this.#replay = undefined;
  }
}

/** The values as tensors of the callback's own. */
const kept = (logs: UnresolvedLogs): UnresolvedLogs =>
  Object.fromEntries(
    Object.entries(logs).map(([name, value]) => [name, typeof value === 'number' ? value : tf.keep(tf.clone(value))]),
  );

/** The state of seeded numbers; nothing where nobody called `utils.setRandomSeed`. */
const randomState = (): number | null => (Math.random as Partial<RandomNumbers>).state ?? null;

function setRandomState(state: number | null): void {
  const random = Math.random as Partial<RandomNumbers>;
  if (state !== null && random.state !== undefined) random.state = state;
}

function checkWeights(model: LayersModel, saved: Saved, { names, tensors }: NamedTensors): void {
  // tfjs-layers counts the layers of a page, so that a model built again has other numbers at the ends of their names.
  const described = (name: string, shape: readonly (number | null)[]): string =>
    `${name.replace(/\d+(?=\/)/g, '')} [${shape.join(', ')}]`;
  const found = names.slice(0, saved.weights).map((name, i) => described(name, tensors[i]!.shape));
  const expected = model.weights.map((weight) => described(weight.originalName, weight.shape));
  const different = expected.findIndex((text, i) => text !== found[i]);
  if (found.length === expected.length && different === -1) return;
  const at = different === -1 ? expected.length : different;
  throw new KerasError(
    `The backup is of another model: weight ${at} is ${found[at] ?? 'missing'}, expected ${expected[at] ?? 'none'}.`,
  );
}
