/**
 * Gradients on convgl against numeric differences: forward and backward kernels and tfjs-core's tape together.
 *
 * Missing here because tfjs-core 4.22 has a wrong gradient, whatever the backend: avgPool over a padded border, broadcasting matMul, maximum, minimum and squaredDifference, cumsum on another than the last axis,
 * batchNorm without scale.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'; // the gradient of prod uses them
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { randomOf, valuesOf } from '../cases/fill';
import type { Fill } from '../cases/case';
import { seed } from '../page';
import { useKernelsOfOurOwn } from './backends';
import { checkGradient, spread, type Differentiable } from './gradient';

/** One differentiated call; `fill` is one for all inputs, `spread` unless said: no ties, nothing near 0. */
interface GradientCase {
  readonly of: string;
  readonly shapes: readonly (readonly number[])[];
  readonly f: Differentiable;
  readonly fill?: Fill;
  readonly tolerance?: number;
}

const t4 = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const t5 = (x: tf.Tensor): tf.Tensor5D => x as tf.Tensor5D;

const convolutions: GradientCase[] = (
  [
    { pad: 'same', stride: 1 },
    { pad: 'valid', stride: 1 },
    { pad: 'same', stride: 2 },
    { pad: 'valid', stride: 3 },
    { pad: 1, stride: 2 },
  ] as const
).flatMap(({ pad, stride }): GradientCase[] => [
  {
    of: `conv2d, pad ${pad}, stride ${stride}`,
    shapes: [
      [2, 7, 6, 3],
      [3, 2, 3, 5],
    ],
    f: (x, filter) => tf.conv2d(t4(x), t4(filter), stride, pad),
    fill: 'normal',
  },
  {
    of: `depthwiseConv2d, pad ${pad}, stride ${stride}`,
    shapes: [
      [2, 7, 6, 3],
      [3, 2, 3, 2],
    ],
    f: (x, filter) => tf.depthwiseConv2d(t4(x), t4(filter), stride, pad),
    fill: 'normal',
  },
]);

const pools: GradientCase[] = [1, 2].flatMap((stride): GradientCase[] => [
  {
    of: `maxPool, same, stride ${stride}`,
    shapes: [[2, 6, 5, 3]],
    f: (x) => tf.maxPool(t4(x), [2, 3], stride, 'same'),
  },
  { of: `maxPool, valid, stride ${stride}`, shapes: [[2, 6, 5, 3]], f: (x) => tf.maxPool(t4(x), 2, stride, 'valid') },
  {
    of: `avgPool, valid, stride ${stride}`,
    shapes: [[2, 6, 5, 3]],
    f: (x) => tf.avgPool(t4(x), [2, 3], stride, 'valid'),
  },
]);

const layers: GradientCase[] = [
  ...convolutions,
  ...pools,
  {
    of: 'conv2dTranspose',
    shapes: [
      [2, 3, 4, 2],
      [3, 3, 5, 2],
    ],
    f: (x, filter) => tf.conv2dTranspose(t4(x), t4(filter), [2, 6, 8, 5], 2, 'same'),
    fill: 'normal',
  },
  {
    of: 'separableConv2d',
    shapes: [
      [2, 6, 5, 3],
      [3, 3, 3, 2],
      [1, 1, 6, 4],
    ],
    f: (x, depthwise, pointwise) => tf.separableConv2d(t4(x), t4(depthwise), t4(pointwise), 1, 'same'),
    fill: 'normal',
  },
  {
    of: 'batchNorm, with statistics of the batch',
    shapes: [[3, 4, 2, 5], [5], [5]],
    f: (x, offset, scale) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.batchNorm(x, mean, variance, offset, scale, 1e-3);
    },
    fill: 'normal',
  },
  {
    of: 'batchNorm, with given statistics',
    shapes: [[3, 4, 2, 5], [5], [5], [5], [5]],
    // eslint-disable-next-line max-params -- all of them are differentiated
    f: (x, mean, variance, offset, scale) =>
      // Near 0 the inverse of its root bends too much for differences.
      tf.batchNorm(x, mean, tf.add(variance, 0.5), offset, scale),
    fill: 'positive',
  },
  {
    of: 'dropout with its seed',
    shapes: [[5, 7]],
    f: (x) => tf.dropout(x, 0.4, undefined, 11),
  },
];

