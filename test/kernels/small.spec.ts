/** A tensor gives the same wherever its values are, and however small it is. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import cases from 'virtual:cases';
import { backendInside } from '../backend';
import { defineHostKernel } from '../../src/kernel/define_kernel';
import { SMALL } from '../../src/kernel/small_on_cpu';
import type { KernelCase } from '../cases/case';
import { randomOf, valuesOf } from '../cases/fill';
import { seed } from '../page';
import { callKernel, copyOnGpu, fillInputs, type Output } from './call';

const sizeOf = ({ inputs }: KernelCase) =>
  Object.values(inputs).reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);

async function onConvgl(smallOnCpu: boolean): Promise<void> {
  await tf.setBackend('convgl');
  backendInside().smallOnCpu = smallOnCpu;
}

describe('small tensors', () => {
  beforeAll(() => onConvgl(true));
  afterAll(() => onConvgl(true));

  const small = cases.filter((one) => one.bench !== true && sizeOf(one) > 0 && sizeOf(one) <= SMALL);
  for (const kernel of [...new Set(small.map((one) => one.kernel))].sort()) {
    it(`of ${kernel} give the same bits on the host and on the GPU`, async () => {
      for (const one of small.filter((c) => c.kernel === kernel)) {
        const random = randomOf(seed, `${kernel} ${one.name}`);
        const values = fillInputs(one, (spec) => valuesOf(spec, random));
        await onConvgl(true);
        const host = await callKernel('convgl', one, values);
        await onConvgl(false);
        const gpu = await callKernel('convgl', { ...one, made: true }, values);
        const plain = (outputs: readonly Output[]) =>
          outputs.map((output) => ({ ...output, values: Array.from(output.values, (x) => x + 0) }));
        expect(plain(host)).withContext(one.name).toEqual(plain(gpu));
      }
      await onConvgl(true);
    });
  }
});

const numbers = (values: number[], shape: number[]) => tf.tensor(values, shape);
const counting = (shape: number[]) =>
  numbers(
    Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => i),
    shape,
  );
const integers = (...values: number[]) => tf.tensor1d(values, 'int32');

/** Calls that tfjs-backend-cpu gets wrong, with what they mean. */
const meant: readonly (readonly [name: string, work: () => tf.Tensor, expected: readonly number[]])[] = [
  [
    'a product of batches that broadcast on both sides',
    () => tf.matMul(counting([2, 1, 2, 2]), counting([1, 3, 2, 2])),
    [2, 3, 6, 11, 6, 7, 26, 31, 10, 11, 46, 51, 10, 19, 14, 27, 46, 55, 66, 79, 82, 91, 118, 131],
  ],
  ['a sum of an outer product', () => tf.einsum('i,j->', numbers([1, 2], [2]), numbers([3, 4], [2])), [21]],
  ['a product of int32', () => tf.mul(integers(65537, 2 ** 31 - 1), integers(65537, 2 ** 31 - 1)), [131073, 1]],
  ['a product of all of int32', () => tf.prod(integers(2 ** 31 - 1, 2 ** 31 - 1, 3)), [3]],
  ['a square of int32', () => tf.square(integers(2 ** 31 - 1, 65537)), [1, 131073]],
  [
    'a squared difference of int32',
    () => tf.squaredDifference(integers(2 ** 31 - 1, 65537), integers(0, 0)),
    [1, 131073],
  ],
  ['a power of int32', () => tf.pow(integers(2 ** 31 - 1, 3), integers(2, 21)), [1, 1870418611]],
  ['the modulus of int32', () => tf.abs(integers(16777217, -(2 ** 31 - 1))), [16777217, 2 ** 31 - 1]],
  [
    'a sum over segments, of which one has NaN',
    () => tf.unsortedSegmentSum(numbers([NaN, 1], [2]), integers(0, 1), 2),
    [NaN, 1],
  ],
  [
    'the logarithm of a softmax of bool',
    () => tf.round(tf.mul(tf.logSoftmax(tf.tensor1d([1, 0], 'bool')), 1000)),
    [-313, -1313],
  ],
  [
    'slices chosen by a condition of rank 1',
    () =>
      tf.engine().runKernel(tf.Select, {
        condition: tf.tensor1d([1, 0], 'bool'),
        t: counting([2, 2]),
        e: numbers([5, 6, 7, 8], [2, 2]),
      }),
    [0, 1, 7, 8],
  ],
  [
    'a strided slice whose dimension shrinks',
    () => tf.stridedSlice(counting([2, 6]), [0, 4], [2, 5], [1, 2], 0, 0, 0, 0, 2),
    [4, 10],
  ],
  [
    'the gradient of an aligned nearest-neighbour resize of one pixel',
    () => tf.grad((x) => tf.sum(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [2, 2], true)))(tf.ones([1, 1, 1, 1])),
    [4],
  ],
  [
    'the gradient of a bilinear resize of two images',
    () => tf.grad((x) => tf.sum(tf.image.resizeBilinear(x as tf.Tensor4D, [2, 3])))(tf.ones([2, 1, 1, 1])),
    [6, 6],
  ],
  [
    'the gradient of a dilation',
    () =>
      tf.grad((x) => tf.dilation2d(x as tf.Tensor4D, tf.zeros([2, 2, 1]), 1, 'valid'))(
        numbers([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]),
      ),
    [0, 0, 0, 0, 1, 1, 0, 1, 1],
  ],
  [
    "the gradient of a dilation's filter",
    () =>
      tf.grad((w) => tf.dilation2d(counting([1, 3, 3, 1]) as tf.Tensor4D, w as tf.Tensor3D, 1, 'valid'))(
        tf.zeros([2, 2, 1]),
      ),
    [0, 0, 0, 4],
  ],
  [
    'the gradient of a maximum over volumes',
    () => tf.grad((x) => tf.sum(tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'valid')))(counting([2, 2, 2, 2, 1])),
    [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
  ],
  [
    'the gradient of a mean over volumes',
    () => tf.grad((x) => tf.sum(tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'valid')))(counting([2, 2, 2, 2, 1])),
    new Array<number>(16).fill(1 / 8),
  ],
  [
    'the gradient of a dilated convolution',
    () =>
      tf.grad((x) => tf.sum(tf.conv2d(x as tf.Tensor4D, counting([2, 2, 1, 1]) as tf.Tensor4D, 1, 'valid', 'NHWC', 2)))(
        tf.ones([1, 3, 3, 1]),
      ),
    [0, 0, 1, 0, 0, 0, 2, 0, 3],
  ],
  [
    "the gradient of a dilated convolution's filter",
    () =>
      tf.grad((w) => tf.sum(tf.conv2d(counting([1, 3, 3, 1]) as tf.Tensor4D, w as tf.Tensor4D, 1, 'valid', 'NHWC', 2)))(
        tf.ones([2, 2, 1, 1]),
      ),
    [0, 2, 6, 8],
  ],
];

