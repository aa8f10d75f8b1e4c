#!/usr/bin/env node
// @ts-check
/** The benchmark's command: builds the page, runs it in a browser, prints tables, writes JSON, Markdown and pictures. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { launch } from '../examples/host/browser.js';
import { BACKENDS, DEFAULTS, MODELS, readOptions, SECTIONS, toQuery } from './options.js';
import { progressView } from './progress.js';
import { fillDocument, report } from './report.js';
import { buildSite, serveSite } from './site.js';

/** @typedef {import('./options.js').BenchOptions} BenchOptions */
/** @typedef {import('./page/result').BenchResult} BenchResult */

// A cached program would make the second backend's first step look shorter than it is.
const FLAGS = [
  '--disable-gpu-program-cache',
  '--disable-gpu-shader-disk-cache',
  '--disable-gpu-watchdog',
  // The endurance section collects garbage before it asks for the size of the heap, and asks for the exact one.
  '--enable-precise-memory-info',
  '--js-flags=--max-old-space-size=8192 --expose-gc',
];

const command = new Command('npm run bench --')
  .description('Compares convgl with the official TensorFlow.js backends in one browser page.')
  .option('--backends <list>', `of ${BACKENDS.join(',')}; the first is compared with the others`)
  .option('--only <list>', `sections of ${SECTIONS.join(',')}`)
  .option('--models <list>', `of ${MODELS.join(',')}; a name may end in :train or :predict`)
  .option('--kernels <regex>', 'kernel cases to run, matched against "Kernel name"')
  .option(
    '--batch-size <list>',
    'batch sizes of the networks (64 small, 1 large), and of the growth section (8 to 512)',
  )
  .option('--image-size <pixels>', "side of the networks' input images (each network's own)")
  .option('--repeats <n>', `timed samples for each backend of a case (${DEFAULTS.repeats})`)
  .option('--time-cap <seconds>', `for one case, all backends together (${DEFAULTS.timeCap})`)
  .option('--steps <n>', `training steps of the endurance section (${DEFAULTS.steps})`)
  .option('--quick', 'few repeats, short cap, no large networks')
  .option('--out <folder>', 'where the results go (runs/bench-<time>)')
  .option('--from <file>', 'print and draw an earlier JSON result instead of running')
  .option('--document <file>', 'put the tables into a Markdown file, such as docs/performance.md')
  .option('--build <folder>', 'only write the page there: a site that runs without Node, with options in the URL query')
  .allowExcessArguments(false)
  .showHelpAfterError('(--help shows the options)');

/** @typedef {{ out?: string, from?: string, build?: string, document?: string, quick?: boolean } & Record<string, string>} CommandLine */

/** @param {CommandLine} given @returns {BenchOptions} */
function optionsOf({ out: _out, from: _from, build: _build, document: _document, quick, ...texts }) {
  try {
    return readOptions({ ...texts, ...(quick ? { quick: 'true' } : {}) });
  } catch (error) {
    return command.error(`error: ${/** @type {Error} */ (error).message}`);
  }
}

/** @typedef {{ folder: string, options: BenchOptions, out: string }} Job */

/** Opens the page and waits for its result. @param {Job} job @returns {Promise<BenchResult>} */
async function runInBrowser({ folder, options, out }) {
  const view = progressView();
  /** @type {(value: BenchResult) => void} */
  let done = () => undefined;
  /** @type {(error: Error) => void} */
  let fail = () => undefined;
  /** @type {Promise<BenchResult>} */
  const finished = new Promise((resolve, reject) => {
    done = resolve;
    fail = reject;
  });
  const site = await serveSite(folder, {
    result: () => undefined,
    onPost: (path, body) => {
      if (path === '/log') view.line(body);
      // What was measured so far outlives a browser that ends for want of memory.
      if (path === '/part') writeFileSync(join(out, 'partial.json'), body);
      if (path !== '/result') return;
      const result = JSON.parse(body);
      if (result.error) fail(new Error(result.error));
      else done(result);
    },
  });
  const browser = await launch({ args: FLAGS });
  try {
    const page = await browser.newPage();
    page.on('error', (error) =>
      fail(new Error(`The page crashed (${error.message}); see ${join(out, 'partial.json')}.`)),
    );
    page.on('pageerror', (error) => fail(error instanceof Error ? error : new Error(String(error))));
    browser.on('disconnected', () => fail(new Error(`The browser ended early; see ${join(out, 'partial.json')}.`)));
    const query = toQuery(options);
    await page.goto(`${site.url}?parts&${query}`);
    return await finished;
  } finally {
    view.stop();
    browser.removeAllListeners('disconnected');
    await browser.close();
    site.close();
  }
}

/** Lets the page draw its pictures and saves them. @param {string} folder @param {BenchResult} result @param {string} out */
async function savePictures(folder, result, out) {
  const site = await serveSite(folder, { onPost: () => undefined, result: () => result });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const failed = new Promise((_resolve, reject) => page.on('pageerror', reject));
    await page.goto(`${site.url}?show`);
    await Promise.race([page.waitForFunction('globalThis.pictures'), failed]);
    const pictures = /** @type {[string, string][]} */ (
      await page.evaluate(() =>
        [...document.querySelectorAll('canvas')].map((canvas) => [canvas.id, canvas.toDataURL()]),
      )
    );
    for (const [name, data] of pictures) {
      writeFileSync(join(out, `${name}.png`), Buffer.from(data.slice(data.indexOf(',') + 1), 'base64'));
    }
    return pictures.map(([name]) => `${name}.png`);
  } finally {
    await browser.close();
    site.close();
  }
}

/** @param {string} file @param {BenchResult} result */
async function updateDocument(file, result) {
  const { format, resolveConfig } = await import('prettier');
  const text = fillDocument(readFileSync(file, 'utf8'), result);
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

/** @param {CommandLine} given */
async function main(given) {
  const options = optionsOf(given);
  if (given.build) {
    await buildSite(resolve(given.build));
    console.log(
      `The page is ${join(given.build, 'index.html')}; options go into its query, such as ?quick=1&only=kernels.`,
    );
    return;
  }
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const out = resolve(given.out ?? join('runs', `bench-${stamp}`));
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'convgl-bench-'));
  try {
    await buildSite(folder);
    const result = given.from
      ? /** @type {BenchResult} */ (JSON.parse(readFileSync(given.from, 'utf8')))
      : await runInBrowser({ folder, options, out });
    writeFileSync(join(out, 'bench.json'), `${JSON.stringify(result, null, 1)}\n`);
    writeFileSync(join(out, 'bench.md'), `${report(result, true)}\n`);
    if (given.document) await updateDocument(given.document, result);
    rmSync(join(out, 'partial.json'), { force: true });
    console.log(`\n${report(result)}\n`);
    const pictures = await savePictures(folder, result, out);
    console.log(`Written to ${out}: ${['bench.json', 'bench.md', ...pictures].join(', ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

command.parse();
try {
  await main(/** @type {CommandLine} */ (command.opts()));
} catch (error) {
  console.error(`bench: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
