/** Kinds of elementwise ops, by which rewrite rules recognize an expression without parsing it. */

/** A selection takes one of its operands as it is; a polynomial adds and multiplies them in any way. */
export type ElementKind =
  | 'identity'
  | 'sum'
  | 'difference'
  | 'negative'
  | 'product'
  | 'quotient'
  | 'reciprocal'
  | 'square'
  | 'squaredDifference'
  | 'polynomial'
  | 'selection';

/** What compilers may see of an expression: a sum or a product, both in one, a selection, or calls that hide the rest. */
export type Form = 'sum' | 'product' | 'polynomial' | 'selection' | 'call';

const FORMS: Readonly<Record<ElementKind, Form>> = {
  identity: 'sum',
  sum: 'sum',
  difference: 'sum',
  negative: 'sum',
  product: 'product',
  quotient: 'product',
  reciprocal: 'product',
  square: 'product',
  squaredDifference: 'polynomial',
  polynomial: 'polynomial',
  selection: 'selection',
};

/** The form of an op of a kind, or of one that has none. */
export function formOf(kind: ElementKind | undefined): Form {
  return kind ? FORMS[kind] : 'call';
}

/** The operands that a sum subtracts and a product divides by. */
const INVERSE: Readonly<Partial<Record<ElementKind, number>>> = {
  difference: 1,
  negative: 0,
  quotient: 1,
  reciprocal: 0,
};

/** Whether an op subtracts the operand at a place, or divides by it. */
export function isInverse(kind: ElementKind | undefined, place: number): boolean {
  return kind !== undefined && INVERSE[kind] === place;
}
