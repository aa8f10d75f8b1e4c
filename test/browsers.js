/**
 * Finds the browsers and graphics drivers that a machine has, and opens a page in each; installs nothing, and says what is
 * missing and how to get it.
 *
 * Environment: CHROME_BIN, FIREFOX_BIN and MINIBROWSER_BIN name the browsers to use, VK_DRIVER_FILES the Vulkan driver.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { launch } from '../examples/host/browser.js';

/**
 * An opened page.
 *
 * @typedef {object} Opened
 * @property {() => Promise<void>} close ends the browser, also one that hangs
 * @property {Promise<string>} ended says why, where the browser or its page ends by itself
 */

/**
 * @typedef {object} Driver
 * @property {string} name as people type it
 * @property {string} title
 * @property {RegExp} renderer what the page's WebGL2 calls its renderer; the drawing is another driver's where it differs
 * @property {() => (url: string) => Promise<Opened>} find how to open a page, or throws a MissingError
 */

/** Says what the machine lacks, and how to get it. */
export class MissingError extends Error {}

const FIREFOX_PLACES = {
  darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)']]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, 'Mozilla Firefox/firefox.exe')),
  linux: ['/snap/bin/firefox', '/usr/lib/firefox/firefox'],
};

/** Where the packages of Debian, Fedora and Arch put WebKitGTK's own small browser, which is on no PATH. */
const MINIBROWSER_PLACES = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/libexec',
  '/usr/lib',
].flatMap((folder) =>
  ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0'].map((name) => join(folder, name, 'MiniBrowser')),
);

const VULKAN_FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** Milliseconds within which a display starts. */
const DISPLAY_TIMEOUT = 20_000;

/** Milliseconds that a browser may take to close by itself. */
const CLOSING = 5_000;

/** Mesa's renderer on the processor, on machines that have a GPU too. */
const ON_PROCESSOR = { LIBGL_ALWAYS_SOFTWARE: '1', GALLIUM_DRIVER: 'llvmpipe' };

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {readonly string[]} names */
export function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * A browser's executable: the one that a variable names, or the first of some places.
 *
 * @param {string} variable
 * @param {() => string | undefined} search
 * @param {string} hint how to get it
 */
function executable(variable, search, hint) {
  const chosen = process.env[variable];
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new MissingError(`${variable} is ${chosen}, which is not an executable file.`);
    return chosen;
  }
  const found = search();
  if (found === undefined) throw new MissingError(`${hint}, or set ${variable} to one.`);
  return found;
}

/**
 * Starts a display on Linux where there is none: without one, browsers have no WebGL, or draw with another driver.
 *
 * @returns {() => Promise<{ env: Record<string, string>, stop: () => void }>}
 */
