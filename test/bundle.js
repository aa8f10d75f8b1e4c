/** Bundles the browser's specs: every test/<folder>/*.spec.ts of the named folders into one script with one tfjs-core. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import esbuild from 'rollup-plugin-esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const SPECS = 'virtual:specs';
const CASES = 'virtual:cases';
const GOLDEN = 'virtual:golden';

/** The source of each entry of the package. */
const ENTRIES = /** @type {Record<string, string>} */ ({
  'tfjs-backend-convgl': 'src/index.ts',
  'tfjs-backend-convgl/keras': 'keras/index.ts',
});

/** @param {readonly string[]} files */
function specsModule(files) {
  // Scripts of other pages than karma's are bundled here too, and know nothing of a run.
  const page = files.some((file) => file.endsWith('.spec.ts')) ? [join(root, 'test/page.ts')] : [];
  return [...page, ...files].map((file) => `import ${JSON.stringify(file)};`).join('\n');
}

/** Joins what the files of test/cases export as `cases`; some hold what those files share. */
function casesModule() {
  const folder = join(root, 'test/cases');
  const paths = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  const files = paths.filter((path) => /^export const cases\b/m.test(readFileSync(path, 'utf8')));
  const imports = files.map((path, i) => `import { cases as cases${i} } from ${JSON.stringify(path)};`);
  return `${imports.join('\n')}\nexport default [${files.map((_, i) => `...cases${i}`).join(', ')}];`;
}

/** The texts of test/unit/golden by the files' names without their extension. */
function goldenModule() {
  const folder = join(root, 'test/unit/golden');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const texts = names.map((name) => [parse(name).name, readFileSync(join(folder, name), 'utf8')]);
  return `export default ${JSON.stringify(Object.fromEntries(texts))};`;
}

/**
 * Modules that join the files of a folder, so that a new file needs no registration.
 *
 * @param {readonly string[]} specs
 * @returns {import('rollup').Plugin}
 */
function joined(specs) {
  return {
    name: 'joined',
    resolveId: (id) => ([SPECS, CASES, GOLDEN].includes(id) ? id : null),
    load: (id) => {
      if (id === SPECS) return specsModule(specs);
      if (id === CASES) return casesModule();
      return id === GOLDEN ? goldenModule() : null;
    },
  };
}

/**
 * Resolves the package's own entries, which examples import, to their source; and gives tfjs-core's jasmine_util the jasmine that
 * runs, in place of the second copy that it would require.
 *
 * @returns {import('rollup').Plugin}
 */
function alias() {
  return {
    name: 'alias',
    resolveId: (id) => (Object.hasOwn(ENTRIES, id) ? join(root, ENTRIES[id] ?? '') : null),
    transform: (code, id) =>
      id.endsWith('tfjs-core/dist/jasmine_util.js')
        ? { code: code.replace(/require\('jasmine-core[^']*'\)/, '{ core: () => jasmine }'), map: null }
        : null,
  };
}

/**
 * Gives `import text from '../docs/page.md'` the text of that file.
 *
 * @returns {import('rollup').Plugin}
 */
function documents() {
  return {
    name: 'documents',
    transform: (code, id) =>
      id.endsWith('.md') ? { code: `export default ${JSON.stringify(code)};`, map: null } : null,
  };
}

const SCRIPT = '?script';

/**
 * Gives `import text from './worker.ts?script'` the text of that file, bundled by itself.
 *
 * @returns {import('rollup').Plugin}
 */
function scripts() {
  return {
    name: 'scripts',
    resolveId: (id, importer) => (id.endsWith(SCRIPT) && importer ? join(dirname(importer), id) : null),
    load: async (id) => {
      if (!id.endsWith(SCRIPT)) return null;
      const entryPoints = [id.slice(0, -SCRIPT.length)];
      const { outputFiles } = await build({
        entryPoints,
        bundle: true,
        write: false,
        format: 'iife',
        target: 'es2022',
      });
      return `export default ${JSON.stringify(outputFiles[0]?.text)};`;
    },
  };
}

/**
 * The spec files of a folder under test/, in alphabetical order.
 *
 * @param {string} folder
 */
export function specsOf(folder) {
  const path = join(root, 'test', folder);
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.spec.ts'))
    .sort()
    .map((name) => join(path, name));
}

/**
 * Writes build/<name>.js and its source map.
 *
 * @param {string} name
 * @param {readonly string[]} files the spec files
 * @returns {Promise<string>} the bundle's path
 */
export async function bundle(name, files) {
  const result = await rollup({
    input: SPECS,
    treeshake: false, // Faster, and tfjs-core does not declare the side effects of its spec files.
    plugins: [
      joined(files),
      alias(),
      scripts(),
      documents(),
      nodeResolve({ browser: true, extensions: ['.ts', '.js'] }),
      commonjs(),
      esbuild({ target: 'es2022', include: /\.ts$/ }),
    ],
    onLog: (level, log) => {
      // tfjs-core has cycles among its own files and `this` at the top of one.
      if (log.code === 'CIRCULAR_DEPENDENCY' || log.code === 'THIS_IS_UNDEFINED') return;
      if (level === 'warn') throw new Error(`rollup: ${log.message}`);
    },
  });
  const file = join(root, 'build', `${name}.js`);
  await result.write({ file, format: 'iife', sourcemap: true, inlineDynamicImports: true });
  await result.close();
  return file;
}
