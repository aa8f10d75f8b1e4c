/** Configurations of tfjs models as Keras 2 and 3 read them. */
import type * as tfl from '@tensorflow/tfjs-layers';
import { UnsupportedModelError } from '../errors';
import type { Json, JsonObject } from './fix_model_json';
import { HARD_SIGMOID_OF_KERAS_3, hardSigmoidOfKeras2 } from './hard_sigmoid';
import { KERAS_2_VERSION } from './keras2_weights';
import type { Layer } from './model_weights';

interface Part extends JsonObject {
  class_name: string;
  config: JsonObject;
}

/** Options that tfjs-layers writes and that Keras's class does not take. */
const UNKNOWN_TO_KERAS: Readonly<Record<string, readonly string[]>> = {
  LSTM: ['implementation'],
  LSTMCell: ['implementation'],
  GRU: ['implementation'],
  GRUCell: ['implementation'],
  ConvLSTM2D: ['implementation', 'unroll'],
  ConvLSTM2DCell: ['implementation'],
  SpatialDropout1D: ['noise_shape', 'seed', 'trainable'],
};
/** Its config also has its cell's options. */
const RNN_OPTIONS =
  'name trainable dtype batch_input_shape return_sequences return_state go_backwards stateful unroll cell';

function isPart(value: Json | undefined): value is Part {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['class_name'] === 'string'
  );
}

