/** How a matrix product reads an operand: along its rows or across them, by texture coordinates or by flat index. */
import { texelAt } from '../../src/glsl/accessor';
import { scalarType, vectorType } from '../../src/glsl/shader';
import type { DType, Layout, Uniform } from '../../src/plan';

/**
 * How texels of an operand are addressed: `tall`, one matrix row a texture row; `wide`, several matrix rows side by side;
 * `flat`, by flat index, for rows that no texture row holds whole.
 */
type Access = 'tall' | 'wide' | 'flat';

/** GLSL declarations, without the keyword, of what `along` and `across` need. */
export function operandUniforms(name: string, access: Access): string[] {
  if (access === 'flat') return [`int ${name}Run`];
  return [`int ${name}Run`, `int ${name}PerRow`, `float ${name}PerRowInverse`, `vec2 ${name}Texel`];
}

/** The part of an operand that changes a shader's text. */
export interface OperandParams {
  readonly dtype: DType;
  readonly access: Access;
}

/** Converts a texel of an operand to the type that the product is computed in. */
function converted(texel: string, from: DType, to: DType): string {
  return scalarType(from) === scalarType(to) ? texel : `${vectorType(to)}(${texel})`;
}

/** `X_Row X_row(int g)`, where matrix row g begins, and `vec4 X_at(X_Row row, int i)`, its texel i. */
export function along(name: string, { dtype, access }: OperandParams, to: DType): string {
  const vector = vectorType(to);
  if (access === 'flat') {
    return `${texelAt(name, dtype)}
#define ${name}_Row int
int ${name}_row(int g) { return g * ${name}Run; }
${vector} ${name}_at(int row, int i) { return ${converted(`${name}_texel(row + i)`, dtype, to)}; }`;
  }
  const x = access === 'wide' ? `float((g - y * ${name}PerRow) * ${name}Run) + 0.5` : '0.5';
  return `#define ${name}_Row vec2
vec2 ${name}_row(int g) { int y = ${access === 'wide' ? `g / ${name}PerRow` : 'g'}; return vec2(${x}, (float(y) + 0.5) * ${name}Texel.y); }
${vector} ${name}_at(vec2 row, int i) { return ${converted(`texture(${name}, vec2((row.x + float(i)) * ${name}Texel.x, row.y))`, dtype, to)}; }`;
}

/** `vec4 X_at(int column, int g)`: the texel of matrix row g in the given column of texels. */
export function across(name: string, { dtype, access }: OperandParams, to: DType): string {
  const head = `${vectorType(to)} ${name}_at(int column, int g)`;
  if (access === 'flat') {
    return `${texelAt(name, dtype)}
${head} { return ${converted(`${name}_texel(g * ${name}Run + column)`, dtype, to)}; }`;
  }
  // In floats, because integer division is slow; exact below MAX_ROWS.
  const place =
    access === 'wide'
      ? `float y = floor((float(g) + 0.5) * ${name}PerRowInverse); float x = (float(g) - y * float(${name}PerRow)) * float(${name}Run) + float(column);`
      : `float y = float(g); float x = float(column);`;
  return `${head} { ${place} return ${converted(`texture(${name}, (vec2(x, y) + 0.5) * ${name}Texel)`, dtype, to)}; }`;
}

/** Above this many matrix rows, a row's place in its texture is computed in integers. */
const MAX_ROWS = 2 ** 21;

/** One operand of a product: matrices, each of `rows` rows of `run` texels, one after the other. */
export interface Matrices {
  readonly layout: Layout;
  /** Rows of one matrix as it is stored. */
  readonly rows: number;
  /** Texels from one row to the next. */
  readonly run: number;
}

export function operandParams({ layout, run }: Matrices): OperandParams {
  const { dtype, width, height } = layout;
  if (run === 0 || width % run !== 0 || (width * height) / run > MAX_ROWS) return { dtype, access: 'flat' };
  return { dtype, access: width === run ? 'tall' : 'wide' };
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
