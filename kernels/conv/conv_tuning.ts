/** Tuning parameters of convolutions. */
import { ceilDiv } from '../../src/plan/shape';
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';

const DIRECT_ROWS = {
  unit: 'output rows of a convolution that a fragment computes, at most',
  trade: 'input rows and taps fetched again / registers, idle processors where the output is small',
  candidates: [4, 6, 7, 8],
} as const;

export const CONV_TUNING = {
  'directRows.dense': { ...DIRECT_ROWS, value: 8 },
  // Seven rows divide the sides of images that were 224 once, so that few programs do; an eighth would save little here.
  'directRows.depthwise': { ...DIRECT_ROWS, value: 7 },
  directTaps: {
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
  filterGradientFragments: {
    unit: "fragments of a filter gradient's slices together, about",
    trade: 'idle processors / partial results',
    value: 16384,
    candidates: [1024, 4096, 16384, 65536],
  },
  filterGradientSlice: {
    unit: 'pixels of a slice of a filter gradient, at least',
    trade: 'partial results / idle processors',
    value: 256,
    candidates: [1, 64, 128, 256, 512],
  },
  filterGradientUnroll: {
    unit: 'columns that a turn of a filter gradient takes',
    trade: 'turns / live values',
    value: 3,
    candidates: [1, 2, 3, 4],
  },
} as const satisfies TuningTable;

export const tuned = tuningParameters(CONV_TUNING);

/** Rows of a slice of a filter's gradient, of `rows` rows of `columns` pixels, where every slice takes so many `fragments`. */
export function filterGradientRows(rows: number, columns: number, fragments: number): number {
  const wanted = ceilDiv(rows, ceilDiv(tuned.filterGradientFragments, fragments));
  return Math.min(rows, Math.max(wanted, ceilDiv(tuned.filterGradientSlice, columns)));
}
