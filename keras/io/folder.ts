/** Folders of files by name: in Node, in the page's own file system, behind a directory handle, in IndexedDB, or as downloads. */
import { KerasError } from '../errors';
import { downloadFile } from './download';
import { getFile, putFile, removeFile } from './indexed_db';
import { isNode, nodeModule, writeWhole } from './node_files';
import { loadZip } from './packages';

/** A folder; names may hold slashes. */
export interface Folder {
  /** The file's bytes, or nothing where there is no such file. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Writes a whole file; one of that name is replaced once the new one is complete. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  append(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Called when all is written. */
  close?(): Promise<void> | void;
}

/**
 * Where a folder is: a path in Node, and in a page or worker the name of a folder in its origin private file system;
 * `indexeddb://<name>` in IndexedDB; a directory handle; or an object of your own.
 */
export type FolderPlace = string | FileSystemDirectoryHandle | Folder;

const INDEXED_DB = 'indexeddb://';

export async function openFolder(place: FolderPlace): Promise<Folder> {
  if (typeof place !== 'string') return 'getFileHandle' in place ? handleFolder(place) : place;
  if (place.startsWith(INDEXED_DB)) return indexedFolder(place.slice(INDEXED_DB.length));
  if (isNode()) return nodeFolder(place);
  const { storage } = navigator as { storage?: StorageManager };
  if (!storage?.getDirectory) {
    const found = 'a page without an origin private file system';
    throw new KerasError(`${place}: found ${found}, expected https, indexeddb://<name> or a folder of your own.`);
  }
  return handleFolder(await subfolder(await storage.getDirectory(), place.split('/')));
}

/** Files of Node that folders need. */
interface NodeFolders {
  readFile(path: string): Promise<Uint8Array>;
  appendFile(path: string, data: Uint8Array): Promise<void>;
  mkdir(path: string, options: { recursive: boolean }): Promise<unknown>;
  rm(path: string, options: { force: boolean }): Promise<void>;
}

interface NodePaths {
  readonly dirname: (path: string) => string;
  readonly join: (...parts: string[]) => string;
}

async function nodeFolder(path: string): Promise<Folder> {
  const files = await nodeModule<NodeFolders>('fs/promises');
  const { dirname, join } = await nodeModule<NodePaths>('path');
  const made = async (name: string): Promise<string> => {
    const file = join(path, name);
    await files.mkdir(dirname(file), { recursive: true });
    return file;
  };
  return {
    read: async (name) => {
      const bytes = await found(files.readFile(join(path, name)), 'ENOENT');
      return bytes && new Uint8Array(bytes); // not a Buffer, whose slices share memory
    },
    write: async (name, bytes) => writeWhole(await made(name), bytes),
    append: async (name, bytes) => files.appendFile(await made(name), bytes),
    remove: (name) => files.rm(join(path, name), { force: true }),
  };
}

function handleFolder(root: FileSystemDirectoryHandle): Folder {
  const file = async (name: string, create: boolean): Promise<FileSystemFileHandle> => {
    const parts = name.split('/');
    return (await subfolder(root, parts.slice(0, -1), create)).getFileHandle(parts.at(-1)!, { create });
  };
  const put = async (name: string, bytes: Uint8Array, keepExistingData: boolean): Promise<void> => {
    const handle = await file(name, true);
    const position = keepExistingData ? (await handle.getFile()).size : 0;
    const stream = await handle.createWritable({ keepExistingData });
    await stream.write({ type: 'write', position, data: bytes as Uint8Array<ArrayBuffer> });
    await stream.close();
  };
  return {
    read: async (name) => {
      const handle = await found(file(name, false), 'NotFoundError');
      return handle && new Uint8Array(await (await handle.getFile()).arrayBuffer());
    },
    write: (name, bytes) => put(name, bytes, false),
    append: (name, bytes) => put(name, bytes, true),
    remove: async (name) => {
      const parts = name.split('/');
      const parent = await found(subfolder(root, parts.slice(0, -1), false), 'NotFoundError');
      await found(parent?.removeEntry(parts.at(-1)!) ?? Promise.resolve(), 'NotFoundError');
    },
  };
}

async function subfolder(
  root: FileSystemDirectoryHandle,
  parts: readonly string[],
  create = true,
): Promise<FileSystemDirectoryHandle> {
  let folder = root;
  for (const part of parts.filter((name) => name !== '' && name !== '.'))
    folder = await folder.getDirectoryHandle(part, { create });
  return folder;
}

function indexedFolder(path: string): Folder {
  const read = (name: string): Promise<Uint8Array | undefined> => getFile(`${path}/${name}`);
  return {
    read,
    write: (name, bytes) => putFile(`${path}/${name}`, bytes),
    append: async (name, bytes) => putFile(`${path}/${name}`, joined(await read(name), bytes)),
    remove: (name) => removeFile(`${path}/${name}`),
  };
}

/** A folder in memory, for example to post its files to another thread. */
export class MemoryFolder implements Folder {
  readonly files = new Map<string, Uint8Array>();

  read(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.files.get(name));
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    this.files.set(name, bytes.slice());
    return Promise.resolve();
  }

  append(name: string, bytes: Uint8Array): Promise<void> {
    return this.write(name, joined(this.files.get(name), bytes));
  }

  remove(name: string): Promise<void> {
    this.files.delete(name);
    return Promise.resolve();
  }
}

/** A page's folder that is downloaded as `<name>.zip` once all is written: browsers ask before a page downloads many files. */
export class DownloadFolder extends MemoryFolder {
  constructor(readonly name = 'logs') {
    super();
  }

  async close(): Promise<void> {
    const { zipSync } = await loadZip('Downloading a folder');
    const entries = [...this.files].map(([name, bytes]) => [`${this.name}/${name}`, bytes] as const);
    downloadFile(`${this.name}.zip`, zipSync(Object.fromEntries(entries)));
    this.files.clear();
  }
}

function joined(a: Uint8Array = new Uint8Array(), b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

/** What was found; nothing where the failure's code or name says that nothing is there. */
async function found<T>(looking: Promise<T>, absent: string): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string };
    if (code === absent || name === absent) return undefined;
    throw error;
  }
}
