/** Writes IDX files as the MNIST family of data sets has them, for specs. */
import { gzipSync } from 'node:zlib';
import { encodeIdx as plainIdx } from '../../examples/keras-fashion-mnist/idx.js';

/** Names of the four files. */
export const FILES = Object.freeze({
  trainImages: 'train-images-idx3-ubyte.gz',
  trainLabels: 'train-labels-idx1-ubyte.gz',
  testImages: 't10k-images-idx3-ubyte.gz',
  testLabels: 't10k-labels-idx1-ubyte.gz',
});

/** @typedef {{ shape: number[], values: Uint8Array }} IdxArray */

export { plainIdx };

/**
 * Encodes unsigned bytes as one IDX file, gzipped.
 *
 * @param {IdxArray} array
 * @returns {Uint8Array}
 */
export function encodeIdx(array) {
  return gzipSync(plainIdx(array));
}

/** @param {number} count @returns {IdxArray} */
export const images = (count) => ({
  shape: [count, 28, 28],
  values: Uint8Array.from({ length: count * 784 }, (_, i) => i % 256),
});

/** @param {number} count @returns {IdxArray} */
export const labels = (count) => ({ shape: [count], values: Uint8Array.from({ length: count }, (_, i) => i % 10) });
