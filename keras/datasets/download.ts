/** Downloads the files of a data set once: they are kept in a folder of the user's in Node, in the Cache API of a page. */
import { md5 } from '@noble/hashes/legacy.js';
import { DataFileError, KerasError } from '../errors';
import { isNode, nodeFiles, nodeModule, writeWhole } from '../io/node_files';
import { concatenated } from './inflate';

/** Bytes received so far of `total`, which is 0 where the server does not say. */
export type DownloadProgress = (progress: { file: string; received: number; total: number }) => void;

/** Options of `loadData`. */
export interface LoadDataOptions {
  /** A folder with the data set's files, in Node; nothing is downloaded then. */
  readonly path?: string;
  /** The folder of a mirror of your own, which is trusted: its files are not held against the published checksums. */
  readonly url?: string | URL;
  /** Called as the download advances. Default: nothing. */
  readonly onProgress?: DownloadProgress;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
  /** Whether what was downloaded is kept, and taken from there the next time. True unless told otherwise. */
  readonly cache?: boolean;
  /** Node's folder of downloads, in place of `convgl/<data set>` in the user's cache. */
  readonly cacheDirectory?: string;
}

/** A file as its authors publish it. */
export interface PublishedFile {
  readonly name: string;
  readonly md5: string;
}

/** Where a data set is published, the first that answers first. */
export interface Published {
  readonly name: string;
  readonly sources: readonly string[];
}

const CONNECT_TIMEOUT_MS = 10_000;
const STALL_TIMEOUT_MS = 30_000;
const CACHE = 'convgl-datasets';

/** Downloads that are under way. */
const underWay = new Map<string, Promise<Uint8Array>>();

/** A file of a data set: out of the given folder, out of the cache, or downloaded. */
export async function fileOf(published: Published, file: PublishedFile, options: LoadDataOptions): Promise<Uint8Array> {
  if (options.path !== undefined) return readPath(`${options.path}/${file.name}`);
  const mirror = options.url === undefined ? undefined : withSlash(String(options.url));
  const key = `${mirror ?? published.name}/${options.cacheDirectory ?? ''}/${file.name}`;
  let promise = underWay.get(key);
  if (!promise) {
    const sources = mirror === undefined ? published.sources : [mirror];
    const checked = mirror === undefined ? file : { name: file.name };
    promise = cachedOrDownloaded({ ...published, sources }, checked, options).finally(() => underWay.delete(key));
    underWay.set(key, promise);
  }
  return promise;
}

async function readPath(path: string): Promise<Uint8Array> {
  if (!isNode()) throw new KerasError(`${path}: found a page, expected Node; give the folder's address as url.`);
  try {
    return await (await nodeFiles()).readFile(path);
  } catch (error) {
    const { code = String(error) } = error as { code?: string };
    throw new DataFileError(path, code === 'ENOENT' ? 'no such file' : code, 'a readable file');
  }
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

type Checked = Partial<PublishedFile> & Pick<PublishedFile, 'name'>;

async function cachedOrDownloaded(published: Published, file: Checked, options: LoadDataOptions): Promise<Uint8Array> {
  const cache = await cacheOf(published, file, options);
  const kept = await cache.get();
  if (kept && fits(kept, file)) return kept;
  const failures: string[] = [];
  for (const base of published.sources) {
    try {
      const bytes = await download(base + file.name, file.name, options);
      checkSum(base + file.name, bytes, file);
      // What cannot be kept, as where the disk or the page's share of it is full, is used all the same.
      await cache.put(bytes).catch(() => undefined);
      return bytes;
    } catch (error) {
      failures.push(`${base}: ${reasonOf(error)}`);
    }
  }
  throw new KerasError(`${published.name}: ${file.name} could not be downloaded. ${failures.join('; ')}`);
}

function sumOf(bytes: Uint8Array): string {
  return Array.from(md5(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fits(bytes: Uint8Array, file: Checked): boolean {
  return file.md5 === undefined || sumOf(bytes) === file.md5;
}

function checkSum(url: string, bytes: Uint8Array, file: Checked): void {
  if (fits(bytes, file)) return;
  throw new DataFileError(url, `MD5 ${sumOf(bytes)} (${bytes.length} bytes)`, file.md5!);
}

async function download(url: string, file: string, options: LoadDataOptions): Promise<Uint8Array> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error('no answer')), CONNECT_TIMEOUT_MS);
  try {
    const response = await (options.fetch ?? fetch)(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
    const total = Number(response.headers.get('content-length') ?? 0);
    const chunks: Uint8Array[] = [];
    let received = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return concatenated(chunks, received);
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(new Error('the transfer stopped')), STALL_TIMEOUT_MS);
      chunks.push(value);
      received += value.length;
      options.onProgress?.({ file, received, total });
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The innermost reason: Node's fetch wraps every network failure in a bare "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error
    ? cause.message || String((cause as { code?: string }).code ?? cause.name)
    : String(cause);
}

/** Where a download is kept. */
interface FileCache {
  get(): Promise<Uint8Array | undefined>;
  put(bytes: Uint8Array): Promise<void>;
}

async function cacheOf(published: Published, file: Checked, options: LoadDataOptions): Promise<FileCache> {
  const none = { get: () => Promise.resolve(undefined), put: () => Promise.resolve() };
  if (options.cache === false) return none;
  // What a mirror has under the same name is another file.
  const place = file.md5 === undefined ? encodeURIComponent(published.sources[0]!) : published.name;
  if (isNode()) {
    const folder = options.cacheDirectory ?? `${await cacheFolder()}/${place}`;
    return nodeCache(folder, `${folder}/${file.name}`);
  }
  if (typeof caches === 'undefined') return none;
  // Some browsers refuse it to pages in private windows.
  const cache = await caches.open(CACHE).catch(() => undefined);
  if (!cache) return none;
  const address = `https://datasets.invalid/${place}/${file.name}`;
  return {
    get: async () => {
      const found = await cache.match(address);
      return found && new Uint8Array(await found.arrayBuffer());
    },
    put: (bytes) => cache.put(address, new Response(bytes as Uint8Array<ArrayBuffer>)),
  };
}

function nodeCache(folder: string, path: string): FileCache {
  return {
    get: async () => {
      try {
        return await (await nodeFiles()).readFile(path);
      } catch {
        return undefined;
      }
    },
    put: async (bytes) => {
      await (await nodeFiles()).mkdir(folder, { recursive: true });
      await writeWhole(path, bytes);
    },
  };
}

/** The user's folder for downloads, by the platform's convention. */
async function cacheFolder(): Promise<string> {
  const { env } = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process;
  const { homedir } = await nodeModule<{ homedir: () => string }>('os');
  return `${env['XDG_CACHE_HOME'] || env['LOCALAPPDATA'] || `${homedir()}/.cache`}/convgl`;
}
