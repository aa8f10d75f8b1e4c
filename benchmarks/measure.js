// @ts-check
/** Opens the benchmark's page in a browser, shows its progress, and waits for its result. */
import { launch } from '../examples/host/browser.js';
import { progressView } from './progress.js';
import { serveSite } from './site.js';

// A cached program would make the second backend's first step look shorter than it is.
const FLAGS = [
  '--disable-gpu-program-cache',
  '--disable-gpu-shader-disk-cache',
  '--disable-gpu-watchdog',
  // The endurance section collects garbage before it asks for the size of the heap, and asks for the exact one.
  '--enable-precise-memory-info',
  '--js-flags=--max-old-space-size=8192 --expose-gc',
];

/**
 * @template T the page's result
 * @param {string} folder what buildSite wrote
 * @param {string} query the page's options
 * @param {(json: string) => void} [onPart] takes what was measured so far, which outlives a browser that ends for want of memory
 * @returns {Promise<T>}
 */
export async function measureInPage(folder, query, onPart = () => undefined) {
  const view = progressView();
  /** @type {(value: T) => void} */
  let done = () => undefined;
  /** @type {(error: Error) => void} */
  let fail = () => undefined;
  /** @type {Promise<T>} */
  const finished = new Promise((resolve, reject) => {
    done = resolve;
    fail = reject;
  });
  const site = await serveSite(folder, {
    result: () => undefined,
    onPost: (path, body) => {
      if (path === '/log') view.line(body);
      if (path === '/part') onPart(body);
      if (path !== '/result') return;
      const result = JSON.parse(body);
      if (result.error) fail(new Error(result.error));
      else done(result);
    },
  });
  const browser = await launch({ args: FLAGS });
  try {
    const page = await browser.newPage();
    page.on('error', (error) => fail(new Error(`The page crashed (${error.message}).`)));
    page.on('pageerror', (error) => fail(error instanceof Error ? error : new Error(String(error))));
    browser.on('disconnected', () => fail(new Error('The browser ended early.')));
    await page.goto(`${site.url}?${query}`);
    return await finished;
  } finally {
    view.stop();
    browser.removeAllListeners('disconnected');
    await browser.close();
    site.close();
  }
}
