/**
 * Runs the browser's specs on each graphics driver of this machine, and writes the counts into docs/portability.md.
 *
 *     npm run test:drivers                                              all that there are, which takes hours
 *     npm run test:drivers -- --drivers lavapipe,firefox --suites kernels
 *     npm run test:drivers -- --suites kernels --grep Conv2D            some specs; the table stays
 *     npm run test:drivers -- --help
 *
 * It installs nothing: of what is missing it says how to get it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { serveSite } from '../benchmarks/site.js';
import { DRIVERS, MissingError } from './browsers.js';
import { fillPart, readPart } from './document.js';
import { buildTestSite, SUITES } from './site.js';

/** @typedef {import('./browsers.js').Driver} Driver */
/** @typedef {import('./browsers.js').Opened} Opened */
/** @typedef {import('./site_page.js').Outcome} Outcome */
/** @typedef {{ drivers: string[], suites: string[], grep?: string, seed: number, table: boolean }} Options */

const root = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENT = join(root, 'docs/portability.md');

/** Those of the site that need a GPU. */
const DRAWING = SUITES.filter((suite) => suite !== 'unit');

/** Milliseconds without a word from the page after which it counts as hung; a spec says nothing while it runs. */
const SILENCE = 300_000;

/** Pages that one suite may take: each after the first begins behind a spec that hung or ended the one before. */
const PAGES = 20;

/** Serves the site and passes on what its page posts. */
class Site {
  /** @type {(path: string, body: string) => void} */
  onPost = () => undefined;
  url = '';
  /** @type {() => void} */
  close = () => undefined;

  /** @param {string} folder */
  async serve(folder) {
    const served = await serveSite(folder, {
      result: () => undefined,
      onPost: (path, body) => this.onPost(path, body),
    });
    this.url = served.url;
    this.close = () => served.close();
  }

  /**
   * Runs a page until its result comes, it says nothing for too long, or it ends.
   *
   * @param {(url: string) => Promise<Opened>} open
   * @param {Record<string, string>} query
   * @returns {Promise<{ outcome: Outcome | undefined, reason: string }>} the last outcome that it told, and why it stopped
   */
  async run(open, query) {
    /** @type {Outcome | undefined} */
    let outcome;
    /** @type {(reason: string) => void} */
    let stop = () => undefined;
    /** @type {Promise<string>} */
    const stopped = new Promise((resolve) => (stop = resolve));
    const silent = () => stop(`it said nothing for ${SILENCE / 1000} s`);
    let timer = setTimeout(silent, SILENCE);
    this.onPost = (path, body) => {
      clearTimeout(timer);
      timer = setTimeout(silent, SILENCE);
      if (path === '/log') print(`  ${body}`);
      else outcome = JSON.parse(body);
      if (path === '/result') stop('');
    };
    const opened = await open(`${this.url}?${new URLSearchParams(query)}`);
    try {
      const reason = await Promise.race([stopped, opened.ended]);
      return { outcome, reason };
    } finally {
      clearTimeout(timer);
      this.onPost = () => undefined;
      await opened.close();
    }
  }
}

/**
 * Runs a suite whole, on as many pages as it takes.
 *
 * @param {Site} site
 * @param {(url: string) => Promise<Opened>} open
 * @param {Record<string, string>} query
 * @returns {Promise<Outcome>}
 */
async function runSuite(site, open, query) {
  /** @type {Outcome | undefined} */
  let whole;
  let from = 0;
  for (let page = 0; page < PAGES; page++) {
    const { outcome, reason } = await site.run(open, { ...query, parts: '', from: String(from) });
    if (!outcome) throw new Error(`The page never began: ${reason}.`);
    whole = whole ? sum(whole, outcome) : outcome;
    if (outcome.ended) return whole;
    const { name, number } = outcome.running;
    whole.failed++;
    whole.failures.push({ name, messages: [`The page stopped in it: ${reason}.`] });
    print(`  FAILED ${name}: the page stopped in it, ${reason}; the next one goes on`);
    from = number + 1;
  }
  throw new Error(`${PAGES} pages hung or ended.`);
}

/**
 * @param {Outcome} a
 * @param {Outcome} b the outcome of the page after it
 * @returns {Outcome}
 */
function sum(a, b) {
  return {
    ...b,
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    seconds: a.seconds + b.seconds,
    failures: [...a.failures, ...b.failures],
    notes: [...a.notes, ...b.notes],
  };
}

