// @ts-check
/** `npm run gallery:build -- [folder]`: writes the gallery as a folder that any file server can host. */
import { addFashionMnist } from './fashion_mnist.js';
import { buildSite, SITE } from './site.js';

const folder = await buildSite(process.argv[2] ?? SITE);
await addFashionMnist(folder, { seed: 1, limit: 10000 });
console.log(`The site is ${folder}.`);
