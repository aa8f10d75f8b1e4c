/** fixModelJson: configurations of Keras 2 and 3 as tfjs-layers reads them, and all that it has no part for. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { KerasError, ModelFileError, UnsupportedModelError } from '../errors';
import { impliedInputName } from './keras_json';
import { HARD_SIGMOID_OF_KERAS_3, isHardSigmoidOfKeras2, registerHardSigmoid } from './hard_sigmoid';

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
/** Models are called like layers, and hold layers. */
const MODELS = ['Functional', 'Sequential', 'Model'];
/** What Keras writes of layers and tfjs-layers refuses: a separable convolution has two kernels. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  SeparableConv1D: ['kernel_initializer', 'kernel_regularizer', 'kernel_constraint'],
  SeparableConv2D: ['kernel_initializer', 'kernel_regularizer', 'kernel_constraint'],
};

/** What is found on the way through a model. */
interface Findings {
  readonly missing: string[];
  /** Whether Keras 3 wrote the configuration: some names mean something else there. */
  readonly keras3: boolean;
}

/**
 * Makes the topology of a model.json, or a model's configuration, readable for tfjs-layers: input shapes, dtype policies,
 * configuration objects with a module, and calls of layers as Keras 3 writes them. What is in Keras 2's form stays.
 *
 * @returns a new object of the same kind
 * @throws {UnsupportedModelError} where the model has layers, activations or options that tfjs-layers lacks; it names them all
 * @throws {ModelFileError} where it is no configuration of a model
 */
export function fixModelJson(json: object): JsonObject {
  try {
    const root = structuredClone(json) as JsonObject;
    const topology = root['modelTopology'] as JsonObject | undefined;
    if (topology) return { ...root, modelTopology: fixTopology(topology) };
    return fixTopology(root);
  } catch (error) {
    if (error instanceof KerasError) throw error;
    throw new ModelFileError('The configuration', String(error), 'that of a model');
  }
}

function fixTopology(topology: JsonObject): JsonObject {
  const config = topology['model_config'];
  if (config) return { ...topology, model_config: fixModel(config as Part) };
  return fixModel(topology as Part);
}

function fixModel(model: Part): JsonObject {
  registerHardSigmoid();
  // Keras 3 alone calls an input's shape so.
  const findings: Findings = { missing: [], keras3: JSON.stringify(model).includes('"batch_shape":') };
  const fixed = fixPart(model, findings) as Part;
  if (findings.missing.length > 0) throw new UnsupportedModelError([...new Set(findings.missing)]);
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

/**
 * A value inside of a configuration: a name for a dtype policy or a function, else the same without what Keras 3 adds.
 *
 * @param what of which layer it is, for messages
 */
// eslint-disable-next-line complexity -- a line for each kind of value.
function fixValue(value: Json, what: string, findings: Findings): Json {
  if (Array.isArray(value)) return value.map((item) => fixValue(item, what, findings));
  if (typeof value !== 'object' || value === null) return value;
  if (!isPart(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fixValue(item, what, findings)]));
  }
  const { class_name: name, config } = value;
  if (name.endsWith('DTypePolicy') || name === 'Policy') return dtypeOf(config['name']!);
  if (name === 'function' || name === '__tuple__') return fixValue(config ?? value['items'], what, findings);
  if (isHardSigmoidOfKeras2(value)) return 'hard_sigmoid';
  if (name === 'L1' || name === 'L2') return { class_name: 'L1L2', config: { l1: 0, l2: 0, ...config } };
  if (!isKnown(name)) findings.missing.push(`${what}: ${name}`);
  return { class_name: name, config: fixValue(config ?? {}, what, findings) };
}

/** tfjs computes in float32 whatever the policy was. */
function dtypeOf(policy: Json): Json {
  return typeof policy === 'string' && policy.includes('float16') ? 'float32' : policy;
}

