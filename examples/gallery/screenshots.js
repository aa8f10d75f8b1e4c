// @ts-check
/**
 * `npm run gallery:screenshots -- <folder> [exhibit ...]`: runs exhibits and takes pictures of them, wide and narrow,
 * light and dark.
 *
 * `npm run gallery:thumbnails -- [exhibit ...]`: runs exhibits and writes the pictures of the landing page, of the
 * element with `data-thumbnail`, or of the stage.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listExhibits } from './site.js';
import { openGallery } from './visit.js';

const THUMBNAIL = { width: 480, height: 300 };
const LOOKS = [
  { width: 1280, dark: false },
  { width: 1280, dark: true },
  { width: 390, dark: false },
  { width: 390, dark: true },
];

/**
 * @param {import('./visit.js').Visit} visit
 * @param {string} name
 * @param {string} folder
 */
async function takeScreenshots(visit, name, folder) {
  for (const look of LOOKS) {
    await visit.open(name, look);
    if (name !== '') await visit.runMainAction();
    const file = `${name === '' ? 'landing' : name}-${look.width}-${look.dark ? 'dark' : 'light'}.png`;
    await visit.page.screenshot({ path: join(folder, file), fullPage: true });
    console.log(join(folder, file));
  }
}

/**
 * @param {import('./visit.js').Visit} visit
 * @param {string} name
 */
async function takeThumbnail(visit, name) {
  await visit.open(name, { width: 640 });
  await visit.runMainAction();
  const shown = (await visit.page.$('[data-thumbnail]')) ?? (await visit.page.$('#stage'));
  const box = await shown?.boundingBox();
  const scroll = await visit.page.evaluate(() => window.scrollY);
  if (!box) throw new Error(`${name}: nothing to take a picture of.`);
  const scale = THUMBNAIL.width / Math.min(box.width, 600);
  const size = { width: THUMBNAIL.width / scale, height: THUMBNAIL.height / scale };
  const path = fileURLToPath(new URL(`exhibits/${name}/thumbnail.webp`, import.meta.url));
  const clip = { x: box.x, y: box.y + scroll, ...size, scale };
  await visit.page.screenshot({ path, type: 'webp', quality: 70, clip, captureBeyondViewport: true });
  console.log(path);
}

async function main() {
  const [kind, ...rest] = process.argv.slice(2);
  const folder = kind === 'screenshots' ? (rest.shift() ?? (await mkdtemp(join(tmpdir(), 'convgl-gallery-')))) : '';
  if (folder !== '') await mkdir(folder, { recursive: true });
  const all = (await listExhibits()).map(({ name }) => name);
  const names = rest.length > 0 ? rest : all;
  const gallery = await openGallery();
  try {
    const visit = await gallery.visit();
    for (const name of names) {
      if (kind === 'screenshots') await takeScreenshots(visit, name, folder);
      else await takeThumbnail(visit, name);
    }
    if (kind === 'screenshots' && rest.length === 0) await takeScreenshots(visit, '', folder);
    for (const error of visit.errors) console.error(error);
  } finally {
    await gallery.close();
  }
}

await main();
