/** Cases of the ops that join and split tensors, and of those that read and write slices at indices. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from './case';

const DTYPES = ['float32', 'int32', 'bool'] as const;

/** `count` numbers in [0, limit), the same in every run, with repetitions. */
function scattered(count: number, limit: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + 13 * (i % 5)) % limit);
}

/** Tensors that differ along one axis only. */
function along(axis: number, shape: readonly number[], sizes: readonly number[]): readonly TensorSpec[] {
  return sizes.map((size) => ({ shape: shape.map((d, i) => (i === axis ? size : d)), fill: 'special' }));
}

const concats: readonly KernelCase[] = [
  { axis: 0, shape: [0], sizes: [3, 5] },
  { axis: 0, shape: [0, 8], sizes: [2, 0, 3] },
  { axis: 0, shape: [0, 8], sizes: [0, 0] },
  { axis: 0, shape: [0, 64, 64], sizes: [5, 7, 1] },
  { axis: 0, shape: [0], sizes: [16384, 16000, 5003] },
  { axis: 1, shape: [6, 0], sizes: [4, 8, 12] },
  { axis: 1, shape: [6, 0], sizes: [1, 2, 3, 4, 5] },
  { axis: 1, shape: [3, 0], sizes: Array.from({ length: 40 }, (_, i) => i % 4) },
  { axis: 1, shape: [2, 0], sizes: new Array<number>(300).fill(1) },
  { axis: 3, shape: [64, 14, 14, 0], sizes: [64, 32] },
  { axis: 3, shape: [2, 3, 4, 0], sizes: [3, 4, 1] },
  { axis: 2, shape: [2, 3, 0, 4, 2, 3], sizes: [1, 2] },
].map(({ axis, shape, sizes }) => ({
  name: `[${shape}] over ${axis}: ${sizes.length > 9 ? `${sizes.length} tensors` : sizes.join()}`,
  kernel: tf.Concat,
  inputs: along(axis, shape, sizes),
  attrs: { axis },
}));

const typedConcats: readonly KernelCase[] = [...DTYPES, 'complex64' as const].flatMap((dtype): KernelCase[] => [
  {
    name: `of ${dtype}`,
    kernel: tf.Concat,
    inputs: [3, 5, 2].map((size) => ({ shape: [4, size], dtype })),
    attrs: { axis: -1 },
  },
  { name: `of ${dtype}`, kernel: tf.Pack, inputs: [1, 2, 3].map(() => ({ shape: [4, 3], dtype })), attrs: { axis: 1 } },
]);

const packs: readonly KernelCase[] = [
  { count: 1, shape: [3, 4], axis: 1 },
  { count: 5, shape: [3, 4], axis: 0 },
  { count: 5, shape: [3, 4], axis: 2 },
  { count: 100, shape: [], axis: 0 },
  { count: 40, shape: [64, 64], axis: 0 },
  { count: 3, shape: [0, 2], axis: 1 },
].map(({ count, shape, axis }) => ({
  name: `${count} of [${shape}] over ${axis}`,
  kernel: tf.Pack,
  inputs: Array.from({ length: count }, () => ({ shape })),
  attrs: { axis },
}));

const unpacks: readonly KernelCase[] = DTYPES.flatMap((dtype) =>
  [
    { shape: [3], axis: 0 },
    { shape: [17, 3, 5], axis: 0 },
    { shape: [4, 9, 8], axis: 1 },
    { shape: [4, 9, 5], axis: -1 },
    { shape: [20, 64, 64], axis: 0 },
    { shape: [3, 0, 2], axis: 0 },
  ].map(({ shape, axis }) => ({
    name: `[${shape}] over ${axis} of ${dtype}`,
    kernel: tf.Unpack,
    inputs: { value: { shape, dtype } },
    attrs: { axis },
  })),
);

const splits: readonly KernelCase[] = [
  { shape: [12], sizes: 3, axis: 0 },
  { shape: [32, 128], sizes: 4, axis: 1 },
  { shape: [5, 9], sizes: 3, axis: 1 },
  { shape: [5, 9], sizes: [2, 3, 4], axis: 1 },
  { shape: [9, 8], sizes: [4, -1], axis: 0 },
  { shape: [3, 4, 5], sizes: [0, 4], axis: -2 },
].map(({ shape, sizes, axis }) => ({
  name: `[${shape}] into ${String(sizes)} over ${axis}`,
  kernel: tf.SplitV,
  inputs: { x: { shape } },
  attrs: { numOrSizeSplits: sizes, axis },
}));

