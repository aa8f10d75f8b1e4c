/** Models of all layers that tfjs-layers exports, for the specs of files. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { randomOf, valuesOf } from '../cases/fill';
import { BATCH, type Row, rowsOf } from '../layers/row';
import { convolution } from '../layers/rows/convolution';
import { core } from '../layers/rows/core';
import { pooling } from '../layers/rows/pooling';
import { recurrent } from '../layers/rows/recurrent';

/**
 * Rows that no file keeps: tfjs-layers cannot load that activation, a layer of the test's own has no class, and Keras computes
 * bilinear interpolation otherwise.
 */
const UNSAVED = /gelu_new|^one step$|bilinear/;

const preparing = rowsOf('rescaling', [4, 5, 3], [{ scale: 0.25 }, { scale: 2, offset: -1 }]);
const all: readonly Row[] = [...convolution, ...core, ...pooling, ...recurrent, ...preparing];
export { BATCH };
export const rows = all.filter(({ title }) => !UNSAVED.test(title));

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
