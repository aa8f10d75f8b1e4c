/** The choices that one device wants otherwise than another, as a table; `npm run tune` tries their candidates. */
import { clearMemos } from './plan';
import { ceilDiv, roundUp } from './shape';

/** A number that changes how fast something is, and nothing about what it gives but rounding. */
export interface TuningParameter {
  /** What is counted. */
  readonly unit: string;
  /** What too small a value costs, and too large a one. */
  readonly trade: string;
  readonly value: number;
  /** Values worth trying, the present one among them. */
  readonly candidates: readonly number[];
}

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

const SLIDE_ROWS = {
  unit: 'output rows of a convolution that a fragment computes, at most',
  trade: 'input rows and taps fetched again / registers, idle processors where the output is small',
  candidates: [4, 6, 7, 8],
} as const;

/** By name; a name with a point is one of several for kinds of shapes. */
export const TUNING = {
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
  'slideRows.dense': { ...SLIDE_ROWS, value: 8 },
  // Seven rows divide the sides of images that were 224 once, so that few programs do; an eighth would save little here.
  'slideRows.depthwise': { ...SLIDE_ROWS, value: 7 },
  slideTaps: {
    unit: 'filter rows that are unrolled, at most',
    trade: 'input rows fetched again / registers and compile time',
    value: 7,
    candidates: [1, 3, 5, 7, 11],
  },
  winogradChannels: {
    unit: "channels of a 3x3 convolution, the harmonic mean of both sides, from which on it is done by Winograd's algorithm",
    trade: 'transforms of data and results / multiplications',
    value: 80,
    candidates: [32, 48, 80, 128, 1024],
  },
  outerFragments: {
    unit: "fragments of a filter gradient's slices together, about",
    trade: 'idle processors / partial results',
    value: 16384,
    candidates: [1024, 4096, 16384, 65536],
  },
  outerSlice: {
    unit: 'pixels of a slice of a filter gradient, at least',
    trade: 'partial results / idle processors',
    value: 256,
    candidates: [1, 64, 128, 256, 512],
  },
  outerUnroll: {
    unit: 'columns that a turn of a filter gradient takes',
    trade: 'turns / live values',
    value: 3,
    candidates: [1, 2, 3, 4],
  },
  reduceFragments: {
    unit: 'fragments of the slices of a reduction, about',
    trade: 'idle processors / partial results',
    value: 4096,
    candidates: [256, 1024, 4096, 16384, 65536],
  },
  reduceShort: {
    unit: 'elements that one loop reduces, at most; beyond, they are cut into slices',
    trade: 'a pass / long loops, idle processors',
    value: 256,
    candidates: [64, 256, 1024],
  },
  reduceSlice: {
    unit: 'elements of a slice of a reduction, at least; a multiple of four',
    trade: 'partial results / idle processors',
    value: 32,
    candidates: [16, 32, 64, 128],
  },
  reduceUnroll: {
    unit: 'texels that a turn of a reduction folds; four, two or none of them where they are dear',
    trade: 'turns / compile time',
    value: 4,
    candidates: [2, 4, 8, 16],
  },
  reduceLarge: {
    unit: 'elements of a tensor whose rows are reduced in two passes, at least',
    trade: 'a pass / rows read element by element',
    value: 1 << 18,
    candidates: [1 << 14, 1 << 16, 1 << 18, 1 << 22],
  },
  softmaxReads: {
    unit: 'elements that the fragments of a softmax read together, where each reads its whole row, at most',
    trade: 'two passes / reads',
    value: 1 << 16,
    candidates: [1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20],
  },
  softmaxSlice: {
    unit: 'classes of a slice of a softmax',
    trade: 'partial results / idle processors',
    value: 128,
    candidates: [32, 64, 128, 256, 512],
  },
  poolUnroll: {
    unit: 'elements of a pooling window that is unrolled, at most',
    trade: 'turns of loops / compile time',
    value: 9,
    candidates: [1, 4, 9, 25],
  },
  segmentReads: {
    unit: 'reads of ids, beyond which they are sorted first',
    trade: 'sorting / reads',
    value: 1 << 18,
    candidates: [1 << 16, 1 << 18, 1 << 20, 1 << 22],
  },
  segmentFragments: {
    unit: 'fragments of the slices of sums over segments, about',
    trade: 'idle processors / partial results',
    value: 4096,
    candidates: [256, 1024, 4096, 16384],
  },
  scratchRows: {
    unit: 'rows of a texture between two passes, at least',
    trade: 'idle processors, which take a few rows each / the second pass looks further for a line',
    value: 32,
    candidates: [1, 8, 16, 32, 64, 128],
  },
  copyTexels: {
    unit: 'texels of a rectangle that is copied, on average, at least; else a pass moves them',
    trade: 'calls / passes, which are slower than copies of the same size',
    value: 1024,
    candidates: [64, 256, 1024, 4096],
  },
} as const satisfies Readonly<Record<string, TuningParameter>>;

export type TuningName = keyof typeof TUNING;

type Chosen = Record<TuningName, number>;

const present = (): Chosen =>
  Object.fromEntries(Object.entries(TUNING).map(([name, { value }]) => [name, value])) as Chosen;

const current = present();

/** The values in force. Passes are planned from them, so that whatever depends on them is a parameter of a template. */
export const tuned: Readonly<Chosen> = current;

/** Puts the table's values in force, but for those given; for the tuner alone. Plans made before are forgotten. */
export function setTuning(others: Partial<Chosen> = {}): void {
  Object.assign(current, present(), others);
  clearMemos();
}

/** Rows of a slice of a filter's gradient, of `rows` rows of `columns` pixels, where every slice takes so many `fragments`. */
export function outerRows(rows: number, columns: number, fragments: number): number {
  const wanted = ceilDiv(rows, ceilDiv(tuned.outerFragments, fragments));
  return Math.min(rows, Math.max(wanted, ceilDiv(tuned.outerSlice, columns)));
}

/** Slices have at most this many elements, because the error of a sum grows with its length. */
const LONGEST_SLICE = 2048;

/** How an axis of `total` elements is cut, where it is reduced to `outputs` results: `slices` of `chunk` elements. */
export function reductionSlices(total: number, outputs: number): { slices: number; chunk: number } {
  if (total <= tuned.reduceShort) return { slices: 1, chunk: total };
  const busy = Math.min(Math.floor(tuned.reduceFragments / ceilDiv(outputs, 4)), Math.sqrt(total));
  const chunk = Math.max(roundUp(ceilDiv(total, Math.max(1, busy, total / LONGEST_SLICE)), 4), tuned.reduceSlice);
  return { slices: ceilDiv(total, chunk), chunk };
}
