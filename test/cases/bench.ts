/** The layers and shapes on which speed is measured: hot kernels of real networks, forward and backward, and memory-bound ones. */
import type { KernelCase, TensorSpec } from './case';

const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
const timed = { bench: true } as const;

interface Product {
  readonly batch?: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

function matMul({ batch = 1, m, k, n, transposeA = false, transposeB = false }: Product): KernelCase {
  return {
    ...timed,
    name: `${batch > 1 ? `${batch} of ` : ''}${m}x${k}${transposeA ? 't' : ''} * ${k}x${n}${transposeB ? 't' : ''}`,
    kernel: 'BatchMatMul',
    inputs: {
      a: { shape: transposeA ? [batch, k, m] : [batch, m, k] },
      b: { shape: transposeB ? [batch, n, k] : [batch, k, n] },
    },
    attrs: { transposeA, transposeB },
    flops: 2 * batch * m * k * n,
  };
}

const products: readonly KernelCase[] = [
  matMul({ m: 512, k: 512, n: 512 }),
  matMul({ m: 512, k: 512, n: 512, transposeA: true }),
  matMul({ m: 512, k: 512, n: 512, transposeB: true }),
  matMul({ m: 64, k: 3136, n: 512 }), // the tutorial's dense layer, forward
  matMul({ m: 3136, k: 64, n: 512, transposeA: true }), // and the gradient of its weights
  matMul({ m: 64, k: 512, n: 3136, transposeB: true }), // and of its input
  matMul({ m: 1, k: 4096, n: 4096 }), // VGG-16's second dense layer
  matMul({ m: 4096, k: 64, n: 64 }),
  matMul({ m: 64, k: 512, n: 10 }),
  matMul({ batch: 16, m: 128, k: 64, n: 128 }),
];

interface Layer {
  /** Batch, height, width, channels of the input. */
  readonly x: readonly [number, number, number, number];
  readonly filters: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly dilation?: number;
}

const outputSide = (side: number, stride: number): number => Math.ceil(side / stride);

function shapes({ x: [n, h, w, c], filters, kernel, stride = 1 }: Layer) {
  return {
    dy: [n, outputSide(h, stride), outputSide(w, stride), filters],
    filter: [kernel, kernel, c, filters],
  };
}

function layerName({ x, filters, kernel, stride = 1, dilation = 1 }: Layer): string {
  const extra = (stride > 1 ? `/${stride}` : '') + (dilation > 1 ? ` dilated ${dilation}` : '');
  return `${x.join('x')} -> ${filters}, ${kernel}x${kernel}${extra}`;
}

type ConvKernel = 'Conv2D' | 'Conv2DBackpropFilter' | 'Conv2DBackpropInput';

function conv(kernel: ConvKernel, layer: Layer): KernelCase {
  const { stride = 1, dilation = 1, x: inputShape } = layer;
  const { dy, filter } = shapes(layer);
  const inputs = {
    Conv2D: { x: { shape: inputShape }, filter: { shape: filter } },
    Conv2DBackpropFilter: { x: { shape: inputShape }, dy: { shape: dy } },
    Conv2DBackpropInput: { dy: { shape: dy }, filter: { shape: filter } },
  } satisfies Record<ConvKernel, Record<string, TensorSpec>>;
  const common = { strides: [stride, stride], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: undefined };
  const own = {
    Conv2D: { dilations: [dilation, dilation] },
    Conv2DBackpropFilter: { filterShape: filter },
    Conv2DBackpropInput: { inputShape },
  };
  return {
    ...timed,
    name: layerName(layer),
    kernel,
    inputs: inputs[kernel],
    attrs: { ...common, ...own[kernel] },
    flops: (2 * size(dy) * size(filter)) / layer.filters,
  };
}

const forward: readonly Layer[] = [
  { x: [64, 28, 28, 1], filters: 32, kernel: 3 },
  { x: [64, 28, 28, 32], filters: 32, kernel: 3 },
  { x: [64, 14, 14, 32], filters: 64, kernel: 3 },
  { x: [64, 14, 14, 64], filters: 64, kernel: 3 },
  { x: [64, 32, 32, 3], filters: 16, kernel: 5 },
  { x: [1, 56, 56, 64], filters: 64, kernel: 3 },
  { x: [1, 28, 28, 128], filters: 128, kernel: 3 },
  { x: [1, 14, 14, 512], filters: 512, kernel: 3 },
  { x: [1, 56, 56, 64], filters: 256, kernel: 1 },
  { x: [1, 7, 7, 1024], filters: 1024, kernel: 1 },
  { x: [1, 56, 56, 256], filters: 128, kernel: 1, stride: 2 },
  { x: [1, 224, 224, 3], filters: 64, kernel: 7, stride: 2 },
  { x: [1, 56, 56, 64], filters: 128, kernel: 3, stride: 2 },
  { x: [1, 28, 28, 64], filters: 64, kernel: 3, dilation: 2 },
];

const backward: readonly Layer[] = [
  { x: [64, 28, 28, 1], filters: 32, kernel: 3 },
  { x: [64, 28, 28, 32], filters: 32, kernel: 3 },
  { x: [64, 14, 14, 32], filters: 64, kernel: 3 },
  { x: [64, 14, 14, 64], filters: 64, kernel: 3 },
  { x: [16, 28, 28, 32], filters: 64, kernel: 3, stride: 2 },
  { x: [16, 28, 28, 64], filters: 64, kernel: 1 },
];

type DepthwiseKernel =
  'DepthwiseConv2dNative' | 'DepthwiseConv2dNativeBackpropFilter' | 'DepthwiseConv2dNativeBackpropInput';

function depthwise(kernel: DepthwiseKernel, { x, stride = 1 }: Omit<Layer, 'filters' | 'kernel'>): KernelCase {
  const [, , , channels] = x;
  const { dy } = shapes({ x, stride, filters: channels, kernel: 3 });
  const filter = [3, 3, channels, 1];
  const inputs = {
    DepthwiseConv2dNative: { x: { shape: x }, filter: { shape: filter } },
    DepthwiseConv2dNativeBackpropFilter: { x: { shape: x }, dy: { shape: dy } },
    DepthwiseConv2dNativeBackpropInput: { dy: { shape: dy }, filter: { shape: filter } },
  } satisfies Record<DepthwiseKernel, Record<string, TensorSpec>>;
  const own = {
    DepthwiseConv2dNative: {},
    DepthwiseConv2dNativeBackpropFilter: { filterShape: filter },
    DepthwiseConv2dNativeBackpropInput: { inputShape: x },
  };
  return {
    ...timed,
    name: `${x.join('x')}, 3x3${stride > 1 ? `/${stride}` : ''}`,
    kernel,
    inputs: inputs[kernel],
    attrs: { strides: [stride, stride], dilations: [1, 1], pad: 'same', dimRoundingMode: undefined, ...own[kernel] },
    flops: 2 * size(dy) * 9,
  };
}

const activations = [64, 28, 28, 32] as const;
const pooled = [64, 14, 14, 32] as const;
const halving = { filterSize: [2, 2], strides: [2, 2], pad: 'valid', dimRoundingMode: undefined } as const;
const channels = { shape: [32] } satisfies TensorSpec;

const memoryBound: readonly KernelCase[] = [
  { name: '64x28x28x32, 2x2', kernel: 'MaxPool', inputs: { x: { shape: activations } }, attrs: halving },
  { name: '64x28x28x32, 2x2', kernel: 'AvgPool', inputs: { x: { shape: activations } }, attrs: halving },
  {
    name: '64x28x28x32, 2x2',
    kernel: 'AvgPoolGrad',
    inputs: { dy: { shape: pooled }, input: { shape: activations } },
    attrs: halving,
  },
  {
    name: '64x28x28x32',
    kernel: 'FusedBatchNorm',
    inputs: {
      x: { shape: activations },
      mean: channels,
      variance: { shape: [32], fill: 'positive' },
      offset: channels,
      scale: channels,
    },
    attrs: { varianceEpsilon: 1e-3 },
  },
  { name: '64x28x28x32 over 0, 1, 2', kernel: 'Mean', inputs: { x: { shape: activations } }, attrs: axes(0, 1, 2) },
  { name: '64x28x28x32 over 0, 1, 2', kernel: 'Sum', inputs: { x: { shape: activations } }, attrs: axes(0, 1, 2) },
  { name: '4096x1024 over 1', kernel: 'Sum', inputs: { x: { shape: [4096, 1024] } }, attrs: axes(1) },
  { name: '4096x1024 over all', kernel: 'Max', inputs: { x: { shape: [4096, 1024] } }, attrs: reduction(0, 1) },
  { name: '64x1000 over 1', kernel: 'ArgMax', inputs: { x: { shape: [64, 1000] } }, attrs: { axis: 1 } },
  { name: '64x10', kernel: 'Softmax', inputs: { logits: { shape: [64, 10] } }, attrs: { dim: 1 } },
  { name: '64x1000', kernel: 'Softmax', inputs: { logits: { shape: [64, 1000] } }, attrs: { dim: 1 } },
  { name: '64x28x28x32', kernel: 'Add', inputs: { a: { shape: activations }, b: { shape: activations } } },
  { name: '64x28x28x32 + 32', kernel: 'Add', inputs: { a: { shape: activations }, b: channels } },
  { name: '64x28x28x32 * scalar', kernel: 'Multiply', inputs: { a: { shape: activations }, b: { shape: [] } } },
  { name: '64x28x28x32', kernel: 'Relu', inputs: { x: { shape: activations } } },
  { name: '64x28x28x32', kernel: 'Tanh', inputs: { x: { shape: activations } } },
  { name: '64x28x28x32', kernel: 'Exp', inputs: { x: { shape: activations } } },
  { name: '2048x1024', kernel: 'Transpose', inputs: { x: { shape: [2048, 1024] } }, attrs: { perm: [1, 0] } },
  {
    name: '64x28x28x32 by 1',
    kernel: 'PadV2',
    inputs: { x: { shape: activations } },
    attrs: { paddings: pads(1), constantValue: 0 },
  },
  { name: '2 of 64x14x14x64, channels', kernel: 'Concat', inputs: two([64, 14, 14, 64]), attrs: { axis: 3 } },
  {
    name: '4x56x56x64 to 112x112',
    kernel: 'ResizeBilinear',
    inputs: { images: { shape: [4, 56, 56, 64] } },
    attrs: { alignCorners: false, halfPixelCenters: true, size: [112, 112] },
  },
];

/** Places below `count`, over and over. */
function places(size: number, count: number): TensorSpec {
  return { shape: [size], dtype: 'int32', values: Array.from({ length: size }, (_, i) => (i * 7919) % count) };
}

const square = { shape: [1024, 1024] } as const;

/** Ops that are no layer of an image network, but stand beside them: metrics, embeddings, encodings. */
const others: readonly KernelCase[] = [
  { name: '4096x10 over 1', kernel: 'ArgMax', inputs: { x: { shape: [4096, 10] } }, attrs: { axis: 1 } },
  { name: '5 of 64x1000', kernel: 'TopK', inputs: { x: { shape: [64, 1000] } }, attrs: { k: 5, sorted: true } },
  {
    name: '64 of 20000',
    kernel: 'OneHot',
    inputs: { indices: places(64, 20000) },
    attrs: { dtype: 'float32', depth: 20000, onValue: 1, offValue: 0 },
  },
  {
    name: '3200 of 20000x128',
    kernel: 'GatherV2',
    inputs: { x: { shape: [20000, 128] }, indices: places(3200, 20000) },
    attrs: { axis: 0, batchDims: 0 },
  },
  {
    name: '256x256 over 1',
    kernel: 'Cumsum',
    inputs: { x: { shape: [256, 256] } },
    attrs: { axis: 1, exclusive: false, reverse: false },
  },
  { name: '128x128 by 4x4', kernel: 'Tile', inputs: { x: { shape: [128, 128] } }, attrs: { reps: [4, 4] } },
  {
    name: '1x32x32x64',
    kernel: 'LRN',
    inputs: { x: { shape: [1, 32, 32, 64] } },
    attrs: { depthRadius: 5, bias: 1, alpha: 1, beta: 0.5 },
  },
  {
    name: '1x64x64x8, 3x3',
    kernel: 'Dilation2D',
    inputs: { x: { shape: [1, 64, 64, 8] }, filter: { shape: [3, 3, 8] } },
    attrs: { strides: [1, 1], pad: 'same', dilations: [1, 1] },
  },
  { name: '1024x1024', kernel: 'Softplus', inputs: { x: square } },
  { name: '1024x1024', kernel: 'Sin', inputs: { x: square } },
  { name: '1024x1024', kernel: 'Pow', inputs: { a: { ...square, fill: 'positive' }, b: square } },
];

function reduction(...reductionIndices: number[]) {
  return { reductionIndices, keepDims: false };
}

function axes(...axis: number[]) {
  return { axis, keepDims: false };
}

function pads(by: number): readonly (readonly number[])[] {
  return [
    [0, 0],
    [by, by],
    [by, by],
    [0, 0],
  ];
}

function two(shape: readonly number[]): readonly TensorSpec[] {
  return [{ shape }, { shape }];
}

/** Bias and activation in the same kernel, as prediction with fused layers calls it. */
const fused: KernelCase = {
  ...conv('Conv2D', { x: [64, 14, 14, 32], filters: 64, kernel: 3 }),
  kernel: 'FusedConv2D',
  inputs: { x: { shape: [64, 14, 14, 32] }, filter: { shape: [3, 3, 32, 64] }, bias: { shape: [64] } },
  attrs: {
    strides: [1, 1],
    pad: 'same',
    dataFormat: 'NHWC',
    dilations: [1, 1],
    dimRoundingMode: undefined,
    activation: 'relu',
    leakyreluAlpha: 0,
  },
};

/** All cases that are timed, in the order of the table. */
export const cases: readonly KernelCase[] = [
  ...products,
  ...forward.map((layer) => conv('Conv2D', layer)),
  fused,
  ...backward.map((layer) => conv('Conv2DBackpropFilter', layer)),
  ...backward.map((layer) => conv('Conv2DBackpropInput', layer)),
  depthwise('DepthwiseConv2dNative', { x: [1, 112, 112, 32] }),
  depthwise('DepthwiseConv2dNative', { x: [1, 56, 56, 128], stride: 2 }),
  depthwise('DepthwiseConv2dNativeBackpropFilter', { x: [8, 56, 56, 32] }),
  depthwise('DepthwiseConv2dNativeBackpropInput', { x: [8, 56, 56, 32] }),
  ...[...memoryBound, ...others].map((item) => ({ ...timed, ...item })),
];
