/** The one answer to "texel i of row r": GLSL that addresses rows of whole texels, which lie one after the other in a texture. */
import type { DType, Layout, Uniform } from '../plan/plan';
import { countsInFloats, floatTexelAt, floatTexelUniforms, floatTexelValues, sampleTexel, texelAt } from './accessor';
import { MOST_IN_FLOATS } from './numeric';
import { scalarType, vectorType } from './shader';

/**
 * How rows lie in a texture. `tall`: each texture row is one; `wide`: texture rows hold several whole ones. Otherwise texels are found
 * by flat index, `counted` in floats where they are few, else `flat` in integers.
 */
export type RowAccess = 'tall' | 'wide' | 'counted' | 'flat';

/** The part of a reader that changes a shader's text. */
export interface RowParams {
  readonly dtype: DType;
  readonly access: RowAccess;
  /** Whether the texture is an array. */
  readonly layered?: boolean;
}

/**
 * The access to rows of `run` texels.
 *
 * @param inLoop whether rows are looked up in a loop: outside, `wide` costs nothing, and one text serves both
 */
export function rowAccess(layout: Layout, run: number, inLoop = false): RowAccess {
  const { width, height } = layout;
  if (run > 0 && Number.isInteger(run) && width % run === 0 && (width / run) * height <= MOST_IN_FLOATS)
    return inLoop && width === run ? 'tall' : 'wide';
  return countsInFloats(layout) ? 'counted' : 'flat';
}

/** Whether whole rows lie in texture rows, so that a step along a row changes one coordinate. */
export const inTextureRows = (access: RowAccess): boolean => access === 'tall' || access === 'wide';

/** GLSL's type of the rows and columns that are cheapest to look up, and its division of them. */
export function countingOf(access: RowAccess): { type: 'float' | 'int'; quotient: 'floatQuotient' | 'rowOf' } {
  return access === 'flat' ? { type: 'int', quotient: 'rowOf' } : { type: 'float', quotient: 'floatQuotient' };
}

/** GLSL declarations, without the keyword, of what `rowReader` needs. */
export function rowUniforms(name: string, { access }: Pick<RowParams, 'access'>): string[] {
  if (access === 'flat') return [`int ${name}Run`];
  if (access === 'counted') return [`float ${name}Run`, ...floatTexelUniforms(name)];
  return [...(access === 'wide' ? [`float ${name}PerRow, ${name}RunScale`] : []), `vec2 ${name}Scale`];
}

/** Values of `rowUniforms` for rows of `run` texels. */
export function rowValues(name: string, layout: Layout, run: number): Record<string, Uniform> {
  const perRow = run > 0 ? layout.width / run : 1;
  return {
    [`${name}Run`]: run,
    [`${name}PerRow`]: perRow,
    [`${name}RunScale`]: 1 / perRow,
    ...floatTexelValues(name, layout),
  };
}

/** GLSL of a reader for a tensor called X and row and column numbers g and i: in texture coordinates, or as flat indices. */
interface Addressing {
  readonly row: readonly [type: string, body: string];
  readonly column: readonly [type: string, body: string];
  /** How much further the texel i columns on lies. */
  readonly step: string;
}

const COLUMN = ['float', 'return (float(i) + 0.5) * XScale.x;'] as const;
const STEP = 'return float(i) * XScale.x;';
// In floats, which is exact below MOST_IN_FLOATS and faster than in integers.
const WIDE_ROW = `float y = floor((float(g) + 0.5) * XRunScale);
return vec2((float(g) - y * XPerRow) * XRunScale, (y + 0.5) * XScale.y);`;

const addressings: Readonly<Record<RowAccess, Addressing>> = {
  tall: { row: ['float', 'return (float(g) + 0.5) * XScale.y;'], column: COLUMN, step: STEP },
  wide: { row: ['vec2', WIDE_ROW], column: COLUMN, step: STEP },
  counted: {
    row: ['float', 'return float(g) * XRun;'],
    column: ['float', 'return float(i);'],
    step: 'return float(i);',
  },
  flat: { row: ['int', 'return g * XRun;'], column: ['int', 'return i;'], step: 'return i;' },
};

/** GLSL of the texel at a row and column. */
function texelOf(access: RowAccess, layered: boolean): string {
  const layer = layered ? 'layer' : undefined;
  if (!inTextureRows(access)) return `X_texel(${layered ? 'layer, ' : ''}row + column)`;
  return sampleTexel('X', access === 'tall' ? 'vec2(column, row)' : 'vec2(row.x + column, row.y)', layer);
}

/** How a shader uses a reader. */
export interface RowReaderUse {
  /** The dtype as which texels are read, if it is another. */
  readonly to?: DType;
  /** The type in which it counts rows and columns; `flat` takes integers alone. */
  readonly counts?: 'int' | 'float';
}

/**
 * GLSL that reads rows of X. The two halves of a place, `X_Row X_row(int g)` and `X_Column X_column(int i)`, are computed apart, and
 * outside of loops where they stay the same, because few compilers move them. `vec4 X_at([layer,] X_Row row, X_Column column)` reads
 * there. A loop along a row adds `X_step(n)` to the column, which leads n texels on.
 */
export function rowReader(
  name: string,
  params: RowParams,
  { to = params.dtype, counts = 'int' }: RowReaderUse = {},
): string {
  const { dtype, access, layered = false } = params;
  const { row, column, step } = addressings[access];
  const texel = texelOf(access, layered);
  const read = scalarType(dtype) === scalarType(to) ? texel : `${vectorType(to)}(${texel})`;
  const flat = { counted: floatTexelAt, flat: texelAt, tall: undefined, wide: undefined }[access];
  return `${flat ? `${flat(name, dtype, layered)}\n` : ''}#define X_Row ${row[0]}
#define X_Column ${column[0]}
X_Row X_row(${counts} g) { ${row[1]} }
X_Column X_column(${counts} i) { ${column[1]} }
X_Column X_step(${counts} i) { ${step} }
${vectorType(to)} X_at(${layered ? `${countingOf(access).type} layer, ` : ''}X_Row row, X_Column column) { return ${read}; }`.replaceAll(
    /\bX(?=_|Scale|Run|PerRow|\b)/g,
    name,
  );
}

/**
 * Statements that declare the `row` that the fragment writes to, and the `column` of its first element in it, in units of `lanes` a texel.
 * Both are counted as `countingOf` the access to the result says.
 */
export function ownRow(access: RowAccess, lanes: 1 | 4 = 1): string {
  const times = lanes === 1 ? '' : ` * ${lanes}`;
  if (!inTextureRows(access))
    return `int column = outTexel()${times}, row = divIndex(column, outRun); column -= row * outRun;`;
  const place = 'float column = floor(gl_FragCoord.x), row = floor(gl_FragCoord.y);';
  const part =
    'float beside = floatQuotient(column, outRun); row = row * outPerRow + beside; column -= beside * outRun;';
  return [place, access === 'wide' ? part : '', times && `column *= ${lanes}.0;`]
    .filter((line) => line !== '')
    .join('\n');
}

/** GLSL declarations of what `ownRow` needs. */
export function ownRowUniforms(access: RowAccess): string[] {
  if (!inTextureRows(access)) return ['int outRun'];
  return access === 'wide' ? ['float outRun, outPerRow'] : [];
}

/** Values of `ownRowUniforms` for a result in rows of `run` texels. */
export function ownRowValues(access: RowAccess, { width }: Layout, run: number, lanes = 1): Record<string, Uniform> {
  return inTextureRows(access) ? { outRun: run, outPerRow: width / run } : { outRun: run * lanes };
}
