/** Models of all layers that tfjs-layers exports, for the specs of files. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { randomOf, valuesOf } from '../cases/fill';
import { BATCH, type Row } from '../layers/row';
import { convolution } from '../layers/rows/convolution';
import { core } from '../layers/rows/core';
import { pooling } from '../layers/rows/pooling';
import { recurrent } from '../layers/rows/recurrent';

/** Rows that no file of tfjs-layers keeps: it cannot load that activation, and a layer of the test's own has no class. */
const UNSAVED = ['{activation:gelu_new}', 'one step'];

export const rows: readonly Row[] = [...convolution, ...core, ...pooling, ...recurrent].filter(
  ({ title }) => !UNSAVED.includes(title),
);

export function modelOf({ inputs, apply }: Row): tfl.LayersModel {
  const symbolic = inputs.map(({ shape }) => tfl.input({ batchShape: [BATCH, ...shape] }));
  return tfl.model({ inputs: symbolic, outputs: apply(symbolic.length > 1 ? symbolic : symbolic[0]!) });
}

export function inputsOf({ inputs, title }: Row, seed: number): tf.Tensor[] {
  return inputs.map((spec) => {
    const shape = [BATCH, ...spec.shape];
    return tf.tensor(valuesOf({ ...spec, shape }, randomOf(seed, title)), shape);
  });
}
