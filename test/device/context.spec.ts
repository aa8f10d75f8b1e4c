/** Contexts: none, one that cannot render floats, one of the caller's, one that is lost and comes back. */
import * as tf from '@tensorflow/tfjs-core';
import { ContextLostError, NoFloat32RenderingError, NoWebGL2Error, registerConvgl } from '../../src/index';
import type { TestOptions } from '../../src/tensors/convgl_backend';
import { Backend } from '../../src/tensors/backend';
import { onGpu, startBackend, stopBackend } from './backends';

/** Milliseconds within which the browser tells what happened to a context. */
const EVENT_MS = 10_000;

describe('starting', () => {
  it('throws NoWebGL2Error without WebGL2', () => {
    spyOn(HTMLCanvasElement.prototype, 'getContext').and.returnValue(null);
    expect(() => new Backend()).toThrowError(NoWebGL2Error, /WebGL2/);
  });

  it('throws NoWebGL2Error if the canvas has a context of another kind', () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d');
    expect(() => new Backend({ canvas })).toThrowError(NoWebGL2Error);
  });

  it('throws NoFloat32RenderingError if float32 textures cannot be rendered to', () => {
    spyOn(WebGL2RenderingContext.prototype, 'getExtension').and.returnValue(null);
    expect(() => new Backend()).toThrowError(NoFloat32RenderingError, /EXT_color_buffer_float/);
  });

  it('throws NoFloat32RenderingError if a test draw reads back wrong values', () => {
    spyOn(WebGL2RenderingContext.prototype, 'readPixels').and.stub();
    expect(() => new Backend()).toThrowError(NoFloat32RenderingError, /wrong values/);
  });

  it('warns of a second registration and keeps the first', () => {
    const warn = spyOn(console, 'warn');
    const first = tf.findBackendFactory('convgl');
    registerConvgl('convgl');
    expect(warn).toHaveBeenCalledOnceWith(jasmine.stringMatching(/convgl .*registered already/));
    expect(tf.findBackendFactory('convgl')).toBe(first);
  });
});

describe("a canvas or context of the caller's", () => {
  async function on(options: TestOptions, test: (backend: Backend) => void): Promise<void> {
    const { name, backend } = await startBackend(options);
    try {
      test(backend);
    } finally {
      await stopBackend(name);
    }
  }

  const negated = (): number[] => [
    ...tf.tidy(() => tf.neg(tf.add(onGpu(Float32Array.of(1, 2, 3), 'float32'), 1))).dataSync(),
  ];

  it('is the one that computes', async () => {
    const canvas = document.createElement('canvas');
    await on({ canvas }, (backend) => {
      expect(negated()).toEqual([-2, -3, -4, -2, -3, -4]);
      expect(backend.device.context).toBe(canvas.getContext('webgl2')!);
    });
    const context = document.createElement('canvas').getContext('webgl2')!;
    await on({ context }, (backend) => {
      expect(negated()).toEqual([-2, -3, -4, -2, -3, -4]);
      expect(backend.device.context).toBe(context);
    });
    expect(context.isContextLost()).withContext('after the backend is gone').toBeFalse();
  });

  it('works on an OffscreenCanvas', async () => {
    await on({ canvas: new OffscreenCanvas(4, 4) }, () => expect(negated()).toEqual([-2, -3, -4, -2, -3, -4]));
  });

  it('computes right whatever state the caller leaves between two ops', async () => {
    const gl = document.createElement('canvas').getContext('webgl2')!;
    await on({ context: gl }, () => {
      const x = onGpu(
        Float32Array.from({ length: 300 }, (_, i) => i),
        'float32',
      );
      const y = tf.add(x, 1);
      disturb(gl);
      const z = tf.add(y, x);
      disturb(gl);
      const uploaded = tf.add(tf.tensor1d(new Float32Array(600).fill(0.5)), z);
      disturb(gl);
      const values = uploaded.dataSync();
      expect([values[0], values[1], values[299], values[599]]).toEqual([1.5, 3.5, 599.5, 599.5]);
      expect(gl.getError()).toBe(gl.NO_ERROR);
      tf.dispose([x, y, z, uploaded]);
    });
  });
});

/** Changes all the state that another user of the context may change. */
function disturb(gl: WebGL2RenderingContext): void {
  for (const cap of [gl.SCISSOR_TEST, gl.BLEND, gl.CULL_FACE, gl.DEPTH_TEST, gl.RASTERIZER_DISCARD]) gl.enable(cap);
  gl.colorMask(false, true, false, true);
  gl.viewport(0, 0, 1, 1);
  gl.scissor(0, 0, 0, 0);
  gl.useProgram(null);
  gl.bindVertexArray(gl.createVertexArray());
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, gl.createBuffer());
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, gl.createBuffer());
  for (const name of [gl.UNPACK_ROW_LENGTH, gl.UNPACK_SKIP_ROWS, gl.UNPACK_SKIP_PIXELS, gl.PACK_SKIP_ROWS])
    gl.pixelStorei(name, 3);
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
  const sampler = gl.createSampler();
  gl.samplerParameteri(sampler, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
  for (let unit = 0; unit < 4; unit++) {
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.bindSampler(unit, sampler);
  }
}

