// @ts-check
/** Serves a folder and what a program answers itself to browsers on this machine, and to nobody else. */
import { readFile, realpath } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';

/** Bytes that a page may send at once. */
const MOST_BYTES = 64 * 2 ** 20;

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.wasm': 'application/wasm',
};

/**
 * @typedef {object} Answer
 * @property {number} [status] 200 unless given
 * @property {string} [type] of the body
 * @property {string | Uint8Array} [body]
 */

/**
 * @typedef {object} ServeOptions
 * @property {number} [port] any free one unless given
 * @property {Record<string, string>} [headers] of every answer
 * @property {(request: import('node:http').IncomingMessage, path: string) => Promise<Answer | undefined> | Answer | undefined} [answer]
 *   asked first; where it gives none, the folder's file is the answer
 */

/** Headers of pages that load what lies beside them and nothing else, and that no other page may frame. */
export const PAGE_POLICY = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'", // h5wasm is WebAssembly
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:", // pictures that a visitor chooses
    "media-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/** What a request is refused with. */
export class HttpError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Starts the server.
 *
 * @param {string} folder
 * @param {ServeOptions} [options]
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serveFolder(folder, { port = 0, headers = {}, answer = () => undefined } = {}) {
  const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers };
  const server = createServer((request, response) => {
    answerTo(request).then(
      ({ status = 200, type = 'text/plain; charset=utf-8', body = '' }) =>
        response.writeHead(status, { ...always, 'content-type': type }).end(body),
      (error) =>
        response
          // What the page still sends is not read.
          .writeHead(error instanceof HttpError ? error.status : 500, { ...always, connection: 'close' })
          .end(error instanceof Error ? error.message : String(error)),
    );
  });
  const opened = await listen(server, port);
  const hosts = [`127.0.0.1:${opened}`, `localhost:${opened}`];

  /** @param {import('node:http').IncomingMessage} request */
  async function answerTo(request) {
    // A page of another site reaches this server under its own name, where that resolves to 127.0.0.1.
    const { host = '' } = request.headers;
    if (!hosts.includes(host)) throw new HttpError(421, `Found the host ${host}, expected ${hosts.join(' or ')}.`);
    const path = pathOf(request);
    const own = await answer(request, path);
    if (own) return own;
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new HttpError(405, 'Only files are here to read.');
    return fileAnswer(folder, path === '/' ? 'index.html' : path);
  }

  return {
    url: `http://127.0.0.1:${opened}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {import('node:http').IncomingMessage} request */
function pathOf({ url = '/' }) {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/s, ''));
  } catch {
    throw new HttpError(400, `Found the address ${url}, which is not encoded as one.`);
  }
}

/**
 * A file of a folder; one that a link in it leads out of it to is none.
 *
 * @param {string} folder
 * @param {string} name
 * @returns {Promise<Answer>}
 */
export async function fileAnswer(folder, name) {
  try {
    const [base, file] = await Promise.all([realpath(folder), realpath(join(folder, name))]);
    if (!file.startsWith(base + sep)) throw new Error('outside');
    return { type: TYPES[extname(file)] ?? 'application/octet-stream', body: await readFile(file) };
  } catch {
    throw new HttpError(404, `There is no file ${name}.`);
  }
}

/**
 * What a page sends.
 *
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Buffer>}
 * @throws {HttpError} where that is too much
 */
export async function bodyOf(request) {
  const chunks = [];
  let bytes = Number(request.headers['content-length'] ?? 0);
  const refuseMore = () => {
    if (bytes > MOST_BYTES) throw new HttpError(413, `Found ${bytes} bytes, expected at most ${MOST_BYTES}.`);
  };
  refuseMore();
  bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    refuseMore();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 * @returns {Promise<number>} the port that was opened
 */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`--port ${port}: this port is in use; choose another.`) : error);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}
