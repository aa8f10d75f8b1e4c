/** Writes HDF5 files anew with h5wasm, with changes that no writer of models makes. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import h5wasm from 'h5wasm/node';

/**
 * What is put in the place of a group, dataset or link: nothing, a link, a dataset without values, or another dataset;
 * or other attributes of what stays.
 *
 * @typedef {{ remove: true } | { soft: string } | { external: [file: string, path: string] } | { hard: string }
 *   | { claimed: number[] } | { shape: number[] } | { attributes: Record<string, string | string[]> }} Change
 */

let files = 0;

/**
 * A copy of a file with changes by path; the root is `/`.
 *
 * @param {Uint8Array} bytes
 * @param {Record<string, Change>} changes
 * @returns {Promise<Uint8Array>}
 */
export async function changedHDF5(bytes, changes) {
  await h5wasm.ready;
  const [from, to] = ['from', 'to'].map((name) => join(tmpdir(), `convgl-${name}-${process.pid}-${files++}.h5`));
  writeFileSync(from ?? '', bytes);
  try {
    const [source, target] = [new h5wasm.File(from ?? '', 'r'), new h5wasm.File(to ?? '', 'w')];
    copyAttributes(source, target, changes['/']);
    const done = /** @type {string[]} */ ([]);
    for (const path of [...new Set([...source.paths(), ...Object.keys(changes)])].sort()) {
      if (path === '/' || done.some((parent) => path.startsWith(`${parent}/`))) continue;
      const change = changes[path];
      if (!change || 'attributes' in change) copy(source.get(path), target, path, change);
      else {
        done.push(path);
        put(target, path, change);
      }
    }
    source.close();
    target.close();
    return new Uint8Array(readFileSync(to ?? ''));
  } finally {
    [from, to].forEach((path) => rmSync(path ?? '', { force: true }));
  }
}

/**
 * @param {any} target
 * @param {string} path
 * @param {any} change
 */
function put(target, path, change) {
  const at = path.lastIndexOf('/');
  const [group, name] = [at < 0 ? target : target.get(path.slice(0, at)), path.slice(at + 1)];
  if (change.soft) group.create_soft_link(change.soft, name);
  else if (change.hard) group.create_hard_link(change.hard, name);
  else if (change.external) group.create_external_link(...change.external, name);
  else if (change.claimed) {
    const chunks = change.claimed.map(() => 8);
    const few = { data: new Float32Array(8 ** chunks.length), shape: chunks, chunks, maxshape: change.claimed };
    group.create_dataset({ name, ...few });
    group.get(name).resize(change.claimed);
  } else if (change.shape) {
    const size = change.shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    group.create_dataset({ name, data: new Float32Array(size), shape: change.shape });
  }
}

/**
 * @param {any} item
 * @param {any} target
 * @param {string} path
 * @param {any} change
 */
function copy(item, target, path, change) {
  const { type, value, shape, dtype } = item;
  if (type === 'Dataset') {
    const data = typeof value === 'number' || typeof value === 'bigint' ? [value] : value;
    target.create_dataset({ name: path, data, shape, dtype });
  } else target.create_group(path);
  copyAttributes(item, target.get(path), change);
}

/**
 * @param {any} from
 * @param {any} to
 * @param {any} change
 */
function copyAttributes(from, to, change) {
  const changed = change?.attributes ?? {};
  for (const [name, { value, shape, dtype }] of Object.entries(/** @type {Record<string, any>} */ (from.attrs)))
    if (!(name in changed)) to.create_attribute(name, value, shape, dtype);
  for (const [name, value] of Object.entries(changed))
    to.create_attribute(name, value, Array.isArray(value) ? [value.length] : [], 'A');
}