const MATRICES = [
  { of: 'a b', a: [5, 7], b: [7, 3], transposeA: false, transposeB: false },
  { of: 'aT b', a: [7, 5], b: [7, 3], transposeA: true, transposeB: false },
  { of: 'a bT', a: [5, 7], b: [3, 7], transposeA: false, transposeB: true },
  { of: 'aT bT', a: [7, 5], b: [3, 7], transposeA: true, transposeB: true },
  { of: 'batches', a: [2, 5, 7], b: [2, 7, 3], transposeA: false, transposeB: false },
] as const;

const products: GradientCase[] = [
  ...MATRICES.map(({ of, a, b, transposeA, transposeB }): GradientCase => {
    return {
      of: `matMul, ${of}`,
      shapes: [a, b],
      f: (x, y) => tf.matMul(x, y, transposeA, transposeB),
      fill: 'normal',
    };
  }),
  {
    of: 'fused.matMul with bias and relu',
    shapes: [[5, 7], [7, 3], [3]],
    f: (a, b, bias) => tf.fused.matMul({ a, b, bias, activation: 'relu' }),
    fill: 'positive',
  },
  {
    of: 'fused.conv2d with bias and relu',
    shapes: [[2, 5, 5, 3], [3, 3, 3, 4], [4]],
    f: (x, filter, bias) =>
      tf.fused.conv2d({ x: t4(x), filter: t4(filter), strides: 1, pad: 'same', bias, activation: 'relu' }),
    fill: 'positive',
  },
  {
    of: 'fused.depthwiseConv2d with bias',
    shapes: [[2, 5, 5, 3], [3, 3, 3, 2], [6]],
    f: (x, filter, bias) => tf.fused.depthwiseConv2d({ x: t4(x), filter: t4(filter), strides: 1, pad: 'same', bias }),
    fill: 'normal',
  },
];

/** Functions of one tensor, by name; differentiated where they are smooth, or away from where they turn. */
const UNARY = {
  positive: {
    log: tf.log,
    log1p: tf.log1p,
    reciprocal: (x) => tf.reciprocal(tf.add(x, 0.5)),
    rsqrt: (x) => tf.rsqrt(tf.add(x, 0.5)),
    sqrt: (x) => tf.sqrt(tf.add(x, 0.5)),
  },
  unit: {
    asin: (x) => tf.asin(tf.mul(x, 0.8)),
    acos: (x) => tf.acos(tf.mul(x, 0.8)),
    atanh: (x) => tf.atanh(tf.mul(x, 0.8)),
    tan: tf.tan,
  },
  normal: {
    asinh: tf.asinh,
    atan: tf.atan,
    cos: tf.cos,
    cosh: tf.cosh,
    erf: tf.erf,
    exp: tf.exp,
    expm1: tf.expm1,
    neg: tf.neg,
    sigmoid: tf.sigmoid,
    sin: tf.sin,
    sinh: tf.sinh,
    softplus: tf.softplus,
    square: tf.square,
    tanh: tf.tanh,
  },
  spread: {
    abs: tf.abs,
    clipByValue: (x) => tf.clipByValue(x, -0.36, 0.36),
    elu: tf.elu,
    leakyRelu: (x) => tf.leakyRelu(x, 0.3),
    relu: tf.relu,
    relu6: (x) => tf.relu6(tf.mul(x, 7)),
    selu: tf.selu,
    step: (x) => tf.step(x, 0.2),
  },
} satisfies Record<string, Record<string, (x: tf.Tensor) => tf.Tensor>>;

