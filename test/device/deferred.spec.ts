/** What is deferred: passes are saved and nothing else is to be seen, be it values, memory, reports or errors. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { ContextLostError, TextureSizeError } from '../../src/index';
import { randomOf, valuesOf } from '../cases/fill';
import { seed } from '../page';
import { counts, startBackend, stopBackend, useBackend } from './backends';

/** Elements that are worth a pass of their own, and not kept on the host. */
const SIZE = 300;

/** The rounding of a few float32 operations. */
const FEW_ULPS = 2 ** -21;

function random(name: string, shape: number[] = [SIZE]): tf.Tensor {
  return tf.tensor(valuesOf({ shape, fill: 'normal' }, randomOf(seed, name)), shape);
}

describe('what is deferred', () => {
  const backend = useBackend({ deferred: true });

  /** Draws that the work takes. */
  function drawsOf(work: () => void): number {
    const before = backend().stats().draws;
    work();
    return backend().stats().draws - before;
  }

  /** Runs and disposes everything, and expects nothing to be left. */
  function balanced(work: () => void): void {
    const before = counts(backend());
    tf.tidy(work);
    expect(counts(backend())).toEqual(before);
  }

  it('is one draw for a chain, of nothing that is disposed unread', () => {
    balanced(() => {
      const [a, b] = [random('a'), random('b')];
      let y: tf.Tensor | undefined;
      expect(
        drawsOf(() => {
          y = tf.tanh(tf.add(tf.mul(tf.sub(a, b), 3), tf.relu(b)));
        }),
      ).toBe(0);
      expect(drawsOf(() => y!.dataSync())).toBe(1);
      expect(drawsOf(() => y!.dataSync()))
        .withContext('read again')
        .toBe(0);
      expect(drawsOf(() => tf.exp(tf.add(a, b)).dispose())).toBe(0);
    });
  });

  it('comes out of one draw where values of one shape are needed together', () => {
    balanced(() => {
      const [a, b] = [random('a'), random('b')];
      const sum = tf.add(a, b);
      const product = tf.mul(a, b);
      const draws = drawsOf(() => {
        sum.dataSync();
        product.dataSync();
      });
      expect(draws).toBe(1);
    });
  });

  /** Values of a function whose every op is computed by itself, and of all at once. */
  function bothWays(f: (step: (y: tf.Tensor) => tf.Tensor) => tf.Tensor): [tf.TypedArray, tf.TypedArray] {
    const apart = tf.tidy(() =>
      f((y) => {
        y.dataSync();
        return y;
      }).dataSync(),
    );
    return [apart, tf.tidy(() => f((y) => y).dataSync())];
  }

  it('has the same bits of + - * however much one pass computes', () => {
    const [apart, fused] = bothWays((step) => {
      const [a, b, c] = [random('a'), random('b'), random('c')];
      const sum = step(tf.add(a, step(tf.mul(b, c))));
      return step(tf.sub(step(tf.mul(sum, sum)), step(tf.mul(a, c))));
    });
    expect([...new Uint32Array(fused.buffer)]).toEqual([...new Uint32Array(apart.buffer)]);
  });

  it('differs by rounding at most in other functions', () => {
    const [apart, fused] = bothWays((step) => {
      const [a, b] = [random('a'), random('b')];
      return step(tf.div(step(tf.exp(step(tf.tanh(a)))), step(tf.sqrt(step(tf.add(step(tf.square(b)), 1))))));
    });
    apart.forEach((x, i) => expect(Math.abs(fused[i]! - x)).toBeLessThanOrEqual(FEW_ULPS * Math.abs(x)));
  });

  const functions: Readonly<Record<string, () => tf.Tensor>> = {
    'views and broadcasts': () => {
      const a = random('a', [6, 50]);
      const row = tf.exp(random('row', [50]));
      const column = tf.reshape(tf.add(random('column', [6]), 1), [6, 1]);
      return tf.reshape(tf.mul(tf.add(a, row), column), [5, 60]);
    },
    'a reshape across rows': () => tf.add(tf.reshape(tf.mul(random('a', [6, 50]), 2), [50, 6]), random('b', [6])),
    'casts, bool and int32': () => {
      const a = random('a');
      const positive = tf.greater(a, 0);
      const whole = tf.cast(tf.mul(a, 10), 'int32');
      const chosen = tf.where(tf.logicalNot(positive), tf.floorDiv(whole, 3), tf.mul(whole, whole));
      return tf.add(tf.cast(chosen, 'float32'), tf.cast(positive, 'float32'));
    },
    'a reduction on the way': () => {
      const a = random('a', [10, 30]);
      const centred = tf.sub(a, tf.mean(a, 1, true));
      return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), 0.1)));
    },
    'a value read in the middle': () => {
      const y = tf.add(random('a'), random('b'));
      y.dataSync();
      return tf.mul(tf.neg(y), y);
    },
    'inputs that are disposed before': () => {
      const [a, b] = [random('a'), random('b')];
      const y = tf.mul(tf.exp(a), b);
      tf.dispose([a, b]);
      return tf.add(y, 1);
    },
  };
  for (const [title, f] of Object.entries(functions)) {
    it(`is as on cpu: ${title}`, async () => {
      const own = tf.getBackend();
      await tf.setBackend('cpu');
      const expected = tf.tidy(() => f().dataSync());
      await tf.setBackend(own);
      balanced(() => {
        const y = f();
        tf.test_util.expectArraysClose(y.dataSync(), expected, 1e-5);
      });
    });
  }

  it('needs no more for a thousand updates of a weight that nobody reads', () => {
    const made = spyOn(WebGL2RenderingContext.prototype, 'createTexture').and.callThrough();
    const g = random('g');
    const w = tf.variable(random('w'));
    const update = (): void => tf.tidy(() => w.assign(tf.add(tf.mul(w, 0.99), g)));
    const now = (): object => ({
      ...counts(backend()),
      programs: backend().stats().programs,
      'bytes in all textures': backend().memory().numBytesInGPUAllocated,
      textures: made.calls.count(),
    });
    // Twice as many updates as one pass takes, so that all there is to make has been made.
    for (let i = 0; i < 200; i++) update();
    const most = { ...now(), 'bytes in textures': 0 };
    let bytes = 0;
    for (let i = 0; i < 1000; i++) {
      update();
      bytes = Math.max(bytes, backend().memory().numBytesInGPU);
    }
    expect({ ...now(), 'bytes in textures': 0 }).toEqual(most);
    expect(bytes).toBeLessThan(10 * SIZE * 4);
    tf.dispose([g, w]);
  });

  it('is reported by tf.profile and tf.time as work of its own', async () => {
    const [a, b] = [random('a'), random('b')];
    const profile = await tf.profile(() => tf.tidy(() => tf.exp(tf.add(a, b))));
    expect(profile.kernels.map(({ name }) => name)).toEqual(['Add', 'Exp']);
    expect(profile.newTensors).toBe(1);
    const draws = backend().stats().draws;
    const time = await tf.time(() => tf.dispose(tf.tidy(() => tf.dot(a, b))));
    expect(time.wallMs).toBeGreaterThan(0);
    expect(backend().stats().draws).toBeGreaterThan(draws);
    tf.dispose([a, b, profile.result]);
  });

  it('is refused at the op where no texture holds the result', async () => {
    const usual = tf.getBackend();
    const { name, backend: small } = await startBackend({ deferred: true, maxTextureSize: 16 });
    const [column, row] = [tf.ones([60, 1]), tf.ones([1, 60])];
    const before = counts(small);
    expect(() => tf.add(column, row)).toThrowError(TextureSizeError, /\[60, 60\]/);
    expect(counts(small)).toEqual(before);
    tf.dispose([column, row]);
    await stopBackend(name);
    await tf.setBackend(usual);
  });
});

