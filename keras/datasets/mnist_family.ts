/** MNIST and the data sets of its format: four IDX files of 28 x 28 grey levels and labels from 0 to 9. */
import { DataFileError } from '../errors';
import type { ByteTensor, Dataset } from './byte_tensor';
import { fileOf, type LoadDataOptions, type Published, type PublishedFile } from './download';
import { decodeIdx } from './idx';

const SIDE = 28;
const CLASSES = 10;

/** A data set with the checksums of its files. */
export interface MnistFamily extends Published {
  readonly files: Readonly<Record<'trainImages' | 'trainLabels' | 'testImages' | 'testLabels', PublishedFile>>;
}

/** Loads such a data set. */
export async function loadMnistFamily(set: MnistFamily, options: LoadDataOptions): Promise<Dataset> {
  const split = async (images: PublishedFile, labels: PublishedFile): Promise<readonly [ByteTensor, ByteTensor]> => {
    const [x, y] = await Promise.all([read(set, images, options, 3), read(set, labels, options, 1)]);
    checkSplit(x, y);
    return [x.tensor, y.tensor];
  };
  const { trainImages, trainLabels, testImages, testLabels } = set.files;
  return Promise.all([split(trainImages, trainLabels), split(testImages, testLabels)]);
}

interface NamedTensor {
  readonly file: string;
  readonly tensor: ByteTensor;
}

async function read(
  set: MnistFamily,
  file: PublishedFile,
  options: LoadDataOptions,
  rank: number,
): Promise<NamedTensor> {
  const at = options.path ?? options.url;
  const name = at === undefined ? file.name : `${String(at)}/${file.name}`;
  return { file: name, tensor: await decodeIdx(name, await fileOf(set, file, options), rank) };
}

function checkSplit(images: NamedTensor, labels: NamedTensor): void {
  const [count = 0, height, width] = images.tensor.shape;
  if (height !== SIDE || width !== SIDE) {
    throw new DataFileError(images.file, `images of ${height}x${width}`, `${SIDE}x${SIDE}`);
  }
  if (count === 0) throw new DataFileError(images.file, '0 images', 'at least one');
  if (labels.tensor.length !== count) {
    throw new DataFileError(labels.file, `${labels.tensor.length} labels`, `${count}, one for each image`);
  }
  checkLabels(labels.file, labels.tensor.values, CLASSES);
}

/** @throws {DataFileError} at the first label that is none */
export function checkLabels(file: string, labels: Uint8Array, classes: number): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new DataFileError(file, `label ${labels[wrong]} at index ${wrong}`, `labels from 0 to ${classes - 1}`);
  }
}
