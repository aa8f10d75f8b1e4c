/** Each snippet of the Keras guide, docs/keras.md and docs/keras-training.md, runs; its script is the example's. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPart } from '../document.js';
import { datasetFiles } from '../../examples/keras-fashion-mnist/idx.js';
import { images, labels } from './idx_files.js';
import { kerasInNode } from './keras_in_node.js';

const file = (/** @type {string} */ path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** @param {string} page @param {string} language */
const snippetsOf = (page, language) =>
  [...readFileSync(file(page), 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, code = '']) => code,
  );

/** What snippets are about; each may have names of its own. */
const NAMES = [
  ...['tf', 'callbacks', 'datasets', 'layers', 'optimizers', 'utils', 'fit', 'summary', 'plotModel', 'confusionMatrix'],
  ...['saveWeights', 'loadWeights', 'encodeWeights', 'saveModel', 'loadModel'],
];
const DATA = ['model', 'x', 'y', 'testX', 'testY', 'weights', 'lines', 'input'];
const IMPORT = /^import \{ ([^}]*) \} from 'tfjs-backend-convgl\/keras';$/gm;

/** A small data set at any address. */
const mirror = (/** @type {unknown} */ address) => {
  const data = /** @type {any} */ ([
    [images(12), labels(12)],
    [images(4), labels(4)],
  ]);
  const name = /** @type {string} */ (address).split('/').at(-1) ?? '';
  return Promise.resolve(new Response(/** @type {any} */ (datasetFiles(data)[name])));
};

describe('the Keras guide', () => {
  const here = process.cwd();
  /** @type {string} */
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'convgl-docs-'));
    process.chdir(folder);
    spyOn(process.stdout, 'write').and.returnValue(true);
    spyOn(console, 'log');
    spyOn(console, 'warn');
    spyOn(globalThis, 'fetch').and.callFake(mirror);
    process.env['XDG_CACHE_HOME'] = folder;
  });
  const cache = process.env['XDG_CACHE_HOME'];
  afterEach(() => {
    if (cache === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = cache;
    process.chdir(here);
    rmSync(folder, { recursive: true, force: true });
  });

  for (const page of ['docs/keras.md', 'docs/keras-training.md'])
    for (const code of snippetsOf(page, 'js'))
      it(`${page}: ${code.split('\n')[0]}`, async () => {
        const original = Math.random;
        try {
          await run(code);
        } finally {
          Math.random = original;
        }
        if (code.includes("logDir: 'logs'")) expect(readdirSync('logs')).toEqual(['train', 'validation']);
        if (code.includes('CSVLogger')) expect(existsSync(join('logs', 'training.csv'))).toBeTrue();
        if (code.includes('ModelCheckpoint')) expect(readdirSync('logs')).toContain('model-01.h5');
      });

  /**
   * Runs a snippet as one that follows those before it: with a model that is compiled, data, and saved files.
   *
   * @param {string} code
   */
  async function run(code) {
    const { keras, tf, tfl, training } = await kerasInNode();
    for (const [, names = ''] of code.matchAll(IMPORT))
      for (const name of names.split(', ')) expect(keras[name]).withContext(name).toBeDefined();
    const model = training.buildModel();
    model.compile({ optimizer: new keras.optimizers.Adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await keras.saveModel(model, 'model.keras');
    const [train, test] = [training.data(), training.data(7)];
    const weights = new Array(training.SAMPLES).fill(1);
    const input = { files: [new File([await keras.encodeWeights(model)], 'weights.h5')] };
    const data = [model, train.x, train.y, test.x, test.y, weights, [], input];
    const inScope = NAMES.map((name) => keras[name] ?? { ...tf, ...tfl });
    // In a block, so that a snippet may name what it makes as it likes.
    const body = `{\n${code.replace(/^import .*$/gm, '')}\n}`;
    await new AsyncFunction(...NAMES, ...DATA, body)(...inScope, ...data);
  }

  it('has the script that the example runs', () => {
    const [, script] = /^\n\n```ts\n(.*)^```\n\n$/ms.exec(readPart(file('docs/keras.md'), 'script')) ?? [];
    expect(script).toBe(readFileSync(file('examples/keras-fashion-mnist/fashion_mnist.ts'), 'utf8'));
  });

  it('has the messages of TensorFlow.js as they are', async () => {
    const { tf, training } = await kerasInNode();
    const errors = readFileSync(file('docs/keras.md'), 'utf8').split('## Errors and what they mean')[1] ?? '';
    // Shapes differ from program to program.
    const general = (/** @type {string} */ message) => message.replace(/\d[\d,]*/g, '#');
    const patterns = [...errors.matchAll(/^\| `(.+?)`/gm)].map(([, message = '']) => {
      const parts = general(message).split(' ... ');
      return new RegExp(parts.map((part) => part.replace(/[^\w\s#]/g, '\\$&')).join(' .* '));
    });
    const { x, y } = training.data();
    const model = training.buildModel();
    const compile = (/** @type {string} */ loss) => model.compile({ optimizer: 'sgd', loss });
    const disposed = tf.ones([1]);
    disposed.dispose();
    /** @type {(() => unknown)[]} */
    const wrong = [
      () => model.fit(x, y),
      () => compile('categorical_crossentropy'),
      () => (compile('categoricalCrossentropy'), model.fit(tf.reshape(x, [-1, 8, 8]), y)),
      () => model.fit(x, tf.ones([training.SAMPLES, 1])),
      () => disposed.dataSync(),
    ];
    for (const call of wrong) {
      const message = await Promise.resolve().then(call).then(() => 'no error', (/** @type {Error} */ error) => error.message); // prettier-ignore
      expect(patterns.some((pattern) => pattern.test(general(message))))
        .withContext(message)
        .toBeTrue();
    }
    model.dispose();
  });

  it('has Python that Python reads', () => {
    const snippets = snippetsOf('docs/keras.md', 'python');
    expect(snippets.length).toBeGreaterThan(1);
    try {
      execFileSync('python3', ['--version'], { stdio: 'ignore' });
    } catch {
      pending('python3 is missing');
    }
    const check = 'import ast, json, sys; [ast.parse(code) for code in json.load(sys.stdin)]';
    expect(() => execFileSync('python3', ['-c', check], { input: JSON.stringify(snippets) })).not.toThrow();
  });
});

const AsyncFunction = /** @type {any} */ (async () => Promise.resolve()).constructor;
