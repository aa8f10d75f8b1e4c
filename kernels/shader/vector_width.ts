/** GLSL for passes written once for two widths: whole texels, or single elements. */
import { coordsOf, elementAt, nextCoords, texelAt } from '../../src/glsl/accessor';
import { scalarType, vectorType } from '../../src/glsl/shader';
import type { DType } from '../../src/plan/plan';

/** The GLSL type that one step of a pass computes. */
export function grainType(dtype: DType, whole: boolean): string {
  return whole ? vectorType(dtype) : scalarType(dtype);
}

/** `T x_load(int i)`: the element with flat index i, or the texel that starts with it. */
export function load(name: string, dtype: DType, whole: boolean): string {
  const [reader, read] = whole
    ? [texelAt(name, dtype), `${name}_texel(i >> 2)`]
    : [elementAt(name, dtype), `${name}_at(i)`];
  return `${reader}
${grainType(dtype, whole)} ${name}_load(int i) { return ${read}; }`;
}

/** What a pass writes, for `eachGrain`. */
export interface Grains {
  readonly dtype: DType;
  readonly whole: boolean;
  /** Rank of the uniform `dims`, the shape of the result as the pass sees it. */
  readonly rank: number;
  /** Values by render target: GLSL expressions in the coordinates `c`; one, `value(c)`, unless said. */
  readonly values?: readonly string[];
  /** Statements before the values, once per grain. */
  readonly before?: string;
}

/** The helper that `eachGrain` needs. */
export function grainHelper({ whole, rank }: Grains): string {
  return whole ? coordsOf(rank) : `${coordsOf(rank)}\n${nextCoords(rank)}`;
}

/** Statements of main that write every target, computing the coordinates `c` once per grain. */
export function eachGrain({ dtype, whole, rank, values = ['value(c)'], before = '' }: Grains): string {
  const start = [`int c[${rank}];`, 'coordsOf(outTexel() * 4, c);'];
  if (whole) return [...start, before, ...values.map((v, j) => `out${j} = ${v};`)].join('\n');
  return [
    ...start,
    ...values.map((_, j) => `${vectorType(dtype)} v${j};`),
    'int lane = 0;',
    'do {',
    before,
    ...values.map((v, j) => `  v${j}[lane] = ${v};`),
    '  nextCoords(c);',
    '} while (++lane < 4);',
    ...values.map((_, j) => `out${j} = v${j};`),
  ].join('\n');
}
