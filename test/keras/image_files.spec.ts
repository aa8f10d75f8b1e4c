/** Images of folders that a user chose, as a data set. */
import * as tf from '@tensorflow/tfjs-core';
import { utils } from '../../keras/index';

type Color = readonly [number, number, number];

/** A picture whose left and right halves have a color each, as `<input webkitdirectory>` gives it. */
async function picture(path: string, left: Color, right: Color = left): Promise<File> {
  const canvas = new OffscreenCanvas(4, 2);
  const context = canvas.getContext('2d')!;
  [left, right].forEach((color, i) => {
    context.fillStyle = `rgb(${color.join()})`;
    context.fillRect(2 * i, 0, 2, 2);
  });
  return fileAt(path, [await canvas.convertToBlob({ type: 'image/png' })]);
}

function fileAt(path: string, parts: BlobPart[]): File {
  const file = new File(parts, path.split('/').at(-1)!);
  return Object.defineProperty(file, 'webkitRelativePath', { value: path });
}

const RED: Color = [255, 0, 0];
const BLUE: Color = [0, 0, 255];

/** Six of cats, each of another red, and four of dogs, each of another blue; and what is no image. */
async function files(): Promise<File[]> {
  const cats = [0, 1, 2, 3, 4, 5].map((i) => picture(`pets/cats/${i}.png`, [200 + i, 0, 0]));
  const dogs = [0, 1, 2, 3].map((i) => picture(`pets/dogs/${i}.PNG`, [0, 0, 200 + i]));
  return [fileAt('pets/notes.txt', ['text']), ...(await Promise.all([...dogs, ...cats]))];
}

/** The labels of all batches and the first pixels of their images. */
async function read(dataset: utils.ImageDataset): Promise<{ labels: number[]; colors: number[]; sizes: number[] }> {
  const seen = { labels: [] as number[], colors: [] as number[], sizes: [] as number[] };
  for await (const { xs, ys } of dataset) {
    const [count, height, width] = xs.shape;
    expect([height, width, xs.shape[3], ys.dtype]).toEqual([4, 8, 3, 'int32']);
    seen.sizes.push(count);
    seen.labels.push(...(await ys.data()));
    const values = await xs.data();
    for (let i = 0; i < count; i++) seen.colors.push(values[i * 96]! + values[i * 96 + 2]!);
    tf.dispose([xs, ys]);
  }
  return seen;
}

describe('imageDatasetFromFiles', () => {
  const imageSize = [4, 8] as const;

  it('has a class for each folder, and batches in order', async () => {
    const before = tf.memory().numTensors;
    const dataset = utils.imageDatasetFromFiles(await files(), { imageSize, batchSize: 4, shuffle: false });
    expect([dataset.classNames, dataset.length]).toEqual([['cats', 'dogs'], 10]);
    const { labels, colors, sizes } = await read(dataset);
    expect(sizes).toEqual([4, 4, 2]);
    expect(labels).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
    expect(colors).toEqual([200, 201, 202, 203, 204, 205, 200, 201, 202, 203]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('shuffles by its seed, each time anew, labels with images', async () => {
    const options = { imageSize, batchSize: 10, seed: 3 };
    const [one, other] = await Promise.all([0, 1].map(async () => utils.imageDatasetFromFiles(await files(), options)));
    const [first, second, again] = [await read(one!), await read(one!), await read(other!)];
    expect(again).toEqual(first);
    expect(second).not.toEqual(first);
    expect([...first.colors].sort()).toEqual([200, 200, 201, 201, 202, 202, 203, 203, 204, 205]);
    first.labels.forEach((label, i) => expect(label === 0 || first.colors[i]! < 204).toBeTrue());
  });

  it('splits into parts that have no image in common', async () => {
    const all = await files();
    const part = (subset: 'training' | 'validation') =>
      utils.imageDatasetFromFiles(all, { imageSize, shuffle: false, seed: 5, validationSplit: 0.3, subset });
    const [training, validation] = [part('training'), part('validation')];
    expect([training.length, validation.length]).toEqual([7, 3]);
    const [a, b] = [await read(training), await read(validation)];
    const keys = [a, b].flatMap(({ labels, colors }) => labels.map((label, i) => `${label} ${colors[i]}`));
    expect(new Set(keys).size).toBe(10);
  });

  it('resizes as TensorFlow 2 does, with samples at the centres of pixels', async () => {
    const file = await picture('pets/both/1.png', RED, BLUE);
    const [batch] = await all(utils.imageDatasetFromFiles([file], { imageSize: [2, 8], shuffle: false }));
    const reds = tf.tidy(() => tf.slice(batch!.xs, [0, 0, 0, 0], [1, 1, 8, 1]).dataSync());
    [255, 255, 255, 191.25, 63.75, 0, 0, 0].forEach((red, i) => expect(reds[i]).toBeCloseTo(red, 2));
    tf.dispose([batch!.xs, batch!.ys]);
  });

  it('names a file that is no image, and keeps nothing of its batch', async () => {
    const damaged = [...(await files()), fileAt('pets/dogs/damaged.png', ['no image'])];
    const dataset = utils.imageDatasetFromFiles(damaged, { imageSize, shuffle: false });
    const before = tf.memory().numTensors;
    await expectAsync(all(dataset)).toBeRejectedWithError('pets/dogs/damaged.png: found 8 bytes that are no image.');
    expect(tf.memory().numTensors).toBe(before);
    expect(() => utils.imageDatasetFromFiles([])).toThrowError(/found no image/);
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
