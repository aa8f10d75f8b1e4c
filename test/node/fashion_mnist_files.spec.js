/** The loader of the IDX files: what it reads, where it looks, and how it names what is wrong. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  cacheDirectory,
  limitDataset,
  loadDataset,
  readDirectory,
} from '../../examples/keras-fashion-mnist/dataset.js';
import { kerasInNode } from './keras_in_node.js';
import { encodeIdx, FILES, images, labels, plainIdx } from './idx_files.js';

const SAMPLE = fileURLToPath(new URL('../../../shared/data/fashion-mnist-900', import.meta.url));

/** @param {() => Promise<unknown>} action @returns {Promise<any>} */
async function failureOf(action) {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

/** @param {import('../../examples/keras-fashion-mnist/dataset.js').Dataset} dataset */
const trained = ({ data: [[images]] }) => images.length;

describe('Fashion-MNIST files', () => {
  /** @type {string} */
  let directory;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'convgl-data-'));
    await write({});
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** @param {Partial<Record<keyof typeof FILES, Uint8Array>>} changed */
  async function write(changed) {
    const good = {
      trainImages: encodeIdx(images(20)),
      trainLabels: encodeIdx(labels(20)),
      testImages: encodeIdx(images(8)),
      testLabels: encodeIdx(labels(8)),
    };
    for (const [key, bytes] of Object.entries({ ...good, ...changed })) {
      await writeFile(join(directory, FILES[/** @type {keyof typeof FILES} */ (key)]), bytes);
    }
  }

  it('reads images and labels in order', async () => {
    const { data, real } = await readDirectory(directory);
    const [[x, y], [, testY]] = data;
    expect([x.length, y.length, testY.length, real]).toEqual([20, 20, 8, true]);
    expect(Array.from(y.values.subarray(8, 12))).toEqual([8, 9, 0, 1]);
    expect(Array.from(x.values.subarray(254, 258))).toEqual([254, 255, 0, 1]);
  });

  it('names a missing file', async () => {
    await rm(join(directory, FILES.testLabels));
    const error = await failureOf(() => readDirectory(directory));
    expect(error.name).toBe('DataFileError');
    expect(error.message).toContain(`${FILES.testLabels}: found no such file`);
  });

  it('names a truncated file', async () => {
    const whole = encodeIdx(images(20));
    await write({ trainImages: whole.subarray(0, whole.length - 40) });
    const error = await failureOf(() => readDirectory(directory));
    expect(error.name).toBe('DataFileError');
    expect(error.message).toMatch(
      /train-images-idx3-ubyte\.gz: found a damaged gzip stream of \d+ bytes .*complete one/,
    );
  });

  it('names a file that is not gzip, and an empty one', async () => {
    await write({ trainLabels: Buffer.from('<html>not found</html>') });
    expect((await failureOf(() => readDirectory(directory))).message).toContain('found magic 0x3c68746d');
    await write({ trainLabels: new Uint8Array(0) });
    expect((await failureOf(() => readDirectory(directory))).message).toContain('found 0 bytes');
  });

  it('names fewer elements than the header says, and more', async () => {
    await write({ trainImages: encodeIdx({ shape: [20, 28, 28], values: images(19).values }) });
    expect((await failureOf(() => readDirectory(directory))).message).toContain(
      'found 14896 elements, expected 20x28x28 = 15680 elements.',
    );
    await write({ trainImages: plainIdx({ shape: [20, 28, 28], values: images(21).values }) });
    expect((await failureOf(() => readDirectory(directory))).message).toContain('found 16464 elements');
  });

  it('inflates no more than the header claims, and believes no claim of gigabytes', async () => {
    await write({ trainImages: encodeIdx({ shape: [20, 28, 28], values: new Uint8Array(2 ** 27) }) });
    const before = process.memoryUsage().arrayBuffers;
    const error = await failureOf(() => readDirectory(directory));
    expect(error.message).toContain('found more than the 15696 bytes that it claims');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
    await write({ trainImages: encodeIdx({ shape: [2 ** 31, 28, 28], values: new Uint8Array(100) }) });
    expect((await failureOf(() => readDirectory(directory))).message).toContain('found a claim of 2147483648x28x28');
  });

  it('reads files that are not gzipped', async () => {
    await write({ trainImages: plainIdx(images(20)), testLabels: plainIdx(labels(8)) });
    expect(trained(await readDirectory(directory))).toBe(20);
  });

  it('names a wrong magic, labels where images belong, and a header cut short', async () => {
    await write({ testImages: encodeIdx(labels(8)) });
    expect((await failureOf(() => readDirectory(directory))).message).toMatch(
      /t10k-images.*found magic 0x00000801, expected 0x00000803/,
    );
    await write({ testImages: plainIdx(images(8)).subarray(0, 10) });
    expect((await failureOf(() => readDirectory(directory))).message).toMatch(/found 10 bytes, expected an IDX header/);
  });

  it('names wrong dimensions', async () => {
    await write({ trainImages: encodeIdx({ shape: [20, 32, 32], values: new Uint8Array(20 * 1024) }) });
    expect((await failureOf(() => readDirectory(directory))).message).toContain(
      'found images of 32x32, expected 28x28',
    );
  });

  it('names a count of labels other than of images, and a label that is none', async () => {
    await write({ testLabels: encodeIdx(labels(7)) });
    expect((await failureOf(() => readDirectory(directory))).message).toContain('found 7 labels, expected 8');
    await write({ testLabels: encodeIdx({ shape: [8], values: Uint8Array.from([0, 1, 2, 11, 4, 5, 6, 7]) }) });
    expect((await failureOf(() => readDirectory(directory))).message).toContain('found label 11 at index 3');
  });

  it('limits to a prefix, and leaves a smaller set alone', async () => {
    const whole = await readDirectory(directory);
    const limited = limitDataset(whole, 12);
    expect(limited.data.flat().map(({ shape }) => shape)).toEqual([[12, 28, 28], [12], [3, 28, 28], [3]]);
    expect(limited.source).toContain('12 training and 3 test images');
    expect(limitDataset(whole, 20)).toBe(whole);
  });

  describe('where they are looked for', () => {
    const offline = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('no network') }));
    /** @type {Record<string, string>} */
    let environment;

    beforeEach(() => {
      environment = { XDG_CACHE_HOME: join(directory, 'cache') };
    });

    it('takes the named folder before the environment, and either before anything else', async () => {
      const fetch = jasmine.createSpy('fetch', offline);
      const named = await loadDataset({ directory, environment: { FASHION_MNIST_DIR: 'elsewhere' }, fetch });
      const fromEnvironment = await loadDataset({ environment: { FASHION_MNIST_DIR: directory }, fetch });
      expect([named, fromEnvironment].map(trained)).toEqual([20, 20]);
      expect(fetch).not.toHaveBeenCalled();
    });

    it('does not look further when the named folder is wrong', async () => {
      const error = await failureOf(() => loadDataset({ directory: join(directory, 'nowhere'), environment }));
      expect(error.name).toBe('DataFileError');
    });

    it('says why the download failed, takes the sample, and draws images where there is none', async () => {
      const onMessage = jasmine.createSpy('onMessage');
      const sample = await loadDataset({ environment, fetch: offline, sampleDirectory: directory, onMessage });
      expect(trained(sample)).toBe(20);
      expect(onMessage.calls.first().args[0]).toContain('no network');
      const drawn = await loadDataset({ environment, fetch: offline, sampleDirectory: join(directory, 'nowhere') });
      expect(drawn.real).toBeFalse();
      expect(drawn.source).toContain('NOT Fashion-MNIST');
    });

    it('keeps no download whose checksum is wrong', async () => {
      const fetch = () => Promise.resolve(new Response('something else'));
      const onMessage = jasmine.createSpy('onMessage');
      await loadDataset({ environment, fetch, sampleDirectory: directory, onMessage });
      expect(onMessage.calls.first().args[0]).toMatch(/found MD5 [0-9a-f]{32} \(14 bytes\), expected 8d4fb7e6/);
      const cache = cacheDirectory(environment);
      expect(existsSync(cache) ? await readdir(cache) : []).toEqual([]);
    });

    it('downloads again what is kept and is not what was published', async () => {
      const cache = cacheDirectory(environment);
      await mkdir(cache, { recursive: true });
      for (const name of Object.values(FILES)) await writeFile(join(cache, name), encodeIdx(labels(4)));
      const fetch = jasmine.createSpy('fetch', offline).and.callThrough();
      expect((await loadDataset({ environment, fetch, sampleDirectory: directory })).source).toContain(directory);
      expect(fetch).toHaveBeenCalled();
    });
  });

  it('are downloaded once from a mirror', async () => {
    const { keras } = await kerasInNode();
    const options = { url: 'https://mirror.invalid/', cacheDirectory: join(directory, 'cache') };
    const served = jasmine.createSpy('fetch', (/** @type {string | URL} */ address) =>
      readFile(join(directory, new URL(address).pathname)).then((bytes) => new Response(bytes)),
    );
    await keras.datasets.fashionMnist.loadData({ ...options, fetch: served.and.callThrough() });
    expect(served).toHaveBeenCalledTimes(4);
    const fetch = jasmine.createSpy('fetch');
    const [[images]] = await keras.datasets.fashionMnist.loadData({ ...options, fetch });
    expect(images.shape).toEqual([20, 28, 28]);
    expect(fetch).not.toHaveBeenCalled();
  });

  it('reads the sample of real images where it lies beside the repository', async () => {
    if (!existsSync(SAMPLE)) {
      pending('no sample beside the repository');
    }
    const [[, train], [, test]] = (await readDirectory(SAMPLE)).data;
    expect([train.length, test.length]).toEqual([720, 180]);
    const perClass = Array.from({ length: 10 }, (_, label) => train.values.filter((other) => other === label).length);
    expect(perClass).toEqual(new Array(10).fill(72));
  });
});
