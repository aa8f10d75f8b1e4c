// @ts-check
/** The tables of what grows: with the size of a network's step, and with the steps of a long training. */
import { digits } from './align.js';
import { mebibytes } from './tables.js';

/** @typedef {import('./page/result').BenchResult} BenchResult */
/** @typedef {import('./page/result').GrowthRow} GrowthRow */
/** @typedef {import('./page/result').GrowthSide} GrowthSide */
/** @typedef {import('./page/result').EnduranceSample} EnduranceSample */
/** @typedef {import('./align.js').Table} Table */

/** @param {{ batchSize: number, imageSize: number }} row */
const pixels = ({ batchSize, imageSize }) => batchSize * imageSize ** 2;

/** @param {GrowthRow} row */
const label = ({ model, mode, batchSize, imageSize }) => `${model} ${mode} ${batchSize}x${imageSize}x${imageSize}`;

/**
 * What a pixel of a size costs against a pixel of the first size of its series.
 *
 * @param {{ first: GrowthRow | undefined, row: GrowthRow, name: string }} place
 * @param {(side: GrowthSide | undefined) => number | undefined} figure
 */
function perPixel({ first, row, name }, figure) {
  const own = figure(row.sides[name]);
  const reference = first && figure(first.sides[name]);
  if (!first || !own || !reference) return '';
  return `${digits(own / pixels(row) / (reference / pixels(first)))}x`;
}

/** From which size on a series leaves a backend out, and why. @param {readonly GrowthRow[]} growth @returns {string[]} */
function leftOut(growth) {
  /** @type {Map<string, string>} */
  const notes = new Map();
  for (const row of growth) {
    for (const [name, side] of Object.entries(row.sides)) {
      const series = `${row.axis} ${row.mode} ${name}`;
      const reason = side.leftOut ?? side.error;
      if (reason === undefined || notes.has(series)) continue;
      notes.set(series, `${name} ends before ${label(row)}: ${reason.split('\n')[0]?.slice(0, 160)}`);
    }
  }
  return [...notes.values()];
}

/** @param {BenchResult} result @returns {Table | undefined} */
export function growthTable({ growth }) {
  if (!growth) return undefined;
  const rows = growth.flatMap((row) => {
    const taken = Object.entries(row.sides).filter(([, { medianMs }]) => medianMs !== undefined);
    const first = growth.find(({ axis, mode }) => axis === row.axis && mode === row.mode);
    return taken.map(([name, side], i) => {
      const place = { first, row, name };
      return [
        i === 0 ? label(row) : '',
        name,
        digits(side.medianMs),
        digits(side.medianMs && side.medianMs / row.batchSize),
        perPixel(place, (of) => of?.medianMs),
        mebibytes(side.peakGpuBytes),
        mebibytes(side.peakGpuBytes && side.peakGpuBytes / row.batchSize),
        perPixel(place, (of) => of?.peakGpuBytes),
        String(side.draws ?? '-'),
        String(side.programs ?? '-'),
        row === first ? '' : String(side.programsAdded ?? '-'),
      ];
    });
  });
  return {
    head: [
      'network',
      'backend',
      'step ms',
      'ms/image',
      'a pixel',
      'peak MiB',
      'MiB/image',
      'a pixel',
      'draws',
      'programs',
      '+ programs',
    ],
    rows,
    notes: [
      'a pixel: what a pixel costs against one of the first size; 1x is flat. MiB: all textures, weights included, of which the first dense layer has 8 KiB a pixel of one image.',
      '+ programs: those that no smaller size of the series needed.',
      ...leftOut(growth),
    ],
  };
}

/** What is alive, a line each. @type {[string, (sample: EnduranceSample) => number | undefined, (value: number | undefined) => string][]} */
const ALIVE = [
  ['textures, MiB', ({ textureBytes }) => textureBytes, mebibytes],
  ['textures', ({ textures }) => textures, String],
  ['framebuffers', ({ framebuffers }) => framebuffers, String],
  ['buffers', ({ buffers }) => buffers, String],
  ['programs', ({ programs }) => programs, String],
  ['tensors', ({ tensors }) => tensors, String],
  ['JavaScript heap, MiB', ({ heapBytes }) => heapBytes, mebibytes],
];

/** @param {BenchResult} result @returns {Table | undefined} */
export function enduranceTable({ endurance }) {
  if (!endurance) return undefined;
  const { samples, startMs, endMs, frames, network, batchSize } = endurance;
  const [first] = samples;
  const last = samples[samples.length - 1];
  if (!first || !last) return undefined;
  const rows = ALIVE.map(([name, figure, format]) => {
    const values = samples.map(figure);
    const [a, b] = [figure(first), figure(last)];
    if (a === undefined || b === undefined) return [name, '-', '-', '-', '-', ''];
    const most = Math.max(...values.map((value) => value ?? 0));
    const until = samples[values.indexOf(most)];
    const growth = b === a ? 'none' : `${(100 * (b / a - 1)).toFixed(1)} %`;
    return [name, format(a), format(b), format(most), growth, most === a ? '' : `step ${until?.step}`];
  });
  const slower = `${(100 * (endMs / startMs - 1)).toFixed(1)} %`;
  return {
    head: [`${network}, batch ${batchSize}`, `step ${first.step}`, `step ${last.step}`, 'most', 'growth', 'grew until'],
    rows: [...rows, ['median step, ms', digits(startMs), digits(endMs), '', slower, '']],
    notes: [
      `frames of the page while it trains: every ${digits(frames.medianMs)} ms (median), ${digits(frames.longestMs)} ms at the longest; ` +
        `${digits(frames.openingMs)} ms in the first ${first.step} steps, in which programs compile.`,
      `Every 25th batch is a smaller one. The figures are those of ${samples.length} samples, after a collection of garbage.`,
    ],
  };
}
