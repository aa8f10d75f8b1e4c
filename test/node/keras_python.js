/** Asks Keras itself to load files; where it is missing, specs are skipped with the reason. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../keras/fixtures/keras_files.py', import.meta.url));
/** @type {import('node:child_process').ExecFileSyncOptionsWithStringEncoding} */
const options = { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['pipe', 'pipe', 'ignore'] };

/** A python with Keras, and which of its packages it has: keras is Keras 3, tf_keras Keras 2. */
const found = [process.env['KERAS_PYTHON'], 'python3'].flatMap((python) => {
  if (!python) return [];
  try {
    return [{ python, packages: JSON.parse(execFileSync(python, [script, 'packages'], options)) }];
  } catch {
    return [];
  }
});
const { python, packages } = found.find((one) => Object.keys(one.packages).length > 0) ?? { python: '', packages: {} };

/**
 * Why specs that need one of the packages are skipped, or nothing.
 *
 * @param {string} name
 */
export const withoutKeras = (name) =>
  name in packages ? undefined : `no python with ${name}: pip install ${name.replace('_', '-')}, KERAS_PYTHON=<path>`;

/**
 * A file, and what Keras is to do with it: predict, or train a step.
 *
 * @typedef {{ package: string, file: string, weights_of?: string, inputs?: import('./keras_arrays.js').StoredNumbers[] }} Task
 * @typedef {{ error?: string, outputs?: any[], loss?: number, weights?: any[] }} Answer
 */

/**
 * @param {Task[]} tasks
 * @returns {Answer[]}
 */
export function askKeras(tasks) {
  return JSON.parse(execFileSync(python, [script, 'answer'], { ...options, input: JSON.stringify(tasks) }));
}
