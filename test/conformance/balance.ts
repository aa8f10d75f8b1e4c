/** Whether all that backends make is given back: every data id is one that tfjs knows, and nothing is left of a context that goes. */
import * as tf from '@tensorflow/tfjs-core';
import { Backend } from '../../src/tensors/backend';

/** What a context makes and deletes. */
const KINDS = ['Texture', 'Program', 'Shader', 'Framebuffer', 'Buffer', 'Sampler', 'VertexArray'];

type Method = (this: WebGL2RenderingContext, ...args: unknown[]) => unknown;

/** What is made and not deleted by any context of the page, by kind. */
function watchContexts(): ReadonlyMap<string, Set<unknown>> {
  const alive = new Map(KINDS.map((kind) => [kind, new Set<unknown>()]));
  const prototype: object = WebGL2RenderingContext.prototype;
  const wrap = (name: string, note: (args: unknown[], result: unknown) => unknown) => {
    const method = Reflect.get(prototype, name) as Method;
    const wrapped: Method = function (...args) {
      const result = method.apply(this, args);
      note(args, result);
      return result;
    };
    Reflect.set(prototype, name, wrapped);
  };
  for (const [kind, things] of alive) {
    wrap(`create${kind}`, (_, made) => things.add(made));
    wrap(`delete${kind}`, ([deleted]) => things.delete(deleted));
  }
  return alive;
}

/**
 * Fails a spec that leaves data ids on the backend which no tensor of tfjs has, and the run if something is left on the GPU
 * once all backends are gone.
 *
 * @param tell is told how much there was
 */
export function checkBalance(tell: (text: string) => void): void {
  const alive = watchContexts();
  let backends = 0;
  let dataIds = 0;
  const dispose = Reflect.get<Backend, 'dispose'>(Backend.prototype, 'dispose');
  Backend.prototype.dispose = function () {
    backends++;
    dataIds += this.numDataIds();
    dispose.call(this);
  };
  afterEach(() => {
    for (const [name, backend] of Object.entries(tf.engine().registry)) {
      if (!(backend instanceof Backend)) continue;
      const known = tf.memory().numDataBuffers;
      expect(backend.numDataIds())
        .withContext(`data ids on ${name}, of which tfjs knows ${known}`)
        .not.toBeGreaterThan(known);
    }
  });
  afterAll(() => {
    tf.engine().reset();
    const left = [...alive].map(([kind, things]) => [kind, things.size]);
    expect(Object.fromEntries(left))
      .withContext('left on the GPU')
      .toEqual(Object.fromEntries(KINDS.map((kind) => [kind, 0])));
    tell(
      `${backends} backends came and went; nothing is left on the GPU, and ${dataIds} data ids were left by specs' own tensors`,
    );
  });
}
