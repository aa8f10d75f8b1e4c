/** A device with small textures: tensors near the limit agree with cpu, and beyond it a typed error leaves all as it was. */
import * as tf from '@tensorflow/tfjs-core';
import { KernelError, TextureSizeError } from '../../src/index';
import type { KernelCase } from '../cases/case';
import { expectAsOnCpu } from '../kernels/harness';
import { counts, startBackend, stopBackend, useBackend } from './backends';

/** A texture of this side holds 65,536 elements. */
const SIDE = 128;
const FULL = SIDE * SIDE * 4;

const conv = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 } as const;
const plain = { transposeA: false, transposeB: false } as const;
const reduction = { axis: [0], keepDims: false } as const;

function product(name: string, a: readonly number[], b: readonly number[], attrs: object = {}): KernelCase {
  const inputs = { a: { shape: [1, ...a] }, b: { shape: [1, ...b] } };
  return { name, kernel: 'BatchMatMul', inputs, attrs: { ...plain, ...attrs } };
}

function layer(name: string, x: readonly number[], filter: readonly number[], attrs: object = {}): KernelCase {
  return {
    name,
    kernel: 'Conv2D',
    inputs: { x: { shape: x }, filter: { shape: filter } },
    attrs: { ...conv, ...attrs },
  };
}

const cases: readonly KernelCase[] = [
  { name: 'as much as fits', kernel: 'Add', inputs: { a: { shape: [FULL] }, b: { shape: [FULL] } } },
  { name: 'broadcast', kernel: 'Add', inputs: { a: { shape: [255, 257] }, b: { shape: [257] } } },
  product('as much as fits', [256, 256], [256, 256]),
  product('odd', [61, 203], [203, 79]),
  product('long rows', [3, 16000], [16000, 3]),
  product('a column', [16000, 1], [1, 1]),
  product('a transposed', [256, 120], [256, 100], { transposeA: true }),
  product('b transposed', [100, 256], [120, 256], { transposeB: true }),
  { name: 'all', kernel: 'Sum', inputs: { x: { shape: [FULL] } }, attrs: reduction },
  { name: 'rows', kernel: 'Sum', inputs: { x: { shape: [256, 256] } }, attrs: { ...reduction, axis: [1] } },
  { name: 'odd columns', kernel: 'Sum', inputs: { x: { shape: [251, 261] } }, attrs: reduction },
  {
    name: 'long rows',
    kernel: 'Max',
    inputs: { x: { shape: [2, 32000] } },
    attrs: { reductionIndices: [1], keepDims: false },
  },
  { name: 'as much as fits', kernel: 'Transpose', inputs: { x: { shape: [256, 256] } }, attrs: { perm: [1, 0] } },
  { name: 'odd', kernel: 'Transpose', inputs: { x: { shape: [5, 61, 201] } }, attrs: { perm: [2, 0, 1] } },
  { name: 'odd', kernel: 'Concat', inputs: [{ shape: [200, 163] }, { shape: [200, 164] }], attrs: { axis: 1 } },
  layer('as much as fits', [4, 16, 16, 64], [3, 3, 64, 16]),
  layer('image rows that no texture row holds', [1, 4, 1000, 16], [3, 3, 16, 8]),
  layer('so many channels that transforms for Winograd do not fit', [1, 14, 14, 80], [3, 3, 80, 80]),
  layer('one channel', [9, 60, 60, 1], [3, 3, 1, 2]),
  layer('one channel, in rows wider than a texture', [1, 3, 1000, 1], [3, 3, 1, 8]),
  layer('one channel, to results wider than a texture', [1, 3, 30, 1], [3, 3, 1, 500]),
  layer('to one channel, of pixels wider than a texture', [1, 3, 4, 1023], [2, 2, 1023, 1]),
  layer('three channels', [1, 60, 60, 3], [3, 3, 3, 5], { strides: 2 }),
  {
    name: 'as much as fits',
    kernel: 'Conv2DBackpropInput',
    inputs: { dy: { shape: [4, 16, 16, 64] }, filter: { shape: [3, 3, 16, 64] } },
    attrs: { ...conv, inputShape: [4, 16, 16, 16] },
  },
  {
    name: 'as much as fits',
    kernel: 'Conv2DBackpropFilter',
    inputs: { x: { shape: [4, 16, 16, 64] }, dy: { shape: [4, 16, 16, 16] } },
    attrs: { ...conv, filterShape: [3, 3, 64, 16] },
  },
];

