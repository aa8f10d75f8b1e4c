/**
 * Firefox for karma: finds it, gives it a display where there is none, and drives it.
 *
 * Environment: FIREFOX_BIN names the browser to use.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';

/** @typedef {{ name: string, start(url: string): void, on(event: string, listener: (argument: any) => void): void, _done(error?: string): void }} Launcher */

const places = {
  darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)']]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, 'Mozilla Firefox/firefox.exe')),
  linux: ['/snap/bin/firefox', '/usr/lib/firefox/firefox'],
};

/** Milliseconds within which a display starts. */
const DISPLAY_TIMEOUT = 20_000;

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
function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * Firefox's executable.
 *
 * @returns {string}
 */
function firefoxPath() {
  const chosen = process.env.FIREFOX_BIN;
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new Error(`FIREFOX_BIN is ${chosen}, which is not an executable file.`);
    return chosen;
  }
  const usual = places[/** @type {keyof typeof places} */ (process.platform)] ?? [];
  const found = onPath(['firefox', 'firefox-esr']) ?? usual.find(isExecutable);
  if (!found) {
    throw new Error(
      'Firefox is not installed: install it (Debian: apt install firefox-esr), or set FIREFOX_BIN to one.',
    );
  }
  return found;
}

/**
 * A display: headless Firefox on Linux has WebGL only where it finds one.
 *
 * @returns {Promise<{ name: string, stop(): void } | undefined>} a new one; undefined where the machine has its own
 */
async function startDisplay() {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return undefined;
  const xvfb = onPath(['Xvfb']);
  if (!xvfb) {
    throw new Error('Firefox has no WebGL without a display: install Xvfb (Debian: apt install xvfb), or set DISPLAY.');
  }
  // It chooses a free number, and writes it to the third file when it is ready.
  const server = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '1280x1024x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const stop = () => void server.kill();
  process.once('exit', stop);
  const name = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Xvfb did not start.')), DISPLAY_TIMEOUT);
    server.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}.`)));
    server.stdio[3]?.once('data', (data) => {
      clearTimeout(timer);
      resolve(`:${String(data).trim()}`);
    });
  });
  return { name, stop };
}

/** @param {string} url */
async function open(url) {
  const executablePath = firefoxPath();
  const display = await startDisplay();
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    env: { ...process.env, ...(display ? { DISPLAY: display.name } : {}) },
    // A spec plays a video that nobody has clicked on.
    extraPrefsFirefox: { 'webgl.force-enabled': true, 'media.autoplay.default': 0 },
    protocolTimeout: 0,
  });
  const close = async () => {
    await browser.close();
    display?.stop();
  };
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return { browser, close };
}

/**
 * The launcher, in karma's form.
 *
 * @this {Launcher}
 * @param {(launcher: Launcher) => void} baseLauncherDecorator
 */
export function FirefoxLauncher(baseLauncherDecorator) {
  baseLauncherDecorator(this);
  this.name = 'Firefox';
  /** @type {ReturnType<typeof open> | undefined} */
  let opened;
  let closing = false;
  this.on('start', (url) => {
    opened = open(url);
    opened.then(
      ({ browser }) => browser.once('disconnected', () => closing || this._done('Firefox ended by itself.')),
      (error) => {
        process.stdout.write(`  ${error.message}\n`);
        this._done(error.message);
      },
    );
  });
  this.on('kill', (done) => {
    closing = true;
    Promise.resolve(opened)
      .then((found) => found?.close())
      .catch(() => undefined)
      .finally(done);
  });
}
FirefoxLauncher.$inject = ['baseLauncherDecorator'];
