/** An event file in a folder, to which records are added. */
import type { Folder } from '../io/folder';
import { event, fileVersion, graphDef, summary, type Message } from './messages';
import { recordOf } from './records';

let files = 0;

export class EventFile {
  readonly #folder: Folder;
  readonly #name: string;
  readonly #encode: (message: Message) => Uint8Array;
  #pending: Uint8Array[] = [];

  constructor(folder: Folder, run: string, encode: (message: Message) => Uint8Array) {
    this.#folder = folder;
    this.#encode = encode;
    // TensorBoard reads files with this word in their names, in the order of the seconds.
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    this.#name = `${run}/events.out.tfevents.${seconds}.convgl.${Date.now() % 1000}.${files++}.v2`;
    this.#event(0, fileVersion);
  }

  add(step: number, values: readonly Message[]): void {
    this.#event(step, summary(values));
  }

  addGraph(bytes: Uint8Array): void {
    this.#event(0, graphDef(bytes));
  }

  #event(step: number, what: Message): void {
    this.#pending.push(recordOf(this.#encode(event(Date.now() / 1000, step, what))));
  }

  async flush(): Promise<void> {
    const bytes = new Uint8Array(this.#pending.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const record of this.#pending) {
      bytes.set(record, at);
      at += record.length;
    }
    this.#pending = [];
    if (at > 0) await this.#folder.append(this.#name, bytes);
  }
}
