/** `model.fit` with a weight for each sample, which tfjs-layers refuses. */
import * as tf from '@tensorflow/tfjs-core';
import type { History, LayersModel, ModelFitArgs, Sequential } from '@tensorflow/tfjs-layers';
import { KerasError } from './errors';

type Data = Parameters<LayersModel['fit']>[0];

/** Options of `fit`: those of `model.fit`, with weights of samples. */
export interface FitOptions extends Omit<ModelFitArgs, 'sampleWeight'> {
  /** Shape [samples]; each sample's loss is multiplied by its weight, as in Keras. */
  readonly sampleWeight?: tf.Tensor1D | readonly number[];
}

/** What `fit` calls first: inputs, targets, and a weight for each sample and output. */
interface Standardizing {
  standardizeUserData?: (...args: unknown[]) => Promise<[tf.Tensor[], tf.Tensor[], tf.Tensor[] | null]>;
}

/** Trains as `model.fit` does. The losses of a sample have to be one number, as they are for outputs of two axes. */
export async function fit(
  model: LayersModel,
  x: Data,
  y: Data,
  { sampleWeight, ...args }: FitOptions = {},
): Promise<History> {
  if (sampleWeight === undefined) return model.fit(x, y, args);
  // A Sequential trains by a model of its own.
  const trained = ((model as Sequential as unknown as { model?: LayersModel }).model ??
    model) as unknown as Standardizing;
  const weigh = trained.standardizeUserData!.bind(trained);
  const restore = (): void => void delete trained.standardizeUserData;
  trained.standardizeUserData = async (...given) => {
    restore(); // validation data come next
    const [inputs, outputs, classWeights] = await weigh(...given);
    return [inputs, outputs, weightsOf(outputs, sampleWeight, classWeights)];
  };
  try {
    return await model.fit(x, y, args);
  } finally {
    restore();
  }
}

/** The weights for each output, which `fit` disposes. */
function weightsOf(
  outputs: readonly tf.Tensor[],
  sampleWeight: tf.Tensor1D | readonly number[],
  classWeights: readonly tf.Tensor[] | null,
): tf.Tensor[] {
  const given = sampleWeight instanceof tf.Tensor ? sampleWeight.shape : [sampleWeight.length];
  const [wrong] = outputs.filter(({ shape, rank }) => given.length !== 1 || given[0] !== shape[0] || rank !== 2);
  if (wrong)
    throw new KerasError(
      `fit: found sampleWeight [${given}] and targets [${wrong.shape}], expected [samples] and [samples, values].`,
    );
  return tf.tidy(() =>
    outputs.map((_, i) => {
      const weight = tf.tensor1d(
        sampleWeight instanceof tf.Tensor ? sampleWeight.dataSync() : [...sampleWeight],
        'float32',
      );
      const ofClass = classWeights?.[i];
      return ofClass ? tf.mul(weight, ofClass) : weight;
    }),
  );
}
