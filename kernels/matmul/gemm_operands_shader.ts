/** GLSL that reads an operand of a matrix product: along or across its rows, by texture coordinates or by flat index. */
import { texelAt } from '../../src/glsl/accessor';
import { MOST_IN_FLOATS } from '../../src/glsl/numeric';
import { scalarType, vectorType } from '../../src/glsl/shader';
import type { DType, Layout, Uniform } from '../../src/plan/plan';

/**
 * How texels of an operand are addressed: `tall`, one matrix row a texture row; `wide`, several matrix rows side by side;
 * `flat`, by flat index, for rows that no texture row holds whole.
 */
type Access = 'tall' | 'wide' | 'flat';

/** The part of an operand that changes a shader's text. */
export interface OperandParams {
  readonly dtype: DType;
  readonly access: Access;
}

/** One operand of a product: matrices, each of `rows` rows of `run` texels, one after the other. */
export interface Matrices {
  readonly layout: Layout;
  /** Rows of one matrix as it is stored. */
  readonly rows: number;
  /** Texels from one row to the next. */
  readonly run: number;
}

/**
 * How an operand is addressed. That a texture's rows hold one matrix row each is of use where rows are looked up `inLoop`; before
 * it, one text serves both.
 */
export function operandParams({ layout, run }: Matrices, inLoop: boolean): OperandParams {
  const { dtype, width, height } = layout;
  if (run === 0 || width % run !== 0 || (width * height) / run > MOST_IN_FLOATS) return { dtype, access: 'flat' };
  return { dtype, access: inLoop && width === run ? 'tall' : 'wide' };
}

/** GLSL declarations, without the keyword, of what `along` and `across` need. */
export function operandUniforms(name: string, { access }: OperandParams): string[] {
  if (access === 'flat') return [`int ${name}Run`];
  return [`int ${name}Run`, `int ${name}PerRow`, `float ${name}PerRowInverse`, `vec2 ${name}Texel`];
}

/** Values of `operandUniforms`. */
export function operandValues(name: string, { layout, run }: Matrices): Record<string, Uniform> {
  const perRow = run > 0 ? layout.width / run : 1;
  return {
    [`${name}Run`]: run,
    [`${name}PerRow`]: perRow,
    [`${name}PerRowInverse`]: 1 / perRow,
    [`${name}Texel`]: [1 / layout.width, 1 / layout.height],
  };
}

/** In floats, which is exact below MOST_IN_FLOATS and faster than in integers. */
const WIDE_ROW = `float y = floor((float(g) + 0.5) * XPerRowInverse);
return vec2((float(g) - y * float(XPerRow)) * float(XRun) * XTexel.x, (y + 0.5) * XTexel.y);`;

/**
 * The two halves of a texel's place: `row` finds the matrix row g, `column` the i-th texel of any row, each with its type;
 * `join` makes texture coordinates of them. Computed apart, because few compilers move what stays the same out of a loop.
 */
interface Place {
  readonly row: readonly [type: string, body: string];
  readonly column: readonly [type: string, body: string];
  readonly join: string;
}

/** By access, for an operand called X. */
const places: Readonly<Record<Access, Place>> = {
  tall: {
    row: ['float', 'return (float(g) + 0.5) * XTexel.y;'],
    column: ['float', 'return (float(i) + 0.5) * XTexel.x;'],
    join: 'texture(X, vec2(column, row))',
  },
  wide: {
    row: ['vec2', WIDE_ROW],
    column: ['float', 'return (float(i) + 0.5) * XTexel.x;'],
    join: 'texture(X, vec2(row.x + column, row.y))',
  },
  flat: {
    row: ['int', 'return g * XRun;'],
    column: ['int', 'return i;'],
    join: 'X_texel(row + column)',
  },
};

/**
 * GLSL that reads operand X: `X_Row X_row(int g)` and `X_Column X_column(int i)` are the halves of a place, made outside of
 * loops where they stay the same, and `vec4 X_at(X_Row row, X_Column column)` reads there, as the type of dtype `to`.
 */
export function operandReader(name: string, { dtype, access }: OperandParams, to: DType): string {
  const { row, column, join } = places[access];
  const read = scalarType(dtype) === scalarType(to) ? join : `${vectorType(to)}(${join})`;
  return `${access === 'flat' ? texelAt(name, dtype) : ''}
#define X_Row ${row[0]}
#define X_Column ${column[0]}
X_Row X_row(int g) { ${row[1]} }
X_Column X_column(int i) { ${column[1]} }
${vectorType(to)} X_at(X_Row row, X_Column column) { return ${read}; }`.replaceAll(
    /\bX(?=_|Texel|Run|PerRow|\b)/g,
    name,
  );
}
