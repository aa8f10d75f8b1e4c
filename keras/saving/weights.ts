/** saveWeights and loadWeights: the weights of a model in HDF5 files that Keras reads and writes. */
import type * as tfl from '@tensorflow/tfjs-layers';
import { ModelFileError } from '../errors';
import { type HDF5Reader, readHDF5 } from '../hdf5/reader';
import { writeHDF5 } from '../hdf5/writer';
import { type FileSource, type NamedFile, readFile, writeFile } from '../io/places';
import { readArchive, WEIGHTS_ENTRY } from './archive';
import { type MatchOptions, matchKeras2Weights, writeKeras2Weights } from './keras2_weights';
import { isKeras3, matchKeras3Weights, writeKeras3Weights } from './keras3_weights';
import { type Assignments, readWeights } from './model_weights';

/** `h5`: Keras 2's layout, which Keras 3 reads too; `weights.h5`: Keras 3's. */
export type WeightsFormat = 'h5' | 'weights.h5';

/** The weights of a model as an HDF5 file's bytes. */
export async function encodeWeights(model: tfl.LayersModel, format: WeightsFormat = 'h5'): Promise<Uint8Array> {
  const values = await readWeights(model.weights);
  return writeHDF5((root) => (format === 'h5' ? writeKeras2Weights : writeKeras3Weights)(root, model, values));
}

/**
 * Keras's `model.save_weights(address)`.
 *
 * @param address `indexeddb://<name>`, a path in Node, or in a page the name of a download; a name that ends in
 *   `.weights.h5` gets Keras 3's layout, any other Keras 2's
 */
export async function saveWeights(model: tfl.LayersModel, address: string): Promise<void> {
  await writeFile(address, await encodeWeights(model, address.endsWith('.weights.h5') ? 'weights.h5' : 'h5'));
}

/**
 * Keras's `model.load_weights(source)`, from a file of weights or a whole model of Keras 2 or 3.
 *
 * @throws {WeightsMismatchError} where they do not fit the model; it names them all, and the model stays as it was
 * @throws {ModelFileError} where the file is damaged or something else
 */
export async function loadWeights(
  model: tfl.LayersModel,
  source: FileSource,
  options: MatchOptions = {},
): Promise<void> {
  const file = await readFile(source);
  const hdf5 = isZip(file) ? { name: file.name, bytes: (await readArchive(file)).get(WEIGHTS_ENTRY)! } : file;
  const assign = await readHDF5(hdf5, (root) => match(file.name, root, model, options).read(file.name));
  assign.forEach((set) => set());
}

/** Pairs the weights of a file of any layout with those of a model. */
export function match(file: string, root: HDF5Reader, model: tfl.LayersModel, options: MatchOptions): Assignments {
  if (isKeras3(root)) return matchKeras3Weights(root, model, options);
  const group = root.group('model_weights') ?? root;
  if (group.strings('layer_names') === undefined) {
    throw new ModelFileError(file, `groups ${root.keys().join(', ') || '(none)'}`, 'weights of Keras 2 or 3');
  }
  return matchKeras2Weights(file, group, model, options);
}

/** Whether a file is a .keras archive. */
export function isZip({ bytes }: NamedFile): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}
