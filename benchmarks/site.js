// @ts-check
/** Builds the benchmark's page into a folder and serves that folder, with the addresses to which the page reports. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import sirv from 'sirv';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const casesFolder = join(root, 'test/cases');

/** Joins what the files of test/cases export as `cases` and keeps the cases that are to be timed. @type {esbuild.Plugin} */
const benchCases = {
  name: 'bench-cases',
  setup(build) {
    build.onResolve({ filter: /^virtual:cases$/ }, () => ({ path: 'cases', namespace: 'bench-cases' }));
    build.onLoad({ filter: /.*/, namespace: 'bench-cases' }, () => {
      const names = readdirSync(casesFolder).sort();
      const files = names.filter((name) =>
        /^export const cases\b/m.test(readFileSync(join(casesFolder, name), 'utf8')),
      );
      const contents = [
        ...files.map((file, i) => `import { cases as cases${i} } from './${file}';`),
        `const all = [${files.map((_, i) => `...cases${i}`).join(', ')}];`,
        'export default all.filter(({ bench }) => bench);',
      ].join('\n');
      return { contents, resolveDir: casesFolder, loader: 'ts' };
    });
  },
};

/**
 * Writes the page with everything that it loads into a folder; any file server can serve it.
 *
 * @param {string} folder
 */
export async function buildSite(folder) {
  mkdirSync(folder, { recursive: true });
  await esbuild.build({
    entryPoints: [join(here, 'page/main.ts')],
    outfile: join(folder, 'bench.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    // The package declares only its built files as having side effects; here the sources register the backend.
    ignoreAnnotations: true,
    logLevel: 'warning',
    plugins: [benchCases],
  });
  copyFileSync(join(here, 'page/index.html'), join(folder, 'index.html'));
  const wasm = join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out');
  for (const file of readdirSync(wasm).filter((name) => name.endsWith('.wasm'))) {
    copyFileSync(join(wasm, file), join(folder, file));
  }
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<string>} */
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Serves a built folder on the loopback interface.
 *
 * @param {string} folder
 * @param {{ onPost: (path: string, body: string) => void, result: () => unknown }} handlers
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serveSite(folder, { onPost, result }) {
  const files = sirv(folder, { dev: true });
  const server = createServer((request, response) => {
    // Isolation gives the page a finer clock, and wasm its threads.
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method === 'POST') {
      void bodyOf(request).then((body) => {
        response.writeHead(204).end();
        onPost(path, body);
      });
    } else if (path === '/result') {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(result()));
    } else {
      files(request, response);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
