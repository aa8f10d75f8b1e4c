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

const SIDE = 28;

const SAMPLE_DIRECTORY = fileURLToPath(new URL('../../../shared/data/fashion-mnist-900', import.meta.url));
const DRAWN_TRAIN_COUNT = 2000;
const DRAWN_TEST_COUNT = 500;
const LIMITED_TEST_SHARE = 0.25;

/** @typedef {import('../../keras/datasets/byte_tensor').Dataset} KerasDataset */

/**
 * @typedef {object} Dataset
 * @property {KerasDataset} data as Keras's `load_data()` gives it
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
  const data = await fashionMnist.loadData(options);
  return { data, source: `Fashion-MNIST from ${place}: ${countsOf(data)}`, real: true };
}

/** @param {KerasDataset} data */
const countsOf = ([[, train], [, test]]) => `${train.length} training and ${test.length} test images`;

/**
 * Keeps at most `count` training images and a quarter as many test images: a larger share than the published 60,000 to
 * 10,000, because an accuracy over few images says little. The message of `source` says so where any are left out.
 *
 * @param {Dataset} dataset
 * @param {number} count
 * @returns {Dataset}
 */
export function limitDataset(dataset, count) {
  const [train, test] = dataset.data;
  if (count >= train[1].length) return dataset;
  const first = (/** @type {KerasDataset[0]} */ [x, y], /** @type {number} */ kept) =>
    /** @type {const} */ ([x.slice(0, kept), y.slice(0, kept)]);
  const data = /** @type {const} */ ([first(train, count), first(test, Math.ceil(count * LIMITED_TEST_SHARE))]);
  return { ...dataset, data, source: `${dataset.source}; ${countsOf(data)} of them are used` };
}

/**
 * Images drawn by this package, for a machine without network.
 *
 * @param {number} seed
 * @returns {Dataset}
 */
function drawnDataset(seed) {
  // Another stream for the test images, so that none repeats a training image.
  const data = /** @type {const} */ ([drawn(DRAWN_TRAIN_COUNT, seed), drawn(DRAWN_TEST_COUNT, seed + 0x9e3779b9)]);
  const source =
    `${countsOf(data)} drawn by this example. ` +
    'This is NOT Fashion-MNIST: give the real files with --data DIR for figures that can be compared';
  return { data, source, real: false };
}

/**
 * @param {number} count
 * @param {number} seed
 */
export function drawn(count, seed) {
  const { images, labels } = drawSplit(count, seed);
  return /** @type {const} */ ([
    new datasets.ByteTensor(images, [count, SIDE, SIDE]),
    new datasets.ByteTensor(labels, [count]),
  ]);
}
