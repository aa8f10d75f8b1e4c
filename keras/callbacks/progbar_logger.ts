/** Keras's line of progress: bar, time left, time of a step, and the values so far. */
import { Callback } from '@tensorflow/tfjs-layers';
import { isNode } from '../io/node_files';
import { print } from '../io/print';
import { kerasName, metricsOf, type UnresolvedLogs } from './logs';
import { isReplaying } from './training_state';

/** Options of `ProgbarLogger`. */
export interface ProgbarLoggerOptions {
  /** Where the lines go: an element of the page, or a function that gets text with \r and \n; the terminal in Node. */
  readonly output?: HTMLElement | ((text: string) => void);
  /** Milliseconds between two looks at the values, each of which waits for the GPU. */
  readonly interval?: number;
}

const WIDTH = 30;

/** What a terminal is asked for. */
interface Terminal {
  write(text: string): void;
  readonly isTTY?: boolean;
}

/** Keras's progress bar, with loss and metrics, for a terminal or a page. */
export class ProgbarLogger extends Callback {
  readonly #write: (text: string) => void;
  readonly #interval: number;
  /** Whether a line can be written again. */
  readonly #rewrites: boolean;
  #steps = 0;
  #startedAt = 0;
  /** Milliseconds of the epoch's first step; the training's first one compiles. */
  #firstMs = 0;
  #shownAt = 0;
  #sums = new Map<string, number>();
  #read = 0;
  #length = 0;

  constructor({ output, interval = 100 }: ProgbarLoggerOptions = {}) {
    super();
    const { stdout } = (globalThis as { process?: { stdout?: Terminal } }).process ?? {};
    const terminal = output === undefined && isNode() ? stdout : undefined;
    this.#rewrites = output !== undefined || terminal?.isTTY === true;
    this.#interval = interval;
    if (typeof output === 'function') this.#write = output;
    else if (output) this.#write = writerOf(output);
    else if (terminal) this.#write = (text) => terminal.write(text);
    else this.#write = (text) => text.trim() !== '' && print(text.trimEnd());
  }

  override onEpochBegin(epoch: number): Promise<void> {
    const { epochs, samples, batchSize, steps } = this.params as Record<string, number | undefined>;
    this.#steps = steps ?? Math.ceil((samples ?? NaN) / (batchSize ?? NaN));
    this.#sums = new Map();
    this.#read = this.#length = 0;
    this.#startedAt = this.#shownAt = performance.now();
    if (!isReplaying(this.model)) this.#write(`Epoch ${epoch + 1}/${epochs}\n`);
    return Promise.resolve();
  }

  override async onBatchEnd(batch: number, logs?: UnresolvedLogs): Promise<void> {
    const due = this.#rewrites && performance.now() - this.#shownAt >= this.#interval;
    if (isReplaying(this.model) || !(due || batch === 0)) return;
    this.#read++;
    for (const [name, value] of Object.entries(await metricsOf(logs)))
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + value);
    if (batch === 0) this.#firstMs = performance.now() - this.#startedAt;
    if (this.#rewrites)
      this.#show(batch + 1, Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.#read])), '');
    this.#shownAt = performance.now();
  }

  override async onEpochEnd(_epoch: number, logs?: UnresolvedLogs): Promise<void> {
    const values = await metricsOf(logs);
    if (!isReplaying(this.model)) this.#show(this.#steps, inOrder(values), '\n');
  }

  #show(step: number, values: Readonly<Record<string, number>>, end: string): void {
    const line = progressLine({
      step,
      steps: this.#steps,
      ms: performance.now() - this.#startedAt,
      firstMs: this.#firstMs,
      values,
    });
    this.#write(`${this.#rewrites ? '\r' : ''}${line.padEnd(this.#length)}${end}`);
    this.#length = line.length;
  }
}

export interface ProgressState {
  readonly step: number;
  readonly steps: number;
  /** Milliseconds since the epoch's first step began. */
  readonly ms: number;
  /** Those of the first step, which says nothing of the others: where there are others, they alone count. */
  readonly firstMs: number;
  readonly values: Readonly<Record<string, number>>;
}

/** `125/938 [===>..........................] - ETA: 12s - loss: 0.5123 - accuracy: 0.8120`, and at the end the time in place of the ETA. */
export function progressLine({ step, steps, ms, firstMs, values }: ProgressState): string {
  const perStep = step > 1 ? (ms - firstMs) / (step - 1) : ms;
  const done = step >= steps;
  const filled = Math.floor((WIDTH * step) / steps);
  const head = '='.repeat(Math.max(0, filled - 1)) + '>';
  const bar = done ? '='.repeat(WIDTH) : filled === 0 ? '.'.repeat(WIDTH) : head.padEnd(WIDTH, '.');
  const time = done ? `${duration(ms)} ${stepTime(perStep)}` : `ETA: ${duration(perStep * (steps - step))}`;
  const shown = Object.entries(values).map(([name, value]) => `${kerasName(name)}: ${shortNumber(value)}`);
  return [`${String(step).padStart(String(steps).length)}/${steps} [${bar}]`, time, ...shown].join(' - ');
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function stepTime(ms: number): string {
  if (ms >= 1000) return `${Math.round(ms / 1000)}s/step`;
  return ms >= 1 ? `${Math.round(ms)}ms/step` : `${Math.round(ms * 1000)}us/step`;
}

const shortNumber = (value: number): string =>
  Math.abs(value) > 1e-3 || value === 0 ? value.toFixed(4) : value.toExponential(4);

/** Keras's order: what was trained on, then what was validated on. */
function inOrder(values: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(values);
  const isValidation = ([name]: readonly [string, number]): boolean => name.startsWith('val_');
  return Object.fromEntries([...entries.filter((entry) => !isValidation(entry)), ...entries.filter(isValidation)]);
}

/** Writes into an element as a terminal does: \r begins the last line anew. */
function writerOf(element: HTMLElement): (text: string) => void {
  let complete = '';
  let last = '';
  return (text) => {
    for (const part of text.split(/(?=[\r\n])/)) {
      if (part.startsWith('\n')) {
        complete += `${last.trimEnd()}\n`;
        last = part.slice(1);
      } else if (part.startsWith('\r')) last = part.slice(1);
      else last += part;
    }
    element.textContent = complete + last;
  };
}