/** @param {Outcome} outcome */
function counts({ passed, failed, skipped }) {
  const some = (/** @type {number} */ count, /** @type {string} */ word) => (count > 0 ? [`${count} ${word}`] : []);
  return [`${passed} passed`, ...some(failed, 'failed'), ...some(skipped, 'skipped')].join(', ');
}

/**
 * The document's table with some of its cells changed; what did not run keeps what an earlier run gave.
 *
 * @param {string} table
 * @param {ReadonlyMap<string, string>} cells by driver's title and suite
 */
function updated(table, cells) {
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()).slice(1, -1)); // prettier-ignore
  const [head = [], , ...body] = rows;
  const before = (/** @type {string} */ title, /** @type {string} */ column) =>
    body.find((row) => row[0] === title)?.[head.indexOf(column)] ?? '';
  const columns = ['renderer', ...DRAWING];
  const lines = DRIVERS.map(({ title }) =>
    [title, ...columns.map((column) => cells.get(`${title} ${column}`) ?? before(title, column))].join(' | '),
  );
  return [['driver', ...columns].join(' | '), ['', ...columns].map(() => '---').join(' | '), ...lines]
    .map((line) => `| ${line} |`)
    .join('\n');
}

/**
 * @param {Driver} driver
 * @param {{ site: Site, options: Options, out: string, cells: Map<string, string> }} run
 * @returns {Promise<boolean>} whether all specs passed
 */
async function runDriver({ name, title, renderer, find }, { site, options, out, cells }) {
  print(`\n== ${title}`);
  let good = true;
  /** @type {ReturnType<typeof find>} */
  let open;
  try {
    open = find();
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    print(`  left out. ${error.message}`);
    return true;
  }
  for (const suite of options.suites) {
    const { grep, seed } = options;
    const query = { suite, seed: String(seed), renderer: renderer.source, ...(grep === undefined ? {} : { grep }) };
    try {
      const outcome = await runSuite(site, open, query);
      if (!outcome.defined) throw new Error(outcome.ended);
      writeFileSync(join(out, `${name}-${suite}.json`), `${JSON.stringify(outcome, null, 1)}\n`);
      print(`  ${suite} in all: ${counts(outcome)}, ${Math.round(outcome.seconds)} s`);
      good &&= outcome.failed === 0;
      cells.set(`${title} ${suite}`, counts(outcome)).set(`${title} renderer`, outcome.renderer.replaceAll('|', '/'));
    } catch (error) {
      print(`  FAILED ${suite}: ${error instanceof Error ? error.message : String(error)}`);
      good = false;
    }
    if (options.table) await fillPart(DOCUMENT, 'drivers', updated(readPart(DOCUMENT, 'drivers'), cells));
  }
  return good;
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {readonly string[]} names @returns {(value: string) => string[]} */
function listOf(names) {
  return (value) => {
    const unknown = value.split(',').filter((name) => !names.includes(name));
    if (unknown.length > 0)
      throw new InvalidArgumentError(`None is named ${unknown.join(', ')}; there are ${names.join(', ')}.`);
    return value.split(',');
  };
}

/** @returns {Options} */
function optionsOf() {
  const names = DRIVERS.map(({ name }) => name);
  /** @type {Options} */
  const { grep, ...options } = new Command('npm run test:drivers --')
    .description("Runs the browser's specs on each graphics driver of this machine.")
    .option('--drivers <list>', `of ${names.join(',')}`, listOf(names), names)
    .option('--suites <list>', `of ${SUITES.join(',')}`, listOf(SUITES), DRAWING)
    .option(
      '--grep <text>',
      'only specs whose full name contains the text, or matches /an expression/; writes no table',
    )
    .option('--seed <n>', 'seed of the random inputs', Number, 1)
    .option('--no-table', 'leave docs/portability.md as it is')
    .parse()
    .opts();
  return { ...options, ...(grep === undefined ? {} : { grep, table: false }) };
}

const options = optionsOf();
const folder = mkdtempSync(join(tmpdir(), 'convgl-drivers-'));
const out = join(root, 'runs', `drivers-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`);
mkdirSync(out, { recursive: true });
const site = new Site();
let good = true;
try {
  await buildTestSite(folder, options.suites);
  await site.serve(folder);
  const run = { site, options, out, cells: new Map() };
  for (const driver of DRIVERS.filter(({ name }) => options.drivers.includes(name))) {
    good = (await runDriver(driver, run)) && good;
  }
} finally {
  site.close();
  rmSync(folder, { recursive: true });
}
print(`\nEach outcome is in ${out}.`);
process.exit(good ? 0 : 1);
