/** Cuts reductions into slices, by their tuning parameters. */
import { ceilDiv, roundUp } from './shape';
import { tuningParameters, type TuningTable } from './tuning';

export const REDUCE_TUNING = {
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
    unit: 'texels that an iteration of a reduction combines; four, two or none of them where they are dear',
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
} as const satisfies TuningTable;

export const tuned = tuningParameters(REDUCE_TUNING);

/** Slices have at most this many elements, because the error of a sum grows with its length. */
const LONGEST_SLICE = 2048;

/** How an axis of `total` elements is cut, where it is reduced to `outputs` results: `slices` of `chunk` elements. */
export function reductionSlices(total: number, outputs: number): { slices: number; chunk: number } {
  if (total <= tuned.reduceShort) return { slices: 1, chunk: total };
  const busy = Math.min(Math.floor(tuned.reduceFragments / ceilDiv(outputs, 4)), Math.sqrt(total));
  const chunk = Math.max(roundUp(ceilDiv(total, Math.max(1, busy, total / LONGEST_SLICE)), 4), tuned.reduceSlice);
  return { slices: ceilDiv(total, chunk), chunk };
}
