/**
 * `npm run kernels`: writes the README's table of kernels, with where each runs, its dtypes, found by running it, and who
 * has its gradient.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SingleBar } from 'cli-progress';
import { format, resolveConfig } from 'prettier';
import { launch } from '../../examples/host/browser.js';
import { bundle } from '../bundle.js';

/** @typedef {import('./kernel_row').KernelRow} KernelRow */

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const README = path('../../README.md');

/** @returns {Promise<KernelRow[]>} */
async function findRows() {
  const script = await bundle('kernel_places', [path('places_page.ts')]);
  const browser = await launch();
  const bar = new SingleBar({ format: '{bar} {value}/{total} kernels, {eta} s left' });
  try {
    const page = await browser.newPage();
    await page.exposeFunction('tell', (/** @type {number} */ done, /** @type {number} */ total) => {
      if (done === 0) bar.start(total, 0);
      else bar.update(done);
    });
    await page.addScriptTag({ path: script });
    return /** @type {KernelRow[]} */ (await page.evaluate('kernelTable(tell)'));
  } finally {
    bar.stop();
    await browser.close();
  }
}

/** @param {readonly KernelRow[]} rows */
function table(rows) {
  const count = (/** @type {KernelRow['where']} */ where) => rows.filter((row) => row.where === where).length;
  const lines = rows.map(({ kernel, where, dtypes, gradient }) =>
    ['', `\`${kernel}\``, where, dtypes?.join(', ') ?? '', gradient ?? '', ''].join(' | ').trim(),
  );
  return `
${count('GPU')} on the GPU, ${count('no pass')} that need no pass, ${count('host')} on the host.

<details><summary>All of them</summary>

| kernel | runs on | dtypes | gradient |
| --- | --- | --- | --- |
${lines.join('\n')}

</details>

`;
}

const rows = await findRows();
const readme = readFileSync(README, 'utf8');
const [before, after] = [readme.indexOf('<!-- kernels -->'), readme.indexOf('<!-- / kernels -->')];
if (before < 0 || after < before) throw new Error('README.md lacks the marks <!-- kernels --> and <!-- / kernels -->.');
const text = `${readme.slice(0, before)}<!-- kernels -->\n${table(rows)}${readme.slice(after)}`;
writeFileSync(README, await format(text, { ...(await resolveConfig(README)), filepath: README }));