const unary: GradientCase[] = Object.entries<Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>>>(UNARY).flatMap(
  ([fill, functions]) =>
    Object.entries(functions).map(([of, f]): GradientCase => {
      return { of, shapes: [[3, 7]], f: (x) => f(x), ...(fill === 'spread' ? {} : { fill: fill as Fill }) };
    }),
);

const binary: GradientCase[] = [
  {
    of: 'add, broadcast',
    shapes: [
      [3, 1, 5],
      [4, 1],
    ],
    f: (a, b) => tf.add(a, b),
  },
  {
    of: 'sub, broadcast',
    shapes: [
      [3, 1, 5],
      [4, 1],
    ],
    f: (a, b) => tf.sub(a, b),
  },
  {
    of: 'mul, broadcast',
    shapes: [
      [3, 1, 5],
      [4, 1],
    ],
    f: (a, b) => tf.mul(a, b),
  },
  {
    of: 'div, broadcast',
    shapes: [
      [3, 1, 5],
      [4, 1],
    ],
    // Near 0 a difference says little about the slope.
    f: (a, b) => tf.div(a, tf.add(b, 0.5)),
    fill: 'positive',
  },
  { of: 'pow', shapes: [[3, 5], [5]], f: (a, b) => tf.pow(a, b), fill: 'positive', tolerance: 5e-3 },
  { of: 'atan2', shapes: [[3, 5], [5]], f: (a, b) => tf.atan2(a, b), fill: 'positive', tolerance: 5e-3 },
  {
    of: 'maximum',
    shapes: [
      [3, 5],
      [3, 5],
    ],
    f: (a, b) => tf.maximum(a, tf.add(b, 0.06)),
  },
  {
    of: 'minimum',
    shapes: [
      [3, 5],
      [3, 5],
    ],
    f: (a, b) => tf.minimum(a, tf.add(b, 0.06)),
  },
  {
    of: 'squaredDifference',
    shapes: [
      [3, 5],
      [3, 5],
    ],
    f: (a, b) => tf.squaredDifference(a, b),
  },
  { of: 'prelu', shapes: [[3, 4, 5], [5]], f: (x, alpha) => tf.prelu(x, alpha) },
  {
    of: 'where',
    shapes: [
      [3, 5],
      [3, 5],
    ],
    f: (a, b) => tf.where(tf.tile(tf.tensor([1, 0, 1, 1, 0], [1, 5], 'bool'), [3, 1]), a, b),
  },
  {
    of: 'addN',
    shapes: [
      [3, 5],
      [3, 5],
      [3, 5],
    ],
    f: (...xs) => tf.addN(xs),
  },
];

const reductions: GradientCase[] = [
  { of: 'sum', shapes: [[3, 4, 5]], f: (x) => tf.sum(x, [0, 2]) },
  { of: 'mean over axes', shapes: [[3, 4, 5]], f: (x) => tf.mean(x, [1, 2]) },
  { of: 'mean, keeping dimensions', shapes: [[3, 4, 5]], f: (x) => tf.mean(x, 1, true) },
  { of: 'max', shapes: [[3, 4, 5]], f: (x) => tf.max(x, 1) },
  { of: 'min', shapes: [[3, 4, 5]], f: (x) => tf.min(x, [0, 2]) },
  { of: 'prod', shapes: [[3, 4, 5]], f: (x) => tf.prod(x, 1), fill: 'positive' },
  { of: 'cumsum', shapes: [[3, 4, 5]], f: (x) => tf.cumsum(x, 2, true, true) },
  { of: 'logSumExp', shapes: [[3, 7]], f: (x) => tf.logSumExp(x, 1) },
  { of: 'softmax', shapes: [[3, 7]], f: (x) => tf.softmax(x), fill: 'normal' },
  { of: 'logSoftmax', shapes: [[3, 7]], f: (x) => tf.logSoftmax(x), fill: 'normal' },
  {
    of: 'softmaxCrossEntropy',
    shapes: [[3, 7]],
    f: (logits) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([1, 6, 3], 'int32'), 7), logits),
    fill: 'normal',
  },
  {
    of: 'sigmoidCrossEntropy',
    shapes: [[3, 7]],
    f: (logits) => tf.losses.sigmoidCrossEntropy(tf.oneHot(tf.tensor1d([1, 6, 3], 'int32'), 7), logits),
    fill: 'normal',
  },
  { of: 'moments', shapes: [[3, 4, 5]], f: (x) => tf.moments(x, [0, 1]).variance, fill: 'normal' },
];

