/** Kernels of an application's own: what they compute, their gradients, and what they say when something is wrong. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { laplacian } from '../../examples/custom-kernel/laplacian';
import { defineGLSLKernel, KernelError, ShaderError } from '../../src/index';
import { checkGradient } from '../kernels/gradient';
import { counts, onGpu, startBackend, stopBackend, useBackend } from './backends';

const mix = defineGLSLKernel({
  name: 'Test/Mix',
  inputs: { a: 'float32', b: 'float32' },
  attributes: { amount: 'float' },
  output: ({ a }) => ({ shape: a.shape }),
  glsl: 'float element(int i) { return a_at(i) * (1.0 - amount) + b_at(i) * amount; }',
  gradient: (dy, { b }, { amount }) => ({
    a: () => tf.mul(dy, 1 - amount),
    b: () => tf.mul(tf.onesLike(b), tf.mul(dy, amount)),
  }),
});

/** Each element of x at other coordinates, with the dtype of x. */
function rolled(name: string, dtype: 'float32' | 'int32' | 'bool') {
  return defineGLSLKernel({
    name,
    inputs: { x: dtype },
    attributes: { by: 'int' },
    output: ({ x }) => ({ shape: x.shape, dtype }),
    glsl: `${dtype === 'float32' ? 'float' : 'int'} element(int i) {
  int c[3];
  coordsOf(i, c);
  return x_get(c[0], (c[1] + by) % x_shape[1], dims[2] - 1 - c[2]);
}`,
  });
}

const total = defineGLSLKernel({
  name: 'Test/Total',
  inputs: { x: 'int32' },
  output: () => ({ shape: [], dtype: 'int32' }),
  glsl: 'int element(int i) { int sum = 0; for (int k = 0; k < x_shape[0]; k++) sum += x_at(k); return sum; }',
});

const broken = defineGLSLKernel({
  name: 'Test/Broken',
  inputs: { x: 'float32' },
  output: ({ x }) => ({ shape: x.shape }),
  glsl: 'float element(int i) { return nowhere(i); }',
});

describe('a custom kernel', () => {
  const backend = useBackend();
  const a = Float32Array.from({ length: 350 }, () => Math.random());
  const b = Float32Array.from({ length: 350 }, () => Math.random());

  it('computes every element, and leaks nothing', () => {
    const before = counts(backend());
    for (const shape of [[350], [7, 50], [2, 5, 35], [1, 7, 5, 2, 5]]) {
      const y = tf.tidy(() => mix({ a: tf.tensor(a, shape), b: tf.tensor(b, shape) }, { amount: 0.25 }));
      expect(y.shape).toEqual(shape);
      y.dataSync<'float32'>().forEach((value, i) => expect(value).toBeCloseTo(a[i]! * 0.75 + b[i]! * 0.25, 6));
      y.dispose();
    }
    expect(counts(backend())).toEqual(before);
  });

  it('takes the output shape of each call, even from one shared array', () => {
    const shape = [0, 3];
    const coordinate = defineGLSLKernel({
      name: 'Test/Coordinate',
      inputs: { x: 'float32' },
      output: () => ({ shape }),
      glsl: 'float element(int i) { int c[2]; coordsOf(i, c); return float(c[0] * dims[1] + c[1]) + x_at(0); }',
    });
    for (const rows of [200, 70, 300]) {
      shape[0] = rows;
      shape[1] = rows === 70 ? 5 : 3;
      const y = coordinate({ x: tf.zeros([500]) });
      expect(Array.from(y.dataSync())).toEqual(Array.from({ length: rows * shape[1] }, (_, i) => i));
      tf.dispose(y);
    }
  });

  it('compiles nothing for other sizes and attributes', () => {
    const programs = () => backend().stats().programs;
    const run = (size: number, amount: number) =>
      tf.dispose(tf.tidy(() => mix({ a: tf.ones([size, 3]), b: tf.ones([size, 3]) }, { amount })));
    run(100, 0.1);
    const before = programs();
    run(77, 0.9);
    expect(programs()).toBe(before);
  });

  for (const dtype of ['float32', 'int32', 'bool'] as const) {
    it(`knows coordinates and shapes, ${dtype}`, () => {
      const roll = rolled(`Test/Rolled ${dtype}`, dtype);
      const values = Array.from({ length: 60 }, () =>
        dtype === 'bool' ? Math.round(Math.random()) : Math.floor(1e9 * Math.random()),
      );
      const [x, y] = tf.tidy(() => {
        const given = tf.tensor3d(values, [3, 4, 5], dtype);
        return [tf.clone(given), roll({ x: given }, { by: 3 })];
      });
      const [from, to] = [x.arraySync(), y.arraySync()] as number[][][][];
      expect(y.dtype).toBe(dtype);
      to!.forEach((plane, i) => plane.forEach((row, j) => expect(row).toEqual([...from![i]![(j + 3) % 4]!].reverse())));
      tf.dispose([x, y]);
    });
  }

  it('gives a scalar, exact integers, and runs on an empty tensor', () => {
    const y = tf.tidy(() => total({ x: tf.tensor1d([2 ** 24 + 1, 2 ** 24 + 1, -3], 'int32') }));
    expect([y.shape, y.dataSync()[0]]).toEqual([[], 2 ** 25 - 1]);
    const none = tf.tidy(() => mix({ a: tf.zeros([0, 3]), b: tf.zeros([0, 3]) }, { amount: 1 }));
    expect(none.shape).toEqual([0, 3]);
    tf.dispose([y, none]);
  });

  it("runs by its name through tfjs's engine, and on a backend that was registered after it", async () => {
    const own = tf.getBackend();
    const { name } = await startBackend();
    const inputs = { a: tf.ones([4]), b: tf.zeros([4]) };
    const y = tf.engine().runKernel<tf.Tensor>('Test/Mix', inputs, { amount: 0.5 });
    expect([...y.dataSync()]).toEqual([0.5, 0.5, 0.5, 0.5]);
    tf.dispose([inputs, y]);
    await stopBackend(name);
    await tf.setBackend(own);
  });

  it('throws a ShaderError with its name, the wrong line and the driver log if the GLSL is rejected', () => {
    const x = onGpu(new Float32Array(150).fill(1), 'float32');
    const before = counts(backend());
    expect(() => broken({ x })).toThrowError(
      ShaderError,
      /plan custom .*Test\/Broken[\s\S]* {2}float element\(int i\) \{ return nowhere\(i\); \}\n {4}\^ ERROR:.*nowhere/,
    );
    expect(counts(backend())).toEqual(before);
    const y = tf.neg(x);
    expect(y.dataSync()[299]).toBe(-1);
    tf.dispose([x, y]);
  });

  it('names an input that is missing or has another dtype, and an attribute that is no number', () => {
    const [x, n] = [tf.ones([3]), tf.ones([3], 'int32')];
    const before = counts(backend());
    const run = (inputs: Record<string, tf.Tensor>, attrs: tf.NamedAttrMap) => () =>
      tf.engine().runKernel('Test/Mix', inputs, attrs);
    expect(run({ a: x }, { amount: 1 })).toThrowError(KernelError, /^Test\/Mix: .*no input b/);
    expect(run({ a: x, b: n }, { amount: 1 })).toThrowError(KernelError, /b of dtype int32, expected float32/);
    expect(run({ a: x, b: x }, {})).toThrowError(KernelError, /undefined for the attribute amount/);
    expect(counts(backend())).toEqual(before);
    tf.dispose([x, n]);
  });

  it('throws if a kernel of its name exists', () => {
    const kernel = { inputs: { x: 'float32' }, output: () => ({ shape: [] }), glsl: '' } as const;
    expect(() => defineGLSLKernel({ name: 'Add', ...kernel })).toThrowError(KernelError, /registered already/);
    expect(() => defineGLSLKernel({ name: 'Test/Mix', ...kernel })).toThrowError(KernelError, /registered already/);
  });
});

