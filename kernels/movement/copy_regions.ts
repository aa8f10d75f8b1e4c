/** Turns runs of texels that move between textures into few rectangles, which copy faster than a draw. */
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';
import type { Copy } from '../../src/plan/plan';
import { ceilDiv } from '../../src/plan/shape';

export const COPY_TUNING = {
  copyTexels: {
    unit: 'texels of a rectangle that is copied, on average, at least; else a pass moves them',
    trade: 'calls / passes, which are slower than copies of the same size',
    value: 1024,
    candidates: [64, 256, 1024, 4096],
  },
} as const satisfies TuningTable;

export const copyTuning = tuningParameters(COPY_TUNING);

/** Runs of texels at regular distances, in flat texel indices. */
export interface Runs {
  readonly from: number;
  readonly to: number;
  /** Texels in one run. */
  readonly run: number;
  readonly count: number;
  /** Texels from the start of one run to the start of the next. */
  readonly fromStride: number;
  readonly toStride: number;
}

/** Beyond this many rectangles the calls cost more than a draw does. */
const MAX_COPIES = 64;

/** The rectangles that move `runs` between textures of the given widths, or undefined where a draw is better. */
export function copyRegions(runs: Runs, fromWidth: number, toWidth: number): Copy[] | undefined {
  const enough = Math.min(MAX_COPIES, (runs.run * runs.count) / copyTuning.copyTexels);
  if (enough < 1) return undefined;
  const copies = copiesOf(runs, fromWidth, toWidth);
  return copies && copies.length <= enough ? copies : undefined;
}

function copiesOf(runs: Runs, fromWidth: number, toWidth: number): Copy[] | undefined {
  const { from, to, run, count, fromStride, toStride } = runs;
  if (count === 1) return span({ from, to, run }, fromWidth, toWidth);
  if (fromStride === run && toStride === run) return span({ from, to, run: run * count }, fromWidth, toWidth);
  const period = fromWidth / fromStride;
  if (period === toWidth / toStride && Number.isInteger(period)) return columns(runs, period, { fromWidth, toWidth });
  if (count > MAX_COPIES) return undefined;
  const each = Array.from({ length: count }, (_, i) =>
    span({ from: from + i * fromStride, to: to + i * toStride, run }, fromWidth, toWidth),
  );
  return each.every((c) => c !== undefined) ? each.flat() : undefined;
}

/** Runs of which `period` lie side by side in every row of both textures: each of these columns is one rectangle. */
function columns(
  { from, to, run, count, fromStride, toStride }: Runs,
  period: number,
  widths: { fromWidth: number; toWidth: number },
): Copy[] | undefined {
  const copies: Copy[] = [];
  for (let i = 0; i < Math.min(period, count); i++) {
    const start = from + i * fromStride;
    const target = to + i * toStride;
    const x = start % widths.fromWidth;
    const toX = target % widths.toWidth;
    if (x + run > widths.fromWidth || toX + run > widths.toWidth) return undefined;
    const y = Math.floor(start / widths.fromWidth);
    const toY = Math.floor(target / widths.toWidth);
    copies.push({ x, y, width: run, height: ceilDiv(count - i, period), toX, toY });
  }
  return copies;
}

/** One run of texels, cut where either texture ends a row; full rows of equal phase stay together. */
function span(runs: Pick<Runs, 'from' | 'to' | 'run'>, fromWidth: number, toWidth: number): Copy[] | undefined {
  const copies: Copy[] = [];
  let { from, to, run } = runs;
  while (run > 0) {
    if (copies.length > MAX_COPIES) return undefined;
    const x = from % fromWidth;
    const toX = to % toWidth;
    const y = Math.floor(from / fromWidth);
    const toY = Math.floor(to / toWidth);
    const rows = fromWidth === toWidth && toX === 0 ? Math.floor(run / toWidth) : 0;
    if (rows > 0) {
      const left = toWidth - x;
      copies.push({ x, y, width: left, height: rows, toX, toY });
      if (x > 0) copies.push({ x: 0, y: y + 1, width: x, height: rows, toX: left, toY });
    } else {
      copies.push({ x, y, width: Math.min(run, fromWidth - x, toWidth - toX), height: 1, toX, toY });
    }
    const moved = rows > 0 ? rows * toWidth : copies[copies.length - 1]!.width;
    from += moved;
    to += moved;
    run -= moved;
  }
  return copies;
}
