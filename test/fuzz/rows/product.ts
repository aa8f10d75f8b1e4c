/** Matrix products, Einstein sums and Fourier transforms. */
import * as tf from '@tensorflow/tfjs-core';
import type { Fill } from '../../cases/case';
import type { Draw, Numeric } from '../draw';
import { batchedProduct, einsum as einsumReference } from '../references';
import { rowsOf, type Row, type Rows } from '../row';
import { ACTIVATIONS } from './window';

/** Small integers: tfjs-backend-cpu sums products in doubles, which round beyond 2^53. */
const FILLS = { float32: ['normal', 'ties', 'nonfinite'], int32: ['ties', 'int'] } as const;

const LENGTHS = [4, 1, 3, 8, 5, 7, 16, 17, 33, 40, 2];

interface Operands {
  readonly inputs: Readonly<Record<'a' | 'b', ReturnType<Draw['tensor']>>>;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
  readonly n: number;
}

interface Batches {
  readonly fills?: readonly Fill[];
  readonly most?: number;
}

function operands(
  draw: Draw,
  dtype: Numeric & keyof typeof FILLS,
  { fills = FILLS[dtype], most = 3 }: Batches = {},
): Operands {
  const [m, k, n] = [draw.of(LENGTHS), draw.chance(5) ? draw.of([0, 515, 2000]) : draw.of(LENGTHS), draw.of(LENGTHS)];
  const [transposeA, transposeB] = [draw.chance(50), draw.chance(50)];
  const batch = draw.shape(draw.int(0, most), 9);
  const narrowed = () => (draw.chance(60) ? batch : batch.map((side) => (draw.chance(50) ? 1 : side)));
  const [aBatch, bBatch] = draw.chance(50) ? [batch, narrowed()] : [narrowed(), batch];
  return {
    inputs: {
      a: draw.tensor([...aBatch, ...(transposeA ? [k, m] : [m, k])], dtype, fills),
      b: draw.tensor([...bBatch, ...(transposeB ? [n, k] : [k, n])], dtype, fills),
    },
    attrs: { transposeA, transposeB },
    n,
  };
}

const matmul: Row = {
  reference: batchedProduct,
  sensitive: true,
  make: (draw) => {
    const { inputs, attrs } = operands(draw, draw.of(['float32', 'int32']));
    return { inputs, attrs };
  },
};

/** Batches of one dimension: in those of several tfjs-backend-cpu takes broadcast matrices in turn. */
const fusedMatmul: Row = {
  sensitive: true,
  make: (draw) => {
    const { inputs, attrs, n } = operands(draw, 'float32', { fills: ['normal', 'ties'], most: 1 });
    const activation = draw.of(ACTIVATIONS);
    const own = (shape: readonly number[]) => draw.tensor(shape, 'float32', ['normal', 'ties']);
    return {
      inputs: {
        ...inputs,
        ...(draw.chance(60) ? { bias: own(draw.of([[n], [1]])) } : {}),
        ...(activation === 'prelu' ? { preluActivationWeights: own(draw.of([[n], [1]])) } : {}),
      },
      attrs: { ...attrs, activation, leakyreluAlpha: 0.3 },
    };
  },
};

const LETTERS = ['a', 'b', 'c', 'd', 'e'];

/** One or two operands, each letter at most once in each; any of them kept, in any order. */
const einsum: Row = {
  reference: einsumReference,
  sensitive: true,
  make: (draw) => {
    const lengths = LETTERS.map(() => draw.of([2, 1, 3, 4, 5, 8]));
    const term = () => {
      const order = draw.order(LETTERS.length);
      return order.slice(0, draw.int(1, 3));
    };
    const terms = draw.chance(70) ? [term(), term()] : [term()];
    const present = [...new Set(terms.flat())];
    const kept = draw
      .order(present.length)
      .filter(() => draw.chance(60))
      .map((i) => present[i]!);
    const spelled = (letters: readonly number[]) => letters.map((letter) => LETTERS[letter]!).join('');
    const dtype = draw.of(['float32', 'int32'] as const);
    const inputs = terms.map((letters) =>
      draw.tensor(
        letters.map((letter) => lengths[letter]!),
        dtype,
        dtype === 'int32' ? ['ties', 'int'] : ['normal', 'ties'],
      ),
    );
    return { inputs, attrs: { equation: `${terms.map(spelled).join(',')}->${spelled(kept)}` } };
  },
};

const fourier: Row = {
  sensitive: true,
  tolerance: 1e-4,
  make: (draw) => {
    const shape = [
      ...draw.shape(draw.int(0, 2), 12),
      draw.of([1, 2, 3, 4, 5, 8, 7, 12, 16, 17, 31, 60, 64, 97, 100, 128]),
    ];
    return { inputs: { input: draw.tensor(shape, 'complex64', ['normal', 'ties']) } };
  },
};

export const productRows: Rows = {
  [tf.BatchMatMul]: matmul,
  [tf._FusedMatMul]: fusedMatmul,
  [tf.Einsum]: einsum,
  ...rowsOf([tf.FFT, tf.IFFT], fourier),
};
