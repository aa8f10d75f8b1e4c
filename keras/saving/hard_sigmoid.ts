/** The activation hard_sigmoid: Keras 2 and tfjs clip x / 5 + 1 / 2, Keras 3 clips x / 6 + 1 / 2. */
import * as tf from '@tensorflow/tfjs-core';
import type { Json, JsonObject } from './fix_model_json';

/** The name of Keras 3's in configurations that tfjs-layers reads. */
export const HARD_SIGMOID_OF_KERAS_3 = 'keras_hard_sigmoid';

/** Keras 3's, as tfjs-layers calls activations. */
class KerasHardSigmoid extends tf.serialization.Serializable {
  static readonly className = 'kerasHardSigmoid';

  apply(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1));
  }

  getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

export function registerHardSigmoid(): void {
  tf.serialization.registerClass(KerasHardSigmoid);
}

const layer = (name: string, config: JsonObject): JsonObject => ({
  module: 'keras.layers',
  class_name: name,
  config,
  registered_name: null,
});

/** Keras 2's in a configuration of Keras 3, which has no name for it: layers, which Keras takes for activations too. */
export const hardSigmoidOfKeras2 = (): JsonObject => ({
  module: 'keras',
  class_name: 'Sequential',
  config: {
    name: 'hard_sigmoid',
    layers: [layer('Rescaling', { scale: 0.2, offset: 0.5 }), layer('ReLU', { max_value: 1 })],
  },
  registered_name: null,
});

/** Whether that is what a configuration has; Keras adds defaults when it saves it again. */
export function isHardSigmoidOfKeras2(value: JsonObject): boolean {
  const config = value['config'] as JsonObject | undefined;
  if (value['class_name'] !== 'Sequential' || config?.['name'] !== 'hard_sigmoid') return false;
  const parts = (config['layers'] as JsonObject[]).filter(({ class_name: name }) => name !== 'InputLayer');
  const [scaled, clipped] = parts.map(({ config: own }) => own as JsonObject);
  const wanted: Json[] = [0.2, 0.5, 1];
  return [scaled?.['scale'], scaled?.['offset'], clipped?.['max_value']].every((found, i) => found === wanted[i]);
}
