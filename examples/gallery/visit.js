// @ts-check
/** Visits exhibits in a headless browser: opens them, runs their main action, and leaves; for tests and pictures. */
import { launch } from '../host/browser.js';
import { PAGE_POLICY, serveFolder } from '../host/server.js';
import { buildSite } from './site.js';

const TIMEOUT = 300_000;

/** @typedef {{ first: import('./framework/messages').Facts, last: import('./framework/messages').Facts }} Left */

export class Visit {
  /** @type {string[]} what the page's console said was wrong */
  errors = [];
  #page;
  #base;

  /**
   * @param {import('puppeteer-core').Page} page
   * @param {string} base
   */
  constructor(page, base) {
    this.#page = page;
    this.#base = base;
    page.setDefaultTimeout(TIMEOUT);
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => ['error', 'warn'].includes(message.type()) && this.errors.push(message.text()));
  }

  get page() {
    return this.#page;
  }

  /**
   * @param {string} name of an exhibit, '' for the landing page
   * @param {{ width?: number, dark?: boolean }} [look]
   */
  async open(name, { width = 1280, dark = false } = {}) {
    await this.#page.setViewport({ width, height: 900 });
    await this.#page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    await this.#page.goto(`${this.#base}${name === '' ? '' : `${name}/`}index.html`);
    if (name !== '') await this.#page.waitForSelector('#stage[data-ready] .device dd');
  }

  /** Presses the main action's button, and waits for its end. @returns its state then */
  async runMainAction() {
    const button = await this.#page.waitForSelector('button[data-main]:not([disabled])');
    await button?.click();
    await this.#page.waitForSelector('[data-main-task]:not([data-state="running"], [data-state="idle"])');
    return this.#page.$eval('[data-main-task]', (task) => task.getAttribute('data-state'));
  }

  /** @returns {Promise<Left>} what the exhibit's worker held at its start, and once it was left */
  leave() {
    return /** @type {Promise<Left>} */ (this.#page.evaluate('gallery.leave()'));
  }
}

/**
 * Builds and serves the site, and opens a browser; `close` ends both.
 *
 * @param {string} [folder]
 */
export async function openGallery(folder) {
  const server = await serveFolder(await buildSite(folder), { headers: PAGE_POLICY });
  const browser = await launch();
  return {
    visit: async () => new Visit(await browser.newPage(), server.url),
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