const gathers: readonly KernelCase[] = DTYPES.flatMap((dtype) =>
  [
    { shape: [9], indices: [5], axis: 0 },
    { shape: [9, 8], indices: [7], axis: 0 },
    { shape: [200, 64], indices: [300], axis: 0 },
    { shape: [9, 5], indices: [2, 3], axis: 1 },
    { shape: [3, 6, 4], indices: [3, 5], axis: 1, batchDims: 1 },
    { shape: [3, 2, 6, 5], indices: [3, 4], axis: 2, batchDims: 1 },
    { shape: [2, 3, 6], indices: [2, 3], axis: 2, batchDims: 2 },
    { shape: [4, 3], indices: [0], axis: 0 },
    { shape: [4, 3], indices: [], axis: -1 },
  ].map(({ shape, indices, axis, batchDims = 0 }) => ({
    name: `[${shape}] at [${indices}] over ${axis}, ${batchDims} batched, of ${dtype}`,
    kernel: tf.GatherV2,
    inputs: {
      x: { shape, dtype },
      indices: {
        shape: indices,
        dtype: 'int32' as const,
        values: scattered(
          indices.reduce((product, d) => product * d, 1),
          shape.at(axis)!,
        ),
      },
    },
    attrs: { axis, batchDims },
  })),
);

/** Indices of `depth` numbers each into `shape`. */
function places(shape: readonly number[], lead: readonly number[], depth: number): TensorSpec {
  const count = lead.reduce((product, d) => product * d, 1);
  const columns = Array.from({ length: depth }, (_, d) => scattered(count + d, shape[d]!).slice(d));
  return {
    shape: [...lead, depth],
    dtype: 'int32',
    values: Array.from({ length: count * depth }, (_, i) => columns[i % depth]![Math.floor(i / depth)]!),
  };
}

const indexed = [
  { shape: [9], lead: [4], depth: 1 },
  { shape: [5, 6], lead: [4], depth: 2 },
  { shape: [5, 8], lead: [4], depth: 1 },
  { shape: [5, 3], lead: [2, 3], depth: 1 },
  { shape: [4, 3, 5], lead: [7], depth: 2 },
  { shape: [50, 4], lead: [200], depth: 1 },
  { shape: [50, 3], lead: [200], depth: 1 },
];

const indexedCases: readonly KernelCase[] = DTYPES.flatMap((dtype) =>
  indexed.flatMap(({ shape, lead, depth }): KernelCase[] => {
    const name = `[${shape}] at [${lead}] places of ${depth} numbers, of ${dtype}`;
    const indices = places(shape, lead, depth);
    const updates = { shape: [...lead, ...shape.slice(depth)], dtype };
    return [
      { name, kernel: tf.GatherNd, inputs: { params: { shape, dtype }, indices } },
      { name, kernel: tf.ScatterNd, inputs: { indices, updates }, attrs: { shape } },
      { name, kernel: tf.TensorScatterUpdate, inputs: { tensor: { shape, dtype }, indices, updates } },
    ];
  }),
);

const dense: readonly KernelCase[] = DTYPES.flatMap((dtype): KernelCase[] => [
  {
    name: `of ${dtype}`,
    kernel: tf.SparseToDense,
    inputs: {
      sparseIndices: places([5, 6], [4], 2),
      sparseValues: { shape: [4], dtype },
      defaultValue: { shape: [], dtype },
    },
    attrs: { outputShape: [5, 6] },
  },
  {
    name: `one value at many places, of ${dtype}`,
    kernel: tf.SparseToDense,
    inputs: {
      sparseIndices: places([200], [100], 1),
      sparseValues: { shape: [], dtype },
      defaultValue: { shape: [], dtype },
    },
    attrs: { outputShape: [200] },
  },
]);

/** A list of updates that is shorter than the texture of the result, behind whose end it says nothing. */
const longResult: KernelCase = {
  name: 'many values at few of many places',
  kernel: tf.SparseToDense,
  inputs: {
    sparseIndices: { shape: [100, 1], dtype: 'int32', values: scattered(100, 3) },
    sparseValues: { shape: [] },
    defaultValue: { shape: [] },
  },
  attrs: { outputShape: [1025] },
};

export const cases: readonly KernelCase[] = [
  longResult,
  ...concats,
  ...typedConcats,
  ...packs,
  ...unpacks,
  ...splits,
  ...gathers,
  ...indexedCases,
  ...dense,
];
