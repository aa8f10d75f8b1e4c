// @ts-check
/** `npm run demo`: builds the gallery and serves it for a person's own browser and GPU. */
import { PAGE_POLICY, serveFolder } from '../host/server.js';
import { demoCommand } from '../keras-fashion-mnist/options.js';
import { addFashionMnist } from './fashion_mnist.js';
import { buildSite } from './site.js';

/** @param {{ data?: string, port: number, seed: number, limit: number }} chosen */
async function main(chosen) {
  const site = await buildSite();
  // Images may have to be downloaded first; the exhibits need none of them.
  const fashion = addFashionMnist(site, chosen);
  fashion.catch(() => undefined);
  const server = await serveFolder(site, {
    headers: PAGE_POLICY,
    port: chosen.port,
    answer: async (_, path) => {
      if (path.startsWith('/fashion-mnist/')) await fashion;
      return undefined;
    },
  });
  console.log(`Open ${server.url} in your browser; Ctrl-C stops the server.`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => server.close());
  }
  await fashion;
}

try {
  await main(demoCommand().parse().opts());
} catch (error) {
  console.error(`npm run demo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
