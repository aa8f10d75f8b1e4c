// @ts-check
/** The benchmark's tables: which figures of a result stand in which column, and the notes below them. */

import { digits } from './align.js';

/** @typedef {import('./page/result').BenchResult} BenchResult */
/** @typedef {import('./page/result').SideResult} SideResult */
/** @typedef {import('./align.js').Table} Table */

/** @param {number | undefined} bytes @returns {string} */
export const mebibytes = (bytes) => (bytes === undefined ? '-' : digits(bytes / 2 ** 20));

/** @param {number | undefined} value */
const count = (value) => (value === undefined ? '-' : String(value));

/** @param {SideResult | undefined} side @returns {string} */
function time(side) {
  if (!side) return '';
  if (side.medianMs === undefined) return 'cannot';
  // A star: the time cap left only the first call, with compilation.
  return `${digits(side.medianMs)}${side.onlyFirst ? '*' : ''}`;
}

/** @param {SideResult | undefined} own @param {SideResult | undefined} peer */
function ratio(own, peer) {
  return own?.medianMs && peer?.medianMs ? `${digits(peer.medianMs / own.medianMs)}x` : '';
}

/** What could not be done and why, a line for each reason. @param {{ label: string, sides: Record<string, SideResult> }[]} rows */
function errorsOf(rows) {
  /** @type {Map<string, string[]>} */
  const labels = new Map();
  for (const { label, sides } of rows) {
    for (const [name, { error }] of Object.entries(sides)) {
      if (error === undefined) continue;
      const reason = `${name}: ${error.split('\n')[0]?.slice(0, 160)}`;
      labels.set(reason, [...(labels.get(reason) ?? []), label]);
    }
  }
  return [...labels].map(([reason, [label, ...more]]) => {
    return `cannot: ${label}${more.length > 0 ? ` and ${more.length} more` : ''}: ${reason}`;
  });
}

const STAR = '* first call only, compilation included: the time cap left no room for more.';
const DIFFER = 2e-3;

/** Pairs of backends whose results differ. @param {{ label: string, sides: Record<string, SideResult> }[]} rows */
function differencesOf(rows) {
  return rows.flatMap(({ label, sides }) =>
    Object.entries(sides).flatMap(([name, { difference }]) =>
      difference !== undefined && !(difference <= DIFFER)
        ? [
            `DIFFERS: ${label}: ${name} is ${digits(difference * 100)} % of the largest value away from the first backend.`,
          ]
        : [],
    ),
  );
}

/** @param {{ label: string, sides: Record<string, SideResult> }[]} rows @returns {string[]} */
function notesOn(rows) {
  const starred = rows.some(({ sides }) => Object.values(sides).some(({ onlyFirst }) => onlyFirst));
  return [...(starred ? [STAR] : []), ...errorsOf(rows), ...differencesOf(rows)];
}

/**
 * What a kernel reached, named by what limits it: arithmetic or memory, whichever comes nearer to its ceiling.
 *
 * @param {{ flops?: number, bytes: number }} work
 * @param {number | undefined} ms
 * @param {BenchResult['ceilings']} ceilings
 * @returns {[string, string]}
 */
function reached({ flops, bytes }, ms, ceilings) {
  if (!ms) return ['-', '-'];
  const rate = (flops ?? 0) / ms / 1e6;
  const flow = bytes / ms / 1e6;
  const share = ceilings ? rate / ceilings.multiplyAddGflops : 0;
  const flowShare = ceilings ? flow / ceilings.copyGBs : 0;
  const byArithmetic = flops !== undefined && share >= flowShare;
  const limit = ceilings ? `${(100 * Math.max(share, flowShare)).toFixed(0)}%` : '-';
  return [byArithmetic ? `${digits(rate)} GFLOP/s` : `${digits(flow)} GB/s   `, limit];
}

const GPU = ['convgl', 'webgl'];

/** @param {string} name @param {SideResult | undefined} side */
function drawsOf(name, side) {
  if (side?.draws === undefined || !GPU.includes(name)) return '-';
  return side.draws === 0 ? 'host' : String(side.draws);
}

/** @param {BenchResult} result @returns {Table | undefined} */
export function kernelTable({ kernels, options, ceilings }) {
  if (!kernels) return undefined;
  const [first = '', ...peers] = options.backends;
  const rows = kernels.map((row) => {
    const own = row.sides[first];
    return [
      `${row.kernel} ${row.name}`,
      time(own),
      digits(own?.p95Ms),
      ...peers.flatMap((peer) => [time(row.sides[peer]), ratio(own, row.sides[peer])]),
      ...reached(row, own?.medianMs, ceilings),
      drawsOf(first, own),
      digits(own?.firstMs),
    ];
  });
  const peerHeads = peers.flatMap((peer) => [`${peer} ms`, 'x']);
  return {
    head: ['kernel', `${first} ms`, 'p95', ...peerHeads, 'reached', 'of limit', 'draws', 'first ms'],
    rows,
    notes: [
      'x: times faster than that backend. host: no draw, computed by JavaScript.',
      ...notesOn(kernels.map((row) => ({ label: `${row.kernel} ${row.name}`, sides: row.sides }))),
    ],
  };
}

