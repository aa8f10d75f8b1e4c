/**
 * Writes the README's table of kernels, with where each runs, its dtypes, found by running it, and who has its gradient.
 *
 *     npm run kernels
 *     npm run kernels -- --kernels '^Conv'    prints some of its rows in place of that
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { launch } from '../../examples/host/browser.js';
import { bundle } from '../bundle.js';
import { fillPart } from '../document.js';

/** @typedef {import('./kernel_row').KernelRow} KernelRow */

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const README = path('../../README.md');

/**
 * @param {string} kernels
 * @returns {Promise<KernelRow[]>}
 */
async function findRows(kernels) {
  const script = await bundle(`kernel_places-${process.pid}`, [path('places_page.ts')]);
  const browser = await launch();
  const bar = new SingleBar({ format: '{bar} {value}/{total} kernels, {eta} s left' });
  try {
    const page = await browser.newPage();
    await page.exposeFunction('tell', (/** @type {number} */ done, /** @type {number} */ total) => {
      if (done === 0) bar.start(total, 0);
      else bar.update(done);
    });
    await page.addScriptTag({ path: script });
    return /** @type {KernelRow[]} */ (await page.evaluate(`kernelTable(${JSON.stringify(kernels)}, tell)`));
  } finally {
    bar.stop();
    await browser.close();
    rmSync(script);
    rmSync(`${script}.map`);
  }
}

/** @param {KernelRow} row */
function line({ kernel, where, dtypes, gradient }) {
  return `| \`${kernel}\` | ${where} | ${dtypes?.join(', ') ?? ''} | ${gradient ?? ''} |`;
}

/** @param {readonly KernelRow[]} rows */
function table(rows) {
  const count = (/** @type {KernelRow['where']} */ where) => rows.filter((row) => row.where === where).length;
  return `${count('GPU')} on the GPU, ${count('no pass')} that need no pass, ${count('host')} on the host.

<details><summary>All of them</summary>

| kernel | runs on | dtypes | gradient |
| --- | --- | --- | --- |
${rows.map(line).join('\n')}

</details>`;
}

const { kernels } = new Command('npm run kernels --')
  .description("Writes the README's table of kernels, by running each.")
  .option('--kernels <expression>', 'print the rows of kernels whose names fit, and leave the README as it is')
  .allowExcessArguments(false)
  .parse()
  .opts();
const rows = await findRows(kernels ?? '');
if (kernels !== undefined) process.stdout.write(`${rows.map(line).join('\n')}\n`);
else await fillPart(README, 'kernels', table(rows));
