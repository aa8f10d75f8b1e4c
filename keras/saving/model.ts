/** saveModel and loadModel: whole models as Keras 2 and 3 write them. */
import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { ModelFileError, UnsupportedModelError } from '../errors';
import { type HDF5Reader, readHDF5, type StoredArray } from '../hdf5/reader';
import { writeHDF5 } from '../hdf5/writer';
import { type FileSource, type NamedFile, readFile, writeFile } from '../io/places';
import { CONFIG_ENTRY, readArchive, WEIGHTS_ENTRY, writeArchive } from './archive';
import { buildModel } from './build_model';
import type { JsonObject } from './fix_model_json';
import { keras2Config, keras3Config } from './keras_json';
import { storedArrays, writeArrays, writeKeras2Weights } from './keras2_weights';
import { KERAS_3_VERSION, optimizerVariables, writeKeras3Optimizer, writeKeras3Weights } from './keras3_weights';
import { isModelJson, loadModelJson } from './model_json';
import { readWeights, type Values } from './model_weights';
import {
  layoutOf,
  makeOptimizer,
  optimizerArrays,
  optimizerConfig,
  optimizerSetter,
  type StateLayout,
} from './optimizer_state';
import { isZip, match } from './weights';

/**
 * `h5`: Keras 2's file of a whole model, which Keras 3 reads too unless there are models inside of it; `keras`: Keras 3's
 * archive.
 */
export type ModelFormat = 'h5' | 'keras';

/** Options of `saveModel` and `encodeModel`. */
export interface SaveModelOptions {
  /** Whether to save how the model was compiled, and the optimizer's state. True unless told otherwise. */
  readonly includeOptimizer?: boolean;
}

/** Options of `loadModel`. */
export interface LoadModelOptions {
  /** Whether to compile the model as the one saved was, and to restore the optimizer's state. True unless told otherwise. */
  readonly compile?: boolean;
}

/** A whole model as a file's bytes. */
export async function encodeModel(
  model: tfl.LayersModel,
  format: ModelFormat = 'h5',
  { includeOptimizer = true }: SaveModelOptions = {},
): Promise<Uint8Array> {
  const values = await readWeights(model.weights);
  const isCompiled = includeOptimizer && (model.optimizer as tf.Optimizer | undefined) !== undefined;
  if (format === 'keras') return encodeArchive(model, values, isCompiled);
  const { keras_version: version, backend, ...config } = keras2Config(model);
  const state = isCompiled ? await optimizerArrays(model, 'keras2') : [];
  return writeHDF5((root) => {
    root.text('keras_version', version as string);
    root.text('backend', backend as string);
    root.string('model_config', JSON.stringify(config));
    if (isCompiled) root.string('training_config', JSON.stringify(trainingConfig(model)));
    writeKeras2Weights(root.group('model_weights'), model, values);
    if (isCompiled) writeArrays(root.group('optimizer_weights'), state);
  });
}

async function encodeArchive(model: tfl.LayersModel, values: Values, isCompiled: boolean): Promise<Uint8Array> {
  const metadata = { keras_version: KERAS_3_VERSION, date_saved: dateSaved() };
  const config = { ...keras3Config(model), compile_config: isCompiled ? compileConfig(model) : null };
  const state = isCompiled ? await optimizerArrays(model, 'keras3') : [];
  const weights = await writeHDF5((root) => {
    writeKeras3Weights(root, model, values);
    if (isCompiled) writeKeras3Optimizer(root, model.optimizer, state);
  });
  return writeArchive(config, metadata, weights);
}

/** As Python's `%Y-%m-%d@%H:%M:%S`. */
function dateSaved(): string {
  return new Date().toISOString().slice(0, 19).replace('T', '@');
}

/** How a model was compiled, as Keras 2's files have it; Keras 3 needs the weights of losses there too. */
function trainingConfig(model: tfl.LayersModel): JsonObject {
  return { ...lossAndMetrics(model), optimizer_config: optimizerConfig(model.optimizer, 'keras2') };
}

