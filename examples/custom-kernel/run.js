// @ts-check
/** `node examples/custom-kernel/run.js`: runs the example in a headless browser and prints what it found. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launch } from '../host/browser.js';

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

// The page imports the package by its published name; here that is the source beside it.
const { outputFiles } = await build({
  entryPoints: [path('page.ts')],
  alias: { 'tfjs-backend-convgl': path('../../src/index.ts') },
  bundle: true,
  write: false,
  format: 'iife',
  target: 'es2022',
  logLevel: 'error',
});
const browser = await launch();
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(String(error)));
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  const { backend, before, after } = /** @type {import('./page').Result} */ (await page.evaluate('findSource()'));
  console.log(`On ${backend}, the error of the source fell from ${before.toFixed(4)} to ${after.toFixed(4)}.`);
} finally {
  await browser.close();
}
