// @ts-check
/** What the tuner found, as a table, and what it would change in kernels/tuning_table.ts. */

/** @typedef {import('./page/result').TuneResult} TuneResult */
/** @typedef {import('./page/result').TuneRow} TuneRow */
/** @typedef {import('./align.js').Table} Table */

/** Gains below this are not worth a change. */
const LEAST_GAIN = 0.05;

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** Time saved by a value whose time is `ratio` of the present one's. @param {number} ratio */
const gain = (ratio) => 1 - ratio;

/** The value that takes the least time; the present one where none is faster. @param {TuneRow} row */
function best({ present, values }) {
  return values.reduce((least, other) => (other.ratio < least.ratio ? other : least), {
    value: present,
    ratio: 1,
    byCase: [1],
  });
}

/** Whether the best value is better by more than the measurement varies. @param {TuneRow} row */
const isWorthIt = (row) => gain(best(row).ratio) > Math.max(LEAST_GAIN, row.noise);

/** @param {TuneResult} result @returns {Table} */
export function tuneTable({ rows }) {
  return {
    head: ['choice', 'now', 'best', 'gain', 'by case', 'noise', 'change to', 'cases', 'tried'],
    rows: rows.map((row) => {
      const { value, ratio, byCase } = best(row);
      const range = `${percent(gain(Math.max(...byCase)))} to ${percent(gain(Math.min(...byCase)))}`;
      return [
        row.choice,
        String(row.present),
        String(value),
        percent(gain(ratio)),
        value === row.present ? '' : range,
        percent(row.noise),
        isWorthIt(row) ? String(value) : '',
        String(row.cases.length),
        row.values.map((tried) => `${tried.value}: ${percent(gain(tried.ratio))}`).join(', '),
      ];
    }),
    notes: [
      'gain: time saved against the value now, over all cases (geometric mean); by case: the worst and the best of them.',
      'noise: by how much two series of the same value differ. A change is worth it from 5 % on, and beyond the noise.',
      ...rows.flatMap(({ choice, failures }) => failures.map((failure) => `failed: ${choice} ${failure}`)),
    ],
  };
}

/** What would be changed, a line each. @param {TuneResult} result @returns {string[]} */
export function changes({ rows }) {
  const wanted = rows.filter(isWorthIt);
  if (wanted.length === 0) return ['Nothing to change in kernels/tuning_table.ts for this device.'];
  return [
    'In kernels/tuning_table.ts, for this device:',
    ...wanted.map((row) => `  ${row.choice}: ${row.present} -> ${best(row).value}  (${row.unit})`),
  ];
}
