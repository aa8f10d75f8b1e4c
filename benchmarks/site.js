// @ts-check
/** Builds the benchmark's page into a folder and serves that folder, with the addresses to which the page reports. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { bodyOf, serveFolder } from '../examples/host/server.js';

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

/**
 * Serves a built folder on the loopback interface.
 *
 * @param {string} folder
 * @param {{ onPost: (path: string, body: string) => void, result: () => unknown }} handlers
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export function serveSite(folder, { onPost, result }) {
  return serveFolder(folder, {
    // Isolation gives the page a finer clock, and wasm its threads.
    headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
    answer: async (request, path) => {
      if (request.method === 'POST') {
        onPost(path, (await bodyOf(request)).toString('utf8'));
        return { status: 204 };
      }
      return path === '/result' ? { type: 'application/json', body: JSON.stringify(result()) } : undefined;
    },
  });
}
