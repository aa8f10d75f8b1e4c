// @ts-check
/** Aligns figures in tables, as text for a terminal or as Markdown. */

/** @typedef {{ head: string[], rows: string[][], notes?: string[] }} Table */

/** @param {number | undefined} value three digits, without an exponent @returns {string} */
export function digits(value) {
  if (value === undefined || !Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 0.1 || size === 0 ? value.toFixed(2) : value.toPrecision(2);
}

/** @param {string} text @param {number} width @param {boolean} left */
const padded = (text, width, left) => (left ? text.padEnd(width) : text.padStart(width));

/** Aligned columns, the first one to the left. @param {Table} table @param {boolean} [markdown] @returns {string} */
export function formatTable({ head, rows, notes = [] }, markdown = false) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  /** @param {string[]} cells */
  const line = (cells) => {
    const texts = cells.map((cell, i) => padded(cell, widths[i] ?? 0, i === 0));
    return markdown ? `| ${texts.join(' | ')} |` : texts.join('  ').trimEnd();
  };
  const rule = markdown
    ? `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
    : '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const below = markdown ? notes.map((note) => `- ${note.replace('*', '\\*')}`) : notes;
  return [line(head), rule, ...rows.map(line), ...(below.length > 0 ? ['', ...below] : [])].join('\n');
}
