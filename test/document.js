/** The parts of a Markdown document that commands write: what stands between `<!-- name -->` and `<!-- / name -->`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

/**
 * @param {string} file
 * @param {string} name
 * @returns {{ text: string, start: number, end: number }}
 */
function find(file, name) {
  const text = readFileSync(file, 'utf8');
  const [open, close] = [`<!-- ${name} -->`, `<!-- / ${name} -->`];
  const [start, end] = [text.indexOf(open) + open.length, text.indexOf(close)];
  if (start < open.length || end < start) throw new Error(`${file} lacks the marks ${open} and ${close}.`);
  return { text, start, end };
}

/**
 * @param {string} file
 * @param {string} name
 */
export function readPart(file, name) {
  const { text, start, end } = find(file, name);
  return text.slice(start, end);
}

/**
 * @param {string} file
 * @param {string} name
 * @param {string} part
 */
export async function fillPart(file, name, part) {
  const { text, start, end } = find(file, name);
  const filled = `${text.slice(0, start)}\n\n${part}\n\n${text.slice(end)}`;
  writeFileSync(file, await format(filled, { ...(await resolveConfig(file)), filepath: file }));
}
