/** `model.summary()` that fits a terminal. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { print as printLine } from '../io/print';
import { layerNodes } from './graph';

/** Options of `summary`. */
export interface SummaryOptions {
  /** Characters of a line; those of the terminal, at most 100, or else 80, unless told otherwise. */
  readonly lineLength?: number;
  /** Called with each line. Default: prints it to the console. */
  readonly print?: (line: string) => void;
}

const WIDEST = 100;
const USUAL = 80;
const NARROWEST = 40;

/** Prints a table of layers, their outputs' shapes, their parameters and what they are connected to, each cell whole. */
export function summary(model: LayersModel, { lineLength, print = printLine }: SummaryOptions = {}): void {
  const { columns } = (globalThis as { process?: { stdout?: { columns?: number } } }).process?.stdout ?? {};
  const width = Math.max(NARROWEST, lineLength ?? Math.min(columns ?? USUAL, WIDEST));
  const nodes = layerNodes(model);
  const branches = nodes.some(({ inputs }, i) => inputs.length > 1 || (i > 0 && inputs[0] !== nodes[i - 1]!.name));
  const rows = nodes.map(({ name, className, outputShape, params, inputs }) => [
    `${name} (${className})`,
    `(${outputShape.map((size) => size ?? 'None').join(', ')})`,
    String(params),
    ...(branches ? [inputs.join(', ')] : []),
  ]);
  const head = ['Layer (type)', 'Output Shape', 'Param #', ...(branches ? ['Connected to'] : [])];
  const widths = widthsOf([head, ...rows], width);
  print(`Model: "${model.name}"`);
  print('_'.repeat(width));
  for (const line of cellLines(head, widths)) print(line);
  print('='.repeat(width));
  for (const row of rows) for (const line of cellLines(row, widths)) print(line);
  print('='.repeat(width));
  const trainable = countOf(model.trainableWeights);
  const all = countOf(model.weights);
  print(`Total params: ${all} (${sizeText(all)})`);
  print(`Trainable params: ${trainable} (${sizeText(trainable)})`);
  print(`Non-trainable params: ${all - trainable} (${sizeText(all - trainable)})`);
  print('_'.repeat(width));
}

/** What each column needs, or where that is too much, less of the widest ones. */
function widthsOf(rows: readonly (readonly string[])[], width: number): number[] {
  const needed = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const gaps = needed.length - 1;
  const sum = (): number => needed.reduce((total, one) => total + one, gaps);
  while (sum() > width) needed[needed.indexOf(Math.max(...needed))]!--;
  needed[0]! += width - sum();
  return needed;
}

/** The lines of a row; a cell that is too long goes on in the next line, at a space if it can. */
function cellLines(cells: readonly string[], widths: readonly number[]): string[] {
  const partsOf = (cell: string, width: number): string[] =>
    cell.match(new RegExp(`\\S.{0,${width - 1}}(?= |$)|\\S.{0,${width - 1}}`, 'g')) ?? [''];
  const parts = cells.map((cell, i) => partsOf(cell, widths[i]!));
  const height = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    parts
      .map((part, i) => (part[line] ?? '').padEnd(widths[i]!))
      .join(' ')
      .trimEnd(),
  );
}

const countOf = (weights: LayersModel['weights']): number =>
  weights.reduce((sum, { shape }) => sum + shape.reduce<number>((size, length) => size * length!, 1), 0);

function sizeText(params: number): string {
  const bytes = 4 * params;
  if (bytes < 2 ** 10) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(2)} KB` : `${(bytes / 2 ** 20).toFixed(2)} MB`;
}
