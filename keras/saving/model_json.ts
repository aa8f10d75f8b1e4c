/** Loads a model.json with its weights, as tfjs or the converter of Keras wrote it. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { ModelFileError } from '../errors';
import { isNode } from '../io/node_files';
import { type FileSource, readFile } from '../io/places';
import { registerAugmentation } from '../layers/augmentation';
import { fixModelJson, type JsonObject } from './fix_model_json';

/** What is loaded by tfjs's own handlers: an address that ends in .json, or one of their schemes. */
const OWN_ADDRESS = /\.json($|[?#])|^localstorage:\/\//;

/** Whether a source is a model.json, or one of tfjs's handlers. */
export function isModelJson(source: FileSource | tf.io.IOHandler): source is string | URL | tf.io.IOHandler {
  if (typeof source === 'string' || source instanceof URL) return OWN_ADDRESS.test(String(source));
  return typeof source === 'object' && 'load' in source;
}

export async function loadModelJson(source: string | URL | tf.io.IOHandler): Promise<tfl.LayersModel> {
  const handler = typeof source === 'string' || source instanceof URL ? handlerOf(String(source)) : source;
  if (!handler.load) throw new ModelFileError('the given handler', 'no method load', 'one');
  const artifacts = await handler.load();
  registerAugmentation();
  const modelTopology = fixModelJson(artifacts.modelTopology as object);
  const weightSpecs = artifacts.weightSpecs?.map((spec) => ({ ...spec, name: shortName(spec.name, modelTopology) }));
  const fixed = { ...artifacts, modelTopology, ...(weightSpecs ? { weightSpecs } : {}) };
  return tfl.loadLayersModel({ load: () => Promise.resolve(fixed) });
}

function handlerOf(address: string): tf.io.IOHandler {
  if (isNode() && !/^\w+:\/\//.test(address)) return { load: () => loadPath(address) };
  return tf.io.getLoadHandlers(address)[0] ?? tf.io.browserHTTPRequest(address);
}

/** Keras 3's converter writes `model/layer/weight` where tfjs looks for `layer/weight`. */
function shortName(name: string, topology: JsonObject): string {
  const model = (topology['model_config'] ?? topology) as { config?: { name?: string } };
  const prefix = `${model.config?.name ?? ''}/`;
  return prefix !== '/' && name.startsWith(prefix) && name.split('/').length > 2 ? name.slice(prefix.length) : name;
}

/** In Node, the files beside a model.json. */
async function loadPath(path: string): Promise<tf.io.ModelArtifacts> {
  const json = JSON.parse(new TextDecoder().decode((await readFile(path)).bytes)) as tf.io.ModelJSON;
  const folder = path.replace(/[^/\\]*$/, '');
  return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
    const paths = manifest.flatMap(({ paths: names }) => names);
    const parts = await Promise.all(paths.map(async (name) => (await readFile(folder + name)).bytes.slice().buffer));
    return [manifest.flatMap(({ weights }) => weights), parts];
  });
}
