/** Drives the fuzzer's page: case after case in a browser that is replaced where it hangs or dies, with a progress bar. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import cliProgress from 'cli-progress';
import { launch } from '../../examples/host/browser.js';
import { bundle } from '../bundle.js';

/** @typedef {{ kind: string, problem?: string, line?: string }} Report */
/** @typedef {{ seconds: number, seed: number, kernels?: string, faults?: string, cases?: number }} Run */

/** Milliseconds after which a case counts as hung; shrinking one takes less. */
const PATIENCE = 60_000;

/** Milliseconds that a browser may take to close. */
const CLOSING = 5_000;

/** Cases that one page runs: each compiles programs, which the page keeps. */
const CASES_PER_PAGE = 1500;

const entry = fileURLToPath(new URL('page.ts', import.meta.url));

/** A page with the fuzzer in it. */
class Fuzzer {
  #script = '';
  /** @type {import('puppeteer-core').Browser | undefined} */
  #browser;
  /** @type {import('puppeteer-core').Page | undefined} */
  #page;

  static async open() {
    const fuzzer = new Fuzzer();
    fuzzer.#script = await bundle(`fuzz-${process.pid}`, [entry]);
    await fuzzer.renew();
    return fuzzer;
  }

  async renew() {
    await this.#end();
    this.#browser = await launch();
    this.#page = await this.#browser.newPage();
    this.#page.on('pageerror', (error) => process.stderr.write(`  page: ${String(error)}\n`));
    await this.#page.addScriptTag({ path: this.#script });
  }

  /** A browser whose GPU process hangs does not close by itself. */
  async #end() {
    const browser = this.#browser;
    if (!browser) return;
    const timer = setTimeout(() => browser.process()?.kill('SIGKILL'), CLOSING);
    await browser.close().catch(() => undefined);
    clearTimeout(timer);
  }

  async close() {
    await this.#end();
    rmSync(this.#script);
    rmSync(`${this.#script}.map`);
  }

  /**
   * Calls a function of the page's `fuzz`.
   *
   * @param {string} name
   * @param {readonly unknown[]} args
   * @returns {Promise<any>}
   */
  async call(name, ...args) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE);
    });
    const text = args.map((arg) => JSON.stringify(arg)).join(', ');
    try {
      return await Promise.race([this.#page?.evaluate(`fuzz.${name}(${text})`), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Runs cases until the time, or their number, is over.
 *
 * @param {Run} run
 * @param {(text: string) => void} print takes findings, each as it is made
 * @returns {Promise<{ cases: number, kinds: number, findings: number }>}
 */
// eslint-disable-next-line complexity -- half of it are defaults of options and an optional progress bar.
export async function fuzz({ seconds, seed, kernels = '', faults, cases: most = Infinity }, print) {
  const fuzzer = await Fuzzer.open();
  const bar = process.stdout.isTTY ? progressBar(seconds) : undefined;
  let findings = 0;
  /** @param {string} text */
  const found = (text) => {
    findings++;
    print(text);
  };
  try {
    const start = faults === undefined ? [kernels] : [kernels, faults];
    const { kinds: all, gaps } = await fuzzer.call('start', ...start);
    gaps.forEach(found);
    let kinds = /** @type {string[]} */ (all);
    const begin = performance.now();
    const passed = () => (performance.now() - begin) / 1000;
    let index = 0;
    for (; passed() < seconds && index < most && kinds.length > 0; index++) {
      if (index > 0 && index % CASES_PER_PAGE === 0) await renewed(fuzzer, start);
      const report = await attempt(fuzzer, { seed, index, kinds, start });
      if (report.problem !== undefined) {
        // One finding of a kind is enough for a run: the others would mostly be the same.
        kinds = kinds.filter((kind) => kind !== report.kind);
        found(described(report));
      }
      bar?.update(Math.min(seconds, passed()), {
        index,
        findings,
        rate: (index / passed()).toFixed(1),
        kind: report.kind,
      });
    }
    bar?.stop();
    return { cases: index, kinds: all.length, findings };
  } finally {
    await fuzzer.close();
  }
}

/**
 * @param {Fuzzer} fuzzer
 * @param {readonly string[]} start
 */
async function renewed(fuzzer, start) {
  await fuzzer.renew();
  await fuzzer.call('start', ...start);
}

/**
 * One case; one that hangs or kills its page is a finding as it is, not shrunk.
 *
 * @param {Fuzzer} fuzzer
 * @param {{ seed: number, index: number, kinds: string[], start: readonly string[] }} place
 * @returns {Promise<Report>}
 */
async function attempt(fuzzer, { seed, index, kinds, start }) {
  try {
    return await fuzzer.call('next', seed, index, kinds);
  } catch (error) {
    await renewed(fuzzer, start);
    const report = await fuzzer.call('caseAt', seed, index, kinds);
    return { ...report, problem: `case ${index} of seed ${seed} did not end: ${String(error)}` };
  }
}

/** @param {Report} report */
function described({ kind, problem, line }) {
  const again = line === undefined ? '' : `\n    npm run fuzz -- --case '${line}'`;
  return `${kind} ${(problem ?? '').replaceAll('\n', '\n      ')}${again}`;
}

/**
 * Runs one case that a line spells.
 *
 * @param {string} line
 * @returns {Promise<string | undefined>} what is wrong with it
 */
export async function replay(line) {
  const fuzzer = await Fuzzer.open();
  try {
    return await fuzzer.call('replay', line);
  } finally {
    await fuzzer.close();
  }
}

/** @param {number} seconds */
function progressBar(seconds) {
  const bar = new cliProgress.SingleBar({
    format:
      '{bar} {duration_formatted} passed, {eta_formatted} left  {index} cases, {rate}/s, {findings} findings  {kind}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
  });
  bar.start(seconds, 0, { index: 0, findings: 0, rate: '-', kind: '' });
  return bar;
}
