// @ts-check
/** Prints a run as Keras does: one bar per epoch where the output is a terminal, one plain line per epoch elsewhere. */
import { stdout } from 'node:process';
import { Presets, SingleBar } from 'cli-progress';

/** @typedef {import('./events').RunEvent} RunEvent */

const BAR_WIDTH = 30;
const FULL_BAR = '='.repeat(BAR_WIDTH);

/** Foresees how long the rest of an epoch takes, from all steps but the first, which compiles. */
export class StepClock {
  #ms = 0;
  #counted = 0;
  #started = false;

  /**
   * @param {number} steps that have ended since the last call
   * @param {number} ms of each, on average
   */
  add(steps, ms) {
    if (this.#started) {
      this.#ms += steps * ms;
      this.#counted += steps;
    }
    this.#started = true;
  }

  /** @param {number} steps @returns {number | undefined} milliseconds; undefined before the second step */
  timeFor(steps) {
    return this.#counted === 0 ? undefined : (steps * this.#ms) / this.#counted;
  }
}

/** A printer of the page's events. */
export class RunPrinter {
  /** @type {SingleBar | undefined} */
  #bar;
  #clock = new StepClock();
  #step = 0;

  /** @param {{ epochs: number }} options */
  constructor({ epochs }) {
    this.epochs = epochs;
  }

  /** @param {RunEvent} event */
  print(event) {
    if (event.type === 'device') {
      print(`Backend ${event.backend} on ${event.renderer}`);
    } else if (event.type === 'summary') {
      event.lines.forEach((line) => print(line));
    } else if (event.type === 'epochBegin') {
      this.#beginEpoch(event);
    } else if (event.type === 'progress') {
      this.#progress(event);
    } else if (event.type === 'epochEnd') {
      this.#endEpoch(event);
    } else if (event.type === 'note') {
      print(event.text);
    }
  }

  /** Ends the line of an unfinished bar, before an error is printed. */
  stop() {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  /** @param {Extract<RunEvent, { type: 'epochBegin' }>} event */
  #beginEpoch({ epoch, steps }) {
    this.#step = 0;
    this.steps = steps;
    this.started = Date.now();
    print(`Epoch ${epoch + 1}/${this.epochs}`);
    if (stdout.isTTY) {
      this.#bar = new SingleBar(
        { format: bar, stream: stdout, hideCursor: true, clearOnComplete: true, fps: 10 },
        Presets.legacy,
      );
      const first = epoch === 0 ? ' - the first step compiles the programs' : '';
      this.#bar.start(steps, 0, { left: '?', text: first });
    }
  }

  /** @param {Extract<RunEvent, { type: 'progress' }>} event */
  #progress(event) {
    this.#clock.add(event.step - this.#step, event.msPerStep);
    this.#step = event.step;
    const left = this.#clock.timeFor(event.steps - event.step);
    const text = ` - ${milliseconds(event.msPerStep)}/step - ${metrics(event)}`;
    this.#bar?.update(event.step, { left: left === undefined ? '?' : `${Math.round(left / 1000)}s`, text });
  }

  /** @param {Extract<RunEvent, { type: 'epochEnd' }>} event */
  #endEpoch({ logs, msPerStep }) {
    this.stop();
    const seconds = Math.round((Date.now() - (this.started ?? 0)) / 1000);
    const counts = `${this.steps}/${this.steps} [${FULL_BAR}]`;
    print(`${counts} - ${seconds}s ${milliseconds(msPerStep)}/step - ${metrics(logs)}`);
  }
}

/** @param {string} line */
function print(line) {
  stdout.write(`${line}\n`);
}

/**
 * Keras's order and names, four decimals.
 *
 * @param {Partial<import('./events').EpochLogs>} logs
 */
function metrics(logs) {
  const names = /** @type {const} */ (['loss', 'acc', 'val_loss', 'val_acc']);
  return names.flatMap((name) => (logs[name] === undefined ? [] : [`${name}: ${logs[name].toFixed(4)}`])).join(' - ');
}

/** @param {number} value */
function milliseconds(value) {
  return `${value.toFixed(value < 10 ? 1 : 0)}ms`;
}

/**
 * ` 7/23 [========>.....................] - ETA: 3s - 170ms/step - loss: 0.9 - acc: 0.7`
 *
 * @type {import('cli-progress').GenericFormatter}
 */
function bar(_options, { value, total, progress }, { left, text }) {
  const done = Math.floor(progress * BAR_WIDTH);
  const drawn = done < BAR_WIDTH ? `${'='.repeat(done)}>${'.'.repeat(BAR_WIDTH - done - 1)}` : FULL_BAR;
  const count = String(value).padStart(String(total).length);
  return `${count}/${total} [${drawn}] - ETA: ${left}${text}`;
}

/**
 * A bar for one file that is downloaded; silent where the output is no terminal.
 *
 * @returns {(file: string, received: number, total: number) => void}
 */
export function downloadProgress() {
  /** @type {string | undefined} */
  let current;
  /** @type {SingleBar | undefined} */
  let shown;
  return (file, received, total) => {
    if (file !== current) {
      current = file;
      print(`Downloading ${file}`);
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
