// @ts-check
/** `npm start`: trains the Keras Fashion-MNIST network in a headless browser and writes model, report and pictures. */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../host/browser.js';
import { bundlePage } from './bundle.js';
import { serve } from './loopback_server.js';
import { runCommand } from './options.js';
import { runPage } from './page_host.js';
import { loadChosen, ProgressPrinter } from './terminal.js';

/** @typedef {import('./options.js').RunArguments} RunArguments */

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Ctrl-C, or the like of it. */
class Stopped extends Error {}

/**
 * Rejects when the user stops the command; a second time, it ends at once.
 *
 * @type {Promise<never>}
 */
const stopped = new Promise((_, reject) => {
  process.once('SIGINT', () => reject(new Stopped('stopped by Ctrl-C')));
  process.once('SIGTERM', () => reject(new Stopped('stopped by SIGTERM')));
});
stopped.catch(() => undefined);

/**
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
const unlessStopped = (work) => Promise.race([work, stopped]);

/** @param {RunArguments} chosen */
async function main(chosen) {
  const started = new Date();
  const dataset = await unlessStopped(loadChosen(chosen));
  const output = resolve(chosen.out ?? join(root, 'runs', timestamp(started)));
  const made = await mkdir(output, { recursive: true });
  try {
    await train(chosen, { dataset, output, started });
  } finally {
    await removeEmpty(output, made);
  }
}

/**
 * Removes what a run made and put nothing into, as one that is stopped.
 *
 * @param {string} folder
 * @param {string | undefined} made the uppermost folder that was not there before
 */
async function removeEmpty(folder, made) {
  if (made === undefined) return;
  try {
    for (let path = folder; path.startsWith(made); path = dirname(path)) await rmdir(path);
  } catch {
    // It holds something.
  }
}

/**
 * @param {RunArguments} chosen
 * @param {{ dataset: import('./dataset.js').Dataset, output: string, started: Date }} run
 */
async function train(chosen, { dataset, output, started }) {
  const run = {
    backend: chosen.backend,
    seed: chosen.seed,
    epochs: chosen.epochs,
    batchSize: chosen.batchSize,
    learningRate: chosen.lr,
  };
  const directory = await unlessStopped(bundlePage('page'));
  const server = await serve({ directory, dataset, run, output });
  const printer = new ProgressPrinter();
  try {
    const browser = await unlessStopped(launch({ handleSIGINT: false, handleSIGTERM: false }));
    const report = await runPage(browser, server.url, { output, printer, stopped });
    await writeReport(join(output, 'report.json'), { report, run: { ...run, limit: chosen.limit }, dataset, started });
    printResult(report, output);
  } finally {
    printer.stop();
    server.close();
  }
}

/**
 * @param {string} file
 * @param {{ report: import('./events').RunReport, run: object, dataset: import('./dataset.js').Dataset, started: Date }} run
 */
async function writeReport(file, { report, run, dataset, started }) {
  const versions = { node: process.version, ...(await packageVersions()) };
  const data = {
    // No folder: reports are published, and folders name people.
    images: dataset.real ? 'Fashion-MNIST' : 'drawn by this example',
    trainImages: dataset.data[0][1].length,
    testImages: dataset.data[1][1].length,
  };
  const machine = { platform: `${process.platform} ${process.arch}`, processors: availableParallelism() };
  const all = { started: started.toISOString(), options: run, data, machine, versions, ...report };
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
}

async function packageVersions() {
  const names = { convgl: '', tfjsCore: '@tensorflow/tfjs-core', tfjsLayers: '@tensorflow/tfjs-layers' };
  const entries = Object.entries(names).map(async ([key, name]) => {
    const file = name ? join(root, 'node_modules', name, 'package.json') : join(root, 'package.json');
    return [key, JSON.parse(await readFile(file, 'utf8')).version];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * @param {import('./events').RunReport} report
 * @param {string} output
 */
function printResult(report, output) {
  const mebibytes = (report.peakGpuBytes / 2 ** 20).toFixed(0);
  const speed = `${report.medianMsPerStep.toFixed(1)} ms per step, ${report.imagesPerSecond.toFixed(0)} images/s`;
  console.log(
    `Trained in ${report.trainSeconds.toFixed(1)} s: ${speed} (median), first step ${report.firstStepMs.toFixed(0)} ms`,
  );
  console.log(`${report.programsCompiled} programs compiled, ${mebibytes} MiB of GPU memory at the peak`);
  console.log(`Test accuracy: ${(100 * report.testAccuracy).toFixed(2)} %`);
  console.log(`Model, weights, logs, report and pictures are in ${relative(process.cwd(), output) || '.'}`);
}

/** @param {Date} date */
function timestamp(date) {
  return date.toISOString().slice(0, 19).replaceAll(':', '-');
}

try {
  await main(runCommand().parse().opts());
} catch (error) {
  console.error(`npm start: ${error instanceof Error ? error.message : String(error)}`);
  // What has been stopped may wait for ever; the browser ends with this process.
  process.exit(error instanceof Stopped ? 130 : 1);
}
