/** Whole models and archives that nobody vouches for: they are refused with a typed error, and no memory stays. */
import { strToU8, unzipSync, zipSync } from 'fflate';
import { changedHDF5 } from './hdf5_files.js';
import { kerasInNode } from './keras_in_node.js';

/** @typedef {import('./hdf5_files.js').Change} Change */

describe('damaged files of models', () => {
  /** @type {any} */
  let keras;
  /** @type {any} */
  let tf;
  /** @type {any} */
  let tfl;
  /** @type {Uint8Array} */
  let h5;
  /** @type {Uint8Array} */
  let archive;
  const TYPED = ['ModelFileError', 'UnsupportedModelError', 'WeightsMismatchError'];

  const network = () =>
    tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [4, 4, 1], name: 'conv' }),
        tfl.layers.batchNormalization({ name: 'bn' }),
        tfl.layers.flatten({ name: 'flat' }),
        tfl.layers.dense({ units: 3, name: 'dense' }),
      ],
    });

  beforeAll(async () => {
    ({ keras, tf, tfl } = await kerasInNode());
    const model = network();
    model.compile({ optimizer: new keras.optimizers.Adam(), loss: 'meanSquaredError' });
    await model.trainOnBatch(tf.ones([2, 4, 4, 1]), tf.ones([2, 3]));
    h5 = await keras.encodeModel(model, 'h5');
    archive = await keras.encodeModel(model, 'keras');
  });

  const counts = () => [tf.memory().numTensors, tf.engine().backend.numDataIds(), tf.memory().numBytes];

  /**
   * Loads a file as a model, and its weights into a model; neither leaves anything.
   *
   * @param {Uint8Array} bytes
   * @returns {Promise<Error[]>} of both
   */
  async function errorsOf(bytes) {
    const model = network();
    const values = () => model.getWeights().map((/** @type {any} */ weight) => [...weight.dataSync()]);
    const [before, kept] = [counts(), values()];
    const loaded = async () => {
      const other = await keras.loadModel(bytes);
      other.optimizer?.dispose();
      other.dispose();
    };
    /** @type {Error[]} */
    const errors = [];
    for (const load of [loaded, () => keras.loadWeights(model, bytes)]) {
      const error = await load().then(
        () => undefined,
        (/** @type {Error} */ reason) => reason,
      );
      expect(counts()).withContext(`memory after ${error}`).toEqual(before);
      errors.push(error ?? new Error('it was loaded'));
      if (error) expect(values()).withContext(`weights after ${error}`).toEqual(kept);
    }
    model.dispose();
    return errors;
  }

  /**
   * @param {Uint8Array} bytes
   * @param {RegExp} message
   */
  async function refusedAsModel(bytes, message) {
    const [error] = await errorsOf(bytes);
    expect(TYPED)
      .withContext(String(error?.stack))
      .toContain(error?.name ?? '');
    expect(error?.message).toMatch(message);
  }

  it('loads as they are', async () => {
    for (const bytes of [h5, archive, await changedHDF5(h5, {})]) {
      expect((await errorsOf(bytes)).map(({ message }) => message)).toEqual(['it was loaded', 'it was loaded']);
    }
  });

  it('truncated at any place', async () => {
    for (const whole of [h5, archive]) {
      for (const part of [0, 0.001, 0.05, 0.3, 0.5, 0.7, 0.95]) {
        await refusedAsModel(whole.slice(0, Math.floor(part * whole.length)), /damaged/);
      }
      await refusedAsModel(whole.slice(0, -1), /damaged|no config.json/);
    }
  });

  it('with random bytes in random places', async () => {
    let seed = 1;
    const random = (/** @type {number} */ below) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return Math.floor((seed / 2 ** 31) * below);
    };
    for (let i = 0; i < 120; i++) {
      const bytes = (i % 2 ? archive : h5).slice();
      for (let byte = random(4); byte >= 0; byte--) bytes[random(bytes.length)] = random(256);
      for (const { name, message, stack } of await errorsOf(bytes)) {
        if (message !== 'it was loaded') expect(TYPED).withContext(`${i}: ${stack}`).toContain(name);
      }
    }
  }, 120000);

  const WEIGHTS = 'model_weights/dense/dense/kernel:0';

  /** @type {[title: string, changes: Record<string, Change>, message: RegExp][]} */
  const cases = [
    ['a wrong shape', { [WEIGHTS]: { shape: [3, 18] } }, /\[3, 18\].*expected \[18, 3\]/],
    ['a missing dataset', { [WEIGHTS]: { remove: true } }, /no dataset at .*kernel:0/],
    ['a missing group', { 'model_weights/dense': { remove: true } }, /no group at .*dense/],
    ['no weights', { model_weights: { remove: true } }, /found groups optimizer_weights/],
    ['a link in a circle', { 'model_weights/dense/dense': { soft: '/model_weights/dense/dense' } }, /no dataset/],
    ['a group inside of itself', { 'model_weights/dense/dense': { hard: '/model_weights' } }, /no dataset/],
    ['a link to nowhere', { 'model_weights/dense/dense': { soft: '/nowhere' } }, /no dataset/],
    ['a link to another file', { 'model_weights/dense': { external: ['/etc/passwd', '/'] } }, /no group/],
    ['terabytes of weights', { [WEIGHTS]: { claimed: [2 ** 20, 2 ** 20] } }, /\[1048576, 1048576\]/],
    [
      'terabytes of the optimizer',
      { 'optimizer_weights/iteration:0': { claimed: [2 ** 20, 2 ** 20] } },
      /it was loaded/,
    ],
    ['a missing state', { 'optimizer_weights/Adam': { remove: true } }, /no dataset at .*Adam/],
  ];
  for (const [title, changes, message] of cases) {
    it(`HDF5 with ${title}`, async () => {
      const bytes = await changedHDF5(h5, changes);
      if (message.source === 'it was loaded') expect((await errorsOf(bytes))[0]?.message).toMatch(message);
      else await refusedAsModel(bytes, message);
    });
  }

  const config = () => JSON.parse(new TextDecoder().decode(unzipSync(archive)['config.json']));
  const withConfig = async (/** @type {any} */ changed) => {
    const { class_name: name, config: own } = changed;
    const text = typeof changed === 'string' ? changed : JSON.stringify({ class_name: name, config: own });
    return [
      await changedHDF5(h5, { '/': { attributes: { model_config: text } } }),
      zipSync({ ...unzipSync(archive), 'config.json': strToU8(text) }, { level: 0 }),
    ];
  };

  it('configurations that are none', async () => {
    const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
    const odd = [
      '',
      '{',
      'null',
      '7',
      '[]',
      '{"class_name": 7}',
      '{"class_name": "Sequential"}',
      '{"class_name": "Sequential", "config": {"layers": 5}}',
      '{"class_name": "Sequential", "config": {"layers": [null]}}',
      '{"class_name": "Dense", "config": {"units": 3}}',
      '{"class_name": "Functional", "config": {"layers": [], "input_layers": 3, "output_layers": {}}}',
      '{"class_name": "Functional", "config": {"layers": [{"class_name": "Dense", "config": {}, "inbound_nodes": [{}]}]}}',
      '{"class_name": "__proto__", "config": {}}',
      `{"class_name": "Sequential", "config": {"layers": ${deep}}}`,
    ];
    for (const text of odd) for (const bytes of await withConfig(text)) await refusedAsModel(bytes, /./);
  });

  it('layers of gigabytes, before memory is spent', async () => {
    const giant = config();
    giant.config.layers.at(-1).config.units = 2 ** 29;
    for (const bytes of await withConfig(giant)) await refusedAsModel(bytes, /configuration of \d+ weights and more/);
    const negative = config();
    negative.config.layers.at(-1).config.units = -3;
    for (const bytes of await withConfig(negative)) await refusedAsModel(bytes, /./);
  });

  it('compile configurations that are none', async () => {
    for (const training of [
      '7',
      '{}',
      '{"optimizer_config": 7}',
      '{"optimizer_config": {"class_name": "Lion", "config": {}}}',
    ]) {
      const bytes = await changedHDF5(h5, { '/': { attributes: { training_config: training } } });
      await refusedAsModel(bytes, /the optimizer/);
    }
    const logits = { class_name: 'CategoricalCrossentropy', config: { from_logits: true } };
    const optimizer = { class_name: 'Custom>Lion', config: { use_ema: true } };
    const training = JSON.stringify({ loss: logits, optimizer_config: optimizer });
    const bytes = await changedHDF5(h5, { '/': { attributes: { training_config: training } } });
    await refusedAsModel(bytes, /use_ema=true[^]*the optimizer Lion[^]*from_logits=true of CategoricalCrossentropy/);
    (await keras.loadModel(bytes, { compile: false })).dispose();
  });

  it('archives without entries, with entries elsewhere, and of other methods', async () => {
    const entries = unzipSync(archive);
    const { 'config.json': json, 'model.weights.h5': weights, ...rest } = entries;
    const zip = (/** @type {any} */ files) => zipSync(files, { level: 0 });
    await refusedAsModel(zip({ ...rest, 'model.weights.h5': weights }), /no config.json/);
    await refusedAsModel(zip({ ...rest, 'config.json': json }), /no model.weights.h5/);
    await refusedAsModel(zip({}), /no config.json/);
    for (const prefix of ['../', '/', './', 'a/', '..\\']) {
      const moved = Object.entries(entries).map(([name, bytes]) => [prefix + name, bytes]);
      await refusedAsModel(zip(Object.fromEntries(moved)), /no config.json/);
    }
    const encoded = zip(entries);
    const view = new DataView(encoded.buffer);
    // The method of each entry, in the directory at the end.
    for (let at = 0; at < encoded.length - 4; at++)
      if (view.getUint32(at, true) === 0x02014b50) view.setUint16(at + 10, 99, true);
    await refusedAsModel(encoded, /damaged archive/);
  });

  it('archives that inflate to gigabytes', async () => {
    const entries = unzipSync(archive);
    const bomb = zipSync({ ...entries, 'model.weights.h5': new Uint8Array(2 ** 25) }, { level: 9 });
    const view = new DataView(bomb.buffer);
    const claim = (/** @type {number} */ size) => {
      for (let at = 0; at < bomb.length - 4; at++)
        if (view.getUint32(at, true) === 0x02014b50 && view.getUint32(at + 24, true) >= 2 ** 20)
          view.setUint32(at + 24, size, true);
    };
    claim(0x7fffffff);
    await refusedAsModel(bomb, /model.weights.h5 of 2147483647 bytes made of \d+/);
    claim(2 ** 20); // less than it has
    await refusedAsModel(bomb, /damaged/);
  });
});