export function findDisplay() {
  const own = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (own) return () => Promise.resolve({ env: {}, stop: () => undefined });
  const xvfb = onPath(['Xvfb']);
  if (!xvfb) throw new MissingError('There is no display: install Xvfb (Debian: apt install xvfb), or set DISPLAY.');
  return async () => {
    // It chooses a free number, and writes it to the third file when it is ready.
    const server = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '1280x1024x24'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const stop = () => void server.kill();
    process.once('exit', stop);
    const number = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('Xvfb did not start.')), DISPLAY_TIMEOUT);
      server.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}.`)));
      server.stdio[3]?.once('data', (data) => {
        clearTimeout(timer);
        resolve(String(data).trim());
      });
    });
    return { env: { DISPLAY: `:${number}` }, stop };
  };
}

/**
 * Opens a page in a browser that puppeteer drives.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @returns {Promise<Opened>}
 */
async function openPage(browser, url) {
  /** @type {(reason: string) => void} */
  let tell = () => undefined;
  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => (tell = resolve));
  browser.once('disconnected', () => tell('the browser ended by itself'));
  const page = await browser.newPage();
  page.on('error', (error) => tell(`the page crashed: ${error.message}`));
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return {
    ended,
    close: async () => {
      // A browser whose GPU process hangs does not close by itself.
      const timer = setTimeout(() => browser.process()?.kill('SIGKILL'), CLOSING);
      await browser.close().catch(() => undefined);
      clearTimeout(timer);
    },
  };
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {(url: string) => Promise<Opened>}
 */
function chromium(args, env = {}) {
  return async (url) => openPage(await launch({ args, env: { ...process.env, ...env } }), url);
}

/** Chrome leaves WebGL2 out on drivers that it has listed, lavapipe among them. */
const ANY_DRIVER = '--disable-gpu-driver-bug-workarounds';

function lavapipe() {
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  const files = VULKAN_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^lvp_icd.*\.json$/.test(name))
      .map((name) => join(folder, name)),
  );
  const file = named || files[0];
  if (!file) {
    throw new MissingError(
      'There is no Vulkan driver lvp_icd*.json: install lavapipe (Debian: apt install mesa-vulkan-drivers), or set VK_DRIVER_FILES to one.',
    );
  }
  // The loader's name for it, and the one of loaders before 1.3.207.
  return chromium(['--use-angle=vulkan', ANY_DRIVER], { VK_DRIVER_FILES: file, VK_ICD_FILENAMES: file });
}

function llvmpipe() {
  if (process.platform !== 'linux') throw new MissingError('Mesa draws on Linux alone.');
  return onDisplay((url, env) =>
    // The headless platform has GLES in place of GL.
    chromium(['--use-angle=gl', '--ozone-platform=x11', ANY_DRIVER], { ...ON_PROCESSOR, ...env })(url),
  );
}

function firefox() {
  const usual = FIREFOX_PLACES[/** @type {keyof typeof FIREFOX_PLACES} */ (process.platform)] ?? [];
  const executablePath = executable(
    'FIREFOX_BIN',
    () => onPath(['firefox', 'firefox-esr']) ?? usual.find(isExecutable),
    'Firefox is not installed: install it (Debian: apt install firefox-esr)',
  );
  return onDisplay(async (url, env) => {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      env: { ...process.env, ...env },
      // A spec plays a video that nobody has clicked on.
      extraPrefsFirefox: { 'webgl.force-enabled': true, 'media.autoplay.default': 0 },
      protocolTimeout: 0,
    });
    return openPage(browser, url);
  });
}

function miniBrowser() {
  const path = executable(
    'MINIBROWSER_BIN',
    () => onPath(['MiniBrowser']) ?? MINIBROWSER_PLACES.find(isExecutable),
    "WebKitGTK's MiniBrowser is not installed: install it (Debian: apt install libwebkit2gtk-4.1-0)",
  );
  return onDisplay((url, env) => {
    // A process group of its own, so that its renderers end with it.
    const browser = spawn(path, [url], { env: { ...process.env, ...env }, stdio: 'ignore', detached: true });
    const kill = () => {
      try {
        process.kill(-(browser.pid ?? NaN), 'SIGKILL');
      } catch {
        // It has ended.
      }
    };
    process.once('exit', kill);
    return Promise.resolve({
      ended: new Promise((resolve) => browser.once('exit', () => resolve('the browser ended by itself'))),
      close: () => {
        kill();
        process.off('exit', kill);
        return Promise.resolve();
      },
    });
  });
}

/**
 * Gives each page a display, which ends with it.
 *
 * @param {(url: string, env: Record<string, string>) => Promise<Opened>} open
 * @returns {(url: string) => Promise<Opened>}
 */
function onDisplay(open) {
  const start = findDisplay();
  return async (url) => {
    const { env, stop } = await start();
    const opened = await open(url, env);
    return { ...opened, close: () => opened.close().finally(stop) };
  };
}

/** @type {readonly Driver[]} */
export const DRIVERS = [
  {
    name: 'swiftshader',
    title: 'SwiftShader',
    renderer: /SwiftShader/,
    find: () => chromium(['--use-angle=swiftshader']),
  },
  { name: 'lavapipe', title: "Mesa's lavapipe (ANGLE, Vulkan)", renderer: /Vulkan.*llvmpipe/, find: lavapipe },
  { name: 'llvmpipe', title: "Mesa's llvmpipe (ANGLE, OpenGL)", renderer: /llvmpipe.*OpenGL/, find: llvmpipe },
  { name: 'firefox', title: 'Firefox', renderer: /./, find: firefox },
  // It calls every renderer so.
  { name: 'webkitgtk', title: "WebKitGTK's MiniBrowser", renderer: /Apple GPU/, find: miniBrowser },
];
