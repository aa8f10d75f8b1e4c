/** Weights in the layout of Keras 3: the tree of a model's objects, whose variables are numbered in groups `vars`. */
import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { HDF5Reader, StoredArray } from '../hdf5/reader';
import type { HDF5Writer, NamedArray } from '../hdf5/writer';
import type { MatchOptions } from './keras2_weights';
import { Assignments, type Layer, type Values, type Weight } from './model_weights';

/** The version whose layout is written. */
export const KERAS_3_VERSION = '3.8.0';

/** What Keras 2.12 to 2.15 call the list of layers in this layout. */
const OLD_LAYERS = '_layer_checkpoint_dependencies';

/** An object of the tree that may own variables. */
interface Saveable {
  readonly path: string;
  readonly name: string;
  readonly weights: readonly Weight[];
}

/** What tfjs-layers does not tell of the layers that hold others. */
interface Holder {
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
  readonly cell?: Layer;
  readonly cells?: Layer[];
}

/** Names of Keras 3's classes where those of tfjs-layers differ. */
const CLASS_NAMES: Readonly<Record<string, string>> = { Model: 'Functional', ConvLSTM2DCell: 'ConvLSTMCell' };

/** The name of a layer's class in Keras. */
export function kerasClassName(layer: Layer): string {
  const name = layer.getClassName();
  return CLASS_NAMES[name] ?? name;
}

/** Keras's `to_snake_case`. */
function toSnakeCase(name: string): string {
  return name
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** The layers of a model that Keras has in files: a Sequential's input is none there. */
export function savedLayers(model: tfl.LayersModel): Layer[] {
  return model.layers.filter((layer) => model.getClassName() !== 'Sequential' || layer.getClassName() !== 'InputLayer');
}

/** The names that Keras gives the cells of recurrent layers, by their weights. */
export function cellNames(layer: Layer): ReadonlyMap<Weight, string> {
  const { cell } = layer as Holder;
  const own = (cell?.weights ?? []).map((weight): [Weight, string] => [weight, cellName(cell!)]);
  return new Map([...own, ...childrenOf('', layer).flatMap(([, child]) => [...cellNames(child)])]);
}

const cellName = (cell: Layer): string => toSnakeCase(kerasClassName(cell));

/** Paths of a list: names of classes, numbered from the second of a kind on. */
function listPaths(path: string, layers: readonly Layer[]): [string, Layer][] {
  const used = new Map<string, number>();
  return layers.map((layer) => {
    const name = toSnakeCase(kerasClassName(layer));
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    return [`${path}/${name}${count === 0 ? '' : `_${count}`}`, layer];
  });
}

/** All objects of a model in the order in which Keras visits them; what is shared is at its first place. */
function saveables(model: tfl.LayersModel): Saveable[] {
  const seen = new Set<Layer>();
  const visit = (path: string, layer: Layer): Saveable[] => {
    if (seen.has(layer)) return [];
    seen.add(layer);
    const children = childrenOf(path, layer);
    const name = path.endsWith('/cell') ? cellName(layer) : layer.name;
    const own = { path, name, weights: children.length > 0 ? [] : layer.weights };
    return [own, ...children.flatMap(([at, child]) => visit(at, child))];
  };
  return visit('', model);
}

function childrenOf(path: string, layer: Layer): [string, Layer][] {
  const { layer: wrapped, forwardLayer, backwardLayer, cell, cells } = layer as Holder;
  const at = (name: string): string => (path === '' ? name : `${path}/${name}`);
  if ('layers' in layer) return listPaths(at('layers'), savedLayers(layer as unknown as tfl.LayersModel));
  if (cells) return listPaths(at('cells'), cells);
  const named = {
    backward_layer: backwardLayer,
    cell,
    forward_layer: forwardLayer,
    layer: forwardLayer ? undefined : wrapped,
  };
  return Object.entries(named).flatMap(([name, child]): [string, Layer][] => (child ? [[at(name), child]] : []));
}

/** Writes all weights of a model. */
export function writeKeras3Weights(root: HDF5Writer, model: tfl.LayersModel, values: Values): void {
  for (const { path, name, weights } of saveables(model)) {
    const group = root.group(`${path}/vars`);
    group.text('name', name);
    weights.forEach((weight, i) => {
      group.array({ name: String(i), shape: weight.shape as number[], values: values.get(weight)! });
    });
  }
}

/** Where an optimizer's variables are. */
const OPTIMIZER = 'optimizer/vars';

/** Writes an optimizer's variables. */
export function writeKeras3Optimizer(
  root: HDF5Writer,
  optimizer: tf.Optimizer,
  variables: readonly NamedArray[],
): void {
  const group = root.group(OPTIMIZER);
  const { kerasName = optimizer.getClassName() } = optimizer as tf.Optimizer & { kerasName?: string };
  group.text('name', toSnakeCase(kerasName));
  variables.forEach((variable) => group.array(variable));
}

/** An optimizer's variables in their order. */
export function optimizerVariables(root: HDF5Reader): StoredArray[] {
  return variablesOf(root.group(OPTIMIZER));
}

function variablesOf(group: HDF5Reader | undefined): StoredArray[] {
  return group ? group.keys().map((_, i) => group.array(String(i))) : [];
}

/** Whether a file has the layout of Keras 3. */
export function isKeras3(root: HDF5Reader): boolean {
  return root.group('layers') !== undefined || root.group(OLD_LAYERS) !== undefined;
}

/** Pairs the variables of a file with the weights of a model. */
export function matchKeras3Weights(
  root: HDF5Reader,
  model: tfl.LayersModel,
  { skipMismatch = false }: MatchOptions,
): Assignments {
  const assignments = new Assignments();
  const old = root.group('layers') === undefined;
  for (const { path, name, weights } of saveables(model)) {
    const place = old ? path.replaceAll(/(^|\/)layers(?=\/)/g, `$1${OLD_LAYERS}`) : path;
    const group = root.group(`${place}/vars`);
    if (weights.length === 0 && (group?.keys() ?? []).length === 0) continue;
    assignments.add(`${name} at /${place}`, weights, variablesOf(group));
  }
  if (skipMismatch) assignments.mismatches.length = 0;
  return assignments;
}
