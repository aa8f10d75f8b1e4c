/** The namespace `datasets.cifar10`: 50,000 and 10,000 color images of ten classes, from the binary version of the set. */
import { DataFileError } from '../errors';
import { ByteTensor, type Dataset } from './byte_tensor';
import { fileOf, type LoadDataOptions } from './download';
import { inflate, isGzip } from './inflate';
import { checkLabels } from './mnist_family';

/** What each label stands for, in label order. */
export const CLASS_NAMES: readonly string[] = Object.freeze([
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
]);

const CIFAR10 = { name: 'cifar-10', sources: ['https://www.cs.toronto.edu/~kriz/'] };
const ARCHIVE = { name: 'cifar-10-binary.tar.gz', md5: 'c32a1d4ab5d03f1284b67883e8d87530' };
/** The batches and the few small files beside them, with room to spare. */
const MAX_ARCHIVE_BYTES = 256 * 2 ** 20;

const SIDE = 32;
const PIXELS = SIDE * SIDE;
const RECORD = 1 + 3 * PIXELS;
const TRAIN = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`);
const TEST = ['test_batch.bin'];

/**
 * Keras's `cifar10.load_data()`: images of shape [count, 32, 32, 3] and labels of shape [count, 1].
 *
 * `path` and `url` are of a folder that has `cifar-10-binary.tar.gz`; in Node, a folder that has its `.bin` files does too.
 */
export async function loadData(options: LoadDataOptions = {}): Promise<Dataset> {
  const entries = await batchesOf(options);
  const split = (names: readonly string[]): readonly [ByteTensor, ByteTensor] =>
    joined(
      names.map((name) => {
        const bytes = entries.get(name);
        if (!bytes) throw new DataFileError(ARCHIVE.name, `no ${name}`, 'six batches');
        return { name, bytes };
      }),
    );
  return [split(TRAIN), split(TEST)];
}

async function batchesOf(options: LoadDataOptions): Promise<ReadonlyMap<string, Uint8Array>> {
  if (options.path !== undefined) {
    try {
      const files = [...TRAIN, ...TEST].map(async (name) => {
        return [name, await fileOf(CIFAR10, { name, md5: '' }, options)] as const;
      });
      return new Map(await Promise.all(files));
    } catch (error) {
      if (!(error instanceof DataFileError && error.found === 'no such file')) throw error;
    }
  }
  const bytes = await fileOf(CIFAR10, ARCHIVE, options);
  if (!isGzip(bytes)) throw new DataFileError(ARCHIVE.name, `${bytes.length} bytes of something else`, 'a gzip file');
  return untar(await inflate(ARCHIVE.name, bytes, () => MAX_ARCHIVE_BYTES));
}

const BLOCK = 512;

/** The files of a tar archive by their names without folders. */
function untar(bytes: Uint8Array): Map<string, Uint8Array> {
  const text = (at: number, length: number): string =>
    new TextDecoder().decode(bytes.subarray(at, at + length)).replace(/\0.*$/s, '');
  const entries = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    const begin = at + BLOCK;
    if (!Number.isInteger(size) || size < 0 || begin + size > bytes.length) {
      throw new DataFileError(ARCHIVE.name, `${text(at, 100)} of ${size} bytes`, `${bytes.length - begin} at most`);
    }
    entries.set(text(at, 100).split('/').at(-1)!, bytes.subarray(begin, begin + size));
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

/** Records of a label and three planes become labels and pixels. */
function joined(batches: readonly { name: string; bytes: Uint8Array }[]): readonly [ByteTensor, ByteTensor] {
  const counts = batches.map(({ name, bytes }) => {
    if (bytes.length === 0 || bytes.length % RECORD !== 0) {
      throw new DataFileError(name, `${bytes.length} bytes`, `records of ${RECORD} bytes`);
    }
    return bytes.length / RECORD;
  });
  const count = counts.reduce((sum, each) => sum + each, 0);
  const [images, labels] = [new Uint8Array(count * 3 * PIXELS), new Uint8Array(count)];
  let image = 0;
  for (const { name, bytes } of batches) {
    const first = image;
    for (let at = 0; at < bytes.length; at += RECORD, image++) {
      labels[image] = bytes[at]!;
      const target = images.subarray(image * 3 * PIXELS);
      for (let pixel = 0; pixel < PIXELS; pixel++) {
        for (let channel = 0; channel < 3; channel++) {
          target[3 * pixel + channel] = bytes[at + 1 + channel * PIXELS + pixel]!;
        }
      }
    }
    checkLabels(name, labels.subarray(first, image), CLASS_NAMES.length);
  }
  return [new ByteTensor(images, [count, SIDE, SIDE, 3]), new ByteTensor(labels, [count, 1])];
}
