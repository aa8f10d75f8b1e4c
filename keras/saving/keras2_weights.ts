/** Weights in the layout of Keras 2: a group for each layer, whose attribute `weight_names` gives the order. */
import type * as tfl from '@tensorflow/tfjs-layers';
import { ModelFileError } from '../errors';
import type { HDF5Reader } from '../hdf5/reader';
import type { HDF5Writer, NamedArray } from '../hdf5/writer';
import { cellNames, savedLayers } from './keras3_weights';
import { Assignments, type Layer, type Values } from './model_weights';

/** The version whose layout is written. */
export const KERAS_2_VERSION = '2.15.0';
const BACKEND = 'tensorflow';
/** Where Keras keeps the weights that belong to the model itself; a model of tfjs-layers has none. */
const TOP_LEVEL = 'top_level_model_weights';

/** Writes all weights of a model into a group. */
export function writeKeras2Weights(group: HDF5Writer, model: tfl.LayersModel, values: Values): void {
  const layers = savedLayers(model);
  group.strings(
    'layer_names',
    layers.map(({ name }) => name),
  );
  group.string('backend', BACKEND);
  group.string('keras_version', KERAS_2_VERSION);
  for (const layer of layers) writeWeights(group.group(layer.name), layer, values);
  writeArrays(group.group(TOP_LEVEL), []);
}

function writeWeights(group: HDF5Writer, layer: Layer, values: Values): void {
  const { weights } = layer;
  const cells = cellNames(layer);
  const names = distinct(
    weights.map((weight) => {
      const cell = cells.get(weight);
      return `${cell ? weight.originalName.replace(/[^/]*$/, `${cell}/$&`) : weight.originalName}:0`;
    }),
  );
  const arrays = weights.map((weight, i) => ({
    name: names[i]!,
    shape: weight.shape as number[],
    values: values.get(weight)!,
  }));
  writeArrays(group, arrays);
}

/** Writes arrays and their order. */
export function writeArrays(group: HDF5Writer, arrays: readonly NamedArray[]): void {
  group.strings(
    'weight_names',
    arrays.map(({ name }) => name),
  );
  arrays.forEach((array) => group.array(array));
}

/** Two layers of a nested model may give their weights the same name. */
function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : name.replace(/:0$/, `_${count}:0`);
  });
}

/** How layers of a file and of a model are matched. */
export interface MatchOptions {
  /** By the layers' names, in place of their order; layers that only one side has stay as they are. */
  readonly byName?: boolean;
  /** Leaves layers as they are whose weights do not fit, as Keras's `skip_mismatch`. */
  readonly skipMismatch?: boolean;
}

/** Pairs the weights of a group with those of a model. */
export function matchKeras2Weights(
  file: string,
  group: HDF5Reader,
  model: tfl.LayersModel,
  { byName = false, skipMismatch = false }: MatchOptions,
): Assignments {
  refuseOldOrders(file, group);
  const assignments = new Assignments();
  const stored = storedLayers(group);
  const layers = model.layers.filter(({ weights }) => weights.length > 0);
  if (!byName && stored.length !== layers.length) {
    const names = (all: readonly { name: string }[]): string => all.map(({ name }) => name).join(', ');
    assignments.mismatches.push(
      `found ${stored.length} layers with weights (${names(stored)}), expected ${layers.length} (${names(layers)}).`,
    );
    return assignments;
  }
  stored.forEach(({ name, arrays }, i) => {
    const targets = byName ? layers.filter((layer) => layer.name === name) : [layers[i]!];
    targets.forEach((layer) => addLayer(assignments, layer, { name, arrays, skipMismatch }));
  });
  return assignments;
}

function addLayer(
  assignments: Assignments,
  layer: Layer,
  { name, arrays, skipMismatch }: { name: string; arrays: ReturnType<HDF5Reader['array']>[]; skipMismatch: boolean },
): void {
  const own = new Assignments();
  own.add(name === layer.name ? layer.name : `${layer.name} (${name} in the file)`, layer.weights, arrays);
  assignments.all.push(...own.all);
  if (!skipMismatch) assignments.mismatches.push(...own.mismatches);
}

/** The layers of a group that have weights, in the model's order. */
function storedLayers(group: HDF5Reader) {
  return group
    .needStrings('layer_names')
    .map((name) => ({ name, arrays: storedArrays(group.needGroup(name)) }))
    .filter(({ arrays }) => arrays.length > 0);
}

/** The arrays of a group in their order. */
export function storedArrays(group: HDF5Reader): ReturnType<HDF5Reader['array']>[] {
  return group.needStrings('weight_names').map((name) => group.array(name));
}

/** Keras 1 and the other backends of Keras 2 kept some weights in other orders. */
function refuseOldOrders(file: string, group: HDF5Reader): void {
  const version = group.string('keras_version') ?? '1';
  if (version.startsWith('1'))
    throw new ModelFileError(file, 'weights of Keras 1', 'Keras 2 or 3; load and save them there');
  const backend = group.string('backend') ?? BACKEND;
  if (backend === 'theano') throw new ModelFileError(file, 'weights of the backend theano', BACKEND);
}