const indices = (): tf.Tensor1D => tf.tensor1d([2, 0, 2, 1], 'int32');

const movements: GradientCase[] = [
  { of: 'batchToSpaceND', shapes: [[4, 2, 2, 3]], f: (x) => tf.batchToSpaceND(x, [2, 2], [[0, 0], [0, 1]]) }, // prettier-ignore
  { of: 'broadcastTo', shapes: [[3, 1, 5]], f: (x) => tf.broadcastTo(x, [2, 3, 4, 5]) },
  { of: 'concat', shapes: [[3, 2, 5], [3, 1, 5], [3, 4, 5]], f: (...xs) => tf.concat(xs, 1) }, // prettier-ignore
  { of: 'expandDims', shapes: [[3, 5]], f: (x) => tf.expandDims(x, 1) },
  { of: 'gather', shapes: [[3, 4]], f: (x) => tf.gather(x, indices()) },
  { of: 'gather along the second axis', shapes: [[2, 3, 4]], f: (x) => tf.gather(x, indices(), 1) },
  { of: 'mirrorPad', shapes: [[3, 4]], f: (x) => tf.pad(tf.mirrorPad(x, [[0, 0], [0, 0]], 'reflect'), [[1, 0], [0, 2]]) }, // prettier-ignore
  { of: 'pad', shapes: [[3, 4, 5]], f: (x) => tf.pad(x, [[1, 0], [0, 2], [1, 1]], 3) }, // prettier-ignore
  { of: 'reshape', shapes: [[3, 4, 5]], f: (x) => tf.square(tf.reshape(x, [5, 12])) },
  { of: 'resizeBilinear', shapes: [[2, 4, 3, 3]], f: (x) => tf.image.resizeBilinear(t4(x), [7, 5]) },
  {
    of: 'resizeBilinear, aligned corners',
    shapes: [[2, 4, 3, 3]],
    f: (x) => tf.image.resizeBilinear(t4(x), [7, 5], true),
  },
  { of: 'resizeNearestNeighbor', shapes: [[2, 4, 3, 3]], f: (x) => tf.image.resizeNearestNeighbor(t4(x), [7, 5]) },
  { of: 'reverse', shapes: [[3, 4, 5]], f: (x) => tf.reverse(x, [0, 2]) },
  { of: 'slice', shapes: [[3, 4, 5]], f: (x) => tf.slice(x, [1, 0, 2], [2, 3, 2]) },
  { of: 'spaceToBatchND', shapes: [[2, 4, 3, 3]], f: (x) => tf.spaceToBatchND(x, [2, 2], [[0, 0], [0, 1]]) }, // prettier-ignore
  { of: 'split', shapes: [[3, 6]], f: (x) => tf.mul(tf.split(x, 3, 1)[0]!, tf.split(x, 3, 1)[2]!) },
  { of: 'stack', shapes: [[3, 5], [3, 5]], f: (...xs) => tf.stack(xs, 1) }, // prettier-ignore
  { of: 'tile', shapes: [[3, 1, 5]], f: (x) => tf.tile(x, [2, 3, 1]) },
  { of: 'transpose', shapes: [[3, 4, 5]], f: (x) => tf.transpose(x, [2, 0, 1]) },
  { of: 'unstack', shapes: [[3, 5]], f: (x) => tf.mul(tf.unstack(x, 0)[0]!, tf.unstack(x, 0)[2]!) },
];

