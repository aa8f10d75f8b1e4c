/** Prints which kernels run where: on the GPU, on the host by design, on the host for want of one. */
import { fileURLToPath } from 'node:url';
import { launch } from '../../examples/host/browser.js';
import { bundle } from '../bundle.js';

const script = await bundle('kernel_places', [fileURLToPath(new URL('places_page.ts', import.meta.url))]);
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.addScriptTag({ path: script });
  const places = /** @type {Record<string, string[]>} */ (await page.evaluate('kernelPlaces()'));
  for (const [place, names] of Object.entries(places)) {
    process.stdout.write(`${place} (${names.length})\n${names.map((name) => `  ${name}\n`).join('')}`);
  }
} finally {
  await browser.close();
}
