/** Images that a user chose in a page as a data set: the sibling of `image_dataset_from_directory`. */
import * as tf from '@tensorflow/tfjs-core';
import { KerasError } from '../errors';
import { randomNumbers } from './random_seed';

/** Options of `imageDatasetFromFiles`. */
export interface ImageFilesOptions {
  /** Height and width that images are resized to. 256 x 256 unless told otherwise, as in Keras. */
  readonly imageSize?: readonly [number, number];
  /** Default: 32. */
  readonly batchSize?: number;
  /** In another order each time; true unless told otherwise. */
  readonly shuffle?: boolean;
  /** Of the shuffling. Default: a random one. */
  readonly seed?: number;
  /** The part of the files that `validation` takes and `training` leaves. */
  readonly validationSplit?: number;
  /** Which part of a split to take. Default: all files. */
  readonly subset?: 'training' | 'validation';
}

/** A batch of `imageDatasetFromFiles`; the caller disposes its tensors. */
export interface ImageBatch {
  /** Shape [batch, height, width, 3], values from 0 to 255. */
  readonly xs: tf.Tensor4D;
  /** Labels as int32, shape [batch]. */
  readonly ys: tf.Tensor1D;
}

/** Batches of images, for `for await` and, by `tf.data.generator`, for `fitDataset`. */
export interface ImageDataset extends AsyncIterable<ImageBatch> {
  /** The names of the folders, in order; a label is an index into them. */
  readonly classNames: readonly string[];
  /** The number of images. */
  readonly length: number;
}

const IMAGE = /\.(bmp|gif|jpe?g|png|webp)$/i;

/**
 * Keras's `image_dataset_from_directory`, from the files of `<input type="file" webkitdirectory>`: a folder is a class.
 *
 * Images are decoded as batches are asked for. The caller disposes the tensors of a batch.
 */
// eslint-disable-next-line complexity -- half of it are defaults of options.
export function imageDatasetFromFiles(files: Iterable<File>, options: ImageFilesOptions = {}): ImageDataset {
  const { imageSize = [256, 256], batchSize = 32, shuffle = true, validationSplit = 0, subset } = options;
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const images = [...files].filter(({ name }) => IMAGE.test(name)).sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
  const classNames = [...new Set(images.map(classOf))].sort();
  if (images.length === 0) throw new KerasError('imageDatasetFromFiles: found no image, expected files in folders.');
  if (shuffle || validationSplit > 0) shuffleInPlace(images, randomNumbers(seed));
  const validation = Math.floor(images.length * validationSplit);
  const chosen =
    subset === undefined
      ? images
      : subset === 'validation'
        ? images.slice(-validation || images.length)
        : images.slice(0, images.length - validation);
  let epoch = 0;
  return {
    classNames,
    length: chosen.length,
    async *[Symbol.asyncIterator]() {
      const order = [...chosen];
      if (shuffle) shuffleInPlace(order, randomNumbers(seed + ++epoch));
      for (let at = 0; at < order.length; at += batchSize) {
        const batch = order.slice(at, at + batchSize);
        const decoded = await decodeAll(batch, imageSize);
        const xs = tf.tidy(() => tf.stack(decoded) as tf.Tensor4D);
        tf.dispose(decoded);
        const labels = batch.map((file) => classNames.indexOf(classOf(file)));
        yield { xs, ys: tf.tensor1d(labels, 'int32') };
      }
    },
  };
}

const pathOf = (file: File): string => file.webkitRelativePath || file.name;
const classOf = (file: File): string => pathOf(file).split('/').at(-2) ?? '';

/** Decodes images; where one fails, the others are disposed. */
async function decodeAll(files: readonly File[], size: readonly [number, number]): Promise<tf.Tensor3D[]> {
  const results = await Promise.allSettled(files.map((file) => decode(file, size)));
  const failed = results.find((result) => result.status === 'rejected');
  const decoded = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (!failed) return decoded;
  tf.dispose(decoded);
  throw failed.reason;
}

async function decode(file: File, [height, width]: readonly [number, number]): Promise<tf.Tensor3D> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch (cause) {
    throw new KerasError(`${pathOf(file)}: found ${file.size} bytes that are no image.`, { cause });
  }
  try {
    return tf.tidy(() => {
      const pixels = tf.cast(tf.browser.fromPixels(bitmap), 'float32');
      // As TensorFlow 2 resizes: samples lie at the centres of pixels.
      return tf.image.resizeBilinear(pixels, [height, width], false, true);
    });
  } finally {
    bitmap.close();
  }
}

function shuffleInPlace<T>(items: T[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
