// @ts-check
/** Finds Fashion-MNIST: a given folder, the cache, a download of the published set, a local sample, or drawn images. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawSplit } from './drawn_clothing.js';
import { loadKeras } from './package_source.js';

const { datasets, DataFileError } = await loadKeras();
const { fashionMnist } = datasets;

/** What each label stands for, in label order. */
export const { CLASS_NAMES } = fashionMnist;

const SIDE = 28;

const SAMPLE_DIRECTORY = fileURLToPath(new URL('../../../shared/data/fashion-mnist-900', import.meta.url));
const DRAWN_TRAIN_COUNT = 2000;
const DRAWN_TEST_COUNT = 500;
const LIMITED_TEST_SHARE = 0.25;

/**
 * @typedef {object} Split
 * @property {Uint8Array} images count x 28 x 28 grey levels
 * @property {Uint8Array} labels count
 * @property {number} count
 */

/**
 * @typedef {object} Dataset
 * @property {Split} train
 * @property {Split} test
 * @property {string} source one sentence for the terminal: which images these are
 * @property {boolean} real whether these are Fashion-MNIST's own images
 */

/**
 * @typedef {object} LoadOptions
 * @property {string} [directory] `--data`; wins over `FASHION_MNIST_DIR`
 * @property {number} [seed] for drawn images
 * @property {Record<string, string | undefined>} [environment]
 * @property {string} [sampleDirectory]
 * @property {typeof fetch} [fetch]
 * @property {(file: string, received: number, total: number) => void} [onProgress]
 * @property {(message: string) => void} [onMessage]
 */

/**
 * Loads the data set from the first place that has it.
 *
 * @param {LoadOptions} [options]
 * @returns {Promise<Dataset>}
 * @throws {DataFileError} where a named folder lacks a file or holds a damaged one
 */
export async function loadDataset(options = {}) {
  const environment = options.environment ?? process.env;
  const named = options.directory ?? environment['FASHION_MNIST_DIR'];
  if (named) {
    return readDirectory(named);
  }
  try {
    return await readDataset(cacheDirectory(environment), {
      cacheDirectory: cacheDirectory(environment),
      ...(options.fetch ? { fetch: options.fetch } : {}),
      onProgress: ({ file, received, total }) => options.onProgress?.(file, received, total),
    });
  } catch (error) {
    if (error instanceof DataFileError) throw error;
    options.onMessage?.(`Fashion-MNIST could not be downloaded: ${/** @type {Error} */ (error).message}`);
  }
  const sample = options.sampleDirectory ?? SAMPLE_DIRECTORY;
  return existsSync(sample) ? readDirectory(sample) : drawnDataset(options.seed ?? 1);
}

/**
 * The folder that keeps a downloaded set between runs, by the platform's convention.
 *
 * @param {Record<string, string | undefined>} environment
 */
export function cacheDirectory(environment) {
  const base = environment['XDG_CACHE_HOME'] || environment['LOCALAPPDATA'] || join(homedir(), '.cache');
  return join(base, 'convgl', 'fashion-mnist');
}

/**
 * Reads and checks the four files of one folder.
 *
 * @param {string} directory
 * @returns {Promise<Dataset>}
 */
export function readDirectory(directory) {
  return readDataset(directory, { path: directory });
}

/**
 * @param {string} place
 * @param {import('../../keras/datasets/download').LoadDataOptions} options
 * @returns {Promise<Dataset>}
 */
async function readDataset(place, options) {
  const [train, test] = (await fashionMnist.loadData(options)).map(([images, labels]) => ({
    images: images.values,
    labels: labels.values,
    count: labels.length,
  }));
  if (!train || !test) throw new Error('The data set has no two splits.');
  const source = `Fashion-MNIST from ${place}: ${train.count} training and ${test.count} test images`;
  return { train, test, source, real: true };
}

/**
 * Keeps at most `count` training images and a quarter as many test images: a larger share than the published 60,000 to
 * 10,000, because an accuracy over few images says little. The message of `source` says so where any are left out.
 *
 * @param {Dataset} dataset
 * @param {number} count
 * @returns {Dataset}
 */
export function limitDataset(dataset, count) {
  if (count >= dataset.train.count) {
    return dataset;
  }
  const train = firstOf(dataset.train, count);
  const test = firstOf(dataset.test, Math.ceil(count * LIMITED_TEST_SHARE));
  const source = `${dataset.source}; the first ${train.count} and ${test.count} of them are used`;
  return { ...dataset, train, test, source };
}

/**
 * @param {Split} split
 * @param {number} count
 * @returns {Split}
 */
function firstOf(split, count) {
  const kept = Math.min(count, split.count);
  return {
    count: kept,
    images: split.images.subarray(0, kept * SIDE * SIDE),
    labels: split.labels.subarray(0, kept),
  };
}

/**
 * Images drawn by this package, for a machine without network.
 *
 * @param {number} seed
 * @returns {Dataset}
 */
function drawnDataset(seed) {
  const train = drawSplit(DRAWN_TRAIN_COUNT, seed);
  // Another stream, so that no test image repeats a training image.
  const test = drawSplit(DRAWN_TEST_COUNT, seed + 0x9e3779b9);
  const source =
    `${train.count} training and ${test.count} test images drawn by this example. ` +
    'This is NOT Fashion-MNIST: give the real files with --data DIR for figures that can be compared';
  return { train, test, source, real: false };
}
