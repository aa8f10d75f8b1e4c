/** Writes the browser's specs as a folder that any file server can host, for browsers that nothing drives: see site_page.js. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { bundle, specsOf } from './bundle.js';

const here = dirname(fileURLToPath(import.meta.url));
const jasmine = dirname(createRequire(createRequire(import.meta.url).resolve('jasmine')).resolve('jasmine-core'));

/** The folders under test/ whose specs run in a page; each is a script of the site. */
export const SUITES = ['unit', 'kernels', 'device', 'training', 'layers', 'conformance'];

const INDEX = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>convgl's specs</title>
  </head>
  <body>
    <script type="module" src="site_page.js"></script>
  </body>
</html>
`;

/**
 * @param {string} folder
 * @param {readonly string[]} suites
 */
export async function buildTestSite(folder, suites) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), INDEX);
  copyFileSync(join(here, 'site_page.js'), join(folder, 'site_page.js'));
  copyFileSync(join(jasmine, 'jasmine-core/jasmine.js'), join(folder, 'jasmine.js'));
  for (const suite of suites) {
    const script = await bundle(`site-${suite}-${process.pid}`, specsOf(suite));
    await esbuild.build({
      entryPoints: [script],
      outfile: join(folder, `${suite}.js`),
      minifyWhitespace: true,
      minifySyntax: true,
      keepNames: true,
      legalComments: 'none',
      logLevel: 'error',
    });
    rmSync(script);
    rmSync(`${script}.map`);
  }
}