describe('the gradient of a custom kernel', () => {
  const shape = [9, 7];
  const random = () => Float32Array.from({ length: 63 }, () => Math.random());

  it('is the one that the application gives', async () => {
    await tf.setBackend('convgl');
    const [x, y] = [random(), random()];
    const gradients = tf.tidy(() =>
      tf.grads((p, q) => mix({ a: p, b: q }, { amount: 0.25 }))([tf.tensor(x, shape), tf.tensor(y, shape)]),
    );
    expect([...new Set(gradients.flatMap((g) => [...g.dataSync()]))]).toEqual([0.75, 0.25]);
    tf.dispose(gradients);
  });

  it('is right for the example, by differences', async () => {
    // The differences are taken on the cpu backend, where the same is a convolution.
    const reference = (image: tf.Tensor) => {
      const padded = tf.mirrorPad(
        image as tf.Tensor2D,
        [
          [1, 1],
          [1, 1],
        ],
        'symmetric',
      );
      const filter = tf.tensor4d([0, 1, 0, 1, -4, 1, 0, 1, 0], [3, 3, 1, 1]);
      return tf.reshape(tf.conv2d(tf.reshape<tf.Rank.R4>(padded, [1, 11, 9, 1]), filter, 1, 'valid'), shape);
    };
    const f = (image: tf.Tensor) => (tf.getBackend() === 'cpu' ? reference(image) : laplacian(image as tf.Tensor2D));
    await checkGradient('Example/Laplacian', f, [{ shape, values: random() }]);
    await tf.setBackend('convgl');
  });

  it('may come from tf.customGrad instead', () => {
    const twice = tf.customGrad((x) => ({
      value: total({ x: tf.cast(x as tf.Tensor, 'int32') }),
      gradFunc: (dy) => tf.mul(dy, tf.ones([3])),
    }));
    const gradient = tf.tidy(() => tf.grad((x) => tf.cast(twice(x), 'float32'))(tf.tensor1d([1, 2, 3])));
    expect([...gradient.dataSync()]).toEqual([1, 1, 1]);
    gradient.dispose();
  });
});
