/** Each snippet of docs/keras-training.md runs. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kerasInNode } from './keras_in_node.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/keras-training.md', import.meta.url)), 'utf8');
const snippets = [...page.matchAll(/^```js\n(.*?)^```/gms)].map(([, code = '']) => code);

/** What snippets are about; each may have names of its own. */
const NAMES = ['tf', 'callbacks', 'layers', 'optimizers', 'utils', 'fit', 'summary', 'plotModel', 'confusionMatrix'];
const DATA = ['model', 'x', 'y', 'testX', 'testY', 'weights', 'lines'];

describe('docs/keras-training.md', () => {
  const here = process.cwd();
  /** @type {string} */
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'convgl-docs-'));
    process.chdir(folder);
    spyOn(process.stdout, 'write').and.returnValue(true);
    spyOn(console, 'warn');
  });
  afterEach(() => {
    process.chdir(here);
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [i, code] of snippets.entries())
    it(`snippet ${i + 1}: ${code.split('\n')[0]}`, async () => {
      const { keras, tf, tfl, training } = await kerasInNode();
      const [import_] = /^import \{ (.*) \} from 'tfjs-backend-convgl\/keras';\n$/.exec(code)?.slice(1) ?? [];
      if (import_ !== undefined) {
        for (const name of import_.split(', ')) expect(keras[name]).withContext(name).toBeDefined();
        return;
      }
      const model = training.buildModel();
      model.compile({ optimizer: new keras.optimizers.Adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
      const [train, test] = [training.data(), training.data(7)];
      const weights = new Array(training.SAMPLES).fill(1);
      const data = [model, train.x, train.y, test.x, test.y, weights, []];
      const inScope = NAMES.map((name) => keras[name] ?? { ...tf, ...tfl });
      const original = Math.random;
      try {
        // In a block, so that a snippet may name what it makes as it likes.
        await new AsyncFunction(...NAMES, ...DATA, `{\n${code}\n}`)(...inScope, ...data);
      } finally {
        Math.random = original;
      }
      if (code.includes("logDir: 'logs'")) expect(readdirSync('logs')).toEqual(['train', 'validation']);
      if (code.includes('CSVLogger')) expect(existsSync(join('logs', 'training.csv'))).toBeTrue();
      if (code.includes('ModelCheckpoint')) expect(readdirSync('logs')).toContain('model-01.h5');
    });
});

const AsyncFunction = /** @type {any} */ (async () => Promise.resolve()).constructor;