/** One pixel of x, of dy, or one tap of the filter takes more texels than a texture is wide. */
const wide: readonly KernelCase[] = [
  layer('taps wider than a texture', [1, 3, 4, 256], [2, 3, 256, 8]),
  layer('pixels wider than a texture', [1, 3, 4, 1024], [2, 2, 1024, 8], { strides: 2 }),
  layer('pixels of odd channels', [2, 3, 3, 1021], [2, 1, 1021, 5]),
  layer('pointwise', [1, 3, 3, 2048], [1, 1, 2048, 8]),
  layer('many results', [1, 3, 3, 8], [3, 2, 8, 1023], { dilations: 2 }),
  {
    name: 'pixels wider than a texture',
    kernel: 'FusedConv2D',
    inputs: { x: { shape: [1, 3, 4, 1024] }, filter: { shape: [2, 2, 1024, 8] }, bias: { shape: [8] } },
    attrs: { ...conv, activation: 'relu' },
  },
  {
    name: 'results wider than a texture',
    kernel: 'Conv2DBackpropInput',
    inputs: { dy: { shape: [1, 3, 4, 1024] }, filter: { shape: [2, 2, 8, 1024] } },
    attrs: { ...conv, inputShape: [1, 3, 4, 8] },
  },
  {
    name: 'pixels wider than a texture, by a stride',
    kernel: 'Conv2DBackpropInput',
    inputs: { dy: { shape: [1, 2, 2, 16] }, filter: { shape: [2, 2, 1023, 16] } },
    attrs: { ...conv, strides: 2, inputShape: [1, 4, 4, 1023] },
  },
  {
    name: 'to one channel, of pixels wider than a texture',
    kernel: 'Conv2DBackpropInput',
    inputs: { dy: { shape: [1, 3, 4, 1024] }, filter: { shape: [2, 2, 1, 1024] } },
    attrs: { ...conv, inputShape: [1, 3, 4, 1] },
  },
  {
    name: 'one channel',
    kernel: 'Conv2DBackpropFilter',
    inputs: { x: { shape: [4, 60, 60, 1] }, dy: { shape: [4, 60, 60, 2] } },
    attrs: { ...conv, filterShape: [3, 3, 1, 2] },
  },
  {
    name: 'one channel, of results wider than a texture',
    kernel: 'Conv2DBackpropFilter',
    inputs: { x: { shape: [1, 3, 30, 1] }, dy: { shape: [1, 3, 30, 500] } },
    attrs: { ...conv, filterShape: [3, 3, 1, 500] },
  },
  {
    name: 'pixels wider than a texture',
    kernel: 'Conv2DBackpropFilter',
    inputs: { x: { shape: [2, 3, 4, 1024] }, dy: { shape: [2, 3, 4, 8] } },
    attrs: { ...conv, filterShape: [2, 2, 1024, 8] },
  },
  {
    name: 'results wider than a texture',
    kernel: 'Conv2DBackpropFilter',
    inputs: { x: { shape: [2, 3, 4, 7] }, dy: { shape: [2, 3, 4, 1023] } },
    attrs: { ...conv, filterShape: [2, 2, 7, 1023] },
  },
  {
    name: 'pixels wider than a texture',
    kernel: 'DepthwiseConv2dNative',
    inputs: { x: { shape: [1, 4, 4, 1023] }, filter: { shape: [3, 3, 1023, 1] } },
    attrs: conv,
  },
  {
    name: 'pixels wider than a texture',
    kernel: 'DepthwiseConv2dNativeBackpropInput',
    inputs: { dy: { shape: [1, 4, 4, 1022] }, filter: { shape: [3, 2, 511, 2] } },
    attrs: { ...conv, inputShape: [1, 4, 4, 511] },
  },
  {
    name: 'pixels wider than a texture',
    kernel: 'DepthwiseConv2dNativeBackpropFilter',
    inputs: { x: { shape: [2, 4, 4, 1024] }, dy: { shape: [2, 4, 4, 1024] } },
    attrs: { ...conv, filterShape: [3, 3, 1024, 1] },
  },
  {
    name: 'pixels wider than a texture',
    kernel: 'Conv3D',
    inputs: { x: { shape: [1, 3, 3, 3, 700] }, filter: { shape: [2, 2, 2, 700, 4] } },
    attrs: { strides: 1, pad: 'same', dataFormat: 'NDHWC', dilations: 1 },
  },
];

