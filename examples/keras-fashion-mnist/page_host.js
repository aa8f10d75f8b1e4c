// @ts-check
/** Opens a page in a browser, passes on what it tells, and turns every way in which it can die into one clear error. */

/** @typedef {import('./events').RunEvent} RunEvent */
/** @typedef {import('./events').RunReport} RunReport */

/** In what Chrome passes on from the driver: hints about speed, such as that a read waits for the GPU. */
const DRIVER_HINT = 'performance';

/**
 * Runs a page to its end, or until it is stopped, and closes the browser.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {{ onEvent: (event: RunEvent) => void, stopped: Promise<never> }} options `stopped` rejects when the user stops it
 * @returns {Promise<RunReport>}
 */
export async function runPage(browser, url, { onEvent, stopped }) {
  try {
    return await new Promise((resolve, reject) => {
      stopped.catch(reject);
      browser.once('disconnected', () => reject(new Error('The browser ended before the training did.')));
      openPage(browser, url, { onEvent, resolve, reject }).catch(reject);
    });
  } finally {
    await browser.close();
  }
}

/**
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {{ onEvent: (event: RunEvent) => void, resolve: (report: RunReport) => void, reject: (error: Error) => void }} to
 */
async function openPage(browser, url, { onEvent, resolve, reject }) {
  const page = await browser.newPage();
  page.on('error', () => reject(new Error('The page crashed; the browser may have run out of memory.')));
  page.on('pageerror', (error) =>
    reject(new Error(`The page failed: ${String(/** @type {Error} */ (error).stack ?? error)}`)),
  );
  page.on('console', (message) => {
    const wanted = message.type() === 'error' || message.type() === 'warn';
    if (wanted && !message.text().toLowerCase().includes(DRIVER_HINT)) {
      console.error(`page: ${message.text()}`);
    }
  });
  await page.exposeFunction('tellTerminal', (/** @type {RunEvent} */ event) => {
    onEvent(event);
    if (event.type === 'done') {
      resolve(event.report);
    } else if (event.type === 'failed') {
      reject(new Error(event.message));
    }
  });
  await page.goto(url);
}
