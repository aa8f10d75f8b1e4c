/** Loads the entry `tfjs-backend-convgl/keras` in Node: its TypeScript bundled with one tfjs-core and the cpu backend. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @typedef {{ keras: any, training: any, tf: any, tfl: any }} KerasInNode */

/** @type {Promise<KerasInNode> | undefined} */
let loaded;

/** Bundles once for all specs of a run. */
export function kerasInNode() {
  loaded ??= load();
  return loaded;
}

/** @returns {Promise<KerasInNode>} */
async function load() {
  const outfile = `${root}build/test-node/keras-${process.pid}.cjs`;
  const contents = `
    import '@tensorflow/tfjs-backend-cpu';
    export * as keras from './keras/index';
    export * as training from './test/keras/training';
    export * as saved from './test/keras/saved_rows';
    export * as tf from '@tensorflow/tfjs-core';
    export * as tfl from '@tensorflow/tfjs-layers';`;
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'cjs',
    external: ['h5wasm', 'fflate'],
    outfile,
    logLevel: 'error',
  });
  const all = createRequire(import.meta.url)(outfile);
  // The cpu backend recommends tfjs-node wherever it sees Node.
  all.tf.env().set('IS_NODE', false);
  await all.tf.setBackend('cpu');
  return all;
}
