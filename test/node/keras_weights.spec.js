/** Weights in HDF5 files: h5py opens those written here, those that h5py writes as Keras does load here. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildHDF5, describeHDF5, withoutH5py } from './h5py.js';
import { kerasInNode } from './keras_in_node.js';

/** As h5py 3 writes a list of Python's bytes. */
const byteStrings = (/** @type {string[]} */ ...texts) => ({ list: texts, dtype: 'O' });
const noStrings = { list: [], dtype: 'f' };

describe('weights in HDF5', () => {
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
    folder = mkdtempSync(join(tmpdir(), 'convgl-weights-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const path = (/** @type {string} */ name) => join(folder, name);

  /** A small convolutional network; its names do not depend on what was made before. */
  const network = () =>
    tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [4, 4, 1], name: 'conv2d' }),
        tfl.layers.batchNormalization({ name: 'batch_normalization' }),
        tfl.layers.flatten({ name: 'flatten' }),
        tfl.layers.dense({ units: 3, name: 'dense', activation: 'softmax' }),
      ],
    });

  const counts = () => [tf.memory().numTensors, tf.engine().backend.numDataIds()];
  const weightsOf = (/** @type {any} */ model) => model.layers.flatMap((/** @type {any} */ layer) => layer.weights);
  const valuesOf = (/** @type {any} */ model) =>
    weightsOf(model).map((/** @type {any} */ weight) => Array.from(weight.read().dataSync()));
  const randomize = (/** @type {any} */ model) =>
    tf.tidy(() => model.setWeights(model.weights.map((/** @type {any} */ w) => tf.randomUniform(w.shape))));

  it('writes Keras 2’s groups, attributes and datasets, as h5py reads them', async () => {
    if (withoutH5py) pending(withoutH5py);
    const model = network();
    randomize(model);
    await keras.saveWeights(model, path('model.h5'));
    const found = describeHDF5(path('model.h5'));
    expect(found['/']?.attributes).toEqual({
      layer_names: byteStrings('conv2d', 'batch_normalization', 'flatten', 'dense'),
      backend: 'tensorflow',
      keras_version: '2.15.0',
    });
    expect(found['conv2d']).toEqual({
      attributes: { weight_names: byteStrings('conv2d/kernel:0', 'conv2d/bias:0') },
    });
    expect(found['flatten']).toEqual({ attributes: { weight_names: noStrings } });
    expect(found['top_level_model_weights']).toEqual({ attributes: { weight_names: noStrings } });
    const names = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `batch_normalization/${name}:0`);
    expect(found['batch_normalization']?.attributes).toEqual({ weight_names: byteStrings(...names) });
    const paths = ['conv2d/conv2d/kernel:0', 'conv2d/conv2d/bias:0', ...names.map((n) => `batch_normalization/${n}`)];
    paths.push('dense/dense/kernel:0', 'dense/dense/bias:0');
    const datasets = paths.map((name) => found[name]);
    expect(datasets.map((entry) => entry?.values)).toEqual(valuesOf(model));
    expect(datasets.map((entry) => entry?.shape)).toEqual(weightsOf(model).map((/** @type {any} */ w) => w.shape));
    expect(new Set(datasets.map((entry) => entry?.dtype))).toEqual(new Set(['float32']));
  });

  it('writes Keras 3’s tree of variables', async () => {
    if (withoutH5py) pending(withoutH5py);
    const model = network();
    randomize(model);
    await keras.saveWeights(model, path('model.weights.h5'));
    const found = describeHDF5(path('model.weights.h5'));
    const groups = ['conv2d', 'batch_normalization', 'flatten', 'dense'];
    expect(groups.map((name) => found[`layers/${name}/vars`]?.attributes)).toEqual(groups.map((name) => ({ name })));
    expect(found['vars']?.attributes).toEqual({ name: model.name });
    const variables = ['conv2d/vars/0', 'conv2d/vars/1', ...[0, 1, 2, 3].map((i) => `batch_normalization/vars/${i}`)];
    variables.push('dense/vars/0', 'dense/vars/1');
    expect(variables.map((name) => found[`layers/${name}`]?.values)).toEqual(valuesOf(model));
    expect(Object.values(found).filter(({ shape }) => shape).length).toBe(8);
  });

  it('predicts in numpy what it predicts here', async () => {
    if (withoutH5py) pending(withoutH5py);
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 3, inputShape: [4], name: 'dense' })] });
    randomize(model);
    await keras.saveWeights(model, path('dense.h5'));
    const found = describeHDF5(path('dense.h5'));
    const [kernel, bias] = [found['dense/dense/kernel:0'], found['dense/dense/bias:0']].map((e) => e?.values ?? []);
    const x = [0.5, -1, 2, 0.25];
    const expected = (bias ?? []).map((b, unit) =>
      x.reduce((sum, v, i) => sum + v * (kernel?.[3 * i + unit] ?? NaN), b),
    );
    const actual = Array.from(model.predict(tf.tensor2d([x])).dataSync());
    actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
  });

  /** The groups of a file as Keras 2 writes it, with the names that Keras gives. */
  const keras2File = () => ({
    '/': {
      attributes: {
        layer_names: ['input_1', 'conv2d_5', 'bn', 'dense_7'],
        backend: 'tensorflow',
        keras_version: '2.4.0',
      },
    },
    input_1: { attributes: { weight_names: [] } },
    conv2d_5: { attributes: { weight_names: ['conv2d_5/kernel:0', 'conv2d_5/bias:0'] } },
    'conv2d_5/conv2d_5/kernel:0': { shape: [2, 2, 1, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] },
    'conv2d_5/conv2d_5/bias:0': { shape: [2], values: [9, 10] },
    bn: { attributes: { weight_names: ['bn/gamma:0', 'bn/beta:0', 'bn/moving_mean:0', 'bn/moving_variance:0'] } },
    'bn/bn/gamma:0': { shape: [2], values: [1, 2] },
    'bn/bn/beta:0': { shape: [2], values: [3, 4] },
    'bn/bn/moving_mean:0': { shape: [2], values: [5, 6] },
    'bn/bn/moving_variance:0': { shape: [2], values: [7, 8] },
    dense_7: { attributes: { weight_names: ['dense_7/kernel:0', 'dense_7/bias:0'] } },
    'dense_7/dense_7/kernel:0': { shape: [18, 3], values: Array.from({ length: 54 }, (_, i) => i) },
    'dense_7/dense_7/bias:0': { shape: [3], values: [1, 2, 3] },
  });
  const keras2Values = () => {
    const file = /** @type {any} */ (keras2File());
    return Object.values(file).flatMap((/** @type {any} */ { values }) => (values ? [values] : []));
  };

  it('loads a file of Keras 2 by order, whatever its layers are called', async () => {
    if (withoutH5py) pending(withoutH5py);
    buildHDF5(path('keras2.h5'), keras2File());
    const model = network();
    await keras.loadWeights(model, path('keras2.h5'));
    expect(valuesOf(model)).toEqual(keras2Values());
    const again = network();
    await keras.loadWeights(again, new Uint8Array(readFileSync(path('keras2.h5'))).buffer);
    expect(valuesOf(again)).toEqual(keras2Values());
  });

  it('loads weights out of a whole model, and double precision, whole numbers and lists of chunks', async () => {
    if (withoutH5py) pending(withoutH5py);
    /** @type {Record<string, any>} */
    const file = { model_weights: {} };
    for (const [name, entry] of Object.entries(keras2File())) {
      file[name === '/' ? 'model_weights' : `model_weights/${name}`] = entry;
    }
    const { layer_names: names, ...rest } = file['model_weights'].attributes;
    file['model_weights'].attributes = { ...rest, layer_names0: names.slice(0, 2), layer_names1: names.slice(2) };
    file['model_weights/conv2d_5/conv2d_5/kernel:0'].dtype = 'float64';
    file['model_weights/dense_7/dense_7/kernel:0'].dtype = '>f4';
    file['model_weights/dense_7/dense_7/bias:0'].dtype = 'int64';
    buildHDF5(path('whole.h5'), file);
    const model = network();
    await keras.loadWeights(model, path('whole.h5'));
    expect(valuesOf(model)).toEqual(keras2Values());
  });

  it('loads by name the layers that both have', async () => {
    if (withoutH5py) pending(withoutH5py);
    buildHDF5(path('keras2.h5'), keras2File());
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 18, inputShape: [2], name: 'new' }),
        tfl.layers.dense({ units: 3, name: 'dense_7' }),
      ],
    });
    const before = valuesOf(model);
    await keras.loadWeights(model, path('keras2.h5'), { byName: true });
    expect(valuesOf(model)).toEqual([...before.slice(0, 2), ...keras2Values().slice(-2)]);
  });

  it('loads files of Keras 3 and of the Keras 2.13 that began its layout', async () => {
    if (withoutH5py) pending(withoutH5py);
    for (const layers of ['layers', '_layer_checkpoint_dependencies']) {
      /** @type {Record<string, any>} */
      const file = { vars: { attributes: { name: 'sequential' }, str: true } };
      const model = network();
      const all = Object.entries({ conv2d: [0, 1], batch_normalization: [2, 3, 4, 5], flatten: [], dense: [6, 7] });
      for (const [name, indices] of all) {
        file[`${layers}/${name}/vars`] = { attributes: { name }, str: true };
        indices.forEach((index, i) => {
          const { shape } = weightsOf(model)[index];
          file[`${layers}/${name}/vars/${i}`] = { shape, values: keras2Values()[index] };
        });
      }
      buildHDF5(path('keras3.weights.h5'), file);
      await keras.loadWeights(model, path('keras3.weights.h5'));
      expect(valuesOf(model)).withContext(layers).toEqual(keras2Values());
    }
  });

  it('keeps every bit of weights, in both layouts, with values that floats have trouble with', async () => {
    const special = [NaN, Infinity, -Infinity, -0, 2 ** -149, 3.4028234663852886e38];
    for (const format of ['h5', 'weights.h5']) {
      const [model, other] = [0, 1].map(() =>
        tfl.sequential({ layers: [tfl.layers.dense({ units: 6, inputShape: [1] })] }),
      );
      tf.tidy(() => model.setWeights([tf.tensor2d([special]), tf.tensor1d(special)]));
      const before = counts();
      await keras.loadWeights(other, await keras.encodeWeights(model, format));
      expect(valuesOf(other)).toEqual(valuesOf(model));
      expect(counts()).toEqual(before);
    }
  });

  describe('refuses, and leaves the model and the memory as they were', () => {
    /**
     * @param {string} source
     * @param {string} errorName
     * @param {RegExp[]} texts
     */
    async function refused(source, errorName, ...texts) {
      const model = network();
      const [before, values] = [counts(), valuesOf(model)];
      const error = await keras.loadWeights(model, source).then(
        () => new Error('it was loaded'),
        (/** @type {Error} */ reason) => reason,
      );
      expect(error.name).withContext(error.stack).toBe(errorName);
      texts.forEach((text) => expect(error.message).toMatch(text));
      expect(valuesOf(model)).toEqual(values);
      expect(counts()).toEqual(before);
    }

    const damaged = (/** @type {(file: Record<string, any>) => void} */ damage) => {
      if (withoutH5py) pending(withoutH5py);
      const file = /** @type {Record<string, any>} */ (keras2File());
      damage(file);
      buildHDF5(path('damaged.h5'), file);
      return path('damaged.h5');
    };

    it('wrong shapes, all of them named', async () => {
      const source = damaged((file) => {
        file['conv2d_5/conv2d_5/bias:0'] = { shape: [3], values: [1, 2, 3] };
        file['dense_7/dense_7/kernel:0'] = { shape: [3, 18], values: Array(54).fill(1) };
      });
      await refused(
        source,
        'WeightsMismatchError',
        /conv2d\/bias: found \[3\] .* expected \[2\]/,
        /\[3, 18\].*\[18, 3\]/,
      );
    });

    it('another number of layers', async () => {
      const source = damaged((file) => (file['/'].attributes.layer_names = ['input_1', 'conv2d_5', 'bn']));
      await refused(source, 'WeightsMismatchError', /found 2 layers .*conv2d_5, bn.*, expected 3 .*dense/);
    });

    it('a missing group, and a missing dataset', async () => {
      await refused(
        damaged((file) => (file['/'].attributes.layer_names = ['conv2d_5', 'nowhere', 'dense_7'])),
        'ModelFileError',
        /no group at \/nowhere/,
      );
      await refused(
        damaged((file) => delete file['dense_7/dense_7/bias:0']),
        'ModelFileError',
        /no dataset at .*dense_7\/bias:0/,
      );
    });

    it('links in circles, to nowhere and to other files', async () => {
      for (const link of [
        ['soft', '/bn/bn'],
        ['soft', '/nowhere'],
        ['external', 'other.h5', '/bn'],
        ['hard', '/'],
      ]) {
        const source = damaged((file) => {
          for (const name of Object.keys(file)) if (name.startsWith('bn/bn')) delete file[name];
          file['bn/bn'] = { link };
        });
        await refused(source, 'ModelFileError', /bn/);
      }
    });

    it('terabytes that a dataset claims to have', async () => {
      const claimed = [2 ** 20, 2 ** 20];
      const source = damaged((file) => (file['dense_7/dense_7/kernel:0'] = { claimed }));
      await refused(source, 'WeightsMismatchError', /\[1048576, 1048576\]/);
    });

    it('weights of Keras 1', async () => {
      await refused(
        damaged((file) => delete file['/'].attributes.keras_version),
        'ModelFileError',
        /Keras 1/,
      );
    });

    it('truncated, empty and foreign files', async () => {
      const whole = await keras.encodeWeights(network());
      for (const length of [0, 1, 100, 1000, whole.length >> 1, whole.length - 1]) {
        await refused(whole.slice(0, length), 'ModelFileError');
      }
      await refused(/** @type {any} */ (new Uint8Array(500).fill(7)), 'ModelFileError', /damaged file of 500 bytes/);
      await refused(/** @type {any} */ (new Uint8Array([0x50, 0x4b, 3, 4, 0, 0])), 'ModelFileError', /archive/);
      await refused(path('nowhere.h5'), 'ModelFileError', /no such file/);
    });
  });
});
