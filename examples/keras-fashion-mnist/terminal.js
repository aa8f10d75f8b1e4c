// @ts-check
/** Prints a run: lines of the script, and its line of progress, rewritten in place where the output is a terminal. */
import { stdout } from 'node:process';
import { Presets, SingleBar } from 'cli-progress';
import { limitDataset, loadDataset } from './dataset.js';

/** Writes text with \r and \n: to a terminal as it is, elsewhere each line once, when it is complete. */
export class ProgressPrinter {
  #line = '';
  #write;

  /** @param {Pick<NodeJS.WriteStream, 'write' | 'isTTY'>} [output] */
  constructor(output = stdout) {
    this.#write = (/** @type {string} */ text) => output.write(text);
    this.rewrites = output.isTTY;
  }

  /** @param {string} text */
  progress(text) {
    for (const part of text.split(/(?=[\r\n])/)) {
      if (part.startsWith('\n')) {
        this.#write(this.rewrites ? '\n' : `${this.#line.trimEnd()}\n`);
        this.#line = part.slice(1);
      } else {
        this.#line = part.startsWith('\r') ? part.slice(1) : this.#line + part;
      }
      if (this.rewrites) this.#write(`\r${this.#line}`);
    }
  }

  /** @param {string} line */
  line(line) {
    this.stop();
    this.#write(`${line}\n`);
  }

  /** Ends an unfinished line of progress, before something else is printed. */
  stop() {
    if (this.rewrites && this.#line !== '') this.#write('\n');
    this.#line = '';
  }
}

/**
 * Loads the images that a command's options name, and prints how the download goes and which images these are.
 *
 * @param {{ data?: string, seed: number, limit: number }} chosen
 */
export async function loadChosen({ data, seed, limit }) {
  const found = await loadDataset({
    seed,
    ...(data === undefined ? {} : { directory: data }),
    onProgress: downloadProgress(),
    onMessage: (message) => console.log(message),
  });
  const dataset = limitDataset(found, limit);
  console.log(`Data: ${dataset.source}${dataset === found ? '' : ` (--limit ${found.data[0][1].length} for all)`}.`);
  return dataset;
}

/**
 * A bar for one file that is downloaded; silent where the output is no terminal.
 *
 * @returns {(file: string, received: number, total: number) => void}
 */
function downloadProgress() {
  /** @type {string | undefined} */
  let current;
  /** @type {SingleBar | undefined} */
  let shown;
  return (file, received, total) => {
    if (file !== current) {
      current = file;
      console.log(`Downloading ${file}`);
      shown =
        stdout.isTTY && total > 0 ? new SingleBar({ format: '[{bar}] {percentage}%' }, Presets.legacy) : undefined;
      shown?.start(total, 0);
    }
    shown?.update(received);
    if (received === total) {
      shown?.stop();
    }
  };
}
