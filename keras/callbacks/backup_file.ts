/** A file that holds plain values and tensors, bit for bit. */
import * as tf from '@tensorflow/tfjs-core';
import { KerasError } from '../errors';

export interface NamedTensors {
  readonly names: readonly string[];
  readonly tensors: readonly tf.Tensor[];
}

interface Header<T> {
  readonly version: 1;
  readonly content: T;
  readonly names: readonly string[];
  readonly specs: readonly tf.io.WeightsManifestEntry[];
}

const LENGTH_BYTES = 4;

/** JSON has no NaN and no infinities. */
const written = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;

const read = (_: string, value: unknown): unknown => {
  const { number } = (value ?? {}) as { number?: unknown };
  return typeof number === 'string' ? Number(number) : value;
};

/** The length of a JSON text, the text, and the tensors' values. */
export async function encodeBackup<T>(content: T, { names, tensors }: NamedTensors): Promise<Uint8Array> {
  // The names of tfjs's specs have to differ.
  const { data, specs } = await tf.io.encodeWeights(tensors.map((tensor, i) => ({ name: String(i), tensor })));
  const header: Header<T> = { version: 1, content, names, specs };
  const text = new TextEncoder().encode(JSON.stringify(header, written));
  const bytes = new Uint8Array(LENGTH_BYTES + text.length + data.byteLength);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, LENGTH_BYTES);
  bytes.set(new Uint8Array(data), LENGTH_BYTES + text.length);
  return bytes;
}

/** @throws {KerasError} where the file is not one of these */
export function decodeBackup<T>(bytes: Uint8Array): NamedTensors & { readonly content: T } {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const text = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
    const { version, content, names, specs } = JSON.parse(text, read) as Header<T>;
    const data = bytes.slice(LENGTH_BYTES + length);
    const size = specs.reduce((sum, { shape }) => sum + 4 * tf.util.sizeFromShape(shape), 0);
    if ((version as number) !== 1 || data.length !== size)
      throw new Error(`version ${version} and ${data.length} bytes of values, expected 1 and ${size}`);
    const decoded = tf.io.decodeWeights(data.buffer, [...specs]);
    return { content, names, tensors: specs.map(({ name }) => decoded[name]!) };
  } catch (cause) {
    throw new KerasError(`The backup cannot be read: found ${(cause as Error).message}.`, { cause });
  }
}
