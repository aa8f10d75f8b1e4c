/** Where files come from and go to: bytes, a URL, IndexedDB, a path in Node, a download in a page. */
import { KerasError, ModelFileError } from '../errors';
import { downloadFile } from './download';
import { getFile, putFile, removeFile } from './indexed_db';
import { isNode, nodeFiles, writeWhole } from './node_files';

/**
 * A file to read: its bytes, a `File` or `Blob`, or its address. An address is `indexeddb://<name>`, a URL, or else a path in
 * Node and relative to the page anywhere else.
 */
export type FileSource = string | URL | ArrayBuffer | Uint8Array | Blob;

/** A file with the name that errors call it by. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const INDEXED_DB = 'indexeddb://';
const REMOTE = /^(https?|data|blob):/;

/**
 * Reads a file.
 *
 * @throws {ModelFileError} where there is none
 */
export async function readFile(source: FileSource): Promise<NamedFile> {
  if (source instanceof Uint8Array) return { name: 'the given bytes', bytes: plain(source) };
  if (source instanceof ArrayBuffer) return { name: 'the given bytes', bytes: new Uint8Array(source) };
  if (source instanceof Blob) {
    const name = (source as Partial<File>).name ?? 'the given blob';
    return { name, bytes: new Uint8Array(await source.arrayBuffer()) };
  }
  const name = String(source);
  return { name, bytes: await readAddress(name) };
}

/** Node's Buffers share memory with one another, and so do their slices; slices of this are copies. */
const plain = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array => new Uint8Array(buffer, byteOffset, length);

async function readAddress(address: string): Promise<Uint8Array> {
  if (address.startsWith(INDEXED_DB)) {
    const found = await getFile(address.slice(INDEXED_DB.length));
    if (!found) throw new ModelFileError(address, 'no such file', 'one that was saved in this origin');
    return found;
  }
  if (isNode() && !REMOTE.test(address)) {
    try {
      return plain(await (await nodeFiles()).readFile(address.startsWith('file:') ? new URL(address) : address));
    } catch (error) {
      const { code = String(error) } = error as { code?: string };
      throw new ModelFileError(address, code === 'ENOENT' ? 'no such file' : code, 'a readable file');
    }
  }
  const response = await fetch(address);
  if (!response.ok) throw new ModelFileError(address, `HTTP status ${response.status}`, '200');
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * Writes a file: to `indexeddb://<name>`, to a path in Node, or as a download of that name in a page.
 *
 * @throws {KerasError} in a worker, which cannot start a download
 */
export async function writeFile(address: string, bytes: Uint8Array): Promise<void> {
  if (address.startsWith(INDEXED_DB)) return putFile(address.slice(INDEXED_DB.length), bytes);
  if (isNode()) return writeWhole(address, bytes);
  if (typeof document === 'undefined') {
    throw new KerasError(
      `${address}: found a worker, expected a page or Node; save to ${INDEXED_DB}<name> or post bytes.`,
    );
  }
  downloadFile(address.split('/').at(-1)!, bytes);
}

/** Removes a file that was saved to `indexeddb://<name>`. */
export async function removeSaved(address: string): Promise<void> {
  if (!address.startsWith(INDEXED_DB)) throw new KerasError(`found ${address}, expected ${INDEXED_DB}<name>.`);
  await removeFile(address.slice(INDEXED_DB.length));
}
