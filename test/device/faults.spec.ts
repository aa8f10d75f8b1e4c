/** Faults of the driver in the middle of work: a lost context, a refused shader, no memory. Each harms what it befalls, and nothing else. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { ContextLostError, OutOfGpuMemoryError, ShaderError } from '../../src/index';
import type { Backend } from '../../src/tensors/backend';
import { counts, onGpu, startBackend, stopBackend } from './backends';

type Method = (this: WebGL2RenderingContext, ...args: unknown[]) => unknown;

/** Puts another method in the place of one of every context's until the spec ends; `original` calls that. */
function replace(name: string, by: (original: Method) => Method): () => void {
  const prototype: object = WebGL2RenderingContext.prototype;
  const original = Reflect.get(prototype, name) as Method;
  Reflect.set(prototype, name, by(original));
  return () => void Reflect.set(prototype, name, original);
}

/** The name of what reading throws, or its first value. */
async function outcome(read: () => Promise<tf.TypedArray> | tf.TypedArray): Promise<string | number | undefined> {
  try {
    return (await read())[0];
  } catch (error) {
    return (error as Error).name;
  }
}

/** A computation of its own, -1 where nothing is wrong with it. */
async function freshWork(): Promise<string | number | undefined> {
  const y = tf.tidy(() => tf.neg(tf.ones([600])));
  const found = await outcome(() => y.data());
  y.dispose();
  return found;
}

const event = (target: EventTarget, name: string): Promise<unknown> =>
  new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));

