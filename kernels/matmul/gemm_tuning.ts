/** Tuning parameters of matrix products. */
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';

const GEMM_ROWS = {
  unit: 'rows of a tile, at most',
  trade: 'operands fetched again / registers, idle processors where a product is small',
  candidates: [4, 6, 8],
} as const;

const GEMM_UNROLL = {
  unit: 'texels of k in a turn of the loop',
  trade: 'turns / compile time; compilers keep accumulators in registers at some and not at others',
  candidates: [1, 2, 4],
} as const;

const GEMM_FRAGMENTS = {
  unit: 'fragments, below which k is cut into slices',
  trade: 'idle processors / partial results',
  candidates: [256, 1024, 4096, 16384, 65536, 262144],
} as const;

export const GEMM_TUNING = {
  // By the form of the product: which operands have k along their rows.
  'gemmRows.nn': { ...GEMM_ROWS, value: 8 },
  'gemmRows.nt': { ...GEMM_ROWS, value: 8 },
  'gemmRows.tn': { ...GEMM_ROWS, value: 8, candidates: [4, 8] },
  'gemmUnroll.nn': { ...GEMM_UNROLL, value: 2 },
  'gemmUnroll.nt': { ...GEMM_UNROLL, value: 2 },
  'gemmUnroll.tn': { ...GEMM_UNROLL, value: 2 },
  // A row times a matrix reads each element of the matrix once, so that slices cost it little; and a short one stays in the cache
  // until the fragments beside it have read the rest of its lines.
  'gemmFragments.row': { ...GEMM_FRAGMENTS, value: 262144 },
  'gemmFragments.rows': { ...GEMM_FRAGMENTS, value: 4096 },
  gemmSlice: {
    unit: 'elements of k in a slice, at least',
    trade: 'partial results / idle processors',
    value: 128,
    candidates: [32, 64, 128, 256, 512],
  },
  gemmSingle: {
    unit: 'multiplications of a product, up to which every fragment computes one texel of it',
    trade: 'a pass that sets the rows of tiles in order / operands fetched again',
    value: 1 << 17,
    candidates: [1 << 13, 1 << 15, 1 << 17, 1 << 19],
  },
  gemmCopies: {
    unit: 'rectangles that put the rows of tiles in order, at most; beyond, a pass does',
    trade: 'a pass over the result / calls',
    value: 32,
    candidates: [0, 8, 32, 128],
  },
} as const satisfies TuningTable;

export const tuned = tuningParameters(GEMM_TUNING);