describe('what tfjs-backend-cpu gets wrong', () => {
  beforeAll(() => onConvgl(true));
  for (const [name, work, expected] of meant) {
    it(`is right for small tensors: ${name}`, () => {
      const y = tf.tidy(work);
      expect(Array.from(y.dataSync())).toEqual([...expected]);
      y.dispose();
    });
  }
});

describe('where a value is', () => {
  beforeAll(() => onConvgl(true));

  it('is nothing that a result depends on: reading changes no later one', async () => {
    const x = copyOnGpu(numbers([0.1, 0.7, -1.3, 1e-20], [4]));
    const work = () => tf.tidy(() => tf.exp(tf.sub(tf.mul(tf.add(x, 0.3), x), tf.mul(x, 1.7)))).dataSync();
    const before = work();
    await x.data();
    expect(work()).toEqual(before);
    x.dispose();
  });

  it('is the same for a range of any length', () => {
    const short = tf.range(0, 1, 0.1).dataSync();
    expect(short).toEqual(tf.range(0, 300, 0.1).dataSync().slice(0, short.length));
    expect(tf.range(3, 40, 4, 'int32').dataSync()).toEqual(tf.range(3, 4000, 4, 'int32').dataSync().slice(0, 10));
  });

  it('is nothing that a topk of NaN depends on', () => {
    const values = [3, NaN, 1, NaN, 2];
    const places = (x: tf.Tensor) => Array.from(tf.topk(x, 5).indices.dataSync());
    expect(places(numbers(values, [5]))).toEqual(places(copyOnGpu(numbers(values, [5]))));
  });
});

describe('a kernel on the host', () => {
  it('is lent tensors that know what tensors do', async () => {
    await tf.setBackend('convgl');
    const known: object[] = [];
    tf.registerKernel({
      kernelName: 'Test/lent',
      backendName: 'cpu',
      kernelFunc: ({ inputs, backend }) => {
        const { rank, size, strides } = inputs['x'] as tf.Tensor;
        known.push({ rank, size, strides });
        return {
          dataId: (backend as tf.KernelBackend).write(new Float32Array(1), [], 'float32'),
          shape: [],
          dtype: 'float32',
        };
      },
    });
    tf.registerKernel(defineHostKernel('Test/lent'));
    tf.tidy(() => void tf.engine().runKernel('Test/lent', { x: tf.ones([2, 3, 4]) }));
    expect(known).toEqual([{ rank: 3, size: 24, strides: [12, 4] }]);
    for (const backend of ['cpu', 'convgl']) tf.unregisterKernel('Test/lent', backend);
  });
});
