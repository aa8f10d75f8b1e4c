/** Keras's CSVLogger: a row of values for each epoch. */
import { Callback } from '@tensorflow/tfjs-layers';
import { openFolder, type Folder, type FolderPlace } from '../io/folder';
import { metricsOf, withKerasNames, type UnresolvedLogs } from './logs';
import { isReplaying } from './training_state';

/** Options of `CSVLogger`. */
export interface CSVLoggerOptions {
  /** Between two values. Default: a comma. */
  readonly separator?: string;
  /** Whether to go on in a file that exists. */
  readonly append?: boolean;
  /** Where the file is; the current folder unless told otherwise. */
  readonly folder?: FolderPlace;
}

/** Keras's CSVLogger: writes a line of loss and metrics per epoch to a file. */
export class CSVLogger extends Callback {
  readonly #name: string;
  readonly #options: CSVLoggerOptions;
  #folder: Folder | undefined;
  #columns: readonly string[] | undefined;

  constructor(name: string, options: CSVLoggerOptions = {}) {
    super();
    this.#name = name;
    this.#options = options;
  }

  override async onTrainBegin(): Promise<void> {
    // In Node an absolute path is a file of the root.
    const place = this.#options.folder ?? (this.#name.startsWith('/') ? '/' : '.');
    this.#folder = await openFolder(place);
    const old = await this.#folder.read(this.#name);
    const goesOn = this.#options.append === true || isReplaying(this.model);
    this.#columns = goesOn && old ? firstRow(old, this.#separator) : undefined;
    if (!goesOn) await this.#folder.remove(this.#name);
  }

  override async onEpochEnd(epoch: number, logs?: UnresolvedLogs): Promise<void> {
    if (isReplaying(this.model)) return; // written before the interruption
    const values = { epoch, ...withKerasNames(await metricsOf(logs)) } as Record<string, number>;
    if (!this.#columns) {
      this.#columns = ['epoch', ...Object.keys(values).filter((name) => name !== 'epoch').sort()]; // prettier-ignore
      await this.#write(this.#columns);
    }
    await this.#write(this.#columns.map((name) => String(values[name] ?? 'NA')));
  }

  override async onTrainEnd(): Promise<void> {
    await this.#folder?.close?.();
  }

  get #separator(): string {
    return this.#options.separator ?? ',';
  }

  async #write(row: readonly string[]): Promise<void> {
    await this.#folder!.append(this.#name, new TextEncoder().encode(`${row.join(this.#separator)}\n`));
  }
}

const firstRow = (file: Uint8Array, separator: string): string[] =>
  new TextDecoder().decode(file).split('\n')[0]!.split(separator);
