/** fixModelJson: configurations of Keras 2 and 3 as tfjs-layers reads them, and all that it has no part for. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { UnsupportedModelError } from '../errors';

/** JSON. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** A layer or another part of a model, as both versions write it. */
interface Part extends JsonObject {
  class_name: string;
  config: JsonObject;
}

const TENSOR = '__keras_tensor__';
/** Configurations whose value is the name of an activation. */
const ACTIVATIONS = ['activation', 'recurrent_activation'];

/**
 * Makes the topology of a model.json, or a model's configuration, readable for tfjs-layers: input shapes, dtype policies,
 * configuration objects with a module, and calls of layers as Keras 3 writes them. What is in Keras 2's form stays.
 *
 * @returns a new object of the same kind
 * @throws {UnsupportedModelError} where the model has layers, activations or options that tfjs-layers lacks; it names them all
 */
export function fixModelJson(json: object): JsonObject {
  const root = structuredClone(json) as JsonObject;
  const topology = root['modelTopology'] as JsonObject | undefined;
  if (topology) return { ...root, modelTopology: fixTopology(topology) };
  return fixTopology(root);
}

function fixTopology(topology: JsonObject): JsonObject {
  const config = topology['model_config'];
  if (config) return { ...topology, model_config: fixModel(config as Part) };
  return fixModel(topology as Part);
}

function fixModel(model: Part): JsonObject {
  const missing: string[] = [];
  const fixed = fixPart(model, missing) as Part;
  if (missing.length > 0) throw new UnsupportedModelError([...new Set(missing)]);
  return fixed;
}

function isPart(value: Json | undefined): value is Part {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['class_name'] === 'string'
  );
}

function isLayers(value: Json | undefined): value is Part[] {
  return Array.isArray(value) && value.every(isPart);
}

/** A value inside of a configuration: a name for a dtype policy or a function, else the same without what Keras 3 adds. */
function fixValue(value: Json, missing: string[]): Json {
  if (Array.isArray(value)) return value.map((item) => fixValue(item, missing));
  if (typeof value !== 'object' || value === null) return value;
  if (!isPart(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fixValue(item, missing)]));
  }
  const { class_name: name, config } = value;
  if (name.endsWith('DTypePolicy') || name === 'Policy') return dtypeOf(config['name']!);
  if (name === 'function' || name === '__tuple__') return fixValue(config ?? value['items'], missing);
  return { class_name: name, config: fixValue(config ?? {}, missing) };
}

/** tfjs computes in float32 whatever the policy was. */
function dtypeOf(policy: Json): Json {
  return typeof policy === 'string' && policy.includes('float16') ? 'float32' : policy;
}

/** A layer, with the layers inside of it. */
function fixPart(part: Part, missing: string[]): JsonObject {
  const config = part.config as JsonObject | undefined;
  const name = (part['name'] ?? config?.['name'] ?? '') as string;
  if (!config || typeof config !== 'object') {
    missing.push(`${part.class_name}${name && ` (${name})`}: a configuration`);
    return part;
  }
  const fixed = fixConfig(part, config, missing);
  checkPart(part, fixed, missing);
  const {
    module: _module,
    registered_name: _registered,
    build_config: _build,
    compile_config: _compile,
    ...rest
  } = part;
  const nodes = part['inbound_nodes'];
  return {
    ...rest,
    config: fixed,
    ...(nodes === undefined ? {} : { inbound_nodes: (nodes as Json[]).map((node) => fixNode(node, name, missing)) }),
  };
}

function fixConfig(part: Part, config: JsonObject, missing: string[]): JsonObject {
  const fixed: JsonObject = {};
  for (const [key, value] of Object.entries(config)) {
    if (key === 'layers' && isLayers(value)) fixed['layers'] = value.map((layer) => fixPart(layer, missing));
    else if (['layer', 'cell', 'backward_layer'].includes(key) && isPart(value)) fixed[key] = fixPart(value, missing);
    else if (key === 'cells' && isLayers(value)) fixed[key] = value.map((cell) => fixPart(cell, missing));
    else if (key === 'input_layers' || key === 'output_layers') fixed[key] = listed(value);
    else if (key === 'batch_shape') fixed['batch_input_shape'] = fixValue(value, missing);
    else if (key === 'dtype') fixed[key] = dtypeOf(fixValue(value, missing));
    else fixed[key] = fixValue(value, missing);
  }
  if (part.class_name === 'LeakyReLU' && 'negative_slope' in fixed) {
    const { negative_slope: alpha, ...rest } = fixed;
    return { ...rest, alpha: alpha! };
  }
  return fixed;
}

/** Keras 3 writes one input or output without a list around it. */
function listed(value: Json): Json {
  return Array.isArray(value) && typeof value[0] === 'string' ? [value] : value;
}

/** The calls of a layer: an array [layer, node, tensor, arguments] for each input. */
function fixNode(node: Json, layer: string, missing: string[]): Json {
  if (Array.isArray(node) || !node) return node;
  const { args, kwargs } = node as { args: Json; kwargs: JsonObject };
  const { mask: _mask, training: _training, ...others } = kwargs;
  const rest = Object.entries(others).filter(([, value]) => value !== null && tensorsIn(value).length === 0);
  const constants = constantsIn(args);
  if (constants.length > 0) missing.push(`${layer}: the argument ${JSON.stringify(constants[0])} of a call`);
  const tensors = tensorsIn([args, ...Object.entries(others).map(([, value]) => value)]);
  return tensors.map((tensor) => [...((tensor.config['keras_history'] as Json[]) ?? []), Object.fromEntries(rest)]);
}

function tensorsIn(value: Json): Part[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  return isPart(value) && value.class_name === TENSOR ? [value] : [];
}

function constantsIn(value: Json): Json[] {
  if (Array.isArray(value)) return value.flatMap(constantsIn);
  return value === null || (isPart(value) && value.class_name === TENSOR) ? [] : [value];
}

/** Notes what tfjs-layers has no part for. */
function checkPart({ class_name: kind, module }: Part, config: JsonObject, missing: string[]): void {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const of = `${kind}${typeof config['name'] === 'string' ? ` (${config['name']})` : ''}`;
  if (typeof module === 'string' && /\.ops\b/.test(module)) missing.push(`the operation ${of}`);
  else if (!Object.hasOwn(classNameMap, kind)) missing.push(`the layer ${of}`);
  for (const key of ACTIVATIONS) {
    const name = config[key];
    if (name !== undefined && name !== null && !(typeof name === 'string' && hasActivation(name))) {
      missing.push(`the activation ${JSON.stringify(name)} of ${of}`);
    }
  }
  if (kind.startsWith('GRU') && config['reset_after'] === true) missing.push(`reset_after=True of ${of}`);
  if (typeof config['groups'] === 'number' && config['groups'] > 1) missing.push(`groups=${config['groups']} of ${of}`);
  if (kind === 'ReLU' && (config['negative_slope'] || config['threshold'])) {
    missing.push(`negative_slope and threshold of ${of}`);
  }
}

function hasActivation(name: string): boolean {
  try {
    tfl.layers.activation({
      activation: name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as 'relu',
    });
    return true;
  } catch {
    return false;
  }
}
