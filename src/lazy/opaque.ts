/**
 * Which operands an op reads as opaque. Compilers know that x - x is 0, (a - b) + b is a, a * b + a * c is a * (b + c), and that
 * x + y < x says y < 0; of infinities, and where a step overflows, none of that is true. So where two operands of an op are made
 * of one value by nothing but sums and products, one of them becomes a number of which compilers know nothing.
 */

/** What stands for a name in an expression. */
export type OpaqueTerm = readonly [name: string, value: string];

/** A value by its name in a text, and how it is made of others. */
interface Made {
  readonly name: string;
  readonly op: { readonly expression: string };
  readonly terms: readonly OpaqueTerm[];
}

/** Whether a summand is added or subtracted, a factor multiplies or divides; or both. */
type Sides = number;
const STRAIGHT = 1;
const INVERSE = 2;
const BOTH = STRAIGHT | INVERSE;

type Parts = Map<string, Sides>;

/** What compilers see that a value is a sum of, and a product of; itself, at least. */
interface Seen {
  readonly summands: Parts;
  readonly factors: Parts;
}

const SUM = /^-?[\w.]+( [-+] [\w.]+)*$/;
const PRODUCT = /^[\w.]+( [*/] [\w.]+)*$/;
/** Both in one. Calls, comparisons and selections end what compilers see. */
const ARITHMETIC = /^(?!.*\w\()[-+*/().\w ]+$/;
/** Whether operands meet at all: a selection leaves them as they are. */
const MEETING = /[-+*/<>,]/;

/**
 * The terms of values, each of which is made of those before it and of others: with `opaque` where that has to be.
 *
 * @param isFloat whether a value, by its name, is a float: integers wrap, and what compilers know of them is true
 */
export function opaqueTerms(values: readonly Made[], isFloat: (value: string) => boolean): (readonly OpaqueTerm[])[] {
  const known = new Map<string, Seen>();
  const seenIn = (value: string): Seen => known.get(value) ?? alone(value);
  return values.map(({ name, op: { expression }, terms }) => {
    const isSum = SUM.test(expression);
    const isProduct = PRODUCT.test(expression);
    const isMixed = !isSum && !isProduct && ARITHMETIC.test(expression);
    const own = alone(name);
    const before: Seen[] = [];
    const meet = (a: Seen, b: Seen): boolean => {
      if (isProduct) return undone(a.factors, b.factors);
      return MEETING.test(expression) && haveShare(a, b, seenIn, isSum);
    };
    const result = terms.map(([operand, value]): OpaqueTerm => {
      if (!isFloat(value)) return [operand, value];
      const sides = isSum || isProduct ? sidesOf(operand, expression) : BOTH;
      const { summands, factors } = seenIn(value);
      const seen = { summands: turned(summands, sides), factors: turned(factors, sides) };
      if (before.some((other) => meet(other, seen))) return [operand, `opaque(${value})`];
      before.push(seen);
      if (isSum || isMixed) add(own.summands, seen.summands);
      // A value with another sign is the same product.
      if (isProduct || isMixed || (isSum && terms.length === 1)) add(own.factors, isSum ? factors : seen.factors);
      return [operand, value];
    });
    known.set(name, own);
    return result;
  });
}

function alone(name: string): Seen {
  return { summands: new Map([[name, STRAIGHT]]), factors: new Map([[name, STRAIGHT]]) };
}

/** How a sum or a product uses an operand. */
function sidesOf(operand: string, expression: string): Sides {
  const uses = expression.matchAll(new RegExp(`(^|[-+*/] ?)${operand}\\b`, 'g'));
  return [...uses].reduce((sides, [, sign]) => sides | (/[-/]/.test(sign!) ? INVERSE : STRAIGHT), 0);
}

/** The sides of parts where the whole is on other sides itself. */
function turned(parts: Parts, by: Sides): Parts {
  const swap = (sides: Sides): Sides => ((sides & STRAIGHT) << 1) | (sides >> 1);
  const turn = (sides: Sides): Sides => (by === BOTH ? BOTH : by === INVERSE ? swap(sides) : sides);
  return new Map([...parts].map(([name, sides]) => [name, turn(sides)]));
}

function add(parts: Parts, more: Parts): void {
  for (const [name, sides] of more) parts.set(name, (parts.get(name) ?? 0) | sides);
}

/** Whether a part of both is on different sides. */
function undone(a: Parts, b: Parts): boolean {
  return [...a].some(([name, sides]) => ((b.get(name) ?? 0) | sides) === BOTH && b.has(name));
}

/**
 * Whether summands have a factor in common.
 *
 * @param inSum whether they are summed, where the same summand on the same side is no harm
 */
function haveShare(a: Seen, b: Seen, seenIn: (value: string) => Seen, inSum: boolean): boolean {
  return [...a.summands].some(([p, sides]) =>
    [...b.summands].some(([q, others]) => {
      if (p === q && inSum) return (sides | others) === BOTH;
      const { factors } = seenIn(p);
      return [...seenIn(q).factors.keys()].some((factor) => factors.has(factor));
    }),
  );
}
