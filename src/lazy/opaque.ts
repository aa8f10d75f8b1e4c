/**
 * Hides operands from the compiler's algebra. Compilers rewrite x - x as 0, (a - b) + b as a, a * b + a * c as a * (b + c), and
 * x + y < x as y < 0, which is wrong for infinities and where a step overflows. So where two operands of an op come from one value
 * by nothing but sums and products, one of them is made opaque: a number of which the compiler knows nothing.
 */
import { formOf, isInverse, type ElementKind } from './kinds';

/** What stands for a name in an expression. */
export type OpaqueTerm = readonly [name: string, value: string];

/** A value by its name in a text, and how it is made of others. */
interface Made {
  readonly name: string;
  readonly op: { readonly kind?: ElementKind };
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

/**
 * The terms of values, each of which is made of those before it and of others: with `opaque` where that has to be.
 *
 * @param isFloat whether a value, by its name, is a float: integers wrap, and what compilers know of them is true
 */
export function opaqueTerms(values: readonly Made[], isFloat: (value: string) => boolean): (readonly OpaqueTerm[])[] {
  const known = new Map<string, Seen>();
  const seenIn = (value: string): Seen => known.get(value) ?? alone(value);
  return values.map(({ name, op: { kind }, terms }) => {
    const form = formOf(kind);
    const own = alone(name);
    const before: Seen[] = [];
    const meet = (a: Seen, b: Seen): boolean => {
      if (form === 'product') return undone(a.factors, b.factors);
      return form !== 'selection' && haveShare(a, b, seenIn, form === 'sum');
    };
    const result = terms.map(([operand, value], place): OpaqueTerm => {
      if (!isFloat(value)) return [operand, value];
      const sides = form !== 'sum' && form !== 'product' ? BOTH : isInverse(kind, place) ? INVERSE : STRAIGHT;
      const { summands, factors } = seenIn(value);
      const seen = { summands: turned(summands, sides), factors: turned(factors, sides) };
      if (before.some((other) => meet(other, seen))) return [operand, `opaque(${value})`];
      before.push(seen);
      if (form === 'sum' || form === 'polynomial') add(own.summands, seen.summands);
      if (form === 'product' || form === 'polynomial') add(own.factors, seen.factors);
      // A value with another sign is the same product.
      if (form === 'sum' && terms.length === 1) add(own.factors, factors);
      return [operand, value];
    });
    known.set(name, own);
    return result;
  });
}

function alone(name: string): Seen {
  return { summands: new Map([[name, STRAIGHT]]), factors: new Map([[name, STRAIGHT]]) };
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
