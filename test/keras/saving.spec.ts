/** Models of all layers that tfjs-layers exports go through Keras's files and come back equal. */
// Some initializers of tfjs-layers call methods of tensors.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {
  encodeModel,
  encodeWeights,
  loadModel,
  loadWeights,
  type ModelFormat,
  type WeightsFormat,
} from '../../keras/index';
import { randomOf } from '../cases/fill';
import { BATCH, type Row } from '../layers/row';
import { seed } from '../page';
import { inputsOf, modelOf, rows } from './saved_rows';

function weights(model: tfl.LayersModel): Uint8Array[] {
  return model.getWeights().map((w) => {
    const { buffer, byteOffset, byteLength } = w.dataSync();
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  });
}

function predictions(model: tfl.LayersModel, row: Row): Float32Array[] {
  model.resetStates();
  return tf.tidy(() => {
    const outputs = [model.predict(inputsOf(row, seed), { batchSize: BATCH })].flat();
    return outputs.map((y) => y.dataSync<'float32'>());
  });
}

/** Tensors that tfjs-layers itself leaves of such models: states, masks and regularizers. */
async function leftByLayers(row: Row): Promise<number> {
  const before = tf.memory().numTensors;
  const model = modelOf(row);
  const loaded = () => tfl.models.modelFromJSON(model.toJSON(null, false) as never);
  for (const one of [model, await loaded(), await loaded()]) {
    predictions(one, row);
    one.dispose();
  }
  modelOf(row).dispose();
  return tf.memory().numTensors - before;
}

describe('a file of Keras', () => {
  beforeAll(() => tf.setBackend('cpu'));
  afterAll(() => tf.setBackend('convgl'));

  /** Exports that make no layer of a model, and a cell that is only inside of convLstm2d. */
  const NO_LAYERS = ['Layer', 'RNN', 'RNNCell', 'input', 'convLstm2dCell'];
  /** Layers that tfjs-layers itself cannot put into a model: they compute with symbolic tensors, or know no shape. */
  const NOT_IN_MODELS = ['categoryEncoding', 'centerCrop', 'randomWidth', 'resizing'];

  it('has a row for every layer that tfjs-layers exports', () => {
    const kept = new Set<string>([...NO_LAYERS, ...rows.map(({ layer }) => layer)]);
    const missing = Object.keys(tfl.layers).filter((name) => !kept.has(name));
    expect(missing.sort()).toEqual(NOT_IN_MODELS);
  });

  for (const row of rows) {
    it(`keeps ${row.layer} ${row.title}`, async () => {
      const allowed = await leftByLayers(row);
      const before = tf.memory().numTensors;
      const model = modelOf(row);
      const random = randomOf(seed, row.title);
      tf.tidy(() => {
        model.setWeights(model.getWeights().map((w) => tf.add(w, tf.fill(w.shape, random()))));
      });
      const expected = predictions(model, row);
      for (const format of ['h5', 'keras'] satisfies ModelFormat[]) {
        const loaded = await loadModel(await encodeModel(model, format));
        expect(loaded.layers.map(({ name }) => name))
          .withContext(`layers, ${format}`)
          .toEqual(model.layers.map(({ name }) => name));
        expect(weights(loaded)).withContext(`weights, ${format}`).toEqual(weights(model));
        expect(predictions(loaded, row)).withContext(`predictions, ${format}`).toEqual(expected);
        loaded.dispose();
      }
      const other = modelOf(row);
      for (const format of ['h5', 'weights.h5'] satisfies WeightsFormat[]) {
        tf.tidy(() => other.setWeights(other.getWeights().map((w) => tf.zerosLike(w))));
        await loadWeights(other, await encodeWeights(model, format));
        expect(weights(other)).withContext(`weights alone, ${format}`).toEqual(weights(model));
      }
      model.dispose();
      other.dispose();
      expect(tf.memory().numTensors)
        .withContext('tensors left')
        .toBe(before + allowed);
    });
  }
});
