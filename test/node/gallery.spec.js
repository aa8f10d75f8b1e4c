/** Every exhibit of the gallery in a browser: its main action ends, the page answers meanwhile, and nothing is left behind. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listExhibits } from '../../examples/gallery/site.js';
import { openGallery } from '../../examples/gallery/visit.js';

const TIMEOUT = 300_000;
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Kernels that an exhibit runs on the host by design, with the reason. */
const HOST_KERNELS = /** @type {Record<string, Record<string, string>>} */ ({});

const exhibits = await listExhibits();

describe('the gallery', () => {
  /** @type {Awaited<ReturnType<typeof openGallery>>} */
  let gallery;
  /** @type {string} */
  let folder;
  /** @type {import('../../examples/gallery/visit.js').Visit} */
  let visit;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'convgl-gallery-'));
    gallery = await openGallery(folder);
  }, TIMEOUT);
  afterAll(async () => {
    await gallery.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    visit = await gallery.visit();
  });
  afterEach(() => visit.page.close());

  /** @returns {Promise<string[]>} what axe finds wrong */
  async function violations() {
    // Not as a script tag, which the page's policy refuses.
    await visit.page.evaluate(AXE);
    const { violations } = /** @type {import('axe-core').AxeResults} */ (await visit.page.evaluate('axe.run()'));
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  it(
    'opens with a card for each exhibit',
    async () => {
      await visit.open('');
      const links = await visit.page.$$eval('.cards a', (cards) => cards.map((card) => card.getAttribute('href')));
      expect(links).toEqual(exhibits.map(({ name }) => `${name}/index.html`));
      const broken = await visit.page.$$eval('.cards img', async (images) => {
        await Promise.all(images.map((image) => image.decode().catch(() => undefined)));
        return images.filter(({ naturalWidth }) => naturalWidth === 0).map(({ src }) => src);
      });
      expect(broken).toEqual([]);
      expect(await violations()).toEqual([]);
      expect(visit.errors).toEqual([]);
    },
    TIMEOUT,
  );

  for (const { name, title } of exhibits) {
    it(
      `runs "${title}"`,
      async () => {
        await visit.open(name);
        await visit.page.evaluate(watchAnswers);
        expect(await visit.runMainAction()).toBe('done');
        const gaps = /** @type {number[]} */ (await visit.page.evaluate('gaps'));
        expect(median(gaps)).toBeLessThan(100);
        expect(await violations()).toEqual([]);
        await visit.open(name, { width: 390, dark: true });
        expect(await visit.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
        expect(await visit.runMainAction()).toBe('done');
        expect(await violations()).toEqual([]);
        const { first, last } = await visit.leave();
        expect(last.backend).toBe('convgl');
        expect(last.passes).toBeGreaterThan(first.passes);
        expect([last.tensors, last.bytes]).toEqual([first.tensors, first.bytes]);
        const onHost = Object.keys(last.hostKernels).filter((kernel) => !(kernel in (HOST_KERNELS[name] ?? {})));
        expect(onHost).toEqual([]);
        expect(visit.errors).toEqual([]);
      },
      TIMEOUT,
    );
  }
});

/** Notes in the page how late each of its timers comes. */
function watchAnswers() {
  const gaps = Object.assign(globalThis, { gaps: /** @type {number[]} */ ([]) }).gaps;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }, 20);
}

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