/** A convolution dilated by 2; on the cpu backend, which refuses a gradient of it, by a filter with zeros between its taps. */
function dilatedTwice(x: tf.Tensor, filter: tf.Tensor): tf.Tensor {
  if (tf.getBackend() !== 'cpu') return tf.conv2d(t4(x), t4(filter), 1, 'same', 'NHWC', 2);
  const [rows, columns, from, to] = filter.shape as [number, number, number, number];
  const between = tf.pad(tf.reshape(filter, [rows, 1, columns, from * to]), [
    [0, 0],
    [0, 1],
    [0, 0],
    [0, from * to],
  ]);
  const spreadOut = tf.reshape<tf.Rank.R4>(between, [2 * rows, 2 * columns, from, to]);
  return tf.conv2d(t4(x), tf.slice(spreadOut, [0, 0, 0, 0], [2 * rows - 1, 2 * columns - 1, from, to]), 1, 'same');
}

const FUSED_SHAPES = [[2, 9, 8, 3], [3, 2, 3, 2], [2]] as const;

/** Those that tfjs-core refuses, computes wrong or does not know. */
const own: GradientCase[] = [
  ...(['same', 'valid'] as const).flatMap((pad): GradientCase[] => [
    {
      of: `dilated conv2d, pad ${pad}`,
      shapes: FUSED_SHAPES.slice(0, 2),
      f: (x, filter) => tf.conv2d(t4(x), t4(filter), 1, pad, 'NHWC', [2, 3]),
    },
    {
      of: `dilated depthwiseConv2d, pad ${pad}`,
      shapes: FUSED_SHAPES.slice(0, 2),
      f: (x, filter) => tf.depthwiseConv2d(t4(x), t4(filter), 1, pad, 'NHWC', [3, 2]),
    },
    {
      of: `dilated conv3d, pad ${pad}`,
      shapes: [
        [1, 5, 6, 5, 2],
        [2, 3, 2, 2, 3],
      ],
      f: (x, filter) => tf.conv3d(t5(x), t5(filter), 1, pad, 'NDHWC', [2, 1, 3]),
    },
    {
      of: `dilated fused.conv2d with bias, pad ${pad}`,
      shapes: FUSED_SHAPES,
      f: (x, filter, bias) =>
        tf.fused.conv2d({ x: t4(x), filter: t4(filter), strides: 1, pad, dilations: 2, bias: bias }),
    },
    {
      of: `dilated fused.depthwiseConv2d with relu, pad ${pad}`,
      shapes: FUSED_SHAPES.slice(0, 2),
      f: (x, filter) =>
        tf.fused.depthwiseConv2d({
          ...{ x: t4(x), filter: t4(filter), strides: 1, pad, dilations: [2, 2], activation: 'relu' },
        }),
      fill: 'positive',
    },
  ]),
  {
    of: 'dilated conv2d, NCHW',
    shapes: [
      [2, 3, 9, 8],
      [3, 2, 3, 2],
    ],
    f: (x, filter) => tf.conv2d(t4(x), t4(filter), 1, 'valid', 'NCHW', 2),
  },
  {
    of: 'dilated fused.conv2d of one image, without bias',
    shapes: [
      [9, 8, 3],
      [3, 2, 3, 2],
    ],
    f: (x, filter) =>
      tf.fused.conv2d({ x: x as tf.Tensor3D, filter: t4(filter), strides: 1, pad: 'same', dilations: [2, 1] }),
  },
  {
    of: 'dilated conv1d',
    shapes: [
      [2, 9, 3],
      [3, 3, 4],
    ],
    f: (x, filter) => tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 1, 'same', 'NWC', 2),
  },
  {
    of: 'conv3dTranspose',
    shapes: [
      [1, 3, 2, 3, 4],
      [2, 3, 2, 3, 4],
    ],
    f: (x, filter) => tf.conv3dTranspose(t5(x), t5(filter), [1, 6, 4, 6, 3], 2, 'same'),
  },
  {
    of: 'the gradient of a dilated conv2d',
    shapes: FUSED_SHAPES.slice(0, 2),
    f: (x, filter) => {
      const square = (at: tf.Tensor, w: tf.Tensor) => tf.square(dilatedTwice(at, w));
      return tf.grad((at) => square(at, filter))(x);
    },
    tolerance: 5e-3,
  },
  ...(
    [
      ['ij,jk->ik', [4, 5], [5, 3]],
      ['bij,jk->kib', [2, 4, 5], [5, 3]],
      ['ij,j->i', [4, 5], [5]],
    ] as const
  ).map(([equation, a, b]): GradientCase => {
    return { of: `einsum ${equation}`, shapes: [a, b], f: (x, y) => tf.einsum(equation, x, y) };
  }),
  {
    of: 'einsum ij,jk->j, which tfjs-backend-cpu computes wrong',
    shapes: [
      [4, 5],
      [5, 3],
    ],
    f: (x, y) => (tf.getBackend() === 'cpu' ? tf.mul(tf.sum(x, 0), tf.sum(y, 1)) : tf.einsum('ij,jk->j', x, y)),
  },
  { of: 'einsum ijk->ki', shapes: [[3, 4, 5]], f: (x) => tf.einsum('ijk->ki', x) },
  {
    of: 'stridedSlice, backwards and with a new axis',
    shapes: [[5, 6, 4]],
    f: (x) => tf.stridedSlice(x, [4, 0, 0], [0, 6, 4], [-2, 3, 1]),
  },
  {
    of: 'gatherND, with repeated indices',
    shapes: [[4, 3, 5]],
    f: (x) =>
      tf.gatherND(
        x,
        tf.tensor2d(
          [
            [0, 2],
            [3, 1],
            [0, 2],
          ],
          [3, 2],
          'int32',
        ),
      ),
  },
  { of: 'topk', shapes: [[3, 4, 7]], f: (x) => tf.topk(x, 3).values },
];