describe('a lost context', () => {
  let name = '';
  let backend: Backend;
  let loss: WEBGL_lose_context;
  const events: string[] = [];
  let notify: (event: string) => void = () => undefined;
  const happened = (event: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`The context is not ${event}.`)), EVENT_MS);
      notify = (found) => {
        if (found !== event) return;
        clearTimeout(timer);
        resolve();
      };
    });
  const onEvent = (event: string) => (): void => {
    events.push(event);
    notify(event);
  };

  beforeEach(async () => {
    events.length = 0;
    ({ name, backend } = await startBackend({
      onContextLost: onEvent('lost'),
      onContextRestored: onEvent('restored'),
    }));
    loss = backend.device.context.getExtension('WEBGL_lose_context')!;
  });
  afterEach(() => stopBackend(name));

  async function lose(): Promise<void> {
    const lost = happened('lost');
    loss.loseContext();
    await lost;
    // The browser allows to restore it once the event has been dispatched to all.
    await new Promise((resolve) => setTimeout(resolve));
  }

  async function restore(): Promise<void> {
    const restored = happened('restored');
    loss.restoreContext();
    await restored;
  }

  it('calls onContextLost, and every op throws ContextLostError; values on the host survive', async () => {
    const small = tf.tensor1d([1, 2, 3]);
    const large = onGpu(new Float32Array(300).fill(1), 'float32');
    await lose();
    expect(events).toEqual(['lost']);
    expect(() => tf.neg(small)).toThrowError(ContextLostError);
    expect(() => large.dataSync()).toThrowError(ContextLostError, /\[600\]/);
    await expectAsync(large.data()).toBeRejectedWithError(ContextLostError);
    expect([...small.dataSync()]).toEqual([1, 2, 3]);
    tf.dispose([small, large]);
  });

  it('throws the same before the event of the loss', async () => {
    const large = onGpu(new Float32Array(300).fill(1), 'float32');
    const lost = happened('lost');
    loss.loseContext();
    expect(() => tf.neg(large)).toThrowError(ContextLostError);
    expect(() => large.dataSync()).toThrowError(ContextLostError);
    large.dispose();
    await lost;
    expect(backend.memory().numBytesInGPUAllocated).toBe(0);
  });

  it('rejects the reads that wait for it', async () => {
    const large = onGpu(new Float32Array(300).fill(1), 'float32');
    const reading = large.data();
    const lost = happened('lost');
    loss.loseContext();
    await expectAsync(reading).toBeRejectedWithError(ContextLostError);
    await lost;
    large.dispose();
  });

  it('works again once it is restored: old values are gone, unless the host has them, and new ones compute', async () => {
    const small = tf.tensor1d([1, 2, 3]);
    const known = tf.neg(small);
    known.dataSync();
    const large = onGpu(new Float32Array(300).fill(1), 'float32');
    await lose();
    await restore();
    expect(events).toEqual(['lost', 'restored']);
    expect([...tf.tidy(() => tf.neg(small)).dataSync()]).toEqual([-1, -2, -3]);
    expect([...tf.tidy(() => tf.neg(known)).dataSync()]).toEqual([1, 2, 3]);
    expect(() => tf.neg(large)).toThrowError(ContextLostError);
    const product = tf.tidy(() => tf.matMul(tf.ones([20, 30]), tf.ones([30, 20])));
    expect([...new Set(await product.data())]).toEqual([30]);
    tf.dispose([small, known, large, product]);
  });

  it('keeps its counters right over loss and restoration', async () => {
    const large = onGpu(new Float32Array(300).fill(1), 'float32');
    await lose();
    expect(backend.memory().numBytesInGPUAllocated).toBe(0);
    await restore();
    large.dispose();
    expect(backend.memory().numBytesInGPU).toBe(0);
    expect(backend.stats().programs).toBe(0);
    const y = tf.tidy(() => tf.neg(tf.ones([1024])));
    y.dataSync();
    expect(backend.memory().numBytesInGPU).toBe(4096);
    y.dispose();
    expect(tf.getBackend()).toBe(name);
  });

  it('is survived twice', async () => {
    for (let i = 0; i < 2; i++) {
      await lose();
      await restore();
      const y = tf.tidy(() => tf.neg(tf.ones([1024])));
      expect((await y.data())[1023]).toBe(-1);
      y.dispose();
    }
  });
});
