// @ts-check
/** Serves a bundled page, its data and its output folder to a browser on this machine. */
import { constants, mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { datasetFiles } from './idx.js';
import { bodyOf, fileAnswer, HttpError, PAGE_POLICY, serveFolder } from '../host/server.js';

/** What a page may write; anything else is refused. */
const OUTPUT_NAME = /^(model\/(model\.json|weights\.bin)|logs\/(train|validation)\/events\.out\.[\w.-]+|[a-z-]+\.png)$/;

/**
 * @typedef {object} Served
 * @property {string} directory the bundled page
 * @property {import('./dataset.js').Dataset} dataset
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
export function serve(served) {
  const { directory, output, port = 0 } = served;
  const answers = fixedAnswers(served);
  return serveFolder(directory, {
    port,
    headers: PAGE_POLICY,
    answer: async (request, path) => {
      const [, name] = /^\/out\/(.*)$/.exec(path) ?? [];
      if (name === undefined || output === undefined) return answers.get(path);
      if (request.method !== 'PUT') return fileAnswer(output, name);
      await store(output, name, await bodyOf(request));
      return { status: 204 };
    },
  });
}

/**
 * @param {Served} served
 * @returns {Map<string, import('../host/server.js').Answer>}
 */
function fixedAnswers({ dataset: { data, source }, run }) {
  /** @returns {import('../host/server.js').Answer} */
  const json = (/** @type {object} */ value) => ({
    type: 'application/json',
    body: Buffer.from(JSON.stringify(value)),
  });
  /** @returns {[string, import('../host/server.js').Answer]} */
  const bytes = (/** @type {string} */ path, /** @type {Uint8Array} */ body) => [
    path,
    { type: 'application/octet-stream', body },
  ];
  return new Map([
    ['/run.json', json(run ?? {})],
    ['/facts.json', json({ source })],
    ...Object.entries(datasetFiles(data)).map(([name, body]) => bytes(`/data/${name}`, body)),
  ]);
}

/**
 * Writes a file into the folder, and through no link out of it.
 *
 * @param {string} directory
 * @param {string} name
 * @param {Uint8Array} bytes
 */
async function store(directory, name, bytes) {
  if (!OUTPUT_NAME.test(name)) {
    throw new HttpError(403, `Found the name ${name}, expected a model file or a picture.`);
  }
  const file = join(directory, name);
  const parent = dirname(file);
  await mkdir(parent, { recursive: true });
  if ((await realpath(parent)) !== join(await realpath(directory), dirname(name))) {
    throw new HttpError(403, `${dirname(name)} is a link.`);
  }
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW = 0 } = constants; // Windows has no such flag
  const opened = await open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  try {
    await opened.writeFile(bytes);
  } finally {
    await opened.close();
  }
}