describe('a fault', () => {
  let name = '';
  let backend: Backend;
  let gl: WebGL2RenderingContext;
  const undo: (() => void)[] = [];

  beforeEach(async () => {
    ({ name, backend } = await startBackend());
    gl = backend.device.context;
  });
  afterEach(async () => {
    undo.splice(0).forEach((put) => put());
    await stopBackend(name);
  });

  async function loseAndRestore(): Promise<void> {
    const loss = gl.getExtension('WEBGL_lose_context')!;
    const lost = event(gl.canvas, 'webglcontextlost');
    loss.loseContext();
    await lost;
    await new Promise((resolve) => setTimeout(resolve));
    const restored = event(gl.canvas, 'webglcontextrestored');
    loss.restoreContext();
    await restored;
  }

  describe('of the context', () => {
    it('leaves what is computed from the host alone', async () => {
      const x = tf.tensor1d([1, 2, 3]);
      const known = tf.square(x);
      const gone = tf.square(onGpu(new Float32Array(300).fill(2), 'float32'));
      gone.dataSync();
      const both = tf.add(gone, tf.fill([600], 1));
      await loseAndRestore();
      expect(await freshWork()).toBe(-1);
      expect(await outcome(() => known.data())).toBe(1);
      expect(await outcome(() => gone.data())).toBe('ContextLostError');
      expect(await outcome(() => both.data())).toBe('ContextLostError');
      expect(await outcome(() => both.dataSync())).toBe('ContextLostError');
      tf.dispose([x, known, gone, both]);
    });

    it('gives up chains whose inner values nobody else holds, and tells the application', async () => {
      const before = counts(backend);
      const x = onGpu(new Float32Array(300).fill(2), 'float32');
      x.dataSync();
      const first = tf.sum(x);
      const last = tf.tidy(() => tf.sum(tf.exp(x)));
      await loseAndRestore();
      expect(await freshWork()).toBe(-1);
      for (const y of [first, last]) expect(await outcome(() => y.data())).toBe('ContextLostError');
      tf.dispose([x, first, last]);
      expect(counts(backend)).toEqual(before);
    });

    it('with a step of an optimizer pending is no error of what comes after', async () => {
      const before = counts(backend);
      const v = tf.tidy(() => tf.variable(tf.ones([1000])));
      const optimizer = tf.train.momentum(0.1, 0.9);
      const step = (): void => void optimizer.minimize(() => tf.mean<tf.Scalar>(tf.square(v)), false, [v]);
      for (let i = 0; i < 3; i++) step();
      v.dataSync();
      step();
      await loseAndRestore();
      expect(await freshWork()).toBe(-1);
      expect(await outcome(() => v.data())).toBe('ContextLostError');
      tf.tidy(() => v.assign(tf.ones([1000])));
      optimizer.dispose();
      tf.dispose(Reflect.get<object, string>(optimizer, 'c') as tf.Tensor); // tfjs-core leaves it behind.
      const again = tf.train.sgd(0.5);
      again.minimize(() => tf.sum<tf.Scalar>(tf.square(v)), false, [v]);
      expect(await outcome(() => v.data())).toBe(0);
      again.dispose();
      v.dispose();
      tf.disposeVariables();
      expect(counts(backend)).toEqual(before);
    });

    it('before its event loses no upload', async () => {
      const x = tf.tensor1d(new Float32Array(5000).fill(3));
      const y = tf.square(x);
      const loss = gl.getExtension('WEBGL_lose_context')!;
      const lost = event(gl.canvas, 'webglcontextlost');
      loss.loseContext();
      expect(await outcome(() => y.dataSync())).toBe('ContextLostError');
      await lost;
      await new Promise((resolve) => setTimeout(resolve));
      const restored = event(gl.canvas, 'webglcontextrestored');
      loss.restoreContext();
      await restored;
      expect(await outcome(() => x.data())).toBe(3);
      expect(await outcome(() => y.data())).toBe(9);
      tf.dispose([x, y]);
    });

    it('ends reads, measurements and warm-ups, though it is restored before they look', async () => {
      const original: unknown = Reflect.get(window, 'setTimeout');
      const timeout = window.setTimeout.bind(window);
      // As in a hidden tab, whose timers run once a minute.
      Object.assign(window, { setTimeout: (f: () => void, ms = 0) => timeout(f, Math.max(ms, 500)) });
      undo.push(() => Object.assign(window, { setTimeout: original }));
      replaceAnswers();
      const x = tf.tidy(() => tf.matMul(tf.randomNormal([64, 64]), tf.randomNormal([64, 64])));
      const read = outcome(() => x.data());
      const time = backend
        .time(() => tf.dispose(tf.tidy(() => tf.neg(x))))
        .then(
          () => 'values',
          (error: Error) => error.name,
        );
      await new Promise((resolve) => timeout(resolve, 20));
      Object.assign(window, { setTimeout: original });
      await loseAndRestore();
      undo.splice(0).forEach((put) => put());
      expect(await read).toBe('ContextLostError');
      expect(await time).toBe('ContextLostError');
      expect(await freshWork()).toBe(-1);
    });

    /** Fences and queries that are not ready until the spec is done with them. */
    function replaceAnswers(): void {
      undo.push(replace('clientWaitSync', () => () => WebGL2RenderingContext.TIMEOUT_EXPIRED));
      undo.push(
        replace(
          'getQueryParameter',
          (original) =>
            function (query, what) {
              return what === WebGL2RenderingContext.QUERY_RESULT_AVAILABLE ? false : original.call(this, query, what);
            },
        ),
      );
    }

    for (const method of [
      'getActiveUniform',
      'createShader',
      'createProgram',
      'createTexture',
      'useProgram',
      'drawArrays',
    ])
      it(`amid ${method} is told by its name`, async () => {
        const x = tf.tensor1d([1, 2, 3]);
        undo.push(
          replace(
            method,
            (original) =>
              function (...args) {
                this.getExtension('WEBGL_lose_context')!.loseContext();
                // Browsers differ in what they give then.
                return method.startsWith('create') ? null : original.apply(this, args);
              },
          ),
        );
        const lost = event(gl.canvas, 'webglcontextlost');
        expect(await outcome(() => tf.tidy(() => tf.atanh(tf.mul(x, 0.25)).dataSync()))).toBe('ContextLostError');
        undo.splice(0).forEach((put) => put());
        await lost;
        expect(await outcome(() => x.data())).toBe(1);
        x.dispose();
      });

    it("amid a visit to another's context is told by its name", async () => {
      undo.push(
        replace(
          'getParameter',
          (original) =>
            function (what) {
              if (what === WebGL2RenderingContext.COLOR_WRITEMASK)
                this.getExtension('WEBGL_lose_context')!.loseContext();
              return original.call(this, what);
            },
        ),
      );
      const lost = event(gl.canvas, 'webglcontextlost');
      const y = tf.neg(tf.ones([600]));
      expect(await outcome(() => y.data())).toBe('ContextLostError');
      await lost;
      y.dispose();
    });

    it('is told by its name where no query can be made', async () => {
      undo.push(replace('createQuery', () => () => null));
      await expectAsync(backend.time(() => undefined)).toBeRejectedWithError(ContextLostError);
    });

    it('is told by its name where the context comes back unfit', async () => {
      const warn = spyOn(console, 'warn');
      undo.push(
        replace(
          'getExtension',
          (original) =>
            function (extension) {
              return extension === 'EXT_color_buffer_float' ? null : original.call(this, extension);
            },
        ),
      );
      await loseAndRestore();
      expect(warn).toHaveBeenCalledOnceWith(
        jasmine.stringMatching(/came back, but cannot be used.*EXT_color_buffer_float/),
      );
      expect(await outcome(() => tf.neg(tf.ones([600])).dataSync())).toBe('NoFloat32RenderingError');
    });
  });

  describe('of one shader', () => {
    /** The driver refuses what names `function_` until the spec ends, or `put` is called. */
    function refuse(function_: string): () => void {
      const put = replace(
        'shaderSource',
        (original) =>
          function (shader, text) {
            const refused = (text as string).includes(function_)
              ? (text as string).replace('void main', 'void main2')
              : text;
            return original.call(this, shader, refused);
          },
      );
      undo.push(put);
      return put;
    }

    it('does not affect other values, and is gone once the driver accepts the shader', async () => {
      const before = counts(backend);
      const put = refuse('atanh');
      const x = tf.tidy(() => tf.mul(tf.ones([1000]), 0.25));
      x.dataSync();
      const y = tf.tidy(() => {
        const t = tf.exp(x);
        t.dataSync();
        return tf.keep(tf.atanh(tf.mul(t, 0.1)));
      });
      for (const length of [700, 1000]) {
        const other = tf.tidy(() => tf.add(tf.ones([length]), 1));
        expect(await outcome(() => other.dataSync())).toBe(2);
        other.dispose();
      }
      expect(await outcome(() => y.dataSync())).toBe('ShaderError');
      expect(await outcome(() => y.data())).toBe('ShaderError');
      put();
      expect(await outcome(() => y.data())).toBeCloseTo(Math.atanh(Math.exp(0.25) * 0.1), 5);
      tf.dispose([x, y]);
      tf.disposeVariables();
      expect(counts(backend)).toEqual(before);
    });

    it('does not affect values that would have shared its pass', async () => {
      refuse('atanh');
      const x = tf.mul(tf.ones([10, 10]), 0.25);
      const sums = [tf.sum(tf.atanh(x)), tf.sum(tf.square(x)), tf.sum(tf.neg(x))];
      const maps = [tf.atanh(x), tf.square(x), tf.neg(x)];
      const found = [];
      for (const y of [...sums, ...maps].reverse()) found.push(await outcome(() => y.data()));
      expect(found.reverse()).toEqual(['ShaderError', 6.25, -25, 'ShaderError', 0.0625, -0.25]);
      tf.dispose([x, sums, maps]);
    });

    it('that all passes share, refused once, fails one of them', async () => {
      await loseAndRestore();
      let left = 1;
      undo.push(
        replace(
          'shaderSource',
          (original) =>
            function (shader, text) {
              return original.call(this, shader, left-- > 0 ? 'refused' : text);
            },
        ),
      );
      const y = tf.neg(tf.ones([600]));
      expect(await outcome(() => y.data())).toBe(-1);
      const z = tf.tidy(() => tf.square(tf.fill([700], 3)));
      expect(await outcome(() => z.data())).toBe(9);
      tf.dispose([y, z]);
    });

    it('frees what only the refused value has held', async () => {
      refuse('atanh');
      const before = counts(backend);
      const y = tf.tidy(() => tf.atanh(tf.reshape(onGpu(new Float32Array(500).fill(0.5), 'float32'), [10, 100])));
      expect(await outcome(() => y.data())).toBe(ShaderError.name);
      y.dispose();
      expect(counts(backend)).toEqual(before);
    });
  });

  describe('of memory', () => {
    /** The driver gives no storage to the next `times` textures, and says so when it is asked. */
    function refuseStorage(times: number): void {
      let flagged = false;
      let left = times;
      for (const method of ['texStorage2D', 'texStorage3D'])
        undo.push(
          replace(
            method,
            (original) =>
              function (...args) {
                if (left-- <= 0) return original.apply(this, args);
                flagged = true;
                return undefined;
              },
          ),
        );
      undo.push(
        replace(
          'getError',
          (original) =>
            function () {
              const error = flagged ? WebGL2RenderingContext.OUT_OF_MEMORY : original.call(this);
              flagged = false;
              return error;
            },
        ),
      );
    }

    for (const [size, read] of [
      [200, 'dataSync'],
      [200, 'data'],
      [600, 'dataSync'],
    ] as const) {
      it(`below a texture of ${size} x ${size} elements is an error of its values, by ${read}`, async () => {
        const x = tf.fill([size, size], 3);
        x.dataSync();
        const other = tf.mul(x, 5);
        other.dataSync();
        backend.device.textures.trim();
        refuseStorage(50);
        const y = tf.mul(x, 2);
        expect(await outcome(() => y[read]())).toBe(OutOfGpuMemoryError.name);
        undo.splice(0).forEach((put) => put());
        const z = tf.add(other, 1);
        expect(await outcome(() => z[read]())).toBe(16);
        expect(await outcome(() => x[read]())).toBe(3);
        tf.dispose([x, y, z, other]);
      });
    }

    it('affects what was computed from it, and nothing else', async () => {
      const x = tf.reshape(onGpu(new Float32Array(7200).fill(3), 'float32'), [120, 120]);
      const other = onGpu(new Float32Array(500).fill(3), 'float32');
      x.dataSync();
      other.dataSync();
      backend.device.textures.trim();
      refuseStorage(1);
      const a = tf.cumsum(x, 0); // A pass of its own, into the texture that was refused.
      const b = tf.cumsum(a, 1);
      const c = tf.cumsum(other, 0);
      const found = [await outcome(() => c.data()), await outcome(() => b.data()), await outcome(() => a.data())];
      expect(found).toEqual(jasmine.arrayWithExactContents([OutOfGpuMemoryError.name, OutOfGpuMemoryError.name, 3]));
      tf.dispose([x, other, a, b, c]);
    });

    it('is found out where a framebuffer is incomplete, and passes', async () => {
      const x = tf.fill([120, 120], 3);
      x.dataSync();
      let left = 1;
      undo.push(
        replace(
          'framebufferTexture2D',
          (original) =>
            function (...args) {
              return left-- > 0 ? undefined : original.apply(this, args);
            },
        ),
      );
      const y = tf.cumsum(x, 0);
      expect(await outcome(() => y.data())).toBe(OutOfGpuMemoryError.name);
      const z = tf.cumsum(x, 0);
      expect(await outcome(() => z.data())).toBe(3);
      tf.dispose([x, y, z]);
    });

    it('is found out by the second of two reads, though the first has asked for the error', async () => {
      const x = tf.cumsum(tf.fill([120, 120], 3), 0);
      const y = tf.reverse(tf.fill([80, 120], 5));
      await x.data();
      // Copies, which no framebuffer has drawn to.
      const [a, b] = [tf.concat([x, x]), tf.concat([y, y])];
      let attached = 0;
      undo.push(
        replace(
          'framebufferTexture2D',
          (original) =>
            function (...args) {
              return attached++ < 2 ? undefined : original.apply(this, args);
            },
        ),
      );
      const found = await Promise.all([outcome(() => a.data()), outcome(() => b.data())]);
      for (const [i, value] of [3, 5].entries()) expect([value, OutOfGpuMemoryError.name]).toContain(found[i]!);
      undo.splice(0).forEach((put) => put());
      expect([await outcome(() => a.data()), await outcome(() => b.data())]).toEqual([3, 5]);
      tf.dispose([x, y, a, b]);
    });

    it('spoils what is computed from a spoiled value later, and not what takes its place', async () => {
      const x = tf.fill([120, 120], 3);
      x.dataSync();
      const y = tf.cumsum(x, 0);
      y.dataSync();
      backend.device.textures.trim();
      refuseStorage(1);
      const spoiled = tf.cumsum(x, 0);
      expect(await outcome(() => spoiled.data())).toBe(OutOfGpuMemoryError.name);
      undo.splice(0).forEach((put) => put());
      const after = tf.reverse(tf.cumsum(spoiled, 1)); // Into textures and framebuffers that are new.
      expect(await outcome(() => after.data())).toBe(OutOfGpuMemoryError.name);
      tf.dispose([spoiled, after]);
      const [a, b] = [tf.cumsum(x, 1), tf.reverse(y)]; // Into those that were spoiled.
      expect(await outcome(() => a.data())).toBe(3);
      expect(await outcome(() => b.data())).toBe(360);
      tf.dispose([x, y, a, b]);
    });

    it('spoils what was computed from a value that is gone when the driver is asked', async () => {
      const x = tf.fill([120, 120], 3);
      x.dataSync();
      for (const isRead of [true, false]) {
        backend.device.textures.trim();
        refuseStorage(1);
        const spoiled = tf.cumsum(x, 0);
        if (isRead) expect(await outcome(() => spoiled.data())).toBe(OutOfGpuMemoryError.name);
        const after = tf.cumsum(spoiled, 1);
        spoiled.dispose();
        backend.device.textures.trim();
        expect(await outcome(() => after.data())).toBe(OutOfGpuMemoryError.name);
        undo.splice(0).forEach((put) => put());
        after.dispose();
      }
      x.dispose();
    });

    it('for the pixel buffer of a read never reads as zeros', async () => {
      const x = tf.reverse(tf.fill([120, 120], 3));
      const small = tf.reverse(tf.fill([60, 60], 4));
      await x.data(); // The largest buffer so far.
      let refused = 0;
      let flagged = false;
      undo.push(
        replace(
          'bufferData',
          (original) =>
            function (target, _, usage) {
              refused++;
              flagged = true;
              return original.call(this, target, 0, usage);
            },
        ),
        replace(
          'getError',
          (original) =>
            function () {
              const error = flagged ? WebGL2RenderingContext.OUT_OF_MEMORY : original.call(this);
              flagged = false;
              return error;
            },
        ),
      );
      const found = await Promise.all([outcome(() => x.data()), outcome(() => small.data())]);
      expect(refused).toBe(2);
      expect(found).toEqual([3, 4]);
      tf.dispose([x, small]);
    });

    it('costs no error query if nothing is allocated', async () => {
      const step = async (): Promise<void> => {
        const y = tf.tidy(() => tf.sum(tf.square(tf.fill([50, 50], 3))));
        await y.data();
        y.dispose();
      };
      for (let i = 0; i < 3; i++) await step();
      const asked = spyOn(gl, 'getError').and.callThrough();
      for (let i = 0; i < 3; i++) await step();
      expect(asked).not.toHaveBeenCalled();
    });
  });

  it('of nothing: a view of a tensor that has moved while it is read', async () => {
    const t = tf.tidy(() => tf.exp(tf.randomUniform([777])));
    const read = t.data();
    await tf.setBackend('cpu');
    tf.add(t, 1).dispose();
    await tf.setBackend(name);
    const view = tf.clone(t);
    t.dispose();
    await read;
    expect((await view.data()).length).toBe(777);
    view.dispose();
    expect(backend.numDataIds()).toBe(0);
  });

  it('ends a read that waits for a lost context with a typed error', async () => {
    const y = tf.neg(onGpu(new Float32Array(300).fill(1), 'float32'));
    const read = y.data().then(
      (values) => expect(values[0]).toBe(-1),
      (error: unknown) => expect(error).toBeInstanceOf(ContextLostError),
    );
    await loseAndRestore();
    await read;
    y.dispose();
  });
});
