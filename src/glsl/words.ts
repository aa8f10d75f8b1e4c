/** Splits GLSL into identifiers and the text between them; no other file parses expressions. */

/** A name in a text, and whether it is called. A component such as `.x` is none. */
export interface Word {
  readonly name: string;
  readonly isCalled: boolean;
}

const known = new Map<string, readonly string[]>();

/** The text cut before and after each name: names are at odd places. */
function piecesOf(text: string): readonly string[] {
  let pieces = known.get(text);
  if (!pieces) known.set(text, (pieces = cut(text)));
  return pieces;
}

function cut(text: string): string[] {
  return text.split(/((?<![.\w])[A-Za-z_]\w*)/);
}

/** The names in a text, in their order, as often as they occur. */
export function wordsOf(text: string): Word[] {
  // Whole shaders come by once each.
  const pieces = cut(text);
  return pieces.flatMap((name, i) => (i % 2 === 1 ? [{ name, isCalled: pieces[i + 1]!.startsWith('(') }] : []));
}

/** Whether a text names something. */
export function hasWord(text: string, name: string): boolean {
  return wordsOf(text).some((word) => word.name === name);
}

/** An expression with values in place of names. */
export function substitute(expression: string, values: Readonly<Record<string, string>>): string {
  let text = '';
  const pieces = piecesOf(expression);
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    text += i % 2 === 1 ? (values[piece] ?? piece) : piece;
  }
  return text;
}
