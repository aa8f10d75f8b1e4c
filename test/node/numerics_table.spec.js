/** The tables of docs/numerics.md: the error bounds that specs test, and no others. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readPart } from '../document.js';

const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** @returns {Promise<string>} the tables as the specs have them */
async function boundsTable() {
  const { outputFiles } = await build({ entryPoints: [path('test/kernels/bounds.ts')], format: 'esm', write: false });
  const text = Buffer.from(outputFiles[0]?.text ?? '').toString('base64');
  const bounds = await import(`data:text/javascript;base64,${text}`);
  return bounds.boundsTable();
}

/** Cells without the spaces and dashes that align them. @param {string} table */
const cells = (table) =>
  table
    .trim()
    .replace(/ *\| */g, '|')
    .replace(/-{3,}/g, '---')
    .split(/\n+/);

describe('the error bounds in docs/numerics.md', () => {
  it('are those that the specs test', async () => {
    expect(cells(readPart(path('docs/numerics.md'), 'bounds'))).toEqual(cells(await boundsTable()));
  });

  it('are said of functions that there are', async () => {
    const names = [...readFileSync(path('README.md'), 'utf8').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    const told = [...(await boundsTable()).matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(told.filter((name) => !names.includes(name))).toEqual([]);
  });
});
