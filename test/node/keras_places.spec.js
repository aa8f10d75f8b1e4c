/** Where files of models come from in Node: small files, whose Buffers share memory with others. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kerasInNode } from './keras_in_node.js';

describe('places in Node', () => {
  /** @type {any} */
  let keras;
  /** @type {any} */
  let tf;
  /** @type {any} */
  let tfl;
  /** @type {string} */
  let folder;

  beforeAll(async () => {
    ({ keras, tf, tfl } = await kerasInNode());
    folder = mkdtempSync(join(tmpdir(), 'convgl-places-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const network = () => tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3], name: 'dense' })] });
  const valuesOf = (/** @type {any} */ model) =>
    model.getWeights().map((/** @type {any} */ weight) => Array.from(weight.dataSync()));

  it('have models of a model.json with few weights, also from a pipe, whose Buffers share memory', async () => {
    const model = network();
    let weights = Buffer.alloc(0);
    await model.save({
      save: (/** @type {any} */ { modelTopology, weightSpecs, weightData }) => {
        const manifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
        writeFileSync(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightsManifest: manifest }));
        weights = Buffer.from(weightData);
        return Promise.resolve({});
      },
    });
    const path = join(folder, 'weights.bin');
    writeFileSync(path, weights);
    expect(valuesOf(await keras.loadModel(join(folder, 'model.json')))).toEqual(valuesOf(model));
    rmSync(path);
    execFileSync('mkfifo', [path]);
    const [loaded] = await Promise.all([keras.loadModel(join(folder, 'model.json')), writeFile(path, weights)]);
    expect(valuesOf(loaded)).toEqual(valuesOf(model));
  });

  it('have bytes that are a part of other memory', async () => {
    const model = network();
    for (const format of ['h5', 'keras']) {
      const bytes = await keras.encodeModel(model, format);
      const pool = Buffer.alloc(bytes.length + 100, 7);
      pool.set(bytes, 60);
      for (const part of [
        pool.subarray(60, 60 + bytes.length),
        new Uint8Array(pool.buffer, pool.byteOffset + 60, bytes.length),
      ])
        expect(valuesOf(await keras.loadModel(part))).toEqual(valuesOf(model));
    }
  });

  it('keep a file until the new one is whole, and leave none where that fails', async () => {
    const path = join(folder, 'kept.h5');
    const model = network();
    await keras.saveWeights(model, path);
    const before = readFileSync(path);
    tf.tidy(() => model.setWeights(model.getWeights().map((/** @type {any} */ weight) => tf.add(weight, 1))));
    await keras.saveWeights(model, path);
    expect(readFileSync(path).equals(before)).toBeFalse();
    await expectAsync(keras.saveWeights(model, join(folder, 'nowhere', 'kept.h5'))).toBeRejected();
    await expectAsync(keras.loadWeights(model, join(folder, 'nowhere.h5'))).toBeRejectedWith(
      jasmine.objectContaining({ name: 'ModelFileError', found: 'no such file' }),
    );
  });
});
