/** The combiner of each kind of reduction, and its identity element. */
import type { DType } from '../plan/plan';

/** What a reduction computes of its elements; any grouping of them must do. */
export type ReductionKind = 'sum' | 'product' | 'min' | 'max' | 'any' | 'all';

/** GLSL of two partial results `a` and `b` as one, and of the result of no elements. */
export interface Combiner {
  readonly combine: string;
  readonly identity: string;
}

const SUM: Combiner = { combine: 'a + b', identity: '0' };
const PRODUCT: Combiner = { combine: 'a * b', identity: '1' };
const ANY: Combiner = { combine: 'a | b', identity: '0' };
const ALL: Combiner = { combine: 'a & b', identity: '1' };

/** Of floats; NaN stays, which GLSL's own max and min may drop. There are no floats that are true or false. */
const OF_FLOATS: Readonly<Record<ReductionKind, Combiner>> = {
  sum: SUM,
  product: PRODUCT,
  min: { combine: 'mix(min(a, b), NAN, eitherIsNaN(a, b))', identity: 'INFINITY' },
  max: { combine: 'mix(max(a, b), NAN, eitherIsNaN(a, b))', identity: '-INFINITY' },
  any: ANY,
  all: ALL,
};

/** Of int32, and of bool, whose elements are 0 and 1. */
const OF_INTS: Readonly<Record<ReductionKind, Combiner>> = {
  sum: SUM,
  product: PRODUCT,
  min: { combine: 'min(a, b)', identity: '0x7fffffff' },
  max: { combine: 'max(a, b)', identity: 'int(0x80000000u)' },
  any: ANY,
  all: ALL,
};

/** The combiner of a kind for elements of a dtype. */
export function combinerOf(kind: ReductionKind, dtype: DType): Combiner {
  return (dtype === 'float32' ? OF_FLOATS : OF_INTS)[kind];
}