/** A layer, with the layers inside of it. */
function fixPart(part: Part, findings: Findings): JsonObject {
  const config = part.config as JsonObject | undefined;
  const name = (part['name'] ?? config?.['name'] ?? '') as string;
  if (!config || typeof config !== 'object') {
    findings.missing.push(`${part.class_name}${name && ` (${name})`}: a configuration`);
    return part;
  }
  const fixed = fixConfig(part, config, findings);
  checkPart(part, fixed, findings.missing);
  const {
    module: _module,
    registered_name: _registered,
    build_config: _build,
    compile_config: _compile,
    ...rest
  } = part;
  // Keras 3's ReLU has the threshold of Keras 2's ThresholdedReLU.
  return part.class_name === 'ReLU' && config['threshold']
    ? { ...rest, class_name: 'ThresholdedReLU', config: { name, theta: config['threshold'] } }
    : { ...rest, config: fixed };
}

// eslint-disable-next-line complexity -- a line for each key that Keras writes otherwise.
function fixConfig(part: Part, config: JsonObject, findings: Findings): JsonObject {
  const fixed: JsonObject = {};
  for (const [key, value] of Object.entries(config)) {
    if (REFUSED[part.class_name]?.includes(key)) continue;
    if (key === 'layers' && isLayers(value)) {
      const layers = fixLayers(value, findings);
      fixed['layers'] = part.class_name === 'Sequential' ? withoutInput(layers as Part[]) : layers;
    } else if (['layer', 'cell', 'backward_layer'].includes(key) && isPart(value))
      fixed[key] = fixPart(value, findings);
    else if (key === 'cells' && isLayers(value)) fixed[key] = value.map((cell) => fixPart(cell, findings));
    else if (key === 'input_layers' || key === 'output_layers') fixed[key] = ends(value, config);
    else if (key === 'batch_shape') fixed['batch_input_shape'] = value;
    else {
      const fixedValue = fixValue(value, `the ${key} of ${nameOf(part)}`, findings);
      if (key === 'dtype') fixed[key] = dtypeOf(fixedValue);
      else fixed[key] = ACTIVATIONS.includes(key) ? fixActivation(value, fixedValue, findings) : fixedValue;
    }
  }
  if (part.class_name === 'LeakyReLU' && 'negative_slope' in fixed) {
    const { negative_slope: alpha, ...rest } = fixed;
    return { ...rest, alpha: alpha! };
  }
  return fixed;
}

/** An activation as tfjs-layers calls it. */
function fixActivation(written: Json, name: Json, { keras3 }: Findings): Json {
  if (name === 'silu') return 'swish';
  return written === 'hard_sigmoid' && keras3 ? HARD_SIGMOID_OF_KERAS_3 : name;
}

/** The inputs or outputs of a model; Keras 3 writes one without a list around it, and counts calls of a Sequential from 0. */
function ends(value: Json, { layers }: JsonObject): Json {
  if (!Array.isArray(value)) return value;
  const all = (typeof value[0] === 'string' ? [value] : value) as [string, number, number][];
  const sequential = new Set(
    (layers as Part[]).flatMap((one) => (countsFromZero(one) && one.class_name === 'Sequential' ? [one['name']] : [])),
  );
  return all.map(([name, call, ...rest]) => [name, sequential.has(name) ? call + 1 : call, ...rest]);
}

/** Whether the calls of a layer are in Keras 3's form, in which a model's making is no call of it. */
const countsFromZero = ({ inbound_nodes: nodes }: Part): boolean =>
  Array.isArray(nodes) && nodes.some((node) => node !== null && !Array.isArray(node));

/** The layers of a model, with their calls. */
function fixLayers(layers: readonly Part[], findings: Findings): Json[] {
  const models = new Set(layers.flatMap((one) => (MODELS.includes(one.class_name) ? [one['name']] : [])));
  return layers.map((part) => {
    const nodes = part['inbound_nodes'] as Json[] | undefined;
    const fixed = fixPart(part, findings);
    if (nodes === undefined) return fixed;
    return { ...fixed, inbound_nodes: nodes.map((node) => fixNode(node, nameOf(part), { models, findings })) };
  });
}

/** The layers of a Sequential without the input that its first layer implies, which Keras does not count among them either. */
function withoutInput(layers: Part[]): Json[] {
  const [input, first, ...rest] = layers;
  if (input?.class_name !== 'InputLayer' || !first || MODELS.includes(first.class_name)) return layers;
  const { name, dtype, batch_input_shape: shape } = input.config;
  const isImplied = name === impliedInputName(first);
  if (!isImplied || dtype !== (first.config['dtype'] ?? 'float32')) return layers;
  return [{ ...first, config: { batch_input_shape: shape!, ...first.config } }, ...rest];
}

