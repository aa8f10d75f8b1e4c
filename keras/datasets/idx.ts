/**
 * Reads IDX, the format of the MNIST family of data sets, and names what is wrong with a damaged file.
 *
 * An IDX file is a big-endian header (two zero bytes, an element type, a rank, then one 32-bit length per dimension)
 * followed by the elements in row-major order; http://yann.lecun.com/exdb/mnist/ describes it. It may be gzipped.
 */
import { DataFileError } from '../errors';
import { ByteTensor } from './byte_tensor';
import { inflate, isGzip } from './inflate';

const UNSIGNED_BYTE = 0x08;
/** The largest data set of this family has a tenth of that. */
const MAX_BYTES = 2 ** 30;

/**
 * Decodes an IDX file of unsigned bytes.
 *
 * @param rank 3 for images, 1 for labels
 * @throws {DataFileError}
 */
export async function decodeIdx(file: string, bytes: Uint8Array, rank: number): Promise<ByteTensor> {
  const limit = (head: Uint8Array): number => {
    const { shape, begin } = headerOf(file, head, rank);
    return begin + sizeOf(shape);
  };
  const whole = isGzip(bytes) ? await inflate(file, bytes, limit) : bytes;
  const { shape, begin } = headerOf(file, whole, rank);
  const values = whole.subarray(begin);
  if (values.length !== sizeOf(shape)) {
    const expected = `${shape.join('x')} = ${sizeOf(shape)} elements`;
    throw new DataFileError(file, `${values.length} elements`, expected);
  }
  return new ByteTensor(values, shape);
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

function headerOf(file: string, bytes: Uint8Array, rank: number): { shape: number[]; begin: number } {
  const begin = 4 + 4 * rank;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expected = (UNSIGNED_BYTE << 8) | rank;
  if (bytes.length >= 4 && view.getUint32(0) !== expected) {
    const found = hex(view.getUint32(0));
    throw new DataFileError(file, `magic ${found}`, `${hex(expected)} (unsigned bytes, rank ${rank}), or gzip`);
  }
  if (bytes.length < begin) throw new DataFileError(file, `${bytes.length} bytes`, `an IDX header of ${begin} bytes`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (sizeOf(shape) > MAX_BYTES) {
    throw new DataFileError(file, `a claim of ${shape.join('x')} elements`, `${MAX_BYTES} at most`);
  }
  return { shape, begin };
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
