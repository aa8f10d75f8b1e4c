/** Writes HDF5 files as h5py does for Keras. */
import type * as h5wasm from 'h5wasm';
import { loadHDF5 } from '../io/packages';

/** Keras's limit of one attribute: an object's header must hold it. */
const MAX_ATTRIBUTE_BYTES = 64512;

/** An array as it goes into a file. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array | BigInt64Array;
}

let written = 0;

/** The bytes of a file that `fill` fills; it must not wait for anything. */
export async function writeHDF5(fill: (root: HDF5Writer) => void): Promise<Uint8Array> {
  const { h5, files, errors } = await loadHDF5();
  const path = `convgl-write-${written++}.h5`;
  errors.thrown();
  try {
    const root = new h5.File(path, 'w');
    try {
      fill(new HDF5Writer(root));
    } finally {
      root.close();
    }
    return files.readFile(path);
  } finally {
    errors.printed();
    files.unlink(path);
  }
}

/** A group of a file that is being written. */
export class HDF5Writer {
  readonly #group: h5wasm.Group;

  constructor(group: h5wasm.Group) {
    this.#group = group;
  }

  /** The group at a path, made where it is missing. */
  group(path: string): HDF5Writer {
    let place = this.#group;
    for (const part of path.split('/').filter((name) => name !== '')) {
      place = (place.keys().includes(part) ? place.get(part) : place.create_group(part)) as h5wasm.Group;
    }
    return new HDF5Writer(place);
  }

  /** A string, as h5py writes Python's bytes. */
  string(name: string, value: string): void {
    this.#group.create_attribute(name, value, [], 'A');
  }

  /** A string, as h5py writes Python's str. */
  text(name: string, value: string): void {
    this.#group.create_attribute(name, value, [], 'S');
  }

  /** Strings, as h5py writes a list of Python's bytes; in several attributes where they do not fit into one. */
  strings(name: string, values: readonly string[]): void {
    if (values.length === 0) {
      // As numpy sees an empty list.
      this.#group.create_attribute(name, new Float64Array(0), [0], '<d');
      return;
    }
    // Keras measures them as an array of strings of one length.
    const encoder = new TextEncoder();
    const longest = Math.max(...values.map((value) => encoder.encode(value).length));
    const each = Math.max(1, Math.floor(MAX_ATTRIBUTE_BYTES / longest));
    const isWhole = values.length <= each;
    for (let i = 0; i * each < values.length; i++) {
      const part = values.slice(i * each, (i + 1) * each);
      this.#group.create_attribute(isWhole ? name : `${name}${i}`, part, [part.length], 'A');
    }
  }

  /** An array; a name with slashes lies in groups. */
  array({ name, shape, values }: NamedArray): void {
    const at = name.lastIndexOf('/');
    const place = at < 0 ? this : this.group(name.slice(0, at));
    place.#group.create_dataset({ name: name.slice(at + 1), data: values, shape: [...shape] });
  }
}
