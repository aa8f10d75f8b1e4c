/**
 * Finds or unpacks a Chrome to run pages in: CHROME_BIN, an installed Chrome or Chromium, else the one that npm installed.
 *
 * Environment: CHROME_BIN names the browser to use; CONVGL_ANGLE names the ANGLE backend that draws ("gl", "vulkan",
 * "metal", "d3d11"; "swiftshader", the CPU renderer, unless said).
 */
// @ts-check
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where Chrome and Chromium install themselves when they do not go on the PATH. */
const usualPlaces = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => [
      join(folder, 'Google/Chrome/Application/chrome.exe'),
      join(folder, 'Chromium/Application/chrome.exe'),
      join(folder, 'Microsoft/Edge/Application/msedge.exe'),
    ]),
  linux: ['/opt/google/chrome/chrome', '/snap/bin/chromium', '/usr/lib/chromium/chromium'],
};

const namesOnPath = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** @returns {string | undefined} */
function installedBrowser() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const onPath = namesOnPath.flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
  const places = usualPlaces[/** @type {keyof typeof usualPlaces} */ (process.platform)] ?? [];
  return [...onPath, ...places].find(isExecutable);
}

/**
 * Starts the unpacked browser with the libraries and fonts that came with it, so that nothing but glibc and libgcc need
 * be installed on the machine.
 *
 * @param {string} folder
 */
function writeLauncher(folder) {
  writeFileSync(
    join(folder, 'fonts/fonts.conf'),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><dir>/usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
`,
  );
  const launcher = join(folder, 'chrome');
  writeFileSync(
    launcher,
    `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/al2023/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_PATH="$here/fonts"
exec "$here/chromium" "$@"
`,
  );
  chmodSync(launcher, 0o755);
}

/**
 * Unpacks @sparticuz/chromium once, under node_modules/.cache, and returns the launcher's path. The package itself
 * unpacks into the temporary folder, where two first runs at the same time would see each other's half-written files.
 *
 * @returns {string}
 */
function unpackedBrowser() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `No browser found: install Chrome, or set CHROME_BIN to one. (The one that npm installs is for Linux on x64; this is ${process.platform} on ${process.arch}.)`,
    );
  }
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@sparticuz/chromium');
  const { version } = /** @type {{ version: string }} */ (
    require('../../node_modules/@sparticuz/chromium/package.json')
  );
  const folder = join(root, 'node_modules/.cache/convgl', `chromium-${version}`);
  const launcher = join(folder, 'chrome');
  if (existsSync(launcher)) return launcher;

  mkdirSync(dirname(folder), { recursive: true });
  const staging = mkdtempSync(`${folder}-`);
  const esm = pathToFileURL(join(dirname(entry), '../esm/index.js')).href;
  const unpack = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { default: chromium } = await import('${esm}'); await chromium.executablePath();`,
    ],
    // The package adds the shared libraries (nss, expat) only where it believes that it runs on AWS Lambda.
    { env: { ...process.env, TMPDIR: staging, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' }, encoding: 'utf8' },
  );
  if (unpack.status !== 0) {
    rmSync(staging, { recursive: true, force: true });
    throw new Error(`Unpacking @sparticuz/chromium failed: ${unpack.stderr.trim() || String(unpack.error)}`);
  }
  writeLauncher(staging);
  publish(staging, folder);
  return launcher;
}

/**
 * Moves a finished folder to its place; where another process was first, its folder stays.
 *
 * @param {string} staging
 * @param {string} folder
 */
function publish(staging, folder) {
  try {
    renameSync(staging, folder);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/**
 * The browser's executable.
 *
 * @returns {string}
 */
export function browserPath() {
  const chosen = process.env.CHROME_BIN;
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new Error(`CHROME_BIN is ${chosen}, which is not an executable file.`);
    return chosen;
  }
  return installedBrowser() ?? unpackedBrowser();
}

/**
 * The flags for a headless browser whose WebGL2 works with or without a GPU.
 *
 * @returns {string[]}
 */
export function browserFlags() {
  const angle = process.env.CONVGL_ANGLE ?? 'swiftshader';
  return [
    '--headless',
    '--no-sandbox', // Chrome refuses to run as root, the usual user of a container, with its sandbox
    '--disable-dev-shm-usage', // a container's /dev/shm is 64 MB
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // A headless page counts as hidden, and hidden pages' timers run once a second.
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
    '--disable-backgrounding-occluded-windows',
    '--use-gl=angle',
    `--use-angle=${angle}`,
    ...(angle === 'swiftshader' ? ['--enable-unsafe-swiftshader'] : []),
    '--ignore-gpu-blocklist',
  ];
}

/**
 * Launches the browser; the caller closes it.
 *
 * @param {import('puppeteer-core').LaunchOptions} [options] added to, and winning over, the defaults
 * @returns {Promise<import('puppeteer-core').Browser>}
 */
export async function launch(options = {}) {
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    executablePath: browserPath(),
    protocolTimeout: 0, // a training run is one long call
    ...options,
    args: [...browserFlags(), ...(options.args ?? [])],
  });
}