/** The calls of a layer: an array [layer, node, tensor, arguments] for each input. */
function fixNode(
  node: Json,
  layer: string,
  { models, findings }: { models: ReadonlySet<Json | undefined>; findings: Findings },
): Json {
  if (Array.isArray(node) || !node) return node;
  const { args, kwargs } = node as { args: Json; kwargs: JsonObject };
  const { mask: _mask, training: _training, ...others } = kwargs;
  const rest = Object.entries(others).filter(([, value]) => value !== null && tensorsIn(value).length === 0);
  const constants = constantsIn(args);
  if (constants.length > 0) findings.missing.push(`the argument ${JSON.stringify(constants[0])} of a call of ${layer}`);
  const tensors = tensorsIn([args, ...Object.entries(others).map(([, value]) => value)]);
  return tensors.map(({ config }) => {
    const [name, call, ...tensor] = config['keras_history'] as [string, number, number];
    return [name, models.has(name) ? call + 1 : call, ...tensor, Object.fromEntries(rest)];
  });
}

function tensorsIn(value: Json): Part[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  return isPart(value) && value.class_name === TENSOR ? [value] : [];
}

function constantsIn(value: Json): Json[] {
  if (Array.isArray(value)) return value.flatMap(constantsIn);
  return value === null || (isPart(value) && value.class_name === TENSOR) ? [] : [value];
}

/** A layer as messages call it. */
const nameOf = ({ class_name: kind, name, config }: Part): string => {
  const own = name ?? (config as JsonObject | undefined)?.['name'];
  return `${kind}${typeof own === 'string' ? ` (${own})` : ''}`;
};

const isKnown = (name: string): boolean => Object.hasOwn(tf.serialization.SerializationMap.getMap().classNameMap, name);

/** Notes what tfjs-layers has no part for. */
// eslint-disable-next-line complexity -- a line for each thing that tfjs-layers may lack.
function checkPart(part: Part, config: JsonObject, missing: string[]): void {
  const { class_name: kind, module } = part;
  const of = nameOf(part);
  if (typeof module === 'string' && /\.ops\b/.test(module)) missing.push(`the operation ${of}`);
  else if (!isKnown(kind)) missing.push(`the layer ${of}`);
  for (const key of ACTIVATIONS) {
    const name = config[key];
    if (name !== undefined && name !== null && !(typeof name === 'string' && hasActivation(name))) {
      missing.push(`the activation ${JSON.stringify(name)} of ${of}`);
    }
  }
  for (const [option, isIgnored] of Object.entries(IGNORED[kind] ?? {})) {
    if (isIgnored(config[option])) missing.push(`${option}=${JSON.stringify(config[option])} of ${of}`);
  }
  const groups = kind.startsWith('Conv') ? Number(config['groups'] ?? 1) : 1;
  if (groups > 1) missing.push(`groups=${groups} of ${of}`);
  if (kind === 'ReLU' && config['threshold'] && (config['negative_slope'] || config['max_value'] != null)) {
    missing.push(`threshold with negative_slope or max_value of ${of}`);
  }
}

type Test = (value: Json | undefined) => boolean;
const isTrue: Test = (value) => value === true;
/** Options that tfjs-layers passes over, by the layers' classes, and the values that would then give other numbers. */
const IGNORED: Readonly<Record<string, Readonly<Record<string, Test>>>> = {
  GRU: { reset_after: isTrue },
  GRUCell: { reset_after: isTrue },
  ReLU: { negative_slope: (value) => Boolean(value) },
  DepthwiseConv2D: { dilation_rate: (value) => [value].flat().some((rate) => Number(rate) > 1) },
  UpSampling2D: { interpolation: (value) => value !== undefined && value !== 'nearest' },
  LayerNormalization: { rms_scaling: isTrue },
  BatchNormalization: { renorm: isTrue },
  Embedding: { lora_rank: (value) => value != null },
  Dense: { lora_rank: (value) => value != null },
};

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