describe(`a device with textures of ${SIDE} x ${SIDE}`, () => {
  const backend = useBackend({ maxTextureSize: SIDE });
  let name = '';
  beforeAll(() => {
    name = tf.getBackend();
  });
  afterEach(() => tf.setBackend(name));

  for (const one of [...cases, ...wide]) {
    it(`${one.kernel}: ${one.name} as on cpu`, () => expectAsOnCpu(name, one));
  }

  it('refuses a tensor that no texture holds, by name and size, and goes on working', () => {
    const large = tf.ones([FULL + 1]);
    const before = counts(backend());
    expect(() => tf.neg(large)).toThrowMatching(
      (error) =>
        error instanceof TextureSizeError && error.maxTextureSize === SIDE && error.message.includes(`${FULL + 1}`),
    );
    expect(counts(backend())).toEqual(before);
    // Its values stay readable, and others work.
    expect(large.dataSync().length).toBe(FULL + 1);
    const y = tf.tidy(() => tf.neg(tf.ones([FULL])));
    expect(y.dataSync()[FULL - 1]).toBe(-1);
    tf.dispose([large, y]);
  });

  it('refuses a result that no texture holds, and leaves nothing behind', () => {
    const x = tf.ones([1000, 50]);
    const y = tf.neg(x);
    const [column, row] = [tf.reshape(y, [50000, 1]), tf.reshape(y, [1, 50000])];
    const before = counts(backend());
    expect(() => tf.concat([y, y])).toThrowError(TextureSizeError, /\[2000, 50\]/);
    expect(() => tf.tile(y, [2, 2])).toThrowError(TextureSizeError);
    expect(() => tf.matMul(column as tf.Tensor2D, row as tf.Tensor2D)).toThrowError(TextureSizeError);
    expect(counts(backend())).toEqual(before);
    tf.dispose([x, y, column, row]);
  });
});

describe('errors of kernels', () => {
  const backend = useBackend();

  const mistakes: readonly {
    title: string;
    kernel: string;
    shapes: Record<string, number[]>;
    attrs: object;
    says: RegExp;
  }[] = [
    {
      title: 'channels that differ',
      kernel: 'Conv2D',
      shapes: { x: [1, 8, 8, 3], filter: [3, 3, 4, 8] },
      attrs: conv,
      says: /^Conv2D: x has 3 channels but the filter expects 4\./,
    },
    {
      title: 'inner sizes that differ',
      kernel: 'BatchMatMul',
      shapes: { a: [1, 2, 3], b: [1, 4, 5] },
      attrs: { transposeA: false, transposeB: false },
      says: /^BatchMatMul: .*3.*4/,
    },
    {
      title: 'an activation that is none',
      kernel: 'FusedConv2D',
      shapes: { x: [1, 8, 8, 4], filter: [3, 3, 4, 8] },
      attrs: { ...conv, activation: 'swoosh' },
      says: /^FusedConv2D: .*swoosh.*relu/,
    },
  ];

  for (const { title, kernel, shapes, attrs, says } of mistakes) {
    it(`${kernel} names ${title}, and leaves nothing behind`, () => {
      const inputs = Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, tf.ones(shape)]));
      const before = counts(backend());
      expect(() => tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap)).toThrowError(KernelError, says);
      expect(counts(backend())).toEqual(before);
      tf.dispose(inputs);
    });
  }

  it('an integer division by zero gives 0, as on cpu, and nothing undefined', () => {
    const [a, b] = [tf.tensor1d([5, -5, 0, 7], 'int32'), tf.tensor1d([0, 0, 0, 2], 'int32')];
    const divided = tf.floorDiv(a, b);
    expect([...divided.dataSync()]).toEqual([0, 0, 0, 3]);
    tf.dispose([a, b, divided]);
  });

  it('one backend goes on while another refuses', async () => {
    const usual = tf.getBackend();
    const { name } = await startBackend({ maxTextureSize: 16 });
    expect(() => tf.neg(tf.ones([5000]))).toThrowError(TextureSizeError);
    await stopBackend(name);
    await tf.setBackend(usual);
    const y = tf.tidy(() => tf.neg(tf.ones([5000])));
    expect(y.dataSync()[4999]).toBe(-1);
    y.dispose();
  });
});
