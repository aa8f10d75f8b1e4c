/** Rewrites golden/*.glsl and the trace in docs/debugging.md, which specs compare; look at the difference before you commit it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch } from '../../examples/host/browser.js';
import { bundle } from '../bundle.js';

const folder = fileURLToPath(new URL('golden/', import.meta.url));
const debugging = fileURLToPath(new URL('../../docs/debugging.md', import.meta.url));
const script = await bundle('golden', [fileURLToPath(new URL('golden_page.ts', import.meta.url))]);
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.addScriptTag({ path: script });
  const texts = /** @type {Record<string, string>} */ (await page.evaluate('goldenTexts()'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, text] of Object.entries(texts)) writeFileSync(`${folder}${name}.glsl`, text);
  const trace = /** @type {string} */ (await page.evaluate('goldenTrace()'));
  const shown = '```text\n' + trace + '\n```';
  writeFileSync(
    debugging,
    readFileSync(debugging, 'utf8').replace(/```text\n[^`]*```/, () => shown),
  );
  process.stdout.write(`${Object.keys(texts).length} files in test/unit/golden\n`);
} finally {
  await browser.close();
}
