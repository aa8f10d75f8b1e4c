/** The shapes on which each choice of kernels/tuning_table.ts is tried: some of the benchmark's kernels, and a few of its own. */
import * as tf from '@tensorflow/tfjs-core';
import type { TuningName } from '../../kernels/tuning_table';
import type { KernelCase } from '../../test/cases/case';
import cases from 'virtual:cases';
import { fromCase, type Workload } from './workload';

const pool = (side: number): KernelCase => ({
  kernel: 'MaxPool',
  name: `16x28x28x32, ${side}x${side}`,
  inputs: { x: { shape: [16, 28, 28, 32] } },
  attrs: { filterSize: [side, side], strides: [1, 1], pad: 'same', dimRoundingMode: undefined },
});

const sum = (shape: readonly number[], axis: number): KernelCase => ({
  kernel: 'Sum',
  name: `${shape.join('x')} over ${axis}`,
  inputs: { x: { shape } },
  attrs: { axis: [axis], keepDims: false },
});

const softmax = (rows: number, classes: number): KernelCase => ({
  kernel: 'Softmax',
  name: `${rows}x${classes}`,
  inputs: { logits: { shape: [rows, classes] } },
  attrs: { dim: 1 },
});

/** A row times a matrix, and a matrix times the transpose of another. */
const product = (m: number, k: number, n: number, transposeB: boolean): KernelCase => ({
  kernel: 'BatchMatMul',
  name: `${m}x${k} * ${k}x${n}${transposeB ? 't' : ''}`,
  inputs: { a: { shape: [1, m, k] }, b: { shape: transposeB ? [1, n, k] : [1, k, n] } },
  attrs: { transposeA: false, transposeB },
});

/** With few weights, and so many slices. */
const smallFilterGradient: KernelCase = {
  kernel: 'Conv2DBackpropFilter',
  name: '64x14x14x6 -> 16, 5x5',
  inputs: { x: { shape: [64, 14, 14, 6] }, dy: { shape: [64, 10, 10, 16] } },
  attrs: { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape: [5, 5, 6, 16] },
};

const OWN: readonly KernelCase[] = [
  smallFilterGradient,
  product(1, 2048, 256, false),
  product(1, 512, 10, false),
  product(1024, 64, 64, true),
  product(32, 256, 100, true),
  product(16, 32, 64, false),
  product(32, 48, 48, false),
  product(32, 48, 96, true),
  product(64, 64, 64, false),
  sum([64, 512], 0),
  sum([64, 500], 1),
  sum([16, 1500], 1),
  sum([4, 50000], 1),
  softmax(16, 100),
  softmax(64, 200),
  softmax(16, 1000),
  softmax(4, 20000),
  pool(2),
  pool(3),
  pool(5),
];

/** Sums of rows by the segments that ids, four to a segment, name. */
const segmentSum = (rows: number, channels: number): Workload => ({
  kernel: 'UnsortedSegmentSum',
  name: `${rows}x${channels}`,
  inputs: [{ shape: [rows, channels] }, { shape: [rows], dtype: 'int32', fill: 'int' }],
  call: (inputs) => {
    return tf.engine().runKernel('UnsortedSegmentSum', inputs as tf.NamedTensorMap, { numSegments: rows / 4 });
  },
  derive: (inputs) => {
    const [x, wide] = inputs as tf.Tensor[] as [tf.Tensor, tf.Tensor];
    const segmentIds = tf.tidy(() => tf.cast(tf.mod(tf.abs(wide), tf.scalar(rows / 4, 'int32')), 'int32'));
    wide.dispose();
    return { x, segmentIds };
  },
});

/** All that choices can be tried on. */
const WORKLOADS: readonly Workload[] = [
  ...[...cases, ...OWN].map(fromCase),
  segmentSum(256, 16),
  segmentSum(2048, 64),
  segmentSum(16384, 4),
];

const SOME_CONVOLUTIONS = /^(Conv2D (64x14x14x32|1x28x28x128|1x14x14x512|64x32x32x3)|Conv2DBackpropInput 64x14x14x32)/;
const DEPTHWISE = /^DepthwiseConv2dNative(BackpropInput)? /;
const PRODUCTS = {
  nn: /^BatchMatMul (?!\S*t )(?!.*t$)/,
  nt: /^BatchMatMul .*t$/,
  tn: /^BatchMatMul \S*t /,
} as const;
const SMALL_PRODUCTS = /^BatchMatMul (64x3136|3136x64t|64x512)/;
const REDUCTIONS = /^(Sum|Mean|Max) /;

/** Which of them a choice affects, by `Kernel name`. */
const AFFECTED: Readonly<Record<TuningName, RegExp>> = {
  'gemmRows.nn': PRODUCTS.nn,
  'gemmRows.nt': PRODUCTS.nt,
  'gemmRows.tn': PRODUCTS.tn,
  'gemmUnroll.nn': PRODUCTS.nn,
  'gemmUnroll.nt': PRODUCTS.nt,
  'gemmUnroll.tn': PRODUCTS.tn,
  'gemmFragments.row': /^BatchMatMul 1x/,
  'gemmFragments.rows': SMALL_PRODUCTS,
  gemmSlice: /^BatchMatMul (64x3136|3136x64t|64x512|1x)/,
  gemmSingle: /^BatchMatMul (16x32|32x48|64x64|32x256|64x512 \* 512x10) /,
  gemmCopies: /^BatchMatMul (512x512 |512x512t|64x512|16 of|4096)/,
  'directRows.dense': SOME_CONVOLUTIONS,
  'directRows.depthwise': DEPTHWISE,
  directTaps: SOME_CONVOLUTIONS,
  winogradChannels: /^(Conv2D (64x14x14x64|1x56x56x64 -> 64|1x28x28x128|1x14x14x512)|Conv2DBackpropInput 64x14x14x64)/,
  filterGradientFragments:
    /^(Conv2DBackpropFilter (64x28x28x32|64x14x14x64|16x28)|DepthwiseConv2dNativeBackpropFilter)/,
  filterGradientSlice: /^Conv2DBackpropFilter 64x(14x14x6|28x28x1|28x28x32) /,
  filterGradientUnroll: /^(Conv2DBackpropFilter (64x28x28x32|64x14x14x64|16x28)|DepthwiseConv2dNativeBackpropFilter)/,
  reduceFragments: REDUCTIONS,
  reduceShort: REDUCTIONS,
  reduceSlice: REDUCTIONS,
  reduceUnroll: REDUCTIONS,
  reduceLarge: /^Sum (4096|64x500|16x1500|4x50000)/,
  softmaxReads: /^Softmax /,
  softmaxSlice: /^Softmax /,
  poolUnroll: /^MaxPool 16/,
  segmentReads: /^UnsortedSegmentSum /,
  segmentFragments: /^UnsortedSegmentSum /,
  tileBufferRows: /^(Conv2D (1x14x14x512|1x56x56x64|1x7x7x1024)|BatchMatMul 64x3136)/,
  copyTexels: /^(Concat|BatchMatMul (512x512 |16 of)|Conv2DBackpropInput 16x28x28x32)/,
};

/** The workloads on which a choice is tried, of those that the pattern lets through. */
export function workloadsFor(choice: TuningName, pattern: RegExp): Workload[] {
  const names = (workload: Workload): string => `${workload.kernel} ${workload.name}`;
  return WORKLOADS.filter((w) => AFFECTED[choice].test(names(w)) && pattern.test(names(w)));
}
