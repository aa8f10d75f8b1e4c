/** Builds the package: dist/convgl.js for bundlers, dist/convgl.min.js for a script tag, dist/keras.js; d.ts beside them. */
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { dts } from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';

const CORE = '@tensorflow/tfjs-core';
const CPU = '@tensorflow/tfjs-backend-cpu';
const target = 'es2022';

/** Packages that the user installs; keras/ imports all but the first when it needs them. */
const external = [/^@tensorflow\//, 'h5wasm', 'fflate', '@bufbuild/protobuf/wire', '@dagrejs/dagre'];

/** Type declarations of what the entries export. */
const declarations = [
  dts({ compilerOptions: { stripInternal: true } }),
  {
    name: 'without-opening-sentences',
    // A file's opening sentence is for those who work on it.
    renderChunk: (code) => code.replace(/^\/\*\*.*\*\/\n(?:\n+|(?=\/\*\*))/gm, ''),
  },
];

/** Stops on what rollup only warns about: an unresolved import or a cycle would reach the package's users. */
function onwarn(warning) {
  throw new Error(`rollup: ${warning.message}`);
}

export default [
  {
    input: 'src/index.ts',
    external,
    plugins: [nodeResolve({ extensions: ['.ts'] }), esbuild({ target })],
    output: { file: 'dist/convgl.js', format: 'es', sourcemap: true },
    onwarn,
  },
  {
    // A page brings tfjs-core and the cpu backend itself (tf.min.js has both) and they meet in the global `tf`: bundled
    // here, they would be a second tfjs-core, and a second registration of every cpu kernel. Subpaths of the cpu backend
    // register nothing and have no script of their own, so they are bundled.
    input: 'src/index.ts',
    external: [CORE, CPU],
    plugins: [nodeResolve({ extensions: ['.ts', '.js'] }), esbuild({ target }), terser()],
    output: {
      file: 'dist/convgl.min.js',
      format: 'umd',
      name: 'convgl',
      globals: { [CORE]: 'tf', [CPU]: 'tf' },
      sourcemap: true,
    },
    onwarn,
  },
  {
    input: 'src/index.ts',
    external,
    plugins: declarations,
    output: { file: 'dist/index.d.ts', format: 'es' },
    onwarn,
  },
  {
    input: 'keras/index.ts',
    external,
    plugins: [nodeResolve({ extensions: ['.ts'] }), esbuild({ target })],
    output: { file: 'dist/keras.js', format: 'es', sourcemap: true },
    onwarn,
  },
  {
    input: 'keras/index.ts',
    external,
    plugins: declarations,
    output: { file: 'dist/keras.d.ts', format: 'es' },
    onwarn,
  },
];