function mapValues(object: JsonObject, change: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** A model's configuration as `model.to_json()` of Keras 2 gives it. */
export function keras2Config(model: tfl.LayersModel): JsonObject {
  const { class_name: name, config } = model.toJSON(null, false) as unknown as Part;
  const layers = layersOf(model);
  const other = [...layers.values()].filter(isOtherInKeras).map((layer) => `bilinear UpSampling2D (${layer.name})`);
  if (other.length > 0) throw new UnsupportedModelError(other, 'Keras computes otherwise what the model has');
  const part = keras2Part(completed({ class_name: name, config }, layers) as Part);
  return { ...part, keras_version: KERAS_2_VERSION, backend: 'tensorflow' };
}

/** Whether Keras's layer of that class computes something else: its samples lie at the centres of pixels. */
function isOtherInKeras(layer: Layer): boolean {
  return layer.getClassName() === 'UpSampling2D' && layer.getConfig()['interpolation'] === 'bilinear';
}

/** All layers of a model, those of models and wrappers inside of it too. */
function layersOf(model: tfl.LayersModel): ReadonlyMap<string, Layer> {
  const inside = (layer: Layer): Layer[] => {
    const { layers, layer: wrapped } = layer as { layers?: Layer[]; layer?: Layer };
    return [layer, ...[...(layers ?? []), ...(wrapped ? [wrapped] : [])].flatMap(inside)];
  };
  return new Map(inside(model).map((layer) => [layer.name, layer]));
}

/** With what tfjs-layers leaves out: the depth multiplier of a separable convolution, the input of a Sequential. */
function completed(value: Json, layers: ReadonlyMap<string, Layer>): Json {
  if (Array.isArray(value)) return value.map((item) => completed(item, layers));
  if (typeof value !== 'object' || value === null) return value;
  const object = mapValues(value, (item) => completed(item, layers));
  if (!isPart(object)) return object;
  const { class_name: name, config } = object;
  const layer = layers.get(config['name'] as string);
  if (name === 'Sequential') return { ...object, config: withInput(config, layer as tfl.Sequential | undefined) };
  if (!name.startsWith('SeparableConv')) return object;
  const { depthMultiplier = 1 } = (layer ?? {}) as { depthMultiplier?: number };
  return { ...object, config: { ...config, depth_multiplier: depthMultiplier } };
}

/** A Sequential whose layers begin with its input, which Keras 2 writes always, and without which Keras 3 builds nothing. */
function withInput(config: JsonObject, model: tfl.Sequential | undefined): JsonObject {
  const layers = config['layers'] as Part[];
  const [first] = layers;
  const [input] = (model?.inputs ?? []) as (tfl.SymbolicTensor | undefined)[];
  if (!first || !input || first.class_name === 'InputLayer') return config;
  const { shape, dtype } = input;
  const name = impliedInputName(first);
  const part = { class_name: 'InputLayer', config: { batch_input_shape: shape, dtype, sparse: false, name } };
  return { ...config, layers: [part, ...layers] };
}

/** The name of the input that a Sequential makes for its first layer. */
export const impliedInputName = (first: Part): string => `${first.config['name'] as string}_input`;

function keras2Value(value: Json, key: string): Json {
  if (Array.isArray(value)) return value.map((item) => keras2Value(item, key));
  if (!isPart(value)) return typeof value === 'object' && value !== null ? mapValues(value, keras2Value) : value;
  const part = keras2Part(value);
  // What is not a layer of a model says where it is from; without that, Keras 3 does not find it.
  if (key === 'layers') return part;
  // Both versions find a Functional by the name of its parent, which makes one of such a configuration.
  if (part.class_name === 'Functional') return { module: 'keras', ...part, class_name: 'Model', registered_name: null };
  return { module: moduleOf(key, part.class_name), ...part, registered_name: null };
}

function keras2Part(part: Part): Part {
  const { class_name: name, config } = part;
  const dropped = UNKNOWN_TO_KERAS[name] ?? [];
  const kept = Object.entries(config).filter(([key]) =>
    name === 'RNN' ? RNN_OPTIONS.split(' ').includes(key) : !dropped.includes(key),
  );
  const fixed = corrected(name, mapValues(Object.fromEntries(kept), keras2Value));
  return { ...part, class_name: name === 'Model' ? 'Functional' : name, config: fixed };
}

/** Options as Keras writes them, of what the layer of tfjs-layers does compute. */
function corrected(name: string, config: JsonObject): JsonObject {
  if (name === 'Reshape') {
    return { ...config, target_shape: (config['target_shape'] as Json[]).map((size) => size ?? -1) };
  }
  // It passes over the rate of dilation.
  return name === 'DepthwiseConv2D' ? { ...config, dilation_rate: [1, 1] } : config;
}

/** A model's configuration as the `config.json` of Keras 3's archive. */
export function keras3Config(model: tfl.LayersModel): JsonObject {
  const { class_name: name, config } = keras2Config(model) as Part;
  return { ...keras3Part({ class_name: name, config }, model), compile_config: null };
}

/** The module of Keras that a part is imported from. */
function moduleOf(key: string, name: string): string {
  if (name === 'Functional') return 'keras.src.models.functional';
  if (name === 'Sequential') return 'keras';
  if (key.endsWith('initializer')) return 'keras.initializers';
  if (key.endsWith('regularizer')) return 'keras.regularizers';
  return key.endsWith('constraint') ? 'keras.constraints' : 'keras.layers';
}

function keras3Value(value: Json, key: string, layer: Layer | undefined): Json {
  if (Array.isArray(value)) return value.map((item) => keras3Value(item, key, layer));
  if (isPart(value)) return keras3Part(value, layer, key);
  if (value === HARD_SIGMOID_OF_KERAS_3) return 'hard_sigmoid';
  return value === 'hard_sigmoid' && key.endsWith('activation') ? hardSigmoidOfKeras2() : value;
}

function keras3Part(part: Part, layer: Layer | undefined, key = ''): JsonObject {
  const { class_name: kind, config, inbound_nodes: nodes, module: _module, ...rest } = part;
  const name = kind === 'Model' ? 'Functional' : kind;
  const model = layer as tfl.LayersModel | undefined;
  const sublayer = (of: Part): Layer | undefined => model?.layers.find((one) => one.name === of.config['name']);
  const isModel = name === 'Functional' || name === 'Sequential';
  const fixed: JsonObject = isModel
    ? { ...config, trainable: model?.trainable ?? true, dtype: 'float32', ...modelLayers(name, config, sublayer) }
    : mapValues(config, (value, option) =>
        keras3Value(value, option, option === 'layer' ? wrappedBy(layer) : undefined),
      );
  const modelNodes: JsonObject = nodes && layer ? { inbound_nodes: keras3Nodes(nodes as Json[], layer) } : {};
  const renaming = renamed(name, fixed);
  return {
    module: moduleOf(key, name),
    class_name: renaming.name,
    config: renaming.config,
    ...rest,
    registered_name: name === 'Functional' ? name : null,
    ...modelNodes,
  };
}

/** The layer inside of a wrapper. */
function wrappedBy(layer: Layer | undefined): Layer | undefined {
  return (layer as { layer?: Layer } | undefined)?.layer;
}

/** Classes and options that Keras 3 calls otherwise. */
function renamed(name: string, written: JsonObject): { name: string; config: JsonObject } {
  if (name === 'InputLayer') {
    const { batch_input_shape: shape, ...rest } = written;
    return { name, config: { batch_shape: shape!, ...rest } };
  }
  const { batch_input_shape: _shape, ...config } = written;
  if (name === 'LeakyReLU') {
    const { alpha, ...rest } = config;
    return { name, config: { negative_slope: alpha!, ...rest } };
  }
  if (name === 'ThresholdedReLU') {
    const { theta, ...rest } = config;
    return { name: 'ReLU', config: { threshold: theta!, ...rest } };
  }
  return { name, config };
}

/** A tensor that a model begins or ends with: its layer, the call of it and which of the call's outputs it is. */
type End = [string, number, number];

/** One alone has no list around it; with one, the model of Keras 3 would give lists. */
function single(ends: End[]): Json {
  return ends.length === 1 ? ends[0]! : ends;
}

/** The layers of a model. */
function modelLayers(name: string, config: JsonObject, sublayer: (of: Part) => Layer | undefined): JsonObject {
  const layers = config['layers'] as Part[];
  if (name === 'Functional') {
    return {
      layers: layers.map((part) => keras3Part(part, sublayer(part))),
      input_layers: single(config['input_layers'] as End[]),
      output_layers: single(
        (config['output_layers'] as End[]).map(([of, call, tensor]) => {
          // Keras 3 counts the making of a Functional as a call here, and only here.
          const isSequential = layers.some((part) => part.class_name === 'Sequential' && part['name'] === of);
          return [of, isSequential ? call - 1 : call, tensor];
        }),
      ),
    };
  }
  const shape = layers[0]?.class_name === 'InputLayer' ? layers[0].config['batch_input_shape'] : null;
  return { layers: layers.map((part) => keras3Part(part, sublayer(part))), build_input_shape: shape ?? null };
}

interface Call {
  readonly inputShapes: tfl.Shape[];
  readonly inboundLayers: Layer[];
}

/** The calls of a layer with their tensors. */
function keras3Nodes(nodes: Json[], layer: Layer): Json[] {
  const { inboundNodes } = layer as unknown as { inboundNodes: Call[] };
  // The making of a model is a call to tfjs-layers and Keras 2, and none to Keras 3.
  const calls = isModel(layer) ? inboundNodes.slice(1) : inboundNodes;
  const models = new Set(calls.flatMap(({ inboundLayers }) => inboundLayers.filter(isModel).map(({ name }) => name)));
  return nodes.map((node, i) => {
    const inputs = node as [string, number, number, JsonObject][];
    const tensors = inputs.map(([name, call, tensor], at) => ({
      class_name: '__keras_tensor__',
      config: {
        shape: calls[i]?.inputShapes[at] ?? null,
        dtype: 'float32',
        keras_history: [name, models.has(name) ? call - 1 : call, tensor],
      },
    }));
    return { args: tensors.length === 1 ? tensors : [tensors], kwargs: inputs[0]?.[3] ?? {} };
  });
}

const isModel = (layer: Layer): boolean => 'layers' in layer;
