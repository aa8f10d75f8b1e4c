// @ts-check
/** Finds Fashion-MNIST: a given folder, the cache, a download of the published set, a local sample, or drawn images. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILES, download } from './download.js';
import { drawSplit } from './drawn_clothing.js';
import { DataFileError, decodeIdx } from './idx.js';

/** What each label stands for, in label order. */
export const CLASS_NAMES = Object.freeze([
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
]);

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
 * @property {import('./download.js').DownloadProgress} [onProgress]
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
  const cache = cacheDirectory(environment);
  if (Object.values(FILES).every(({ name }) => existsSync(join(cache, name)))) {
    return readDirectory(cache);
  }
  const failure = await download(cache, options);
  if (failure === undefined) {
    return readDirectory(cache);
  }
  options.onMessage?.(`Fashion-MNIST could not be downloaded: ${failure}`);
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
export async function readDirectory(directory) {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readIdx(directory, FILES.trainImages.name, 3),
    readIdx(directory, FILES.trainLabels.name, 1),
    readIdx(directory, FILES.testImages.name, 3),
    readIdx(directory, FILES.testLabels.name, 1),
  ]);
  const train = joinSplit(trainImages, trainLabels);
  const test = joinSplit(testImages, testLabels);
  const source = `Fashion-MNIST from ${directory}: ${train.count} training and ${test.count} test images`;
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

/**
 * @typedef {import('./idx.js').IdxArray & { file: string }} NamedArray
 */

/**
 * @param {string} directory
 * @param {string} name
 * @param {number} rank
 * @returns {Promise<NamedArray>}
 */
async function readIdx(directory, name, rank) {
  const file = join(directory, name);
  let compressed;
  try {
    compressed = await readFile(file);
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? 'an unreadable file';
    throw new DataFileError(file, code === 'ENOENT' ? 'no such file' : code, 'a gzipped IDX file');
  }
  return { file, ...decodeIdx(file, compressed, rank) };
}

/**
 * @param {NamedArray} images
 * @param {NamedArray} labels
 * @returns {Split}
 */
function joinSplit(images, labels) {
  const [count = 0, height, width] = images.shape;
  if (height !== SIDE || width !== SIDE) {
    throw new DataFileError(images.file, `images of ${height}x${width}`, `${SIDE}x${SIDE}`);
  }
  if (count === 0) {
    throw new DataFileError(images.file, '0 images', 'at least one');
  }
  if (labels.values.length !== count) {
    throw new DataFileError(labels.file, `${labels.values.length} labels`, `${count}, one for each image`);
  }
  const wrong = labels.values.findIndex((label) => label >= CLASS_NAMES.length);
  if (wrong >= 0) {
    throw new DataFileError(labels.file, `label ${labels.values[wrong]} at index ${wrong}`, 'labels from 0 to 9');
  }
  return { count, images: images.values, labels: labels.values };
}
