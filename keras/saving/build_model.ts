/** Builds models of configurations that nobody vouches for: what fails leaves no tensor, and no weight is larger than the file. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { KerasError, ModelFileError, UnsupportedModelError } from '../errors';
import type { NamedFile } from '../io/places';
import { registerAugmentation } from '../layers/augmentation';
import { fixModelJson, type JsonObject } from './fix_model_json';

/** Deflate makes zeros 1000 times smaller at most, and a weight has four bytes. */
const MOST_WEIGHTS_PER_BYTE = 250;

/**
 * A model of Keras's configuration, with weights as its initializers make them.
 *
 * @throws {UnsupportedModelError} where it needs what tfjs-layers lacks
 * @throws {ModelFileError} where it is none, or larger than the file can be
 */
export async function buildModel(file: NamedFile, config: JsonObject): Promise<tfl.LayersModel> {
  registerAugmentation();
  const fixed = fixModelJson(config);
  const { registeredVariables } = tf.engine();
  const before = new Set(Object.values(registeredVariables));
  const { building, made } = build(file, fixed);
  try {
    const model: object = await building;
    if (model instanceof tfl.LayersModel) return model;
    throw new ModelFileError(file.name, `a ${(model as tf.serialization.Serializable).getClassName()}`, 'a model');
  } catch (error) {
    Object.values(registeredVariables).forEach((variable) => !before.has(variable) && variable.dispose());
    tf.dispose([...made]);
    if (error instanceof KerasError) throw error;
    throw new UnsupportedModelError([`${file.name}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** Builds a model, and gives the tensors that came with it; tfjs-layers does all of it before it first waits. */
function build(
  file: NamedFile,
  config: JsonObject,
): { building: Promise<tfl.LayersModel>; made: readonly tf.Tensor[] } {
  const engine = tf.engine();
  const stop = countWeights(file);
  engine.startScope();
  try {
    const building = tfl.models.modelFromJSON(config);
    return { building, made: engine.state.activeScope.track.map((tensor) => tf.keep(tensor)) };
  } finally {
    engine.endScope();
    stop();
  }
}

/** A protected method of tfjs's layers. */
type AddWeight = (this: unknown, name: string, shape: number[], ...rest: unknown[]) => unknown;

/**
 * Refuses weights before memory is spent on them, once they are more than the file can hold.
 *
 * @returns a function that ends this
 */
function countWeights(file: NamedFile): () => void {
  const prototype = tfl.layers.Layer.prototype as unknown as { addWeight: AddWeight };
  const { addWeight } = prototype;
  const most = file.bytes.length * MOST_WEIGHTS_PER_BYTE;
  let count = 0;
  prototype.addWeight = function (name, shape, ...rest) {
    count += tf.util.sizeFromShape(shape);
    if (!(count <= most)) {
      const found = `a configuration of ${count} weights and more in ${file.bytes.length} bytes`;
      throw new ModelFileError(file.name, found, `${most} at most`);
    }
    return addWeight.call(this, name, shape, ...rest);
  };
  return () => void (prototype.addWeight = addWeight);
}
