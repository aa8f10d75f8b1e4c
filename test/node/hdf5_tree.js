/** What an HDF5 file holds, as h5wasm reads it: groups, attributes and datasets by path, with their types and without values. */
import h5wasm from 'h5wasm/node';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ attributes: Record<string, string>, dataset?: string }} TreeEntry */

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<Record<string, TreeEntry>>}
 */
export async function hdf5Tree(bytes) {
  await h5wasm.ready;
  const path = join(tmpdir(), `convgl-tree-${process.pid}-${Math.random()}.h5`);
  writeFileSync(path, bytes);
  const file = new h5wasm.File(path, 'r');
  try {
    /** @type {Record<string, TreeEntry>} */
    const tree = { '/': { attributes: attributesOf(file) } };
    for (const name of file.paths()) {
      const item = /** @type {any} */ (file.get(name));
      const { type, shape, dtype } = item;
      tree[name] = {
        attributes: attributesOf(item),
        ...(type === 'Dataset' ? { dataset: `${dtype} [${shape}]` } : {}),
      };
    }
    return tree;
  } finally {
    file.close();
    rmSync(path);
  }
}

/** @param {any} item */
function attributesOf(item) {
  return Object.fromEntries(
    Object.entries(item.attrs).map(([name, attribute]) => {
      const { dtype, shape, value } = /** @type {any} */ (attribute);
      return [name, `${dtype} [${shape}] ${JSON.stringify(value instanceof Float64Array ? [...value] : value)}`];
    }),
  );
}
