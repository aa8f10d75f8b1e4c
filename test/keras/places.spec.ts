/** Where a page keeps files: IndexedDB, its own file system, directory handles, memory. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { callbacks, loadModel, loadWeights, removeSaved, saveModel, saveWeights } from '../../keras/index';
import { type Folder, type FolderPlace, MemoryFolder, openFolder } from '../../keras/io/folder';
import { getFile, putFile } from '../../keras/io/indexed_db';
import { train } from './training';

const network = (): tfl.Sequential =>
  tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3], name: 'dense' })] });
const valuesOf = (model: tfl.LayersModel): number[][] => model.getWeights().map((weight) => [...weight.dataSync()]);
/** Fills a model so that it is another than the one made before. */
const fill = (model: tfl.LayersModel, value: number): void =>
  tf.tidy(() => model.setWeights(model.getWeights().map(({ shape }) => tf.fill(shape, value))));

let names = 0;
const newName = (): string => `places-${Date.now()}-${names++}`;

describe('models in IndexedDB', () => {
  for (const extension of ['h5', 'keras']) {
    it(`come back equal as .${extension}, under a name with slashes, until they are removed`, async () => {
      const address = `indexeddb://${newName()}/model.${extension}`;
      const model = network();
      await saveModel(model, address);
      fill(model, 0.5);
      await saveModel(model, address); // in place of the first
      const loaded = await loadModel(address);
      expect(valuesOf(loaded)).toEqual(valuesOf(model));
      await removeSaved(address);
      await removeSaved(address); // nothing more
      await expectAsync(loadModel(address)).toBeRejectedWith(
        jasmine.objectContaining({ name: 'ModelFileError', found: 'no such file' }),
      );
      [model, loaded].forEach((one) => one.dispose());
    });
  }

  it('are weights alone in both layouts', async () => {
    const [model, other] = [network(), network()];
    for (const extension of ['h5', 'weights.h5']) {
      const address = `indexeddb://${newName()}.${extension}`;
      fill(other, 0);
      await saveWeights(model, address);
      await loadWeights(other, address);
      expect(valuesOf(other)).toEqual(valuesOf(model));
      await removeSaved(address);
    }
    [model, other].forEach((one) => one.dispose());
  });

  it('are kept without the memory around them', async () => {
    const name = newName();
    await putFile(name, new Uint8Array(1000).fill(7).subarray(10, 20));
    const kept = await getFile(name);
    expect([kept?.length, kept?.buffer.byteLength]).toEqual([10, 10]);
    await removeSaved(`indexeddb://${name}`);
  });

  it('are not removed from elsewhere', async () => {
    await expectAsync(removeSaved('model.h5')).toBeRejectedWithError(/found model.h5, expected indexeddb:/);
  });
});

const rootHandle = (): Promise<FileSystemDirectoryHandle> => navigator.storage.getDirectory();

const PLACES: Readonly<Record<string, () => FolderPlace | Promise<FolderPlace>>> = {
  'the page’s own file system': () => `${newName()}/logs`,
  'a directory handle': async () => (await rootHandle()).getDirectoryHandle(newName(), { create: true }),
  IndexedDB: () => `indexeddb://${newName()}`,
  memory: () => new MemoryFolder(),
};

for (const [title, place] of Object.entries(PLACES)) {
  describe(`a folder in ${title}`, () => {
    let folder: Folder;
    const text = async (name: string): Promise<string | undefined> => {
      const bytes = await folder.read(name);
      return bytes && new TextDecoder().decode(bytes);
    };
    const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

    beforeEach(async () => {
      folder = await openFolder(await place());
    });

    it('writes, replaces, appends to and removes files, in folders too', async () => {
      for (const name of ['one', 'run/train/two']) {
        expect(await text(name)).toBeUndefined();
        await folder.remove(name); // nothing
        await folder.append(name, bytes('a'));
        await folder.append(name, bytes('bc'));
        expect(await text(name)).toBe('abc');
        await folder.write(name, bytes('d'));
        expect(await text(name)).toBe('d');
        await folder.append(name, bytes('!'));
        expect(await text(name)).toBe('d!');
      }
      await folder.remove('one');
      expect([await text('one'), await text('run/train/two')]).toEqual([undefined, 'd!']);
    });

    it('keeps a part of memory, as it was then', async () => {
      const whole = bytes('0123456789');
      await folder.write('part', whole.subarray(2, 5));
      whole.fill(0);
      expect(await text('part')).toBe('234');
    });

    it('has the log of a training', async () => {
      await train({ epochs: 2, callbacks: [new callbacks.CSVLogger('log.csv', { folder })] });
      expect((await text('log.csv'))?.split('\n').map((row) => row.split(',')[0])).toEqual(['epoch', '0', '1', '']);
    });
  });
}

it('the page’s own file system is that of the handle', async () => {
  const name = newName();
  const [folder, handle] = [await openFolder(`${name}/a`), await rootHandle()];
  await folder.write('b', new Uint8Array([1, 2]));
  const parent = await (await handle.getDirectoryHandle(name)).getDirectoryHandle('a');
  expect((await (await parent.getFileHandle('b')).getFile()).size).toBe(2);
  await handle.removeEntry(name, { recursive: true });
});
