/** Files that Keras 2 and 3 themselves wrote: they load, predict what they predict there, and their training goes on. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { hdf5Tree } from './hdf5_tree.js';
import { difference, numbersOf, stored, trainStep, weightsOf } from './keras_arrays.js';
import { kerasInNode } from './keras_in_node.js';

const folder = fileURLToPath(new URL('../keras/fixtures/', import.meta.url));

/** @typedef {import('./keras_arrays.js').StoredNumbers} StoredNumbers */
/** @typedef {{ inputs: StoredNumbers[], outputs: StoredNumbers[], weights: StoredNumbers[] }} ModelCase */
/** @typedef {{ loss: number, weights: StoredNumbers[] }} TrainingCase */

for (const [title, name] of Object.entries({ 'Keras 2': 'tf_keras', 'Keras 3': 'keras' })) {
  describe(`files that ${title} wrote`, () => {
    /** @type {any} */
    let keras;
    /** @type {any} */
    let tf;
    /** @type {any} */
    let tfl;

    beforeAll(async () => {
      ({ keras, tf, tfl } = await kerasInNode());
    });

    const files = readdirSync(`${folder}${name}`).map((file) => file.replace(/\.gz$/, ''));
    const read = (/** @type {string} */ file) => {
      const bytes = gunzipSync(readFileSync(`${folder}${name}/${file}.gz`));
      return new Uint8Array(bytes);
    };
    const json = (/** @type {string} */ file) => JSON.parse(new TextDecoder().decode(read(file)));
    /** @type {{ version: string, models: Record<string, ModelCase>, trained: Record<string, TrainingCase> }} */
    const expected = JSON.parse(readFileSync(`${folder}${name}/expected.json`, 'utf8'));
    const weightsIn = (/** @type {Uint8Array} */ archive) => unzipSync(archive)['model.weights.h5'] ?? new Uint8Array();

    const predict = (/** @type {any} */ model, /** @type {StoredNumbers[]} */ inputs) =>
      tf.tidy(() => {
        const x = inputs.map((input) => tf.tensor(numbersOf(input), input.shape));
        return [model.predict(x.length > 1 ? x : x[0])].flat().map(stored);
      });

    for (const [model, { inputs, outputs, weights }] of Object.entries(expected.models)) {
      for (const file of [`${model}.h5`, `${model}.keras`]) {
        it(`${file} is a model that predicts the same`, async () => {
          const loaded = await keras.loadModel(read(file));
          expect(difference(predict(loaded, inputs), outputs, 1e-5)).toBeUndefined();
          loaded.dispose();
        });
      }

      const alone = [...files.filter((file) => file === `${model}_weights.h5`), `${model}.keras`, `${model}.h5`];
      for (const file of alone) {
        it(`${file} has weights for a model that is made here`, async () => {
          const made = await keras.loadModel(read(`${model}.h5`));
          tf.tidy(() => made.setWeights(made.getWeights().map((/** @type {any} */ w) => tf.zerosLike(w))));
          await keras.loadWeights(made, file.endsWith('.keras') ? weightsIn(read(file)) : read(file));
          expect(difference(predict(made, inputs), outputs, 1e-5)).toBeUndefined();
          const sorted = (/** @type {StoredNumbers[]} */ all) => all.map(({ values }) => values).sort();
          expect(sorted(weightsOf(made))).toEqual(sorted(weights));
          made.dispose();
        });
      }
    }

    for (const [optimizer, step] of Object.entries(expected.trained)) {
      for (const file of [`${optimizer}.trained.h5`, `${optimizer}.trained.keras`]) {
        if (!files.includes(file)) continue;
        it(`${file} goes on with the same step of training`, async () => {
          const model = await keras.loadModel(read(file));
          const { loss, weights } = await trainStep(tf, model);
          expect(loss).toBeCloseTo(step.loss, 5);
          expect(difference(weights, step.weights, 2e-6)).toBeUndefined();
          model.optimizer.dispose();
          model.dispose();
        });
      }
    }

    /** Attributes that say which version wrote a file, and configurations, which other specs compare by what they make. */
    const VERSIONS = ['model_config', 'training_config', 'keras_version'];
    /** tfjs calls layers inside of others so. */
    const INNER_NAME = /^S \[\] "(forward|backward)_(forward_)?/;
    const comparable = async (/** @type {Uint8Array} */ bytes) =>
      Object.entries(await hdf5Tree(bytes)).map(([path, { attributes, ...entry }]) => ({
        path,
        ...entry,
        attributes: Object.entries(attributes).map(([key, value]) =>
          VERSIONS.includes(key) ? [key, value.split(' ')[0]] : [key, value.replace(INNER_NAME, '')],
        ),
      }));

    const format = name === 'keras' ? 'keras' : 'h5';
    // Keras 2 keeps momenta of an SGD that has none.
    for (const file of files.filter((one) => one.endsWith(format) && !/legacy|sgd\.|_weights/.test(one))) {
      it(`${file} has the groups, attributes and datasets that are written here`, async () => {
        const model = await keras.loadModel(read(file));
        const written = await keras.encodeModel(model, format);
        const [theirs, ours] = [read(file), written].map(format === 'h5' ? (bytes) => bytes : weightsIn);
        expect(await comparable(/** @type {any} */ (ours))).toEqual(await comparable(/** @type {any} */ (theirs)));
        model.dispose();
      });
    }

    if (name !== 'keras') return;

    for (const model of Object.keys(expected.models)) {
      it(`${model}.json is fixed so that tfjs-layers makes the model`, async () => {
        const made = await tfl.models.modelFromJSON(keras.fixModelJson(json(`${model}.json`)));
        await keras.loadWeights(made, read(`${model}.h5`));
        const { inputs, outputs } = /** @type {ModelCase} */ (expected.models[model]);
        expect(difference(predict(made, inputs), outputs, 1e-5)).toBeUndefined();
        made.dispose();
      });
    }

    it('half.json, of a model in mixed precision, is fixed to float32', async () => {
      const made = await tfl.models.modelFromJSON(keras.fixModelJson(json('half.json')));
      expect(made.layers.map((/** @type {any} */ { dtype }) => dtype ?? 'float32')).toEqual(Array(3).fill('float32'));
      made.dispose();
    });

    it('unsupported.json is refused with all that tfjs-layers lacks', () => {
      /** @type {any} */
      let error;
      try {
        keras.fixModelJson(json('unsupported.json'));
      } catch (reason) {
        error = reason;
      }
      expect(error?.name).toBe('UnsupportedModelError');
      expect(error?.missing).toEqual([
        'groups=2 of Conv2D (grouped)',
        'the layer GroupNormalization (group_norm)',
        'the operation Multiply (multiply)',
        'the argument 2 of a call of Multiply (multiply)',
        'the activation "hard_shrink" of Activation (shrink)',
        'the operation Absolute (absolute)',
        'reset_after=true of GRU (resetting)',
        'the layer MultiHeadAttention (attention)',
      ]);
    });
  });
}
