// @ts-check
/** Serves a bundled page, its data and its output folder to a browser on this machine, and to nobody else. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import sirv from 'sirv';

/** What a page may write; anything else is refused. */
const OUTPUT_NAME = /^(model\/(model\.json|weights\.bin)|[a-z-]+\.png)$/;

/**
 * @typedef {object} Served
 * @property {string} directory the bundled page
 * @property {import('./dataset.js').Dataset} dataset
 * @property {readonly string[]} classNames
 * @property {object} [run] answered as run.json
 * @property {string} [output] folder that the page may write its results to, and read them from
 * @property {number} [port] any free one unless given
 */

/**
 * Starts the server.
 *
 * @param {Served} served
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serve(served) {
  const page = sirv(served.directory, { dev: true });
  const output = served.output ? sirv(served.output, { dev: true }) : undefined;
  const answers = fixedAnswers(served);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    const answer = answers.get(path);
    if (answer) {
      response.writeHead(200, { 'content-type': answer.type, 'cache-control': 'no-store' }).end(answer.body);
    } else if (path.startsWith('/out/') && served.output && output) {
      const name = path.slice('/out/'.length);
      if (request.method === 'PUT') {
        void store(request, response, { directory: served.output, name });
      } else {
        request.url = `/${name}`;
        output(request, response);
      }
    } else {
      page(request, response);
    }
  });
  const port = await listen(server, served.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * @param {Served} served
 * @returns {Map<string, { type: string, body: Uint8Array }>}
 */
function fixedAnswers({ dataset, classNames, run }) {
  const json = (/** @type {object} */ value) => ({
    type: 'application/json',
    body: Buffer.from(JSON.stringify(value)),
  });
  const bytes = (/** @type {Uint8Array} */ body) => ({ type: 'application/octet-stream', body });
  const { train, test, source, real } = dataset;
  return new Map([
    ['/run.json', json(run ?? {})],
    ['/data/facts.json', json({ classNames, source, real })],
    ['/data/train-images.bin', bytes(train.images)],
    ['/data/train-labels.bin', bytes(train.labels)],
    ['/data/test-images.bin', bytes(test.images)],
    ['/data/test-labels.bin', bytes(test.labels)],
  ]);
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {{ directory: string, name: string }} target
 */
async function store(request, response, { directory, name }) {
  try {
    if (!OUTPUT_NAME.test(name)) {
      throw new Error(`found the name ${name}, expected a model file or a picture`);
    }
    const chunks = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const file = join(directory, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.concat(chunks));
    response.writeHead(204).end();
  } catch (error) {
    response
      .writeHead(500, { 'content-type': 'text/plain' })
      .end(error instanceof Error ? error.message : String(error));
  }
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
