/** What is deferred: passes are saved and nothing else is to be seen, be it values, memory, reports or errors. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { ContextLostError, TextureSizeError } from '../../src/index';
import { randomOf, valuesOf } from '../cases/fill';
import { passesOf } from '../kernels/harness';
import { seed } from '../page';
import { counts, startBackend, stopBackend, useBackend } from './backends';

/** Elements that are worth a pass of their own, and not kept on the host. */
const SIZE = 300;

/** The rounding of a few float32 operations. */
const FEW_ULPS = 2 ** -21;

function random(name: string, shape: number[] = [SIZE]): tf.Tensor {
  return tf.tensor(valuesOf({ shape, fill: 'normal' }, randomOf(seed, name)), shape);
}

/** What `f` gives on tfjs-backend-cpu. */
async function onCpu(f: () => tf.Tensor): Promise<{ values: tf.TypedArray; shape: number[] }> {
  const own = tf.getBackend();
  await tf.setBackend('cpu');
  const result = tf.tidy(() => {
    const y = f();
    return { values: y.dataSync(), shape: y.shape };
  });
  await tf.setBackend(own);
  return result;
}

describe('deferred ops', () => {
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

  it('is what a variable held before, computed once, and by the same programs in every step', async () => {
    const [x, step, bias] = [random('x', [20, SIZE]), random('step'), tf.variable(random('bias'))];
    const programs: number[] = [];
    for (let i = 0; i < 8; i++) {
      const y = tf.tidy(() => {
        bias.assign(tf.sub(bias, tf.mul(step, 0.5)));
        return tf.relu(tf.add(x, bias));
      });
      // Not dataSync, which computes what variables hold.
      await y.data();
      y.dispose();
      programs.push(backend().stats().programs);
    }
    expect(new Set(programs.slice(2)).size).toBe(1);
    tf.dispose([x, step, bias]);
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

/** Convolutions and products of a tensor of that shape. */
const producers: Readonly<Record<string, { readonly shape: number[]; readonly run: (x: tf.Tensor) => tf.Tensor }>> = {
  'a convolution': { shape: [2, 9, 9, 8], run: (x) => tf.conv2d(x as tf.Tensor4D, weights([3, 3, 8, 12]), 1, 'same') },
  'one with strides': {
    shape: [2, 9, 9, 8],
    run: (x) => tf.conv2d(x as tf.Tensor4D, weights([3, 3, 8, 8]), 2, 'valid'),
  },
  'channels that fill no texel': {
    shape: [2, 9, 9, 3],
    run: (x) => tf.conv2d(x as tf.Tensor4D, weights([3, 3, 3, 6]), 1, 'same'),
  },
  'a pointwise convolution': {
    shape: [2, 9, 9, 8],
    run: (x) => tf.conv2d(x as tf.Tensor4D, weights([1, 1, 8, 16]), 1, 'same'),
  },
  'a depthwise convolution': {
    shape: [2, 9, 9, 8],
    run: (x) => tf.depthwiseConv2d(x as tf.Tensor4D, weights([3, 3, 8, 1]), 1, 'same'),
  },
  'a transposed convolution': {
    shape: [2, 5, 5, 8],
    run: (x) => tf.conv2dTranspose(x as tf.Tensor4D, weights([3, 3, 12, 8]), [2, 9, 9, 12], 2, 'same'),
  },
  'a product': { shape: [50, 24], run: (x) => tf.matMul(x, weights([24, 20])) },
  'a product of odd sizes': { shape: [51, 23], run: (x) => tf.matMul(x, weights([23, 19])) },
  'a product in slices': { shape: [20, 1100], run: (x) => tf.matMul(x, weights([1100, 12])) },
  'a batch of products': { shape: [3, 20, 24], run: (x) => tf.matMul(x, weights([3, 24, 20])) },
};

function weights(shape: number[]): tf.Tensor4D {
  return random('weights', shape) as tf.Tensor4D;
}

/** Batch normalization and activation, as a prediction has them. */
function finished(y: tf.Tensor): tf.Tensor {
  const channels = [y.shape.at(-1)!];
  const [mean, offset, scale] = ['mean', 'offset', 'scale'].map((name) => random(name, channels) as tf.Tensor1D);
  const variance = tf.square(random('variance', channels)) as tf.Tensor1D;
  return tf.relu6(tf.batchNorm(tf.add(y, random('bias', channels)), mean!, variance, offset, scale, 0.1));
}

describe('an op after a convolution or product', () => {
  const backend = useBackend({ deferred: true });

  /** The values of what `f` gives, and the draws that it takes. */
  function readOf(f: () => tf.Tensor): { values: tf.TypedArray; draws: number } {
    const before = backend().stats().draws;
    const y = tf.tidy(f);
    const values = y.dataSync();
    y.dispose();
    return { values, draws: backend().stats().draws - before };
  }

  for (const [title, { shape, run }] of Object.entries(producers)) {
    const y = (): tf.Tensor => run(random('x', shape));

    it(`takes no draw of its own after ${title}`, async () => {
      const before = counts(backend());
      const { draws } = readOf(y);
      const chain = readOf(() => finished(y()));
      expect(chain.draws).toBe(draws);
      tf.test_util.expectArraysClose(chain.values, (await onCpu(() => finished(y()))).values, 1e-4);
      expect(counts(backend())).toEqual(before);
    });

    it(`is the same where others read ${title}, too`, async () => {
      const before = counts(backend());
      const kept = tf.tidy(y);
      const result = tf.tidy(() => finished(kept));
      const both = tf.tidy(() => tf.sub(finished(kept), kept));
      tf.test_util.expectArraysClose(result.dataSync(), (await onCpu(() => finished(y()))).values, 1e-4);
      tf.test_util.expectArraysClose(kept.dataSync(), (await onCpu(y)).values, 1e-4);
      tf.test_util.expectArraysClose(both.dataSync(), (await onCpu(() => tf.sub(finished(y()), y()))).values, 1e-4);
      tf.dispose([kept, result, both]);
      expect(counts(backend())).toEqual(before);
    });
  }

  it('includes the sum with a shortcut, be it computed or another convolution', async () => {
    const x = (): tf.Tensor => random('x', [2, 9, 9, 8]);
    const conv = (): tf.Tensor => producers['a convolution']!.run(x());
    const shortcut = (): tf.Tensor => producers['a convolution']!.run(tf.neg(x()));
    const block = (): tf.Tensor => tf.relu(tf.add(finished(conv()), finished(shortcut())));
    const apart = readOf(conv).draws + readOf(shortcut).draws;
    const { values, draws } = readOf(block);
    expect(draws).toBe(apart);
    tf.test_util.expectArraysClose(values, (await onCpu(block)).values, 1e-4);
  });

  it('is a pass of its own unless it works channel by channel', async () => {
    const conv = (): tf.Tensor => producers['a convolution']!.run(random('x', [2, 9, 9, 8]));
    const scaled = (): tf.Tensor => tf.mul(conv(), random('column', [9, 1, 1]));
    const { values, draws } = readOf(scaled);
    expect(draws).toBe(readOf(conv).draws + 1);
    tf.test_util.expectArraysClose(values, (await onCpu(scaled)).values, 1e-4);
  });

  it('is not computed, nor is the convolution, if nobody reads it', () => {
    const before = counts(backend());
    const x = random('x', [2, 9, 9, 8]);
    x.dataSync();
    const filter = weights([3, 3, 8, 8]);
    const draws = backend().stats().draws;
    const y = tf.tidy(() => finished(tf.conv2d(x as tf.Tensor4D, filter, 1, 'same')));
    tf.dispose([x, filter]);
    y.dispose();
    expect(backend().stats().draws).toBe(draws);
    expect(counts(backend())).toEqual(before);
  });
});

/** A sum of which a factor is itself a sum, over the same axes. */
interface FactoredSum {
  readonly shape: number[];
  readonly axes: number[];
  /** What the factor is made of its sum. */
  readonly factor: (sum: tf.Tensor, x: tf.Tensor) => tf.Tensor;
  readonly keepDims?: boolean;
}

const factoredSums: Readonly<Record<string, FactoredSum>> = {
  'one number': { shape: [30, 8], axes: [0, 1], factor: (sum) => sum },
  'a number for each channel': { shape: [4, 5, 6, 8], axes: [0, 1, 2], factor: (sum) => tf.sqrt(sum) },
  'channels that fill no texel': { shape: [4, 5, 7], axes: [0, 1], factor: (sum) => tf.div(sum, 3), keepDims: true },
  'a number for each row': { shape: [9, 33], axes: [1], factor: (sum) => tf.square(sum) },
  'what is spread by ones': {
    shape: [30, 25, 8],
    axes: [1],
    factor: (sum, x) => tf.div(tf.mul(sum, tf.onesLike(x)), 7),
  },
  'axes between others': { shape: [9, 5, 24, 6], axes: [1, 2], factor: (sum, x) => tf.mul(tf.onesLike(x), sum) },
};

describe('a sum of products', () => {
  const backend = useBackend({ deferred: true });
  const folds = (f: () => tf.Tensor): number => passesOf(f, backend()).filter((name) => name === 'reduce').length;

  for (const [title, { shape, axes, factor, keepDims }] of Object.entries(factoredSums)) {
    it(`is taken in one pass with the sum that its factor waits for: ${title}`, async () => {
      const before = counts(backend());
      const sums = (): tf.Tensor => {
        const [x, y] = [tf.abs(random('x', shape)), random('y', shape)];
        const own = factor(tf.sum(x, axes, true), x);
        return tf.sum(tf.mul(own, tf.add(y, 2)), axes, keepDims);
      };
      const plain = (): tf.Tensor => tf.sum(tf.abs(random('x', shape)), axes);
      expect(folds(sums)).toBe(folds(plain));
      const y = tf.tidy(sums);
      const expected = await onCpu(sums);
      tf.test_util.expectArraysClose(y.dataSync(), expected.values, 1e-4 * Math.max(...expected.values.map(Math.abs)));
      expect(y.shape).toEqual(expected.shape);
      y.dispose();
      expect(counts(backend())).toEqual(before);
    });
  }

  it('shares a pass with others over the same dimensions, whichever of them have one element', () => {
    const x = random('x', [20, 8]);
    const sums = (): tf.Tensor => {
      const plain = tf.sum(tf.abs(x), 0);
      const padded = tf.sum(tf.square(tf.reshape(x, [1, 20, 1, 8])), [0, 1], true);
      return tf.add(plain, tf.reshape(padded, [8]));
    };
    expect(folds(sums)).toBe(1);
    x.dispose();
  });

  it('is the same where memory asks for its factors meanwhile', async () => {
    const shape = [30, 25, 8];
    const sums = (large: tf.Tensor[]): tf.Tensor => {
      const [x, y] = [random('x', shape), random('y', shape)];
      const product = tf.tidy(() => {
        const factor = tf.div(tf.mul(tf.sum(tf.abs(x), 1, true), tf.onesLike(x)), 3);
        return tf.mul(factor, tf.add(y, 2));
      });
      const holding = large.map((held) => tf.add(held, 1));
      // What is left then are references of pending work, which holds more bytes than it may.
      tf.dispose([x, y, ...large]);
      const result = tf.sum(product, 1);
      tf.dispose([product, ...holding]);
      return result;
    };
    const before = counts(backend());
    // Two, since the textures of some devices hold no more than 2048 x 2048 texels.
    const large = [0, 1].map(() => tf.tidy(() => tf.tile(random('row', [1, 4096]), [2100, 1])));
    for (const held of large) tf.tidy(() => tf.slice(held, [0, 0], [1, 1]).dataSync());
    const draws = backend().stats().draws;
    const y = sums(large);
    expect(backend().stats().draws).withContext('before anybody reads').toBeGreaterThan(draws);
    tf.test_util.expectArraysClose(y.dataSync(), (await onCpu(() => sums([tf.zeros([1])]))).values, 1e-2);
    y.dispose();
    expect(counts(backend())).toEqual(before);
  });

  it('is NaN where the factor is not finite, as sums of both signs are', async () => {
    const sums = (): tf.Tensor => {
      const x = tf.tensor2d([1e38, 1e38, 3e38, 3e38, NaN, 1, 2, 2], [4, 2]);
      return tf.sum(tf.mul(tf.sum(x, 1, true), tf.tensor2d([1, -1, 2, -1, 1, 1, 3, -1], [4, 2])), 1);
    };
    const y = tf.tidy(sums);
    expect(Array.from(y.dataSync())).toEqual([0, NaN, NaN, 8]);
    expect(Array.from((await onCpu(sums)).values)).toEqual([0, NaN, NaN, 8]);
    y.dispose();
  });

  it('is summed as it is where the factor differs, is a variable, or is there', () => {
    const shape = [20, 8];
    const y = tf.variable(random('y', shape));
    const of = (factor: () => tf.Tensor) => (): tf.Tensor => tf.sum(tf.mul(factor(), tf.add(random('z', shape), 1)), 0);
    const sum = (): tf.Tensor => tf.sum(tf.abs(random('x', shape)), 1, true);
    expect(folds(of(sum))).toBe(2);
    expect(folds(of(() => y))).toBe(1);
    expect(folds(of(() => random('factor', [8])))).toBe(1);
    y.dispose();
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