function compileConfig(model: tfl.LayersModel): JsonObject {
  const optimizer = optimizerConfig(model.optimizer, 'keras3');
  return { optimizer: { module: 'keras.optimizers', ...optimizer, registered_name: null }, ...lossAndMetrics(model) };
}

function lossAndMetrics(model: tfl.LayersModel): JsonObject {
  const { loss, metrics } = (model as unknown as { getTrainingConfig(): JsonObject }).getTrainingConfig();
  return { loss: loss!, metrics: metrics!, loss_weights: null, weighted_metrics: null };
}

/**
 * Keras's `model.save(address)`.
 *
 * @param address `indexeddb://<name>`, a path in Node, or in a page the name of a download; a name that ends in `.keras`
 *   becomes an archive of Keras 3, any other an HDF5 file of Keras 2
 */
export async function saveModel(
  model: tfl.LayersModel,
  address: string,
  options: SaveModelOptions = {},
): Promise<void> {
  await writeFile(address, await encodeModel(model, address.endsWith('.keras') ? 'keras' : 'h5', options));
}

/**
 * Keras's `load_model(source)`: an HDF5 file or an archive that Keras or `saveModel` wrote, or a model.json with its weights.
 *
 * @throws {UnsupportedModelError} where it needs what tfjs-layers lacks; it names all of that
 * @throws {ModelFileError} where the file is damaged or something else
 */
export async function loadModel(
  source: FileSource | tf.io.IOHandler,
  { compile = true }: LoadModelOptions = {},
): Promise<tfl.LayersModel> {
  if (isModelJson(source)) return loadModelJson(source);
  const file = await readFile(source);
  if (isZip(file)) return loadArchive(file, compile);
  const { config, training } = await readHDF5(file, (root) => configsOf(file, root));
  const model = await buildModel(file, config);
  return disposedOnError(model, async () => {
    const assign = await readHDF5(file, (root) => match(file.name, root, model, {}).read(file.name));
    assign.forEach((set) => set());
    if (compile && training) await compileModel(model, training, { file, read: keras2State });
  });
}

/** An optimizer's state in a file. */
interface StoredState {
  readonly arrays: readonly StoredArray[];
  readonly layout: StateLayout;
}

function keras2State(root: HDF5Reader): StoredState {
  const group = root.group('optimizer_weights');
  const arrays = group ? storedArrays(group) : [];
  return { arrays, layout: layoutOf(arrays) };
}

async function loadArchive(file: NamedFile, compile: boolean): Promise<tfl.LayersModel> {
  const entries = await readArchive(file);
  const config = parseJson(file.name, CONFIG_ENTRY, new TextDecoder().decode(entries.get(CONFIG_ENTRY)));
  const { compile_config: compiled } = config as { compile_config?: JsonObject | null };
  const model = await buildModel(file, config);
  return disposedOnError(model, async () => {
    const weights = { name: file.name, bytes: entries.get(WEIGHTS_ENTRY)! };
    const assign = await readHDF5(weights, (root) => match(file.name, root, model, {}).read(file.name));
    assign.forEach((set) => set());
    // Keras 3 writes no optimizer where the model was saved as HDF5 before.
    if (!compile || !compiled?.['optimizer']) return;
    const { optimizer, ...rest } = compiled;
    const { module } = optimizer as { module?: string };
    const isLegacy = module?.endsWith('legacy') === true;
    const read = (root: HDF5Reader): StoredState => ({
      arrays: optimizerVariables(root),
      layout: isLegacy ? 'legacy' : 'keras3',
    });
    await compileModel(model, { ...rest, optimizer_config: optimizer }, { file: weights, read });
  });
}

