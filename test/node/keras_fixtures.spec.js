/** Files that Keras 2 and Keras 3 themselves wrote: they load, predict what they predict there, and training goes on. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, unzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { kerasInNode } from './keras_in_node.js';

const folder = fileURLToPath(new URL('../keras/fixtures/', import.meta.url));
const PACKAGES = ['tf_keras', 'keras'];

describe('files that Keras wrote', () => {
  let keras, tf;
  beforeAll(async () => { ({ keras, tf } = await kerasInNode()); });
  for (const name of PACKAGES) {
    const read = (f) => new Uint8Array(gunzipSync(readFileSync(`${folder}${name}/${f}.gz`)));
    const expected = JSON.parse(readFileSync(`${folder}${name}/expected.json`, 'utf8'));
    const numbers = ({ values, shape }) => { const b = Buffer.from(values, 'base64'); return { shape, values: new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length)) }; };
    const close = (actual, wanted, tol, ctx) => {
      const v = numbers(wanted).values; const a = actual.dataSync();
      expect(actual.shape).withContext(ctx).toEqual(wanted.shape);
      const worst = Math.max(...Array.from(v, (x, i) => Math.abs(x - a[i])));
      if (!(worst <= tol)) fail(`${ctx}: ${worst}`);
    };
    for (const model of Object.keys(expected.models)) for (const ext of ['.h5', '.keras']) it(`${name} ${model}${ext}`, async () => {
      const { inputs, outputs, weights } = expected.models[model];
      const m = await keras.loadModel(read(model + ext));
      const x = inputs.map((i) => tf.tensor(numbers(i).values, i.shape));
      const y = [m.predict(x.length > 1 ? x : x[0])].flat();
      y.forEach((t, i) => close(t, outputs[i], 1e-5, `output ${i}`));
    });
    for (const opt of Object.keys(expected.trained)) for (const ext of ['.h5', '.keras']) it(`${name} ${opt} trained ${ext}`, async () => {
      const m = await keras.loadModel(read(`${opt}.trained${ext}`));
      const x = tf.tensor(Float32Array.from({ length: 12 }, (_, i) => -1 + (2 * i) / 11), [4, 3]);
      const y = tf.tensor2d([[1, 0], [0, 1], [0, 1], [1, 0]]);
      const [loss] = await m.trainOnBatch(x, y);
      const want = expected.trained[opt];
      if (!(Math.abs(loss - want.loss) < 1e-5)) fail(`loss ${loss} ${want.loss}`);
      m.layers.flatMap((l)=>l.weights).forEach((w, i) => close(w.read(), want.weights[i], 2e-5, `weight ${i} ${w.name}`));
    });
  }
});
