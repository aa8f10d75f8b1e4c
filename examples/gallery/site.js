// @ts-check
/** Builds the gallery as a folder that any file server can host: a landing page and one page for each folder of exhibits/. */
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { exhibitPage, landingPage } from './shell.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const exhibitsFolder = join(here, 'exhibits');

/** Where the site is built unless another folder is named. */
export const SITE = join(root, 'build', 'gallery');

/**
 * @typedef {object} Exhibit
 * @property {string} name of its folder, and in addresses
 * @property {number} order in the list of exhibits
 * @property {string} title
 * @property {string} summary one sentence, for the landing page and below the title
 * @property {readonly string[]} code the files that its page shows, as they run
 * @property {string} thumbnail in words, for who does not see it
 */

/** @returns {Promise<Exhibit[]>} in their order */
export async function listExhibits() {
  const names = readdirSync(exhibitsFolder).filter((name) => existsSync(join(exhibitsFolder, name, 'about.json')));
  const exhibits = await Promise.all(
    names.map(async (name) => ({
      name,
      ...JSON.parse(await readFile(join(exhibitsFolder, name, 'about.json'), 'utf8')),
    })),
  );
  return exhibits.sort((a, b) => a.order - b.order);
}

/**
 * Writes the site; what was in the folder goes.
 *
 * @param {string} [folder]
 * @returns {Promise<string>} the folder
 */
export async function buildSite(folder = SITE) {
  await rm(folder, { recursive: true, force: true });
  const exhibits = await listExhibits();
  await Promise.all([
    bundle(exhibits, join(folder, 'assets')),
    ...exhibits.map((exhibit, i) => writeExhibit(folder, exhibit, [exhibits[i - 1], exhibits[i + 1]])),
  ]);
  await copyFile(join(here, 'framework/gallery.css'), join(folder, 'assets/gallery.css'));
  await writeFile(join(folder, 'index.html'), landingPage(exhibits));
  return folder;
}

/**
 * Each exhibit's page and worker become scripts that share what several of them import.
 *
 * @param {readonly Exhibit[]} exhibits
 * @param {string} outdir
 */
async function bundle(exhibits, outdir) {
  const entries = exhibits.flatMap(({ name }) => {
    const worker = join(exhibitsFolder, name, 'worker.ts');
    return [
      { in: join(exhibitsFolder, name, 'page.tsx'), out: name },
      ...(existsSync(worker) ? [{ in: worker, out: `${name}-worker` }] : []),
    ];
  });
  await build({
    entryPoints: [...entries, { in: join(here, 'framework/landing.ts'), out: 'landing' }],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    // The package's names resolve to the source beside it, so that no build of the package comes first.
    tsconfig: join(root, 'tsconfig.json'),
    minify: true,
    // Layers and errors are known by the names of their classes.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'error',
  });
}

/**
 * @param {string} folder
 * @param {Exhibit} exhibit
 * @param {readonly [Exhibit | undefined, Exhibit | undefined]} neighbours
 */
async function writeExhibit(folder, exhibit, neighbours) {
  const from = join(exhibitsFolder, exhibit.name);
  const to = join(folder, exhibit.name);
  await mkdir(to, { recursive: true });
  const code = await Promise.all(
    exhibit.code.map(async (name) => ({ name, text: await readFile(join(from, name), 'utf8') })),
  );
  const text = await readFile(join(from, 'text.html'), 'utf8');
  await writeFile(join(to, 'index.html'), exhibitPage(exhibit, { text, code, neighbours }));
  for (const beside of ['thumbnail.webp', 'data']) {
    if (existsSync(join(from, beside))) await cp(join(from, beside), join(to, beside), { recursive: true });
  }
}
