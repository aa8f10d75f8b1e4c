/** Reads HDF5 files from bytes that nobody vouches for: each claim is checked before memory is spent on it. */
import type * as h5wasm from 'h5wasm';
import { KerasError, ModelFileError } from '../errors';
import { loadHDF5 } from '../io/packages';
import type { NamedFile } from '../io/places';

/** No name list or configuration of a model comes near this. */
const MAX_ATTRIBUTE_BYTES = 256 * 2 ** 20;

/** Values as they lie in a file. */
export type FileValues = Float32Array | Float64Array;

/** A dataset whose values are not read yet. */
export interface StoredArray {
  readonly path: string;
  readonly shape: readonly number[];
  /** Reads the values; call it once the shape has been found to be the right one. */
  readonly read: () => FileValues;
}

/** An object of a file; a reference has no type. */
type Typed = h5wasm.Entity & { readonly type?: string };

let opened = 0;

/**
 * Opens a file for as long as `use` runs; `use` must not wait for anything.
 *
 * @throws {ModelFileError} where the file is damaged, whatever `use` met
 */
export async function readHDF5<T>(file: NamedFile, use: (root: HDF5Reader) => T): Promise<T> {
  const { h5, files, errors } = await loadHDF5();
  const path = `convgl-read-${opened++}.h5`;
  files.writeFile(path, file.bytes);
  errors.thrown();
  try {
    const root = new h5.File(path, 'r');
    try {
      return use(new HDF5Reader(file.name, root));
    } finally {
      root.close();
    }
  } catch (error) {
    if (error instanceof KerasError) throw error;
    throw new ModelFileError(file.name, `a damaged file of ${file.bytes.length} bytes (${reasonOf(error)})`, 'HDF5');
  } finally {
    errors.printed();
    files.unlink(path);
  }
}

/** The library lists its functions from the outermost to the one that failed; what that one says is the reason. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const innermost = [...text.matchAll(/#\d+:.*\(\): (.*)/g)].at(-1)?.[1];
  return innermost ?? text.trim().split('\n')[0]!;
}

/** A group of an open file. */
export class HDF5Reader {
  readonly #file: string;
  readonly #group: h5wasm.Group;

  constructor(file: string, group: h5wasm.Group) {
    this.#file = file;
    this.#group = group;
  }

  /** The group at a path, or nothing; links to other files count as nothing. */
  group(path: string): HDF5Reader | undefined {
    const found = this.#get(path);
    return found?.type === 'Group' ? new HDF5Reader(this.#file, found as h5wasm.Group) : undefined;
  }

  /** The group at a path. */
  needGroup(path: string): HDF5Reader {
    const found = this.group(path);
    if (!found) throw this.#missing('group', path);
    return found;
  }

  /** The names in this group. */
  keys(): string[] {
    return this.#group.keys();
  }

  /** A string, or nothing where there is no such attribute. */
  string(attribute: string): string | undefined {
    const values = this.#attribute(attribute);
    return values === undefined ? undefined : list(values)[0];
  }

  /** A list of strings; Keras cuts a long one into attributes `<name>0`, `<name>1` and so on. */
  strings(attribute: string): string[] | undefined {
    const whole = this.#attribute(attribute);
    if (whole !== undefined) return list(whole);
    const parts: string[] = [];
    for (let i = 0; ; i++) {
      const part = this.#attribute(`${attribute}${i}`);
      if (part === undefined) return i === 0 ? undefined : parts;
      parts.push(...list(part));
    }
  }

  /** A list of strings that has to be there. */
  needStrings(attribute: string): string[] {
    const found = this.strings(attribute);
    if (!found)
      throw new ModelFileError(this.#file, `no attribute ${attribute} at ${this.#group.path}`, 'a list of names');
    return found;
  }

  /** The dataset at a path. */
  array(path: string): StoredArray {
    const found = this.#get(path);
    if (found?.type !== 'Dataset') throw this.#missing('dataset', path);
    const dataset = found as h5wasm.Dataset;
    const shape = (dataset.shape ?? []).map(Number);
    return { path: dataset.path, shape, read: () => this.#values(dataset) };
  }

  #get(path: string): Typed | null {
    let place: h5wasm.Group = this.#group;
    const parts = path.split('/').filter((part) => part !== '');
    for (const [i, part] of parts.entries()) {
      const next = place.keys().includes(part) ? linked(place, part) : null;
      if (i === parts.length - 1) return next;
      if (next?.type !== 'Group') return null;
      place = next as h5wasm.Group;
    }
    return place;
  }

  #attribute(name: string): h5wasm.OutputData | undefined {
    const attribute = Object.hasOwn(this.#group.attrs, name) ? this.#group.attrs[name] : undefined;
    if (!attribute) return undefined;
    const { size, total_size: count } = attribute.metadata;
    if (size * count > MAX_ATTRIBUTE_BYTES) {
      throw new ModelFileError(
        this.#file,
        `attribute ${name} of ${size * count} bytes`,
        `${MAX_ATTRIBUTE_BYTES} at most`,
      );
    }
    return attribute.value ?? [];
  }

  #values(dataset: h5wasm.Dataset): FileValues {
    const values = dataset.value as ArrayLike<number> | number | bigint | BigInt64Array;
    if (typeof values === 'number' || typeof values === 'bigint') return new Float64Array([Number(values)]);
    if (values instanceof Float32Array || values instanceof Float64Array) return values;
    if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number);
    if (ArrayBuffer.isView(values)) return Float64Array.from(values as ArrayLike<number>);
    throw new ModelFileError(
      this.#file,
      `values of type ${JSON.stringify(dataset.dtype)} at ${dataset.path}`,
      'numbers',
    );
  }

  #missing(kind: string, path: string): ModelFileError {
    const at = `${this.#group.path}/${path}`.replace(/\/+/g, '/');
    return new ModelFileError(this.#file, `no ${kind} at ${at}`, 'one');
  }
}

/** What a link leads to; nothing, where it leads in a circle. */
function linked(group: h5wasm.Group, name: string): Typed | null {
  try {
    const found: Typed | null = group.get(name);
    if (found?.type === 'Group') (found as h5wasm.Group).keys();
    return found;
  } catch {
    return null;
  }
}

function list(values: h5wasm.OutputData): string[] {
  // Keras writes an empty list of names as an empty array of numbers.
  const strings = Array.isArray(values) ? values : [values];
  return strings.filter((value) => typeof value === 'string');
}
