// @ts-check
/** Downloads the published Fashion-MNIST files into a cache folder, each checked by its MD5 sum before it is kept. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataFileError } from './idx.js';

/** The four files, with the MD5 sums published in the data set's README. */
export const FILES = Object.freeze({
  trainImages: { name: 'train-images-idx3-ubyte.gz', md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d' },
  trainLabels: { name: 'train-labels-idx1-ubyte.gz', md5: '25c81989df183df01b3e8a0aad5dffbe' },
  testImages: { name: 't10k-images-idx3-ubyte.gz', md5: 'bef4ecab320f06d8554ea6380940ec79' },
  testLabels: { name: 't10k-labels-idx1-ubyte.gz', md5: 'bb300cfdad3c16e7a12a480ee83cd310' },
});

/** Where the authors publish the files; the first serves plain HTTP only, so the checksum is what is trusted. */
const SOURCES = [
  'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
];
const CONNECT_TIMEOUT_MS = 3000;
const STALL_TIMEOUT_MS = 15000;

/**
 * What a download tells its caller: bytes received so far of `total` (0 where the server does not say).
 *
 * @callback DownloadProgress
 * @param {string} file
 * @param {number} received
 * @param {number} total
 */

/**
 * @typedef {object} DownloadOptions
 * @property {typeof fetch} [fetch]
 * @property {DownloadProgress} [onProgress]
 */

/**
 * Downloads what the cache lacks from the first source that answers.
 *
 * @param {string} cache
 * @param {DownloadOptions} options
 * @returns {Promise<string | undefined>} why it failed, or nothing
 */
export async function download(cache, options) {
  const failures = [];
  for (const base of SOURCES) {
    try {
      for (const { name, md5 } of Object.values(FILES)) {
        const target = join(cache, name);
        if (!existsSync(target)) {
          await downloadFile(base + name, { target, md5 }, options);
        }
      }
      return undefined;
    } catch (error) {
      failures.push(`${new URL(base).host}: ${reasonOf(error)}`);
    }
  }
  return failures.join('; ');
}

/**
 * @param {string} url
 * @param {{ target: string, md5: string }} file
 * @param {DownloadOptions} options
 */
async function downloadFile(url, { target, md5 }, options) {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error('no answer within 3 s')), CONNECT_TIMEOUT_MS);
  try {
    const response = await (options.fetch ?? fetch)(url, { signal: abort.signal });
    if (!response.ok || !response.body) {
      throw new Error(`HTTP status ${response.status}`);
    }
    const total = Number(response.headers.get('content-length') ?? 0);
    const chunks = [];
    let received = 0;
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(new Error('the transfer stopped')), STALL_TIMEOUT_MS);
      chunks.push(chunk);
      received += chunk.length;
      options.onProgress?.(target, received, total);
    }
    await storeChecked(target, Buffer.concat(chunks), md5);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Writes beside the target and renames, so that a run that is stopped leaves no half file in the cache.
 *
 * @param {string} target
 * @param {Buffer} bytes
 * @param {string} md5
 */
async function storeChecked(target, bytes, md5) {
  const found = createHash('md5').update(bytes).digest('hex');
  if (found !== md5) {
    throw new DataFileError(target, `MD5 ${found} (${bytes.length} bytes)`, md5);
  }
  await mkdir(dirname(target), { recursive: true });
  const partial = `${target}.${randomUUID()}.partial`;
  try {
    await writeFile(partial, bytes);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

/**
 * The innermost reason: Node's fetch wraps every network failure in a bare "fetch failed".
 *
 * @param {unknown} error
 */
function reasonOf(error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error
    ? cause.message || String(/** @type {any} */ (cause).code ?? cause.name)
    : String(cause);
}
