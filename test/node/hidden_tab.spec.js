/** A page as a hidden tab is: without frames, and with timers that come once a second. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch } from '../../examples/host/browser.js';

const file = (/** @type {string} */ path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const packages = 'node_modules/@tensorflow';
const SCRIPTS = [
  `${packages}/tfjs-core/dist/tf-core.min.js`,
  `${packages}/tfjs-backend-cpu/dist/tf-backend-cpu.min.js`,
  `${packages}/tfjs-layers/dist/tf-layers.min.js`,
  'dist/convgl.min.js',
];

/** Trains a model of one layer; `done` once it is trained. */
const TRAINING = `
  window.train = async (options) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [200] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(tf.ones([20, 200]), tf.ones([20, 1]), { epochs: 2, batchSize: 10, ...options });
    window.done = true;
  };`;

describe('a hidden tab', () => {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  /** @type {import('puppeteer-core').Page} */
  let page;

  beforeAll(async () => {
    browser = await launch();
    page = await browser.newPage();
    await page.evaluate(`
      const timeout = (window.soon = setTimeout);
      window.setTimeout = (f, ms = 0) => timeout(f, Math.max(ms, 1000));
      window.frames = [];
      window.requestAnimationFrame = (f) => window.frames.push(f);`);
    for (const path of SCRIPTS) await page.evaluate(readFileSync(file(path), 'utf8'));
    await page.evaluate(TRAINING);
  });
  afterAll(() => browser?.close());

  it('reads the values of the GPU', async () => {
    const read = `tf.tidy(() => tf.exp(tf.zeros([50, 60]))).data().then((values) => [values[2999], tf.getBackend()])`;
    expect(await page.evaluate(read)).toEqual([1, 'convgl']);
  });

  it('trains by fit where it yields to no frame', async () => {
    await page.evaluate(`window.done = false; train({ yieldEvery: 'never' })`);
    expect(await page.evaluate('done')).toBeTrue();
  });

  it('goes on with a training that yields to frames once it is seen', async () => {
    await page.evaluate(`window.done = false; window.training = train({ yieldEvery: 'batch' }); undefined`);
    await page.waitForFunction('frames.length > 0', { polling: 100 });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await page.evaluate('done')).toBeFalse();
    await page.evaluate(`
      const see = () => { frames.splice(0).forEach((f) => f(performance.now())); if (!done) soon(see, 10); };
      see();
      training`);
    expect(await page.evaluate('done')).toBeTrue();
  });
});