function configsOf(file: NamedFile, root: HDF5Reader): { config: JsonObject; training?: JsonObject } {
  const text = root.string('model_config');
  if (text === undefined) {
    throw new ModelFileError(file.name, 'no attribute model_config', 'a whole model; loadWeights loads weights alone');
  }
  const training = root.string('training_config');
  return {
    config: parseJson(file.name, 'model_config', text),
    ...(training === undefined ? {} : { training: parseJson(file.name, 'training_config', training) }),
  };
}

function parseJson(file: string, what: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ModelFileError(file, `${what} that is no JSON (${String(error)})`, 'JSON');
  }
  if (typeof value !== 'object' || value === null || typeof (value as JsonObject)['class_name'] !== 'string') {
    if (what !== 'training_config') throw new ModelFileError(file, `${what} without a class_name`, 'a model');
  }
  return value as JsonObject;
}

async function disposedOnError(model: tfl.LayersModel, fill: () => Promise<void>): Promise<tfl.LayersModel> {
  try {
    await fill();
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Compiles a model as the one saved was, with the optimizer's state where the file has it. */
async function compileModel(
  model: tfl.LayersModel,
  training: JsonObject,
  { file, read }: { file: NamedFile; read: (root: HDF5Reader) => StoredState },
): Promise<void> {
  const missing: string[] = [];
  const optimizer = makeOptimizer((training['optimizer_config'] ?? {}) as JsonObject, missing);
  const loss = camelNames(training['loss'] ?? null, missing) as string;
  const metrics = camelNames(flatMetrics(training['metrics'] ?? null), missing) as string[] | null;
  if (training['loss_weights']) missing.push(`loss_weights=${JSON.stringify(training['loss_weights'])}`);
  if (!optimizer || missing.length > 0) {
    optimizer?.dispose();
    throw new UnsupportedModelError(missing.map((part) => `${part} (load with { compile: false } to do without)`));
  }
  try {
    model.compile({ optimizer, loss, ...(metrics === null ? {} : { metrics }) });
  } catch (error) {
    throw new UnsupportedModelError([error instanceof Error ? error.message : String(error)]);
  }
  const shapes = model.trainableWeights.map(({ shape }) => shape as number[]);
  const set = await readHDF5(file, (root) => {
    const { arrays, layout } = read(root);
    return optimizerSetter(optimizer, arrays, { shapes, layout });
  });
  await set?.();
}

/** Keras writes the metrics of one output as a list in a list, and objects for some. */
function flatMetrics(metrics: JsonObject[string]): JsonObject[string] {
  if (!Array.isArray(metrics)) return metrics;
  return metrics.flat().flatMap((metric) => {
    if (typeof metric === 'string') return [metric];
    const config = (metric as JsonObject | null)?.['config'] as JsonObject | string | undefined;
    const name = typeof config === 'string' ? config : (config?.['fn'] ?? config?.['name']);
    return typeof name === 'string' ? [name] : [];
  });
}

/** Options of losses and metrics that change their values; tfjs-layers has none of them. */
const LOSS_OPTIONS = ['from_logits', 'label_smoothing', 'ignore_class', 'delta', 'class_weights', 'sample_weight'];

/** Names of losses and metrics, wherever they are; an object of Keras is named by its class. */
function camelNames(value: JsonObject[string], missing: string[]): JsonObject[string] {
  const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (typeof value === 'string') return camel(value);
  if (Array.isArray(value)) return value.map((item) => camelNames(item, missing));
  if (typeof value !== 'object' || value === null) return value;
  const { class_name: name, config } = value;
  if (typeof config === 'string') return camel(config);
  if (typeof name !== 'string') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, camelNames(item, missing)]));
  }
  for (const [option, set] of Object.entries((config ?? {}) as JsonObject)) {
    if (LOSS_OPTIONS.includes(option) && set) missing.push(`${option}=${JSON.stringify(set)} of ${name}`);
  }
  return name.charAt(0).toLowerCase() + name.slice(1);
}
