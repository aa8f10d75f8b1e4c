/** Writes IDX files as the MNIST family of data sets has them, for specs. */
import { gzipSync } from 'node:zlib';

/** Names of the four files. */
export const FILES = Object.freeze({
  trainImages: 'train-images-idx3-ubyte.gz',
  trainLabels: 'train-labels-idx1-ubyte.gz',
  testImages: 't10k-images-idx3-ubyte.gz',
  testLabels: 't10k-labels-idx1-ubyte.gz',
});

/** @typedef {{ shape: number[], values: Uint8Array }} IdxArray */

/**
 * Encodes unsigned bytes as one IDX file.
 *
 * @param {IdxArray} array
 * @returns {Uint8Array}
 */
export function plainIdx({ shape, values }) {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, (0x08 << 8) | shape.length);
  shape.forEach((length, axis) => header.setUint32(4 + 4 * axis, length));
  return Buffer.concat([new Uint8Array(header.buffer), values]);
}

/**
 * The same, gzipped.
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
