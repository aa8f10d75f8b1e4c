/** Prints the kernels that convgl leaves to tfjs-backend-cpu, one name a line. */
import { fileURLToPath } from 'node:url';
import { launch } from '../../examples/host/browser.js';
import { bundle } from '../bundle.js';

const script = await bundle('host_kernels', [fileURLToPath(new URL('host_page.ts', import.meta.url))]);
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.addScriptTag({ path: script });
  const names = await page.evaluate('hostKernels()');
  process.stdout.write(`${/** @type {string[]} */ (names).join('\n')}\n`);
} finally {
  await browser.close();
}