describe('debug mode', () => {
  it('finds NaN where it arises, with ops deferred', async () => {
    const { name } = await startBackend({ deferred: true });
    const warn = spyOn(console, 'warn');
    const group = spyOn(console, 'log');
    const flags = ['DEBUG', 'CHECK_COMPUTATION_FOR_ERRORS'];
    const were = flags.map((flag) => tf.env().getBool(flag));
    for (const flag of flags) tf.env().set(flag, true);
    try {
      const x = tf.tensor1d(new Float32Array(SIZE).fill(2));
      const y = tf.tidy(() => tf.add(tf.mul(x, 3), 1));
      expect(y.dataSync()[SIZE - 1]).toBe(7);
      // tfjs-core reads every result, and tells of the kernel after that.
      await y.data();
      await new Promise((resolve) => setTimeout(resolve));
      const nan = tf.log(tf.neg(x));
      await nan.data();
      await new Promise((resolve) => setTimeout(resolve));
      expect(group).toHaveBeenCalled();
      expect(warn).toHaveBeenCalledWith(jasmine.stringMatching(/Found NaN in the result of 'Log'/));
      tf.dispose([x, y, nan]);
    } finally {
      flags.forEach((flag, i) => tf.env().set(flag, were[i]!));
      await stopBackend(name);
    }
  });
});

describe('a context that is lost while values are pending', () => {
  it('is told when they are read', async () => {
    const { name, backend } = await startBackend({ deferred: true });
    const loss = backend.device.context.getExtension('WEBGL_lose_context')!;
    const a = random('a');
    tf.add(a, 1).dataSync();
    const y = tf.exp(tf.add(a, 1));
    loss.loseContext();
    expect(() => y.dataSync()).toThrowError(ContextLostError);
    await expectAsync(y.data()).toBeRejectedWithError(ContextLostError);
    tf.dispose([a, y]);
    await stopBackend(name);
  });
});
