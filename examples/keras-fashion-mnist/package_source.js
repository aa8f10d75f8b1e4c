// @ts-check
/** Loads `tfjs-backend-convgl/keras` in Node from the source beside this example, so that no build comes first. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The entry's exports.
 *
 * @returns {Promise<typeof import('../../keras/index')>}
 */
export async function loadKeras() {
  const outfile = join(root, 'build', 'keras-fashion-mnist', `keras-${process.pid}.cjs`);
  await build({
    entryPoints: [join(root, 'keras/index.ts')],
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'cjs',
    external: ['h5wasm', 'fflate'],
    outfile,
    logLevel: 'error',
  });
  return createRequire(import.meta.url)(outfile);
}
