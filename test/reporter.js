/** A karma reporter: progress every few seconds, each failure as it happens, inverted skips, and the slowest specs. */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/**
 * What one spec reports; karma-jasmine's own form.
 *
 * @typedef {{ fullName: string, success: boolean, skipped: boolean, disabled: boolean, log: string[], time: number }} SpecResult
 */

/** Milliseconds between two lines of progress. */
const PROGRESS_INTERVAL = 10_000;

/** Specs are listed as the slowest where the run as a whole took at least this many seconds. */
const WORTH_LISTING = 30;

/** Different warnings that are printed; a run on an unfinished backend has one per kernel. */
const WARNINGS_SHOWN = 10;

/** Characters of a line and lines of a message that are printed: tfjs prints whole arrays. */
const LINE_LENGTH = 300;
const MESSAGE_LINES = 30;

export class Reporter {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** Those of the skipped that ran and failed, as the skip list says. */
  expectedFailures = 0;
  #title;
  #running = '';
  #bundle;
  #started = performance.now();
  #lastProgress = performance.now();
  #defined = 0;
  /** @type {Map<string, string>} */
  #skips = new Map();
  /** @type {Set<string>} */
  #seen = new Set();
  /** @type {{ name: string, time: number }[]} */
  #times = [];
  /** @type {Map<string, number>} */
  #warnings = new Map();
  /** @type {string[]} */
  #notes = [];
  /** @type {SourceMap | undefined} */
  #map;

  /**
   * @param {string} title
   * @param {string} bundle path of the script that runs, whose source map is beside it
   */
  constructor(title, bundle) {
    this.#title = title;
    this.#bundle = bundle;
  }

  // --- karma's events; own properties, because karma does not see methods of a class ---

  /**
   * @param {unknown} _browser
   * @param {{ event?: string, name?: string, text?: string, skips?: Record<string, string> }} info
   */
  onBrowserInfo = (_browser, info) => {
    if (info.event === 'skips') this.#skips = new Map(Object.entries(info.skips ?? {}));
    if (info.event === 'started') this.#running = info.name ?? '';
    if (info.event === 'note') this.#notes.push(info.text ?? '');
  };

  /**
   * @param {unknown} _browser
   * @param {{ total: number }} info
   */
  onBrowserStart = (_browser, info) => {
    this.#defined = info.total;
  };

  /**
   * @param {unknown} _browser
   * @param {SpecResult} result
   */
  onSpecComplete = (_browser, result) => {
    if (result.disabled) return; // left out by --grep
    this.#count(result);
    this.#times.push({ name: result.fullName, time: result.time });
    this.#progress();
  };

  /**
   * @param {unknown} _browser
   * @param {unknown} error
   */
  onBrowserError = (_browser, error) => {
    const text = typeof error === 'string' ? error : /** @type {Error} */ (error).message;
    this.#fail('the page', `${text.trim()}\nThe last spec that began: ${this.#running || 'none'}`);
  };

  /**
   * @param {unknown} _browser
   * @param {string} text
   * @param {string} type
   */
  onBrowserLog = (_browser, text, type) => {
    if (type === 'error') print(`  console.error: ${text}`);
    else if (type === 'warn') this.#warnings.set(text, (this.#warnings.get(text) ?? 0) + 1);
    else print(`  ${text}`);
  };

  onRunComplete = () => {
    const seconds = Math.round((performance.now() - this.#started) / 1000);
    this.#listWarnings();
    this.#notes.forEach((text) => print(`  ${text}`));
    if (seconds >= WORTH_LISTING) this.#listSlowest();
    print(`  ${this.#title}: ${this.#summary()}, ${seconds} s`);
  };

  // --- for run.js ---

  /** Fails each name on the skip list that no spec has; right only for a run that leaves nothing out. */
  checkSkipNames() {
    for (const name of this.#skips.keys()) {
      if (!this.#seen.has(name)) this.#fail(name, 'The skip list has this name, but there is no such spec.');
    }
  }

  /**
   * @param {string} name
   * @param {string} message
   */
  #fail(name, message) {
    this.failed++;
    print(`  FAILED ${name}\n${indent(this.#mapped(message))}`);
  }

  /** @param {SpecResult} result */
  #count(result) {
    const name = result.fullName;
    this.#seen.add(name);
    const reason = this.#skips.get(name);
    if (result.skipped) this.skipped++;
    else if (reason === undefined && result.success) this.passed++;
    else if (reason === undefined) this.#fail(name, result.log.join('\n'));
    else if (result.success) this.#fail(name, `Passes, though the skip list says: ${reason} Take it off the list.`);
    else this.#skipExpected();
  }

  #skipExpected() {
    this.skipped++;
    this.expectedFailures++;
  }

  #progress() {
    const now = performance.now();
    if (now - this.#lastProgress < PROGRESS_INTERVAL) return;
    this.#lastProgress = now;
    const seconds = Math.round((now - this.#started) / 1000);
    print(`  ${this.#title}: ${this.#times.length} of ${this.#defined} specs, ${this.failed} failed, ${seconds} s`);
  }

  #listWarnings() {
    const warnings = [...this.#warnings];
    warnings.slice(0, WARNINGS_SHOWN).forEach(([text, times]) => {
      print(`  console.warn${times > 1 ? ` (${times} times)` : ''}: ${shortened(text)}`);
    });
    const more = warnings.length - WARNINGS_SHOWN;
    if (more > 0) print(`  console.warn: ${more} other messages`);
  }

  #listSlowest() {
    const slowest = this.#times.sort((a, b) => b.time - a.time).slice(0, 10);
    print('  slowest:');
    slowest.forEach(({ name, time }) => print(`    ${(time / 1000).toFixed(1).padStart(6)} s  ${name}`));
  }

  #summary() {
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : '';
    return `${this.passed} passed, ${this.failed} failed${skipped}`;
  }

  /**
   * Names source files and lines in place of the bundle's.
   *
   * @param {string} message
   */
  #mapped(message) {
    return message
      .split('\n')
      .map((line) =>
        line.replace(/https?:\/\/[^\s()]*\/build\/[^\s():?]+(?:\?\w+)?:(\d+):(\d+)/, (place, row, column) => {
          const found = this.#find(Number(row), Number(column));
          return found ?? place;
        }),
      )
      .filter((line) => !/^\s*at .*(jasmine-core|karma)/.test(line))
      .slice(0, MESSAGE_LINES)
      .map(shortened)
      .join('\n');
  }

  /**
   * @param {number} row
   * @param {number} column
   * @returns {string | undefined}
   */
  #find(row, column) {
    this.#map ??= new SourceMap(JSON.parse(readFileSync(`${this.#bundle}.map`, 'utf8')));
    const entry = this.#map.findEntry(row - 1, column - 1);
    if (!('originalSource' in entry)) return undefined;
    return `${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  }
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {string} text */
function indent(text) {
  return text.replace(/^/gm, '    ');
}

/** @param {string} line */
function shortened(line) {
  return line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)} ...` : line;
}
