/** Files of Node, for code that also runs in pages: no bundler sees these imports. */

/** What this entry uses of `node:fs/promises`. */
interface NodeFiles {
  readFile(path: string | URL): Promise<Uint8Array>;
  writeFile(path: string | URL, data: Uint8Array): Promise<void>;
  mkdir(path: string, options: { recursive: boolean }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
}

/** Whether this is Node, where there are paths. */
export function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined && typeof document === 'undefined';
}

/** A module of Node, such as `fs/promises`. */
export async function nodeModule<T>(name: string): Promise<T> {
  return (await import(/* webpackIgnore: true */ /* @vite-ignore */ `node:${name}`)) as T;
}

/** Node's files. */
export function nodeFiles(): Promise<NodeFiles> {
  return nodeModule<NodeFiles>('fs/promises');
}

/** Writes beside the target and renames, so that a run that is stopped leaves no half file. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const files = await nodeFiles();
  const partial = `${path}.${crypto.randomUUID()}.partial`;
  try {
    await files.writeFile(partial, bytes);
    await files.rename(partial, path);
  } finally {
    await files.rm(partial, { force: true });
  }
}
