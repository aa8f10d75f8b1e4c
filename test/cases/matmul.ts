/** Cases of the matrix products: every transpose, batch and remainder of the tile, and every form of bias and activation. */
import { _FusedMatMul, BatchMatMul, type DataType } from '@tensorflow/tfjs-core';
import type { Fill, KernelCase, TensorSpec } from './case';

interface Product {
  readonly aBatch?: readonly number[];
  readonly bBatch?: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Whole tiles, remainders of rows, of columns and of the loop over k, single rows and columns, slices of k. */
const products: readonly Product[] = [
  { m: 16, k: 16, n: 16 },
  { m: 17, k: 9, n: 5 },
  { m: 3, k: 7, n: 12 },
  { m: 64, k: 40, n: 72 },
  // Too large for its rows to be computed one by one, too small to be put in order by copies.
  { m: 33, k: 40, n: 28 },
  { m: 1, k: 33, n: 20 },
  { m: 20, k: 33, n: 1 },
  { m: 1, k: 5, n: 1 },
  { m: 12, k: 1, n: 8 },
  { m: 7, k: 1030, n: 6 },
  { m: 8, k: 2048, n: 16 },
  { m: 5, k: 0, n: 4 },
  { m: 0, k: 4, n: 4 },
  { m: 130, k: 3, n: 90 },
  // Large enough to be put in order by copies: rows as wide as the texture, several of them in one of its rows, and both ragged.
  { m: 64, k: 8, n: 512 },
  { m: 61, k: 5, n: 516 },
  { m: 2048, k: 4, n: 16 },
  { m: 2039, k: 6, n: 16 },
];

const batched: readonly Product[] = [
  { aBatch: [3], bBatch: [3], m: 9, k: 6, n: 10 },
  { aBatch: [2], bBatch: [1], m: 8, k: 8, n: 8 },
  { aBatch: [1], bBatch: [4], m: 16, k: 4, n: 4 },
  { aBatch: [2, 2], bBatch: [], m: 5, k: 8, n: 12 },
  { aBatch: [], bBatch: [2, 3], m: 6, k: 8, n: 4 },
  { aBatch: [40], bBatch: [40], m: 8, k: 12, n: 8 },
  { aBatch: [48], bBatch: [48], m: 9, k: 12, n: 8 },
  { aBatch: [2], bBatch: [2], m: 64, k: 5, n: 512 },
  { aBatch: [3], bBatch: [3], m: 2044, k: 4, n: 16 },
  { aBatch: [1, 2, 1, 2], bBatch: [1, 2, 1, 2], m: 4, k: 3, n: 5 },
];

const TRANSPOSES = [
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true },
];

interface Filled {
  readonly dtype?: DataType;
  readonly fill?: Fill;
}

type Transposes = (typeof TRANSPOSES)[number];

function operands(
  { aBatch = [], bBatch = [], m, k, n }: Product,
  { transposeA, transposeB }: Transposes,
  filled: Filled = {},
) {
  return {
    a: { ...filled, shape: [...aBatch, ...(transposeA ? [k, m] : [m, k])] },
    b: { ...filled, shape: [...bBatch, ...(transposeB ? [n, k] : [k, n])] },
  } satisfies Record<string, TensorSpec>;
}

function nameOf({ aBatch = [], bBatch = [], m, k, n }: Product, { transposeA, transposeB }: Transposes): string {
  return `[${[...aBatch, m, k]}]${transposeA ? 't' : ''} * [${[...bBatch, k, n]}]${transposeB ? 't' : ''}`;
}

const plain = [...products, ...batched].flatMap((product) =>
  TRANSPOSES.map((transposes): KernelCase => ({
    name: nameOf(product, transposes),
    kernel: BatchMatMul,
    inputs: operands(product, transposes),
    attrs: transposes,
  })),
);

/** int32 wraps as JavaScript's does; an infinity or NaN spreads along its own row and column, and nowhere else. */
const special = TRANSPOSES.flatMap((transposes): KernelCase[] => {
  const product = { m: 10, k: 11, n: 9 };
  const inputs = (filled: Filled) => operands(product, transposes, filled);
  const of = { kernel: BatchMatMul, attrs: transposes };
  return [
    { ...of, name: `${nameOf(product, transposes)}, int32`, inputs: inputs({ dtype: 'int32', fill: 'int' }) },
    { ...of, name: `${nameOf(product, transposes)}, NaNs and infinities`, inputs: inputs({ fill: 'nonfinite' }) },
  ];
});

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

interface Fused {
  readonly product: Product;
  readonly bias?: readonly number[];
  readonly weights?: readonly number[];
}

const fusedForms: readonly Fused[] = [
  { product: { aBatch: [1], bBatch: [1], m: 9, k: 8, n: 12 }, bias: [12], weights: [12] },
  { product: { aBatch: [1], bBatch: [1], m: 9, k: 8, n: 7 }, bias: [7], weights: [7] },
  { product: { aBatch: [2], bBatch: [1], m: 9, k: 8, n: 12 }, bias: [1, 12], weights: [1] },
  { product: { aBatch: [1], bBatch: [1], m: 4, k: 600, n: 8 }, bias: [8], weights: [8] },
  { product: { aBatch: [1], bBatch: [1], m: 67, k: 40, n: 16 }, bias: [67, 16], weights: [67, 1] },
  { product: { aBatch: [1], bBatch: [1], m: 9, k: 8, n: 12 }, bias: [9, 12], weights: [9, 1] },
  { product: { aBatch: [1], bBatch: [1], m: 9, k: 8, n: 12 }, bias: [9, 1], weights: [9, 12] },
  { product: { aBatch: [1], bBatch: [1], m: 9, k: 8, n: 1 }, bias: [1], weights: [1] },
  { product: { aBatch: [1], bBatch: [1], m: 9, k: 8, n: 12 }, weights: [] },
];

const fused = fusedForms.flatMap(({ product, bias, weights }) =>
  ACTIVATIONS.map((activation): KernelCase => {
    const transposes = TRANSPOSES[0]!;
    return {
      name: `${nameOf(product, transposes)}, bias ${bias ? `[${bias}]` : 'none'}, ${activation}${activation === 'prelu' ? ` [${weights}]` : ''}`,
      kernel: _FusedMatMul,
      inputs: {
        ...operands(product, transposes),
        ...(bias ? { bias: { shape: bias } } : {}),
        ...(activation === 'prelu' && weights ? { preluActivationWeights: { shape: weights } } : {}),
      },
      attrs: { ...transposes, activation, leakyreluAlpha: 0.3 },
    };
  }),
);

export const cases: readonly KernelCase[] = [...plain, ...special, ...fused];
