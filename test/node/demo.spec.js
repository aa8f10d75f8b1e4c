/** The example's live page: what it shows while it compiles and trains, and where a browser has no WebGL2. */
import { launch } from '../../examples/host/browser.js';
import { bundlePage } from '../../examples/keras-fashion-mnist/bundle.js';
import { drawn } from '../../examples/keras-fashion-mnist/dataset.js';
import { serve } from '../../examples/keras-fashion-mnist/loopback_server.js';

const TIMEOUT = 300_000;

describe('the live page', () => {
  /** @type {{ url: string, close: () => void }} */
  let server;
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  /** @type {import('puppeteer-core').Page} */
  let page;
  /** @type {string[]} */
  let errors;

  beforeAll(async () => {
    const data = /** @type {const} */ ([drawn(40, 1), drawn(20, 2)]);
    const dataset = { data, source: 'Drawn images', real: false };
    server = await serve({ directory: await bundlePage('demo'), dataset });
  }, TIMEOUT);
  afterAll(() => server?.close());
  afterEach(() => browser?.close());

  /** @param {string[]} args of the browser */
  async function open(args = []) {
    browser = await launch({ args });
    page = await browser.newPage();
    page.setDefaultTimeout(TIMEOUT);
    errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(server.url);
    await page.waitForSelector('#start:not([disabled])');
  }

  /** @param {string} id */
  const text = (id) => page.$eval(`#${id}`, (element) => element.textContent ?? '');

  /** @param {string} id @param {string} part */
  const seen = (id, part) =>
    page.waitForFunction(`document.getElementById('${id}').textContent.includes(${JSON.stringify(part)})`);

  /** @param {string} chart @returns {Promise<number>} where its training curve ends */
  async function lastPoint(chart) {
    const label = await page.$eval(`#${chart}`, (canvas) => canvas.getAttribute('aria-label') ?? '');
    return Number(/training ([\d.]+) after/.exec(label)?.[1]);
  }

  /** @param {Record<string, string>} values */
  async function start(values) {
    for (const [id, value] of Object.entries(values)) {
      await page.evaluate(`document.getElementById('${id}').value = '${value}'`);
    }
    await page.click('#start');
  }

  it(
    'shows how far compiling is, trains, and draws curves that end at its figures',
    async () => {
      await open();
      // Whatever it shows while it compiles.
      await page.evaluate(() => {
        const programs = document.getElementById('programs');
        const shown = Object.assign(globalThis, { shown: /** @type {string[]} */ ([]) }).shown;
        new MutationObserver(() => shown.push(programs?.textContent ?? '')).observe(programs ?? document, {
          childList: true,
        });
      });
      await start({ epochs: '1', 'batch-size': '10' });
      await seen('status', 'Compiling the programs');
      await seen('status', 'Done after 1 of 1 epochs. Test accuracy');
      const shown = /** @type {string[]} */ (await page.evaluate('shown'));
      const counts = shown.flatMap((line) => /^(\d+) of (\d+)$/.exec(line)?.slice(1, 3).map(Number) ?? []);
      expect(counts.length).toBeGreaterThan(20);
      expect(counts.at(-1)).toBe(counts.at(-2));
      expect(await lastPoint('loss-chart')).toBe(Number(await text('loss')));
      expect(await lastPoint('accuracy-chart')).toBeCloseTo(parseFloat(await text('accuracy')) / 100, 2);
      expect(errors).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'stops while it compiles',
    async () => {
      await open();
      await start({});
      await seen('programs', ' of ');
      await page.click('#stop');
      await seen('status', 'Stopped before the first step.');
      await page.waitForSelector('#start:not([disabled])');
      expect(errors).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'names the reason where there is no WebGL2, and trains on another backend',
    async () => {
      await open(['--disable-gpu', '--disable-software-rasterizer', '--use-gl=disabled']);
      expect(await text('failure')).toMatch(/^convgl, webgl: the browser gives no WebGL2 \(.*\)\. cpu is chosen/);
      expect(await page.$eval('#backend', (select) => /** @type {HTMLSelectElement} */ (select).value)).toBe('cpu');
      expect(
        await page.$$eval('#backend option:disabled', (options) => options.map(({ textContent }) => textContent)),
      ).toEqual(['convgl', 'webgl']);
      await start({ epochs: '1', limit: '4', 'batch-size': '2' });
      await seen('status', 'Done after 1 of 1 epochs.');
    },
    TIMEOUT,
  );
});
