/** What docs/reliability.md says of contexts that come back otherwise or not at all, and of backends that are left or removed. */
import * as tf from '@tensorflow/tfjs-core';
import { ContextLostError, TextureSizeError, warmup } from '../../src/index';
import type { Backend } from '../../src/tensors/backend';
import { onGpu, startBackend, stopBackend } from './backends';

const event = (target: EventTarget, name: string): Promise<unknown> =>
  new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));

const ones = (): tf.Tensor => onGpu(new Float32Array(300).fill(1), 'float32');

describe('a context that goes', () => {
  let name = '';
  let backend: Backend;
  let gl: WebGL2RenderingContext;
  let loss: WEBGL_lose_context;

  beforeEach(async () => {
    ({ name, backend } = await startBackend());
    gl = backend.device.context;
    loss = gl.getExtension('WEBGL_lose_context')!;
  });
  afterEach(() => stopBackend(name));

  async function lose(): Promise<void> {
    const lost = event(gl.canvas, 'webglcontextlost');
    loss.loseContext();
    await lost;
    // The browser allows to restore it once the event has been dispatched to all.
    await new Promise((resolve) => setTimeout(resolve));
  }

  it('tells whoever waits when it can be used again', async () => {
    await backend.contextRestored();
    let told = 0;
    loss.loseContext();
    const before = backend.contextRestored().then(() => told++); // Before the browser has told.
    await event(gl.canvas, 'webglcontextlost');
    await new Promise((resolve) => setTimeout(resolve));
    const after = backend.contextRestored().then(() => told++);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toBe(0);
    loss.restoreContext();
    await Promise.all([before, after]);
    const y = tf.tidy(() => tf.neg(tf.ones([600])));
    expect((await y.data())[599]).toBe(-1);
    y.dispose();
  });

  it('and comes back with other limits says so, and works within them', async () => {
    const warn = spyOn(console, 'warn');
    const { maxTextureSize, maxTargets } = backend.device.limits;
    await lose();
    const original = gl.getParameter.bind(gl);
    const fewer = new Map<number, number>([
      [gl.MAX_TEXTURE_SIZE, 64],
      [gl.MAX_DRAW_BUFFERS, 4],
    ]);
    Object.assign(gl, { getParameter: (what: number): unknown => fewer.get(what) ?? (original(what) as unknown) });
    loss.restoreContext();
    await backend.contextRestored();
    expect(warn).toHaveBeenCalledOnceWith(
      `convgl: the context came back with 4 targets and textures of 64 texels a side; before, they were ${maxTargets} and ${maxTextureSize}.`,
    );
    expect(() => tf.neg(tf.ones([64 * 64 * 4 + 1]))).toThrowError(TextureSizeError);
    const product = tf.tidy(() => tf.matMul(tf.ones([40, 30]), tf.ones([30, 40])));
    expect(new Set(await product.data())).toEqual(new Set([30]));
    const image = tf.tidy(() => tf.conv2d(tf.ones<tf.Rank.R4>([1, 20, 20, 4]), tf.ones([3, 3, 4, 8]), 1, 'valid'));
    expect(new Set(await image.data())).toEqual(new Set([36]));
    tf.dispose([product, image]);
  });

  it('and does not come back lets no call wait, and what the host knows goes to another backend', async () => {
    const [known, read, gone] = [tf.tensor1d(new Float32Array(500).fill(2)), tf.neg(tf.tensor1d([1, 2])), ones()];
    await read.data();
    await lose();
    for (const call of [() => tf.neg(known), () => gone.dataSync(), () => tf.add(gone, 1)])
      expect(call).toThrowError(ContextLostError);
    await expectAsync(gone.data()).toBeRejectedWithError(ContextLostError);
    await expectAsync(backend.time(() => tf.dispose(tf.neg(ones())))).toBeRejectedWithError(ContextLostError);
    await expectAsync(warmup(() => tf.neg(ones()))).toBeRejectedWithError(ContextLostError);
    await tf.setBackend('cpu');
    expect([...tf.tidy(() => tf.neg(read)).dataSync()]).toEqual([1, 2]);
    expect(tf.tidy(() => tf.neg(known)).dataSync()[499]).toBe(-2);
    expect(() => tf.neg(gone)).toThrowError(ContextLostError);
    tf.dispose([known, read, gone]);
  });

  it('rejects a warm-up under way', async () => {
    const extension = gl.getExtension('KHR_parallel_shader_compile');
    const original = gl.getProgramParameter.bind(gl);
    if (extension) {
      // No program is ready while the context is there.
      const get = (program: WebGLProgram, what: number): unknown =>
        what === extension.COMPLETION_STATUS_KHR ? gl.isContextLost() : (original(program, what) as unknown);
      Object.assign(gl, { getProgramParameter: get });
    }
    const warmed = warmup(() => tf.tidy(() => tf.cumsum(tf.sin(tf.ones([30, 40])))));
    loss.loseContext();
    await expectAsync(warmed).toBeRejectedWithError(ContextLostError);
  });
});

describe('a read', () => {
  it('ends with its values where another backend is chosen meanwhile', async () => {
    const { name } = await startBackend();
    const y = tf.neg(ones());
    const reading = y.data();
    await tf.setBackend('cpu');
    expect((await reading)[599]).toBe(-1);
    expect((await tf.tidy(() => tf.neg(y)).data())[599]).toBe(1);
    y.dispose();
    await stopBackend(name);
  });
});

describe('a backend that is removed', () => {
  for (const [title, options] of [
    ['of convgl', {}],
    ['of the caller', { canvas: document.createElement('canvas') }],
  ] as const) {
    it(`on a context ${title}, fails what waits for it and what comes after, and gives everything back`, async () => {
      const { name, backend } = await startBackend(options);
      const gl = backend.device.context;
      const [y, z, host] = [tf.neg(ones()), tf.neg(ones()), tf.tensor1d([1, 2, 3])];
      z.dataSync();
      const reading = y.data();
      await stopBackend(name);
      await expectAsync(reading).toBeRejectedWithError(ContextLostError);
      await expectAsync(backend.contextRestored()).toBeRejectedWithError(ContextLostError, /disposed/);
      for (const x of [y, z]) {
        expect(() => x.dataSync()).toThrowError(ContextLostError);
        await expectAsync(x.data()).toBeRejectedWithError(ContextLostError);
      }
      expect([...host.dataSync()]).toEqual([1, 2, 3]);
      expect(backend.memory().numBytesInGPUAllocated).toBe(0);
      tf.dispose([y, z, host]);
      expect(backend.memory().numBytesInGPUAllocated).toBe(0);
      expect(gl.isContextLost()).toBe(title === 'of convgl');
      expect(gl.getError()).toBe(title === 'of convgl' ? gl.CONTEXT_LOST_WEBGL : gl.NO_ERROR);
    });
  }

  it('ends the wait for a context that was lost before', async () => {
    const { name, backend } = await startBackend();
    backend.device.context.getExtension('WEBGL_lose_context')!.loseContext();
    const waiting = expectAsync(backend.contextRestored()).toBeRejectedWithError(ContextLostError, /disposed/);
    await stopBackend(name);
    await waiting;
  });
});
