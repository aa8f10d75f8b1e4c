#!/usr/bin/env node
// @ts-check
/** The benchmark's command: builds the page, runs it in a browser, prints tables, writes JSON, Markdown and pictures. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { launch } from '../examples/host/browser.js';
import { measureInPage } from './measure.js';
import { BACKENDS, DEFAULTS, MODELS, readOptions, SECTIONS, toQuery } from './options.js';
import { fillDocument, report } from './report.js';
import { buildSite, serveSite } from './site.js';

/** @typedef {import('./options.js').BenchOptions} BenchOptions */
/** @typedef {import('./page/result').BenchResult} BenchResult */

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

/** Runs the page and keeps what it measured so far. @param {{ folder: string, options: BenchOptions, out: string }} job */
async function measure({ folder, options, out }) {
  const partial = join(out, 'partial.json');
  try {
    /** @type {BenchResult} */
    const result = await measureInPage(folder, `parts&${toQuery(options)}`, (body) => writeFileSync(partial, body));
    return result;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw existsSync(partial) ? new Error(`${message} What was measured until then is in ${partial}.`) : error;
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
      : await measure({ folder, options, out });
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
