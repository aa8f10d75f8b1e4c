// @ts-check
/** Writes a result out: as text for the terminal, as Markdown, or into the marked places of a document. */
import { formatTable } from './align.js';
import { enduranceTable, growthTable } from './growth_tables.js';
import { ceilingTable, dispatchTable, kernelTable, modelTable } from './tables.js';

/** @typedef {import('./page/result').BenchResult} BenchResult */
/** @typedef {import('./align.js').Table} Table */

/** @param {BenchResult} result @returns {string} */
function about({ renderer, userAgent, date, versions, wasmThreads, seconds, options }) {
  const browser = /(?:Chrome|Firefox|Version)\/[\d.]+/.exec(userAgent)?.[0] ?? userAgent;
  return [
    `renderer  ${renderer}`,
    `browser   ${browser}, tfjs ${versions['tfjs']}, ${wasmThreads} wasm threads`,
    `run       ${date}, ${seconds} s, ${options.repeats} repeats, cap ${options.timeCap} s per case`,
  ].join('\n');
}

/**
 * The parts of a report by name; a section that was not run has none.
 *
 * @param {BenchResult} result
 * @param {boolean} [markdown]
 * @returns {[string, string][]}
 */
export function parts(result, markdown = false) {
  /** @type {[string, Table | undefined][]} */
  const tables = [
    ['ceilings', ceilingTable(result)],
    ['dispatch', dispatchTable(result)],
    ['kernels', kernelTable(result)],
    ['models', modelTable(result)],
    ['growth', growthTable(result)],
    ['endurance', enduranceTable(result)],
  ];
  const head = about(result);
  return [
    ['about', markdown ? `\`\`\`\n${head}\n\`\`\`` : head],
    ...tables.flatMap(([name, table]) =>
      table ? [/** @type {[string, string]} */ ([name, formatTable(table, markdown)])] : [],
    ),
  ];
}

/**
 * All tables of a result.
 *
 * @param {BenchResult} result
 * @param {boolean} [markdown]
 */
export function report(result, markdown = false) {
  return parts(result, markdown)
    .map(([, text]) => text)
    .join('\n\n');
}

/**
 * Replaces what lies between `<!-- bench:name -->` and `<!-- /bench -->` in a document by the parts of a result.
 *
 * @param {string} document
 * @param {BenchResult} result
 */
export function fillDocument(document, result) {
  return parts(result, true).reduce((text, [name, part]) => {
    const open = `<!-- bench:${name} -->`;
    const start = text.indexOf(open);
    if (start < 0) throw new Error(`The document has no line ${open}.`);
    const from = start + open.length;
    const to = text.indexOf('<!-- /bench -->', from);
    if (to < 0) throw new Error(`The document has no line <!-- /bench --> after ${open}.`);
    return `${text.slice(0, from)}\n\n${part}\n\n${text.slice(to)}`;
  }, document);
}
