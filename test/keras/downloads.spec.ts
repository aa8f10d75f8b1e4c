/** What a page downloads: weights, and a folder of event files as one archive. */
import { unzipSync } from 'fflate';
import { callbacks, saveWeights } from '../../keras/index';
import { buildModel, train } from './training';

describe('downloads of a page', () => {
  let downloaded: { name: string; bytes: Promise<Uint8Array> }[];

  beforeEach(() => {
    downloaded = [];
    spyOn(HTMLAnchorElement.prototype, 'dispatchEvent').and.callFake(function (this: HTMLAnchorElement) {
      const bytes = fetch(this.href).then(async (response) => new Uint8Array(await response.arrayBuffer()));
      downloaded.push({ name: this.download, bytes });
      return true;
    });
  });

  it('are a file of the name in the address', async () => {
    const model = buildModel();
    await saveWeights(model, 'folder/fashion_model.h5');
    model.dispose();
    expect(downloaded.map(({ name }) => name)).toEqual(['fashion_model.h5']);
    const [, ...signature] = (await downloaded[0]!.bytes).subarray(0, 4);
    expect(String.fromCharCode(...signature)).toBe('HDF');
  });

  it('are one archive of a run of TensorBoard, with its folders', async () => {
    const board = new callbacks.TensorBoard({ logDir: new callbacks.DownloadFolder('board') });
    await train({ epochs: 1, callbacks: [board] });
    expect(downloaded.map(({ name }) => name)).toEqual(['board.zip']);
    const files = unzipSync(await downloaded[0]!.bytes);
    const event = (run: string) => jasmine.stringMatching(`^board/${run}/events\\.out\\.tfevents\\.`);
    expect(Object.keys(files)).toEqual([event('train'), event('validation')]);
    Object.values(files).forEach(({ length }) => expect(length).toBeGreaterThan(100));
  });
});
