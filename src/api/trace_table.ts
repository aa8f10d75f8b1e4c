/** Writes traced steps as a table of text. */
import { TRACE_REASONS, type TracedStep, type TracedTensor } from '../plan/trace';

interface Column {
  readonly title: string;
  /** Characters at most; longer cells are wrapped. */
  readonly width: number;
  readonly cell: (step: TracedStep, index: number) => string;
}

/** With a space between two, 100 characters. */
const COLUMNS: readonly Column[] = [
  { title: '#', width: 3, cell: (_, i) => String(i + 1) },
  { title: 'kernels', width: 21, cell: kernelsOf },
  { title: 'pass', width: 18, cell: ({ name, compiled }) => (compiled ? `${name} (new)` : name) },
  { title: 'in', width: 16, cell: ({ inputs }) => shapesOf(inputs) },
  { title: 'out', width: 14, cell: ({ outputs }) => shapesOf(outputs) },
  { title: 'texels', width: 6, cell: ({ fetches }) => (fetches > 0 ? short(fetches) : '') },
  { title: 'why', width: 9, cell: ({ outputs }) => [...new Set(outputs.flatMap(({ why }) => why ?? []))].join(' ') },
  { title: 'ms', width: 6, cell: ({ milliseconds }) => milliseconds?.toFixed(2) ?? '' },
];

/** The steps as a table of at most 100 columns; below it, sums and what the reasons mean. */
export function traceTable(steps: readonly TracedStep[]): string {
  const cells = steps.map((step, i) => COLUMNS.map(({ cell }) => cell(step, i)));
  // Rows of tiles are copied one after another.
  const isRepeated = ([, ...row]: readonly string[], [, ...before]: readonly string[]): boolean =>
    row[1] === 'copy' && row.join() === before.join();
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...cells.filter((row, i) => i === 0 || !isRepeated(row, cells[i - 1]!)),
  ];
  const wrapped = rows.map((row) => row.map((cell, c) => wrap(cell, COLUMNS[c]!.width)));
  const widths = COLUMNS.map((_, c) =>
    Math.max(...wrapped.map((row) => Math.max(...row[c]!.map(({ length }) => length)))),
  );
  const lines = wrapped.flatMap((row) => linesOf(row, widths));
  const whys = new Set(steps.flatMap(({ outputs }) => outputs.flatMap(({ why }) => why ?? [])));
  const legend = Object.entries(TRACE_REASONS).filter(([why]) => (whys as ReadonlySet<string>).has(why));
  return [...lines, '', sums(steps), ...legend.map(([why, text]) => `${why}: ${text}`)].join('\n');
}

function linesOf(row: readonly (readonly string[])[], widths: readonly number[]): string[] {
  const height = Math.max(...row.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    row
      .map((cell, c) => (cell[line] ?? '').padEnd(widths[c]!))
      .join(' ')
      .trimEnd(),
  );
}

/** Words on lines of at most `width` characters; what is longer by itself is cut. */
function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    const cut = word.length > width ? `${word.slice(0, width - 1)}…` : word;
    if (last === '') lines[lines.length - 1] = cut;
    else if (last.length + 1 + cut.length <= width) lines[lines.length - 1] = `${last} ${cut}`;
    else lines.push(cut);
  }
  return lines;
}

function kernelsOf({ kernels, algorithms }: TracedStep): string {
  return `${repeats(kernels)}${algorithms.length === 0 ? '' : ` (${algorithms.join(', ')})`}`;
}

const shapesOf = (tensors: readonly TracedTensor[]): string =>
  repeats(tensors.map(({ shape }) => (shape.length === 0 ? 'scalar' : shape.join('x'))));

/** Words, with the number of those that follow each other and are equal. */
function repeats(words: readonly string[]): string {
  const runs: { word: string; count: number }[] = [];
  for (const word of words) {
    const last = runs.at(-1);
    if (last?.word === word) last.count++;
    else runs.push({ word, count: 1 });
  }
  return runs.map(({ word, count }) => (count > 1 ? `${count}*${word}` : word)).join(' ');
}

function sums(steps: readonly TracedStep[]): string {
  const draws = steps.filter(({ kind }) => kind === 'draw');
  const fetches = draws.reduce((sum, step) => sum + step.fetches, 0);
  const compiled = draws.filter((step) => step.compiled).length;
  const timed = draws.flatMap(({ milliseconds }) => milliseconds ?? []);
  const time = timed.length > 0 ? `, ${timed.reduce((sum, ms) => sum + ms, 0).toFixed(2)} ms` : '';
  return `${steps.length} steps: ${draws.length} draws, ${compiled} new programs, ${short(fetches)} texels fetched${time}`;
}

/** A number in few characters. */
function short(n: number): string {
  const [unit, by] = n >= 1e9 ? ['G', 1e9] : n >= 1e6 ? ['M', 1e6] : n >= 1e4 ? ['k', 1e3] : ['', 1];
  return `${by === 1 ? n : (n / by).toPrecision(3)}${unit}`;
}
