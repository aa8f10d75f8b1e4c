// @ts-check
/** Puts the page that trains Fashion-MNIST, and its images, into the site. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundlePage } from '../keras-fashion-mnist/bundle.js';
import { limitDataset, loadDataset } from '../keras-fashion-mnist/dataset.js';
import { datasetFiles } from '../keras-fashion-mnist/idx.js';
import { downloadProgress } from '../keras-fashion-mnist/terminal.js';

/**
 * @param {string} site its folder
 * @param {{ data?: string, seed: number, limit: number }} chosen
 * @returns {Promise<string>} which images these are
 */
export async function addFashionMnist(site, { data, seed, limit }) {
  const folder = join(site, 'fashion-mnist');
  await mkdir(join(folder, 'data'), { recursive: true });
  const found = await loadDataset({
    seed,
    ...(data === undefined ? {} : { directory: data }),
    onProgress: downloadProgress(),
    onMessage: (message) => console.log(message),
  });
  const dataset = limitDataset(found, limit);
  for (const [name, bytes] of Object.entries(datasetFiles(dataset.data))) {
    await writeFile(join(folder, 'data', name), bytes);
  }
  await writeFile(join(folder, 'facts.json'), JSON.stringify({ source: dataset.source }));
  await cp(await bundlePage('demo'), folder, { recursive: true });
  return dataset.source;
}
