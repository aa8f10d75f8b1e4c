/** Data sets in a page: downloaded once, with progress, kept in the Cache API. */
import { datasets, type DataFileError } from '../../keras/index';

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x800 | shape.length);
  shape.forEach((length, axis) => header.setUint32(4 + 4 * axis, length));
  const bytes = new Uint8Array(header.byteLength + values.length);
  bytes.set(new Uint8Array(header.buffer));
  bytes.set(values, header.byteLength);
  return bytes;
}

const bytes = (length: number, most: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % most);

/** A mirror that counts what it is asked for. */
function mirror(files: Record<string, Uint8Array>): { asked: string[]; fetch: typeof fetch } {
  const asked: string[] = [];
  const answer = (address: RequestInfo | URL): Promise<Response> => {
    const name = (address as string).split('/').at(-1)!;
    asked.push(name);
    const body = files[name];
    const headers = { 'content-length': String(body?.length ?? 0) };
    return Promise.resolve(
      body ? new Response(body as Uint8Array<ArrayBuffer>, { headers }) : new Response('', { status: 404 }),
    );
  };
  return { asked, fetch: answer };
}

async function fashionFiles(): Promise<Record<string, Uint8Array>> {
  return {
    'train-images-idx3-ubyte.gz': await gzipped(idx([12, 28, 28], bytes(12 * 784, 256))),
    'train-labels-idx1-ubyte.gz': await gzipped(idx([12], bytes(12, 10))),
    't10k-images-idx3-ubyte.gz': await gzipped(idx([3, 28, 28], bytes(3 * 784, 256))),
    't10k-labels-idx1-ubyte.gz': await gzipped(idx([3], bytes(3, 10))),
  };
}

describe('datasets in a page', () => {
  let url: string;

  beforeEach(() => {
    url = `https://mirror.invalid/${Math.random()}`;
  });
  afterAll(() => caches.delete('convgl-datasets'));

  it('loads what cannot be kept, and what may not be', async () => {
    const { asked, fetch } = mirror(await fashionFiles());
    spyOn(Cache.prototype, 'put').and.rejectWith(new DOMException('full', 'QuotaExceededError'));
    const [[images]] = await datasets.fashionMnist.loadData({ url, fetch });
    expect(images.shape).toEqual([12, 28, 28]);
    expect(asked.length).toBe(4);
    spyOn(CacheStorage.prototype, 'open').and.rejectWith(new DOMException('private', 'SecurityError'));
    await datasets.fashionMnist.loadData({ url, fetch });
    expect(asked.length).toBe(8);
  });

  it('downloads again what was kept and is damaged', async () => {
    const cache = await caches.open('convgl-datasets');
    const address = (name: string): string => `https://datasets.invalid/mnist/${name}`;
    const names = Object.keys(await fashionFiles());
    await Promise.all(names.map((name) => cache.put(address(name), new Response('damaged'))));
    const { asked, fetch } = mirror({});
    await expectAsync(datasets.mnist.loadData({ fetch })).toBeRejectedWithError(/could not be downloaded/);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('loads a mirror once, in Keras’s shapes, and tells how far it is', async () => {
    const { asked, fetch } = mirror(await fashionFiles());
    const told: string[] = [];
    const onProgress: datasets.DownloadProgress = ({ file, received, total }) => {
      if (received === total) told.push(file);
    };
    const [first, second] = await Promise.all(
      [1, 2].map(() => datasets.fashionMnist.loadData({ url, fetch, onProgress })),
    );
    const [[trainX, trainY], [testX, testY]] = first!;
    expect([trainX, trainY, testX, testY].map(({ shape }) => shape)).toEqual([[12, 28, 28], [12], [3, 28, 28], [3]]);
    expect(trainX.values).toEqual(bytes(12 * 784, 256));
    expect(second![0][0].values).toEqual(trainX.values);
    expect(asked.length).toBe(4);
    expect(told.sort()).toEqual(asked.sort());
    await datasets.fashionMnist.loadData({ url, fetch });
    expect(asked.length).withContext('asked for again').toBe(4);
    const x = trainX.slice(1, 3).toTensor(255);
    expect(x.shape).toEqual([2, 28, 28]);
    expect((await x.data())[0]).toBeCloseTo((784 % 256) / 255, 6);
    x.dispose();
  });

  it('keeps nothing of a mirror whose files change', async () => {
    const { asked, fetch } = mirror(await fashionFiles());
    for (const wanted of [4, 8]) {
      await datasets.fashionMnist.loadData({ url, fetch, cache: false });
      expect(asked.length).toBe(wanted);
    }
  });

  it('keeps nothing whose checksum is wrong, and says so for each source', async () => {
    const { asked, fetch } = mirror(await fashionFiles());
    const failure = (await datasets.mnist.loadData({ fetch }).catch((error: unknown) => error)) as Error;
    expect(failure.name).toBe('KerasError');
    expect(failure.message).toMatch(/MD5 [0-9a-f]{32} .*expected .*; .*MD5/);
    const before = asked.length;
    await datasets.mnist.loadData({ fetch }).catch(() => undefined);
    expect(asked.length).toBeGreaterThan(before);
  });

  it('names a truncated file and one that inflates beyond what its header claims', async () => {
    const files = await fashionFiles();
    const [name] = Object.keys(files);
    const failureOf = async (damaged: Uint8Array): Promise<DataFileError> => {
      const { fetch } = mirror({ ...files, [name!]: damaged });
      const at = `${url}/${damaged.length}`;
      return (await datasets.fashionMnist
        .loadData({ url: at, fetch })
        .catch((error: unknown) => error)) as DataFileError;
    };
    const truncated = await failureOf(files[name!]!.slice(0, -20));
    expect([truncated.name, truncated.found]).toEqual(['DataFileError', jasmine.stringMatching('damaged gzip stream')]);
    const bomb = await failureOf(await gzipped(idx([12, 28, 28], new Uint8Array(2 ** 26))));
    expect([bomb.name, bomb.found]).toEqual(['DataFileError', 'more than the 9424 bytes that it claims']);
  });

  it('loads CIFAR-10 with channels last', async () => {
    const batch = (label: number): Uint8Array => {
      const record = new Uint8Array(3073);
      record[0] = label;
      for (let c = 0; c < 3; c++) for (let i = 0; i < 1024; i++) record[1 + c * 1024 + i] = (i % 80) + 80 * c;
      return record;
    };
    const names = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`).concat('test_batch.bin');
    const tar = new Uint8Array((names.length * 8 + 2) * 512);
    names.forEach((name, i) => {
      const at = i * 8 * 512;
      tar.set(new TextEncoder().encode(`cifar-10-batches-bin/${name}`), at);
      tar.set(new TextEncoder().encode((3073).toString(8).padStart(11, '0')), at + 124);
      tar.set(batch(i), at + 512);
    });
    const { fetch } = mirror({ 'cifar-10-binary.tar.gz': await gzipped(tar) });
    const [[trainX, trainY], [testX, testY]] = await datasets.cifar10.loadData({ url, fetch });
    expect([trainX.shape, trainY.shape, testX.shape, testY.shape]).toEqual([
      [5, 32, 32, 3],
      [5, 1],
      [1, 32, 32, 3],
      [1, 1],
    ]);
    expect(Array.from(trainY.values)).toEqual([0, 1, 2, 3, 4]);
    expect(Array.from(trainX.values.subarray(3, 6))).toEqual([1, 81, 161]);
  });
});
