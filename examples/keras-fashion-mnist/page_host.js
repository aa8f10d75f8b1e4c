// @ts-check
/** Opens a page in a browser, passes on what it tells, keeps what it downloads, and turns every way in which it can die into one clear error. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {import('./events').RunEvent} RunEvent */
/** @typedef {import('./events').RunReport} RunReport */

/** In what Chrome passes on from the driver: hints about speed, such as that a read waits for the GPU. */
const DRIVER_HINT = 'performance';
/** What a page may download. */
const DOWNLOAD_NAME = /^[a-z_]+\.h5$/;

/**
 * @typedef {object} Host
 * @property {string} output folder for what the page downloads
 * @property {{ progress: (text: string) => void, line: (line: string) => void }} printer
 * @property {Promise<never>} stopped rejects when the user stops the run
 */

/**
 * Runs a page to its end, or until it is stopped, and closes the browser.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {Host} host
 * @returns {Promise<RunReport>}
 */
export async function runPage(browser, url, { output, printer, stopped }) {
  try {
    return await new Promise((resolve, reject) => {
      stopped.catch(reject);
      browser.once('disconnected', () => reject(new Error('The browser ended before the training did.')));
      const open = async () => {
        const downloaded = await keepDownloads(browser, output);
        const report = await reportOf(browser, url, printer);
        await downloaded();
        return report;
      };
      open().then(resolve, reject);
    });
  } finally {
    await browser.close();
  }
}

/**
 * Lets pages download into a folder.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} folder
 * @returns {Promise<() => Promise<void>>} waits until all downloads that have begun are in the folder under their names
 */
async function keepDownloads(browser, folder) {
  const session = await browser.target().createCDPSession();
  /** @type {Map<string, { name: string, finish: (error?: Error) => void }>} */
  const begun = new Map();
  /** @type {Promise<void>[]} */
  const all = [];
  session.on('Browser.downloadWillBegin', ({ guid, suggestedFilename: name }) => {
    all.push(
      new Promise((resolve, reject) => {
        begun.set(guid, { name, finish: (error) => (error ? reject(error) : resolve()) });
      }),
    );
    all.at(-1)?.catch(() => undefined); // whoever waits hears of it
  });
  session.on('Browser.downloadProgress', ({ guid, state }) => {
    const { name = '', finish } = begun.get(guid) ?? {};
    if (state === 'canceled') finish?.(new Error(`The download of ${name} failed.`));
    if (state !== 'completed') return;
    if (!DOWNLOAD_NAME.test(name)) finish?.(new Error(`The page downloaded ${name}, expected an .h5 file.`));
    else
      rename(join(folder, guid), join(folder, name)).then(
        () => finish?.(),
        (error) => finish?.(error),
      );
  });
  // Under names of its own: a file of an earlier run in this folder is replaced, as everything else is.
  const behavior = /** @type {const} */ ('allowAndName');
  await session.send('Browser.setDownloadBehavior', { behavior, downloadPath: folder, eventsEnabled: true });
  return async () => void (await Promise.all(all));
}

/**
 * What the page ends with.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {Host['printer']} printer
 * @returns {Promise<RunReport>}
 */
async function reportOf(browser, url, printer) {
  const page = await browser.newPage();
  return new Promise((resolve, reject) => {
    page.on('error', () => reject(new Error('The page crashed; the browser may have run out of memory.')));
    page.on('pageerror', (error) =>
      reject(new Error(`The page failed: ${String(/** @type {Error} */ (error).stack ?? error)}`)),
    );
    page.on('console', (message) => {
      if (message.type() === 'log') printer.line(message.text());
      else if (!message.text().toLowerCase().includes(DRIVER_HINT)) console.error(`page: ${message.text()}`);
    });
    const hear = (/** @type {RunEvent} */ event) => {
      if (event.type === 'progress') printer.progress(event.text);
      else if (event.type === 'done') resolve(event.report);
      else reject(new Error(event.message));
    };
    page
      .exposeFunction('tellTerminal', hear)
      .then(() => page.goto(url))
      .catch(reject);
  });
}
