// @ts-check
/**
 * Reads and writes IDX, the format of the MNIST family of data sets, and names what is wrong with a damaged file.
 *
 * An IDX file is a big-endian header (two zero bytes, an element type, a rank, then one 32-bit length per dimension)
 * followed by the elements in row-major order; http://yann.lecun.com/exdb/mnist/ describes it. These files are gzipped.
 */
import { constants, gunzipSync, gzipSync } from 'node:zlib';

const UNSIGNED_BYTE = 0x08;
const GZIP_MAGIC = 0x1f8b;

/** Compressed bytes that hold a header, and no more than some megabytes after it. */
const START_LENGTH = 4096;
/** Deflate's greatest ratio. */
const MOST_INFLATED = 1032;

/** A data file that is not what it should be; the message names the file, what was found and what was expected. */
export class DataFileError extends Error {
  /**
   * @param {string} file
   * @param {string} found
   * @param {string} expected
   */
  constructor(file, found, expected) {
    super(`${file}: found ${found}, expected ${expected}.`);
    this.name = 'DataFileError';
    this.file = file;
    this.found = found;
    this.expected = expected;
  }
}

/**
 * @typedef {object} IdxArray
 * @property {number[]} shape
 * @property {Uint8Array} values row-major
 */

/**
 * Decodes one gzipped IDX file of unsigned bytes.
 *
 * @param {string} file name for messages
 * @param {Uint8Array} compressed
 * @param {number} rank 3 for images, 1 for labels
 * @returns {IdxArray}
 * @throws {DataFileError}
 */
export function decodeIdx(file, compressed, rank) {
  const shape = decodeHeader(file, compressed, rank);
  const expectedLength = shape.reduce((product, length) => product * length, 1);
  const expected = `${shape.join('x')} = ${expectedLength} elements`;
  if (expectedLength > MOST_INFLATED * compressed.length) {
    throw new DataFileError(file, `${compressed.length} compressed bytes`, expected);
  }
  const headerLength = 4 + 4 * rank;
  // The file may be anybody's, and inflate without end.
  const bytes = gunzip(file, compressed, { maxOutputLength: headerLength + expectedLength });
  const values = bytes?.subarray(headerLength);
  if (values?.length !== expectedLength) {
    throw new DataFileError(file, values ? `${values.length} elements` : 'more elements', expected);
  }
  return { shape, values };
}

/**
 * The shape that the header of a gzipped file says.
 *
 * @param {string} file
 * @param {Uint8Array} compressed
 * @param {number} rank
 * @returns {number[]}
 */
function decodeHeader(file, compressed, rank) {
  const start = compressed.subarray(0, START_LENGTH);
  const bytes = gunzip(file, start, { finishFlush: constants.Z_SYNC_FLUSH }) ?? start;
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw new DataFileError(file, `${bytes.length} bytes`, `an IDX header of ${headerLength} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const expectedMagic = (UNSIGNED_BYTE << 8) | rank;
  if (magic !== expectedMagic) {
    throw new DataFileError(file, `magic ${hex(magic)}`, `${hex(expectedMagic)} (unsigned bytes, rank ${rank})`);
  }
  return Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
}

/**
 * Encodes unsigned bytes as one gzipped IDX file.
 *
 * @param {IdxArray} array
 * @returns {Uint8Array}
 */
export function encodeIdx({ shape, values }) {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, (UNSIGNED_BYTE << 8) | shape.length);
  shape.forEach((length, axis) => header.setUint32(4 + 4 * axis, length));
  return gzipSync(Buffer.concat([new Uint8Array(header.buffer), values]));
}

/**
 * @param {string} file
 * @param {Uint8Array} compressed
 * @param {import('node:zlib').ZlibOptions} options
 * @returns {Uint8Array | undefined} undefined where there is more than `maxOutputLength`
 */
function gunzip(file, compressed, options) {
  const start = compressed.length < 2 ? undefined : ((compressed[0] ?? 0) << 8) | (compressed[1] ?? 0);
  if (start !== GZIP_MAGIC) {
    const found = start === undefined ? `${compressed.length} bytes` : `first bytes ${hex(start, 4)}`;
    throw new DataFileError(file, found, `a gzip file (first bytes ${hex(GZIP_MAGIC, 4)})`);
  }
  try {
    return gunzipSync(compressed, options);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFileError(file, `a damaged gzip stream of ${compressed.length} bytes (${reason})`, 'a complete one');
  }
}

/**
 * @param {number} value
 * @param {number} [digits]
 */
function hex(value, digits = 8) {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