/** @param {BenchResult} result @returns {Table | undefined} */
export function modelTable({ models, options, ceilings }) {
  if (!models) return undefined;
  const [first = ''] = options.backends;
  /** @param {{ model: string, mode: string, batchSize: number, imageSize: number }} row */
  const label = ({ model, mode, batchSize, imageSize }) => `${model} ${mode} ${batchSize}x${imageSize}x${imageSize}`;
  const rows = models.flatMap((row) =>
    // eslint-disable-next-line complexity -- a cell for each column, several of which a backend may lack.
    options.backends.map((name, i) => {
      const side = row.sides[name];
      const rate = side?.medianMs ? row.flops / side.medianMs / 1e6 : undefined;
      return [
        i === 0 ? label(row) : '',
        name,
        time(side),
        digits(side?.p95Ms),
        i === 0 ? '' : ratio(row.sides[first], side),
        digits(side?.firstMs),
        i === 0 || !side?.firstMs ? '' : `${digits(side.firstMs / (row.sides[first]?.firstMs ?? NaN))}x`,
        count(side?.kernelCalls),
        ...(GPU.includes(name)
          ? [
              count(side?.draws),
              count(side?.programs),
              count(side?.programsForPartialBatch),
              mebibytes(side?.gpuBytes),
              mebibytes(side?.peakGpuBytes),
            ]
          : ['', '', '', '', '']),
        digits(rate),
        ceilings && rate && GPU.includes(name) ? `${((100 * rate) / ceilings.multiplyAddGflops).toFixed(0)}%` : '',
      ];
    }),
  );
  return {
    head: [
      'network',
      'backend',
      'step ms',
      'p95',
      'x',
      'first ms',
      'x',
      'calls',
      'draws',
      'programs',
      '+ partial',
      'MiB',
      'peak MiB',
      'GFLOP/s',
      'of limit',
    ],
    rows,
    notes: [
      'x: times faster. + partial: programs that a step with half the batch adds.',
      ...notesOn(models.map((row) => ({ label: label(row), sides: row.sides }))),
    ],
  };
}

/** @param {BenchResult} result @returns {Table | undefined} */
export function dispatchTable({ dispatch, options }) {
  if (!dispatch) return undefined;
  const [first = '', ...peers] = options.backends.filter((name) => dispatch.some((row) => name in row.sides));
  const rows = dispatch.map(({ name, sides }) => {
    const own = sides[first];
    return [
      name,
      digits(own?.usPerCall),
      digits(own?.usPerDraw),
      digits(own?.draws),
      ...peers.flatMap((peer) => {
        const side = sides[peer];
        const times = own?.usPerCall && side?.usPerCall ? `${digits(side.usPerCall / own.usPerCall)}x` : '';
        return [digits(side?.usPerCall), digits(side?.usPerDraw), digits(side?.draws), times];
      }),
    ];
  });
  const columns = [first, ...peers].flatMap((name, i) => [
    `${name} us/call`,
    'us/draw',
    'draws/call',
    ...(i > 0 ? ['x'] : []),
  ]);
  const notes = errorsOf(dispatch.map(({ name, sides }) => ({ label: name, sides })));
  return { head: ['JavaScript time without waiting', ...columns], rows, notes };
}

/** @param {BenchResult} result @returns {Table | undefined} */
export function ceilingTable({ ceilings }) {
  if (!ceilings) return undefined;
  /** @type {[string, number, string][]} */
  const rows = [
    ['multiply-adds, 8 vec4 accumulators', ceilings.multiplyAddGflops, 'GFLOP/s'],
    ['texture(), RGBA32F', ceilings.textureGtexels, 'Gtexel/s'],
    ['texelFetch, RGBA32F', ceilings.texelFetchGtexels, 'Gtexel/s'],
    ['fill, one target', ceilings.fillMtexels, 'Mtexel/s'],
    ['fill, four targets', ceilings.fill4TargetsMtexels, 'Mtexel/s'],
    ['copy by a shader, read and written', ceilings.copyGBs, 'GB/s'],
    ['tiny draw', ceilings.tinyDrawUs, 'us'],
    ['tiny draw, switching program and target', ceilings.switchingDrawUs, 'us'],
    ['upload of 6.6 MB', ceilings.uploadGBs, 'GB/s'],
    ['readback of 6.6 MB', ceilings.readbackGBs, 'GB/s'],
  ];
  return { head: ['ceiling of this device', 'value', 'unit'], rows: rows.map(([a, b, c]) => [a, digits(b), c]) };
}
