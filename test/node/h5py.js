/** Asks h5py, the library that Keras itself uses, about HDF5 files; where it is missing, specs are skipped with the reason. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [script = '', network = ''] = ['h5.py', 'fashion_mnist.py'].map((name) =>
  fileURLToPath(new URL(`python/${name}`, import.meta.url)),
);

/** Debian's python has Debian's h5py; another one may come first on the path. */
const python = ['python3', '/usr/bin/python3'].find((command) => {
  try {
    execFileSync(command, ['-c', 'import h5py'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Why specs that need h5py are skipped, or nothing. */
export const withoutH5py = python ? undefined : 'python3 with h5py is missing: apt-get install python3-h5py';

/**
 * What is at a path; `claimed` is the shape of a dataset without values.
 *
 * @typedef {{ attributes?: Record<string, any>, shape?: number[], dtype?: string, values?: number[], str?: boolean, link?: string[],
 *   claimed?: number[] }} Entry */

/**
 * All groups, attributes and datasets of a file as h5py reads them, by path.
 *
 * @param {string} path
 * @returns {Record<string, Entry>}
 */
export function describeHDF5(path) {
  return JSON.parse(execFileSync(python ?? '', [script, 'describe', path], { encoding: 'utf8', maxBuffer: 2 ** 28 }));
}

/**
 * Builds a file with h5py.
 *
 * @param {string} path
 * @param {Record<string, Entry>} description
 */
export function buildHDF5(path, description) {
  execFileSync(python ?? '', [script, 'build', path], { input: JSON.stringify(description) });
}

/**
 * What the Keras example's network predicts with a file's weights, in numpy.
 *
 * @param {string} path of the weights
 * @param {Uint8Array} images an IDX file, whose first image counts
 * @returns {number[]} a probability for each class
 */
export function predictInNumpy(path, images) {
  return JSON.parse(execFileSync(python ?? '', [network, path], { encoding: 'utf8', input: images }));
}
