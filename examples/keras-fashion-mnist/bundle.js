// @ts-check
/** Bundles one of this example's pages from TypeScript into build/keras-fashion-mnist. */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import esbuild from 'rollup-plugin-esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** The source of each entry of the package. */
const ENTRIES = /** @type {Record<string, string>} */ ({
  'tfjs-backend-convgl': 'src/index.ts',
  'tfjs-backend-convgl/keras': 'keras/index.ts',
});

/** Where the bundled pages lie. */
export const BUILD_DIRECTORY = join(root, 'build', 'keras-fashion-mnist');

/**
 * The page imports the package by its published name; here that is the source beside it, so that no build of the
 * package is needed first, and a change of a kernel is in the next run.
 */
const packageFromSource = {
  name: 'package-from-source',
  resolveId: (/** @type {string} */ id) =>
    Object.hasOwn(ENTRIES, id) ? { id: join(root, ENTRIES[id] ?? ''), moduleSideEffects: true } : null,
};

/**
 * Bundles `<page>.ts` and puts `<page>.html` beside it as index.html.
 *
 * @param {'page' | 'demo'} page
 * @returns {Promise<string>} the folder to serve
 */
export async function bundlePage(page) {
  const directory = join(BUILD_DIRECTORY, page);
  await mkdir(directory, { recursive: true });
  const bundle = await rollup({
    input: join(here, `${page}.ts`),
    plugins: [
      packageFromSource,
      nodeResolve({ browser: true, extensions: ['.ts', '.js'] }),
      commonjs(),
      esbuild({ target: 'es2022', tsconfig: false }),
    ],
    // Leaving out what is unused would take several times as long as the rest, for a page that is served to itself.
    treeshake: false,
    onwarn(warning) {
      // tfjs's own packages import each other in circles and use `this` at their top level.
      if (warning.code === 'UNRESOLVED_IMPORT' || warning.code === 'MISSING_EXPORT') {
        throw new Error(`Bundling ${page}.ts: ${warning.message}`);
      }
    },
  });
  // What is imported when it is needed, as HDF5's library is, stays in files of its own.
  await bundle.write({
    dir: directory,
    entryFileNames: 'page.js',
    chunkFileNames: '[name].js',
    format: 'es',
    sourcemap: false,
  });
  await bundle.close();
  await copyFile(join(here, `${page}.html`), join(directory, 'index.html'));
  if (page === 'demo') {
    await copyFile(join(here, 'demo.css'), join(directory, 'demo.css'));
  }
  return directory;
}
