// @ts-check
/** `npm run demo`: serves the training as a live page for a person's own browser and GPU. */
import { bundlePage } from './bundle.js';
import { limitDataset, loadDataset } from './dataset.js';
import { serve } from './loopback_server.js';
import { demoCommand } from './options.js';
import { downloadProgress } from './terminal.js';

/** @param {{ data?: string, port: number, seed: number, limit: number }} chosen */
async function main({ data, port, seed, limit }) {
  const found = await loadDataset({
    seed,
    ...(data === undefined ? {} : { directory: data }),
    onProgress: downloadProgress(),
    onMessage: (message) => console.log(message),
  });
  const dataset = limitDataset(found, limit);
  const directory = await bundlePage('demo');
  const server = await serve({ directory, dataset, port });
  console.log(`Data: ${dataset.source}.`);
  console.log(`Open ${server.url} in your browser; Ctrl-C stops the server.`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => server.close());
  }
}

try {
  await main(demoCommand().parse().opts());
} catch (error) {
  console.error(`npm run demo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
