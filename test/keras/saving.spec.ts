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
import { randomOf, valuesOf } from '../cases/fill';
import { BATCH, type Row } from '../layers/row';
import { convolution } from '../layers/rows/convolution';
import { core } from '../layers/rows/core';
import { pooling } from '../layers/rows/pooling';
import { recurrent } from '../layers/rows/recurrent';
import { seed } from '../page';

/** Rows that no file of tfjs-layers keeps: it cannot load that activation, and a layer of the test's own has no class. */
const UNSAVED = ['{activation:gelu_new}', 'one step'];

const rows = [...convolution, ...core, ...pooling, ...recurrent].filter(({ title }) => !UNSAVED.includes(title));

function modelOf({ inputs, apply }: Row): tfl.LayersModel {
  const symbolic = inputs.map(({ shape }) => tfl.input({ batchShape: [BATCH, ...shape] }));
  return tfl.model({ inputs: symbolic, outputs: apply(symbolic.length > 1 ? symbolic : symbolic[0]!) });
}

function weights(model: tfl.LayersModel): Uint8Array[] {
  return model.getWeights().map((w) => {
    const { buffer, byteOffset, byteLength } = w.dataSync();
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  });
}

function predictions(model: tfl.LayersModel, { inputs, title }: Row): Float32Array[] {
  model.resetStates();
  return tf.tidy(() => {
    const x = inputs.map((spec) => {
      const shape = [BATCH, ...spec.shape];
      return tf.tensor(valuesOf({ ...spec, shape }, randomOf(seed, title)), shape);
    });
    return [model.predict(x, { batchSize: BATCH })].flat().map((y) => y.dataSync<'float32'>());
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