describe('gradients', () => {
  useKernelsOfOurOwn();
  for (const { of, shapes, f, fill, tolerance } of [
    ...layers,
    ...products,
    ...unary,
    ...binary,
    ...reductions,
    ...movements,
    ...own,
  ]) {
    it(of, async () => {
      const random = randomOf(seed, of);
      const inputs = shapes.map((shape) => ({
        shape,
        values: fill ? valuesOf({ shape, fill }, random) : spread(shape, random),
      }));
      await checkGradient(of, f, inputs, tolerance);
    });
  }
});

describe('gradients of small convolutions', () => {
  it('are dilated on the GPU too, where tfjs-backend-cpu would forget it', async () => {
    await tf.setBackend('convgl');
    const values = tf.tidy(() => {
      const filter = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
      const f = (x: tf.Tensor) => tf.conv2d(t4(x), filter, 1, 'valid', 'NHWC', 2);
      return [
        ...tf
          .grad(f)(tf.zeros([1, 3, 3, 1]))
          .dataSync(),
      ];
    });
    expect(values).toEqual([1, 0, 2, 0, 0, 0, 3, 0, 4]);
  });

  it('of other backends stay what they were', async () => {
    await tf.setBackend('cpu');
    const gradient = tf.grad((x) => tf.conv2d(t4(x), tf.ones([2, 2, 1, 1]), 1, 'valid', 'NHWC', 2));
    expect(() => tf.tidy(() => gradient(tf.zeros([1, 3, 3, 1])))).toThrowError(/dilation/);
    await tf.setBackend('convgl');
  });

  it("leave an application's own gradient around a fused dilated convolution alone", async () => {
    await tf.setBackend('convgl');
    const values = tf.tidy(() => {
      const filter = tf.ones<tf.Rank.R4>([2, 2, 1, 1]);
      const f = tf.customGrad((x) => ({
        value: tf.fused.conv2d({ x: x as tf.Tensor4D, filter, strides: 1, pad: 'valid', dilations: 2 }),
        gradFunc: () => tf.fill([1, 3, 3, 1], 7),
      }));
      return [
        ...tf
          .grad((x) => f(x))(tf.zeros([1, 3, 3, 1]))
          .dataSync(),
      ];
    });
    expect(new Set(values)).toEqual(new Set([7]));
  });
});
