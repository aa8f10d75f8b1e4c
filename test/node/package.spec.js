/** The built package as its users load it: two script tags, or a bundler that leaves out what it believes unused. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { launch } from '../../examples/host/browser.js';

const file = (/** @type {string} */ path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { version } = JSON.parse(readFileSync(file('package.json'), 'utf8'));

describe('the built package', () => {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  /** @type {import('puppeteer-core').Page} */
  let page;
  /** @type {string[]} */
  let messages;

  beforeAll(async () => {
    if (!existsSync(file('dist/convgl.js'))) throw new Error('dist/ is missing: npm run build comes first.');
    browser = await launch();
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    messages = [];
    page = await browser.newPage();
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(String(error)));
  });
  afterEach(() => page.close());

  it('works from script tags, beside tfjs-core and the cpu backend', async () => {
    await page.addScriptTag({ path: file('node_modules/@tensorflow/tfjs-core/dist/tf-core.min.js') });
    await page.addScriptTag({ path: file('node_modules/@tensorflow/tfjs-backend-cpu/dist/tf-backend-cpu.min.js') });
    await page.addScriptTag({ path: file('dist/convgl.min.js') });
    const found = await page.evaluate('[tf.matMul([[1, 2]], [[3], [4]]).arraySync(), tf.getBackend(), convgl.version]');
    expect(found).toEqual([[[11]], 'convgl', version]);
    expect(messages).toEqual([]);
  });

  it('registers itself in a bundle that imports it for its side effect alone, with one tfjs-core', async () => {
    const code = await bundled(`
      import * as tf from '@tensorflow/tfjs-core';
      import 'tfjs-backend-convgl';
      globalThis.found = [tf.matMul([[1, 2]], [[3], [4]]).arraySync(), tf.getBackend()];
    `);
    await page.addScriptTag({ content: code });
    expect(await page.evaluate('found')).toEqual([[[11]], 'convgl']);
    expect(messages).toEqual([]);
    expect(code.split('class KernelBackend').length - 1)
      .withContext('copies of tfjs-core')
      .toBe(1);
  });

  it('has the kernels and gradients that the README lists', async () => {
    const [, table = ''] =
      /<!-- kernels -->(.*)<!-- \/ kernels -->/s.exec(readFileSync(file('README.md'), 'utf8')) ?? [];
    const rows = [...table.matchAll(/^\| `(\w+)` *\| (GPU|no pass|host) *\|[^|]*\| *([\w-]*) *\|$/gm)];
    const listed = (/** @type {(where: string, gradient: string) => boolean} */ wanted) =>
      rows.filter(([, , where = '', gradient = '']) => wanted(where, gradient)).map(([, kernel]) => kernel);
    const code = await bundled(
      `import { kernelPlaces } from 'tfjs-backend-convgl'; globalThis.places = kernelPlaces();`,
    );
    await page.addScriptTag({ content: code });
    const places = /** @type {Record<string, string[]>} */ (await page.evaluate('places'));
    expect({
      gpu: listed((where) => where !== 'host'),
      host: listed((where) => where === 'host'),
      missing: [],
      gradients: listed((_, gradient) => gradient === 'convgl'),
    })
      .withContext('npm run kernels writes it')
      .toEqual(/** @type {any} */ (places));
  });

  it('has an entry for Keras that the backend’s is not larger for, and neither is in the other', () => {
    const sources = (/** @type {string} */ path) => JSON.parse(readFileSync(file(`dist/${path}.map`), 'utf8')).sources;
    for (const path of ['convgl.js', 'convgl.min.js']) {
      expect(sources(path).filter((/** @type {string} */ source) => /(^|\/)keras\//.test(source))).toEqual([]);
      expect(readFileSync(file(`dist/${path}`), 'utf8')).not.toMatch(/h5wasm|fflate|bufbuild|dagre/);
    }
    const keras = sources('keras.js');
    expect(keras).toContain('../keras/saving/model.ts');
    expect(keras.filter((/** @type {string} */ source) => /(^|\/)(src|kernels)\//.test(source))).toEqual([]);
  });

  it('gives a bundle that imports one helper of Keras no HDF5, zip, protocol buffers or graph layout', async () => {
    const heavy = /h5wasm|fflate|bufbuild|dagre|md5|tfevents/i;
    const helper = (/** @type {string} */ use) =>
      `import { callbacks, saveWeights, utils } from '${file('dist/keras.js')}'; globalThis.found = ${use};`;
    const esbuilt = async (/** @type {string} */ contents) => {
      const stdin = { contents, resolveDir: file('test') };
      const external = ['@tensorflow/*', 'h5wasm', 'fflate', '@bufbuild/*', '@dagrejs/*'];
      const { outputFiles } = await build({ stdin, external, bundle: true, write: false, format: 'esm' });
      return outputFiles[0]?.text ?? '';
    };
    const rolled = (/** @type {string} */ source) => bundled(source, [/^@tensorflow\//, 'h5wasm', 'fflate', '@bufbuild/protobuf/wire', '@dagrejs/dagre']); // prettier-ignore
    for (const bundle of [esbuilt, rolled]) {
      const code = await bundle(helper('utils.toCategorical'));
      expect(code).toContain('toCategorical');
      expect(heavy.exec(code)?.[0]).toBeUndefined();
      expect(code.length).toBeLessThan(readFileSync(file('dist/keras.js')).length / 4);
      // Those that need the packages have them.
      expect(await bundle(helper('saveWeights'))).toContain('h5wasm');
      expect(await bundle(helper('callbacks.TensorBoard'))).toContain('@bufbuild/protobuf/wire');
    }
  });

  it('brings no tfjs-core of its own', () => {
    for (const path of ['dist/convgl.js', 'dist/convgl.min.js']) {
      expect(readFileSync(file(path), 'utf8').includes('tfjsflags'))
        .withContext(path)
        .toBeFalse();
    }
  });
});

/**
 * A user's bundle, with tree-shaking.
 *
 * @param {string} source
 * @param {(string | RegExp)[]} [external]
 * @returns {Promise<string>}
 */
async function bundled(source, external) {
  const entry = 'virtual:user';
  const result = await rollup({
    input: entry,
    ...(external ? { external } : {}),
    plugins: [
      {
        name: 'user',
        resolveId: (id) => (id === entry ? { id: file('test/node/user.js'), moduleSideEffects: true } : null),
        load: (id) => (id === file('test/node/user.js') ? source : null),
      },
      nodeResolve({ browser: true }),
      commonjs(),
    ],
    onLog: () => undefined, // tfjs's own cycles
  });
  const { output } = await result.generate({ format: external ? 'es' : 'iife' });
  await result.close();
  return output[0].code;
}
