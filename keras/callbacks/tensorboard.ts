/** Keras's TensorBoard: event files of scalars, weights, images and the graph. */
import type * as tf from '@tensorflow/tfjs-core';
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import { KerasError } from '../errors';
import { openFolder, type Folder, type FolderPlace } from '../io/folder';
import { EventFile } from '../tensorboard/event_file';
import { graphOf } from '../tensorboard/graph';
import { histogram, images, kerasModel, loadEncoder, scalar, type Message } from '../tensorboard/messages';
import { pngOf, type Pixels } from '../tensorboard/png';
import { bucketsOf, pictureOf } from '../tensorboard/weights';
import { learningRateOf } from '../optimizers/learning_rate';
import { metricsOf, withKerasNames, type UnresolvedLogs } from './logs';
import { isReplaying } from './training_state';

/** Options of `TensorBoard`. */
export interface TensorBoardOptions {
  /** The folder of the logs. Default: `logs`. */
  readonly logDir?: FolderPlace;
  /** Epochs between two histograms of all weights; 0 for none. */
  readonly histogramFreq?: number;
  /** Whether to write weights as images along with the histograms. */
  readonly writeImages?: boolean;
  /** Whether to write the graph of the model. Default: true. */
  readonly writeGraph?: boolean;
  /** `epoch`, or `batch` or a number of batches, whose loss and metrics are then read. */
  readonly updateFreq?: 'epoch' | 'batch' | number;
}

/**
 * Writes what TensorBoard shows: `tensorboard --logdir logs`.
 *
 * What is trained on and what is validated on are two runs, `train` and `validation`, as in Keras.
 */
export class TensorBoard extends Callback {
  readonly #options: TensorBoardOptions;
  #folder!: Folder;
  readonly #files = new Map<string, EventFile>();
  #batches = 0;

  constructor(options: TensorBoardOptions = {}) {
    super();
    this.#options = options;
  }

  override async onTrainBegin(): Promise<void> {
    this.#folder = await openFolder(this.#options.logDir ?? 'logs');
    this.#batches = 0;
    if (this.#options.writeGraph ?? true) await this.#writeGraph(this.model);
  }

  override async onBatchEnd(_batch: number, logs?: UnresolvedLogs): Promise<void> {
    if (isReplaying(this.model)) return;
    const { updateFreq = 'epoch' } = this.#options;
    this.#batches++;
    if (updateFreq === 'epoch' || (updateFreq !== 'batch' && this.#batches % updateFreq > 0)) return;
    const values = Object.entries(withKerasNames(await metricsOf(logs)));
    await this.#write('train', this.model.optimizer.iterations, values.map(([name, value]) => scalar(`batch_${name}`, value))); // prettier-ignore
  }

  override async onEpochEnd(epoch: number, logs?: UnresolvedLogs): Promise<void> {
    if (isReplaying(this.model)) return; // written before the interruption
    const values = Object.entries({
      ...withKerasNames(await metricsOf(logs)),
      learning_rate: learningRateOf(this.model.optimizer),
    });
    const [train, validation] = [false, true].map((validated) =>
      values
        .filter(([name]) => name.startsWith('val_') === validated)
        .map(([name, value]) => scalar(`epoch_${name.replace(/^val_/, '')}`, value)),
    );
    const { histogramFreq = 0 } = this.#options;
    const weights = histogramFreq > 0 && epoch % histogramFreq === 0 ? await this.#weights() : [];
    await this.#write('train', epoch, [...train!, ...weights]);
    if (validation!.length > 0) await this.#write('validation', epoch, validation!);
    for (const file of this.#files.values()) await file.flush();
  }

  override async onTrainEnd(): Promise<void> {
    for (const file of this.#files.values()) await file.flush();
    this.#files.clear();
    await this.#folder.close?.();
  }

  /**
   * Writes images, for example from another callback during the training.
   *
   * @param pictures shape [count, height, width, channels] or [height, width, channels]; floats from 0 to 1, or integers to 255
   */
  async image(tag: string, pictures: tf.Tensor3D | tf.Tensor4D, step = 0): Promise<void> {
    const [count, height, width, channels] = [...(pictures.rank === 3 ? [1] : []), ...pictures.shape] as [number, number, number, number]; // prettier-ignore
    if (pictures.rank < 3 || pictures.rank > 4)
      throw new KerasError(`${tag}: found images of shape [${pictures.shape}], expected 3 or 4 axes.`);
    const values = await pictures.data();
    const scale = pictures.dtype === 'float32' ? 255 : 1;
    const levels = Uint8ClampedArray.from(values, (value) => value * scale);
    const size = height * width * channels;
    const shown = Array.from({ length: count }, (_, i) => ({
      width,
      height,
      channels,
      levels: new Uint8Array(levels.buffer, i * size, size),
    }));
    await this.#write('train', step, [await encodedImages(tag, shown)]);
  }

  async #writeGraph(model: LayersModel): Promise<void> {
    const encode = await loadEncoder();
    const file = await this.#file('train');
    file.addGraph(encode(graphOf(model)));
    file.add(0, [kerasModel(model.toJSON(undefined, true) as string)]);
  }

  async #weights(): Promise<Message[]> {
    const messages = this.model.weights.map(async (weight) => {
      const values = await weight.read().data();
      const name = weight.originalName;
      const picture = this.#options.writeImages ? pictureOf(values, weight.shape as number[]) : undefined;
      return [
        histogram(`${name}/histogram`, bucketsOf(values)),
        ...(picture ? [await encodedImages(`${name}/image`, [picture])] : []),
      ];
    });
    return (await Promise.all(messages)).flat();
  }

  async #write(run: string, step: number, values: readonly Message[]): Promise<void> {
    (await this.#file(run)).add(step, values);
  }

  async #file(run: string): Promise<EventFile> {
    let file = this.#files.get(run);
    if (!file) {
      file = new EventFile(this.#folder, run, await loadEncoder());
      this.#files.set(run, file);
    }
    return file;
  }
}

const encodedImages = async (tag: string, shown: readonly Pixels[]): Promise<Message> =>
  images(tag, await Promise.all(shown.map(async (pixels) => ({ ...pixels, png: await pngOf(pixels) }))));
