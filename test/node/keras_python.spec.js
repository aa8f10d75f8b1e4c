/** Keras 2 and 3 themselves load the files that are written here, predict the same, and train on from there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { difference, stored, trainingData, trainStep } from './keras_arrays.js';
import { kerasInNode } from './keras_in_node.js';
import { askKeras, withoutKeras } from './keras_python.js';

const fixtures = fileURLToPath(new URL('../keras/fixtures/', import.meta.url));
const PACKAGES = /** @type {const} */ ({ tf_keras: 'h5', keras: 'keras' });

/** Layers of models that TensorFlow does not run, or runs otherwise, on a CPU. */
const CHANNELS_FIRST = /channelsFirst/;

for (const [name, format] of Object.entries(PACKAGES)) {
  describe(`${name === 'keras' ? 'Keras 3' : 'Keras 2'} loads .${format} files written here`, () => {
    /** @type {any} */
    let all;
    /** @type {string} */
    let folder;

    beforeAll(async () => {
      all = await kerasInNode();
      folder = mkdtempSync(join(tmpdir(), 'convgl-python-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    const needKeras = () => {
      const reason = withoutKeras(name);
      if (reason) pending(reason);
    };

    it('of models of all layers, and predicts the same', async () => {
      needKeras();
      const { keras, tf, saved } = all;
      const cases = [];
      for (const row of saved.rows) {
        if (CHANNELS_FIRST.test(row.title)) continue;
        const model = saved.modelOf(row);
        const x = saved.inputsOf(row, 1);
        tf.tidy(() =>
          model.setWeights(
            model
              .getWeights()
              .map((/** @type {any} */ w) => tf.add(w, tf.randomUniform(w.shape, 0, 0.5, 'float32', 7))),
          ),
        );
        model.resetStates();
        const expected = [model.predict(x, { batchSize: saved.BATCH })].flat().map(stored);
        const file = join(folder, `${cases.length}.${format}`);
        await keras.saveModel(model, file);
        cases.push({
          title: `${row.layer} ${row.title}`,
          expected,
          task: { package: name, file, inputs: x.map(stored) },
        });
        tf.dispose(x);
        model.dispose();
      }
      const answers = askKeras(cases.map(({ task }) => task));
      const failures = cases.flatMap(({ title, expected }, i) => {
        const { error, outputs } = answers[i] ?? {};
        const wrong = error ?? difference(outputs ?? [], expected, 1e-5);
        return wrong === undefined ? [] : [`${title}: ${wrong}`];
      });
      expect(failures).toEqual([]);
      expect(cases.length).toBeGreaterThan(150);
    }, 600000);

    it('of weights alone, into its own models', async () => {
      needKeras();
      const { keras, tf } = all;
      /** @type {{ models: Record<string, { inputs: import('./keras_arrays.js').StoredNumbers[] }> }} */
      const { models } = JSON.parse(readFileSync(`${fixtures}${name}/expected.json`, 'utf8'));
      const cases = [];
      for (const [weightsOf, { inputs }] of Object.entries(models)) {
        const bytes = gunzipSync(readFileSync(`${fixtures}${name}/${weightsOf}.keras.gz`));
        const model = await keras.loadModel(new Uint8Array(bytes));
        tf.tidy(() => model.setWeights(model.getWeights().map((/** @type {any} */ w) => tf.mul(w, 1.1))));
        // Keras 3 reads its own layout of weights alone.
        const file = join(folder, `${weightsOf}.${name === 'keras' ? 'weights.h5' : 'h5'}`);
        await keras.saveWeights(model, file);
        const whole = join(folder, `${weightsOf}.${format}`);
        await keras.saveModel(model, whole);
        cases.push({ package: name, file, inputs, weights_of: weightsOf }, { package: name, file: whole, inputs });
      }
      const answers = askKeras(cases);
      expect(answers.map(({ error }) => error).filter(Boolean)).toEqual([]);
      for (let i = 0; i < answers.length; i += 2) {
        const [alone, whole] = [answers[i]?.outputs ?? [], answers[i + 1]?.outputs ?? []];
        expect(difference(alone, whole, 0))
          .withContext(cases[i]?.file ?? '')
          .toBeUndefined();
      }
    }, 600000);

    it('of models in training, and trains the same next step', async () => {
      needKeras();
      const { keras, tf } = all;
      const { optimizers } = keras;
      /** @type {Record<string, () => any>} */
      const makers = {
        sgd: () => new optimizers.SGD({ learningRate: 0.1 }),
        momentum: () => new optimizers.SGD({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
        decay: () => new optimizers.SGD({ learningRate: 0.1, momentum: 0.9, decay: 0.1 }),
        adam: () => new optimizers.Adam({ learningRate: 0.02, clipNorm: 0.5 }),
        amsgrad: () => new optimizers.Adam({ learningRate: 0.02, amsgrad: true }),
        schedule: () =>
          new optimizers.Adam({
            learningRate: new optimizers.schedules.ExponentialDecay({
              initialLearningRate: 0.1,
              decaySteps: 2,
              decayRate: 0.5,
            }),
          }),
        adamw: () => new optimizers.AdamW({ learningRate: 0.02, weightDecay: 0.1 }),
        adamax: () => new optimizers.Adamax({ learningRate: 0.02 }),
        rmsprop: () => new optimizers.RMSprop({ learningRate: 0.02, momentum: 0.5, centered: true }),
        adagrad: () => new optimizers.Adagrad({ learningRate: 0.02 }),
        adadelta: () => new optimizers.Adadelta({ learningRate: 0.5 }),
        tfjsSGD: () => tf.train.sgd(0.1),
        tfjsMomentum: () => tf.train.momentum(0.1, 0.9),
        // tfjs adds epsilon elsewhere, and has other formulas for Adadelta and the centered RMSProp.
        tfjsAdam: () => tf.train.adam(0.02, 0.9, 0.999, 1e-12),
        tfjsRMSProp: () => tf.train.rmsprop(0.02),
        tfjsRMSPropMomentum: () => tf.train.rmsprop(0.02, 0.9, 0.5),
        tfjsAdagrad: () => tf.train.adagrad(0.02),
        // In a graph, Keras 2's product of momenta does not grow.
        ...(name === 'keras' ? { nadam: () => new optimizers.Nadam({ learningRate: 0.02 }) } : {}),
      };
      const bytes = gunzipSync(readFileSync(`${fixtures}${name}/sgd.trained.h5.gz`));
      const cases = [];
      for (const [title, make] of Object.entries(makers)) {
        const model = await keras.loadModel(new Uint8Array(bytes), { compile: false });
        model.compile({ optimizer: make(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
        for (let step = 0; step < 2; step++) await trainStep(tf, model);
        const file = join(folder, `${title}.${format}`);
        writeFileSync(file, await keras.encodeModel(model, format));
        cases.push({ title, task: { package: name, file }, next: await trainStep(tf, model) });
      }
      const answers = askKeras(cases.map(({ task }) => task));
      const failures = cases.flatMap(({ title, next }, i) => {
        const { error, weights = [], loss } = answers[i] ?? {};
        const wrong = error ?? difference(weights, next.weights, 1e-5);
        return wrong === undefined && Math.abs(Number(loss) - next.loss) < 1e-5
          ? []
          : [`${title}: ${wrong} (loss ${loss})`];
      });
      expect(failures).toEqual([]);
    }, 600000);
  });
}

/** Kinds of Sequential, by what they begin with, and what else is named otherwise by each version. */
const BEGINNINGS = {
  layer: (/** @type {any} */ { sequential, layers }) =>
    sequential({ layers: [layers.dense({ units: 3, inputShape: [4] }), layers.dense({ units: 2 })] }),
  input: (/** @type {any} */ { sequential, layers }) =>
    sequential({ layers: [layers.inputLayer({ inputShape: [4] }), layers.dense({ units: 2 })] }),
  wrapper: (/** @type {any} */ { sequential, layers }) =>
    sequential({ layers: [layers.timeDistributed({ layer: layers.dense({ units: 2 }), inputShape: [3, 4] })] }),
  sequential: (/** @type {any} */ tfl) =>
    tfl.sequential({ layers: [BEGINNINGS.layer(tfl), tfl.layers.dense({ units: 2 })] }),
  functional: (/** @type {any} */ tfl) =>
    tfl.sequential({ layers: [functionalOf(tfl), tfl.layers.dense({ units: 2 })] }),
  wrappedSequential: (/** @type {any} */ tfl) =>
    tfl.sequential({ layers: [tfl.layers.timeDistributed({ layer: BEGINNINGS.layer(tfl), inputShape: [3, 4] })] }),
  wrappedFunctional: (/** @type {any} */ tfl) =>
    tfl.sequential({ layers: [tfl.layers.timeDistributed({ layer: functionalOf(tfl), inputShape: [3, 4] })] }),
};

/** @param {any} tfl */
function functionalOf({ input, layers, model }) {
  const x = input({ shape: [4] });
  return model({ inputs: x, outputs: layers.dense({ units: 3 }).apply(x) });
}

/** Keras 3 makes lists of the outputs of a Functional in files of Keras 2, its own ones too. */
const REFUSED_BY_KERAS_3 = ['functional', 'wrappedFunctional'];

for (const [name, format] of [
  ['tf_keras', 'h5'],
  ['keras', 'h5'],
  ['keras', 'keras'],
]) {
  describe(`${name === 'keras' ? 'Keras 3' : 'Keras 2'} loads .${format} files of a Sequential written here`, () => {
    for (const [title, make] of Object.entries(BEGINNINGS)) {
      if (name === 'keras' && format === 'h5' && REFUSED_BY_KERAS_3.includes(title)) continue;
      it(`that begins with a ${title}, and predicts the same`, async () => {
        const reason = withoutKeras(/** @type {string} */ (name));
        if (reason) pending(reason);
        const { keras, tf, tfl } = await kerasInNode();
        const folder = mkdtempSync(join(tmpdir(), 'convgl-python-'));
        const model = make(tfl);
        const x = tf.randomUniform([2, ...model.inputs[0].shape.slice(1)], -1, 1, 'float32', 3);
        const file = join(folder, `model.${format}`);
        await keras.saveModel(model, file);
        const [answer] = askKeras([{ package: /** @type {string} */ (name), file, inputs: [stored(x)] }]);
        expect(answer?.error ?? difference(answer?.outputs ?? [], [stored(model.predict(x))], 1e-5)).toBeUndefined();
        tf.dispose(x);
        model.dispose();
        rmSync(folder, { recursive: true });
      }, 120000);
    }
  });
}

describe('Keras 3 loads .h5 files written here', () => {
  it('of compiled models, and predicts the same', async () => {
    const reason = withoutKeras('keras');
    if (reason) pending(reason);
    const { keras, tf } = await kerasInNode();
    const folder = mkdtempSync(join(tmpdir(), 'convgl-python-'));
    const bytes = gunzipSync(readFileSync(`${fixtures}keras/adam.trained.h5.gz`));
    const model = await keras.loadModel(new Uint8Array(bytes));
    const { x, y } = trainingData(tf);
    const file = join(folder, 'compiled.h5');
    await keras.saveModel(model, file);
    const [answer] = askKeras([{ package: 'keras', file, inputs: [stored(x)] }]);
    expect(answer?.error ?? difference(answer?.outputs ?? [], [stored(model.predict(x))], 1e-5)).toBeUndefined();
    tf.dispose([x, y]);
    rmSync(folder, { recursive: true });
  }, 120000);
});
