/** For each choice of kernels/tuning_table.ts, a small call whose passes depend on it. */
import type { TuningName } from '../../kernels/tuning_table';
import type { KernelCase, TensorSpec } from './case';

const window = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 } as const;

type Form = 'nn' | 'nt' | 'tn';

function product(m: number, k: number, n: number, form: Form = 'nn'): KernelCase {
  const [transposeA, transposeB] = [form === 'tn', form === 'nt'];
  const inputs = {
    a: { shape: transposeA ? [1, k, m] : [1, m, k] },
    b: { shape: transposeB ? [1, n, k] : [1, k, n] },
  };
  return {
    kernel: 'BatchMatMul',
    name: `${m}x${k} * ${k}x${n}, ${form}`,
    inputs,
    attrs: { transposeA, transposeB },
  };
}

function sum(shape: readonly number[], axis: number): KernelCase {
  return {
    kernel: 'Sum',
    name: `${shape.join('x')} over ${axis}`,
    inputs: { x: { shape } },
    attrs: { axis, keepDims: false },
  };
}

function softmax(rows: number, classes: number): KernelCase {
  const inputs = { logits: { shape: [rows, classes] } };
  return { kernel: 'Softmax', name: `${rows}x${classes}`, inputs, attrs: { dim: 1 } };
}

function segmentSum(rows: number, channels: number): KernelCase {
  const segmentIds: TensorSpec = {
    shape: [rows],
    dtype: 'int32',
    values: Array.from({ length: rows }, (_, i) => (i * 7) % (rows / 4)),
  };
  return {
    kernel: 'UnsortedSegmentSum',
    name: `${rows}x${channels}`,
    inputs: { x: { shape: [rows, channels] }, segmentIds },
    attrs: { numSegments: rows / 4 },
  };
}

const convolution: KernelCase = {
  kernel: 'Conv2D',
  name: '1x14x14x8 -> 8, 5x5',
  inputs: { x: { shape: [1, 14, 14, 8] }, filter: { shape: [5, 5, 8, 8] } },
  attrs: window,
};

const manyChannels: KernelCase = {
  kernel: 'Conv2D',
  name: '1x14x14x40 -> 40, 3x3',
  inputs: { x: { shape: [1, 14, 14, 40] }, filter: { shape: [3, 3, 40, 40] } },
  attrs: window,
};

const depthwise: KernelCase = {
  kernel: 'DepthwiseConv2dNative',
  name: '1x14x14x8, 3x3',
  inputs: { x: { shape: [1, 14, 14, 8] }, filter: { shape: [3, 3, 8, 1] } },
  attrs: window,
};

const filterGradient: KernelCase = {
  kernel: 'Conv2DBackpropFilter',
  name: '4x28x28x32 -> 32, 3x3',
  inputs: { x: { shape: [4, 28, 28, 32] }, dy: { shape: [4, 28, 28, 32] } },
  attrs: { ...window, filterShape: [3, 3, 32, 32] },
};

const pool: KernelCase = {
  kernel: 'MaxPool',
  name: '1x8x8x4, 3x3',
  inputs: { x: { shape: [1, 8, 8, 4] } },
  attrs: { filterSize: 3, strides: 1, pad: 'same' },
};

const joined: KernelCase = {
  kernel: 'Concat',
  name: '2 of 512x4, rows',
  inputs: [{ shape: [512, 4] }, { shape: [512, 4] }],
  attrs: { axis: 0 },
};

/** Its passes differ between the smallest and the largest candidate of the choice. */
export const CHOICE_CASES: Readonly<Record<TuningName, KernelCase>> = {
  'gemmRows.nn': product(64, 64, 64),
  'gemmRows.nt': product(64, 64, 64, 'nt'),
  'gemmRows.tn': product(64, 64, 64, 'tn'),
  // Larger than a small layer, whose programs are not unrolled.
  'gemmUnroll.nn': product(600, 64, 64),
  'gemmUnroll.nt': product(600, 64, 64, 'nt'),
  'gemmUnroll.tn': product(64, 600, 64, 'tn'),
  'gemmFragments.row': product(1, 2048, 1024),
  'gemmFragments.rows': product(64, 2048, 128),
  gemmSlice: product(16, 1024, 16),
  gemmSingle: product(32, 48, 16),
  gemmCopies: product(512, 64, 64),
  'directRows.dense': convolution,
  'directRows.depthwise': depthwise,
  directTaps: convolution,
  winogradChannels: manyChannels,
  filterGradientFragments: filterGradient,
  filterGradientSlice: filterGradient,
  filterGradientUnroll: filterGradient,
  reduceFragments: sum([64, 2000], 1),
  reduceShort: sum([4, 200], 1),
  reduceSlice: sum([4, 400], 1),
  reduceUnroll: sum([100, 32], 0),
  reduceLarge: sum([16, 2048], 1),
  softmaxReads: softmax(20, 50),
  softmaxSlice: softmax(20, 500),
  poolUnroll: pool,
  segmentReads: segmentSum(2048, 16),
  segmentFragments: segmentSum(4096, 4),
  tileBufferRows: product(64, 64, 256),
  copyTexels: joined,
};
