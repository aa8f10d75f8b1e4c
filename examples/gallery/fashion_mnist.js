// @ts-check
/** Puts the page that trains Fashion-MNIST, and its images, into the site. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundlePage } from '../keras-fashion-mnist/bundle.js';
import { datasetFiles } from '../keras-fashion-mnist/idx.js';
import { loadChosen } from '../keras-fashion-mnist/terminal.js';

/**
 * @param {string} site its folder
 * @param {{ data?: string, seed: number, limit: number }} chosen
 */
export async function addFashionMnist(site, chosen) {
  const folder = join(site, 'fashion-mnist');
  await mkdir(join(folder, 'data'), { recursive: true });
  const { data, source } = await loadChosen(chosen);
  for (const [name, bytes] of Object.entries(datasetFiles(data))) await writeFile(join(folder, 'data', name), bytes);
  await writeFile(join(folder, 'facts.json'), JSON.stringify({ source }));
  await cp(await bundlePage('demo'), folder, { recursive: true });
}
