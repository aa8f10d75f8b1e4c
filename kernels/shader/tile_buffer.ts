/** Tile buffers, which one pass writes (often as layers of a texture array) and the next reads: their layout, and GLSL that reads them. */
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';
import { layeredTexelAt, texelAt } from '../../src/glsl/accessor';
import { MOST_IN_FLOATS } from '../../src/glsl/numeric';
import { vectorType } from '../../src/glsl/shader';
import { layoutOf, NARROW } from '../../src/plan/layout';
import type { DType, Layout, Limits, Uniform } from '../../src/plan/plan';
import { ceilDiv, sizeOf, type Shape } from '../../src/plan/shape';

export const TILE_BUFFER_TUNING = {
  tileBufferRows: {
    unit: 'rows of a texture between two passes, at least',
    trade: 'idle processors, which take a few rows each / the second pass looks further for a line',
    value: 32,
    candidates: [1, 8, 16, 32, 64, 128],
  },
} as const satisfies TuningTable;

export const tileBufferTuning = tuningParameters(TILE_BUFFER_TUNING);

/**
 * The layout of a tile buffer with lines of `run` texels. Lines are cut into equal pieces, one above the other, until the texture has
 * enough rows for all processors of a device, which draw a few rows each, or would become too narrow.
 *
 * @throws TextureSizeError
 */
export function tileBufferLayout(shape: Shape, dtype: DType, run: number, limits: Limits): Layout {
  const lines = ceilDiv(sizeOf(shape), 4 * run);
  const enough = (width: number) =>
    width <= limits.maxTextureSize && (run / width) * lines >= tileBufferTuning.tileBufferRows;
  let width = run;
  for (let pieces = 2; !enough(width) && run / pieces >= NARROW; pieces++) if (run % pieces === 0) width = run / pieces;
  return layoutOf(shape, dtype, limits, width);
}

/** How a tile buffer is read: its lines are `rows` of the texture, or texels are counted in floats (`lines`) or in integers (`texels`). */
export type LineAccess = 'rows' | 'lines' | 'texels';

/** The access to a tile buffer with lines of `run` texels. */
export function lineAccess(layout: Layout, run: number): LineAccess {
  if (layout.width === run) return 'rows';
  return countsInFloats(layout) ? 'lines' : 'texels';
}

/** Whether the texels of a texture are so few that they are counted in floats. */
export function countsInFloats({ width, height }: Layout): boolean {
  return width * height < MOST_IN_FLOATS;
}

/** GLSL's type of the whole numbers that places are found by, and its division of them. */
export function placeTypes(access: LineAccess): { type: 'float' | 'int'; quotient: 'floatQuotient' | 'rowOf' } {
  return access === 'texels' ? { type: 'int', quotient: 'rowOf' } : { type: 'float', quotient: 'floatQuotient' };
}

/** Whether lines of the data are `run` whole texels, and each texture row holds whole lines, so few that they are counted in floats. */
export function holdsLines({ width, height }: Layout, run: number): boolean {
  return Number.isInteger(run) && width % run === 0 && (width / run) * height < MOST_IN_FLOATS;
}

/** The parameters of a reader of a tile buffer. */
export interface LinesParams {
  /** Whether the tile buffer is a texture array. */
  readonly layered: boolean;
  readonly access: LineAccess;
}

/** `vec4 X_texel([layer,] t)`: the texel with flat index t, a whole number in a float below MOST_IN_FLOATS. */
export function floatTexelAt(name: string, dtype: DType, layered = false): string {
  const place = `vec2(t - row * ${name}Width + 0.5, row + 0.5) * ${name}Scale`;
  return `${vectorType(dtype)} ${name}_texel(${layered ? 'float layer, ' : ''}float t) {
  float row = floatQuotient(t, ${name}Width);
  return texture(${name}, ${layered ? `vec3(${place}, layer)` : place});
}`;
}

/** GLSL declarations, without the keyword, of what `floatTexelAt` needs. */
export const floatTexelUniforms = (name: string): string[] => [`float ${name}Width`, `vec2 ${name}Scale`];

/** Values of `floatTexelUniforms`. */
export function floatTexelValues(name: string, { width, height }: Layout): Record<string, Uniform> {
  return { [`${name}Width`]: width, [`${name}Scale`]: [1 / width, 1 / height] };
}

/** GLSL declarations, without the keyword, of what `linesReader` needs. */
export function linesUniforms(name: string, { access }: LinesParams): string[] {
  if (access === 'rows') return [`vec2 ${name}Scale`];
  return access === 'texels' ? [`int ${name}Run`] : [`float ${name}Run`, ...floatTexelUniforms(name)];
}

/** Values of `linesUniforms` for lines of `run` texels. */
export function linesValues(name: string, layout: Layout, run: number): Record<string, Uniform> {
  return { [`${name}Run`]: run, ...floatTexelValues(name, layout) };
}

/** `vec4 X_line(layer, line, x)`: the texel x of a line of a layer; whole numbers of the type that `placeTypes` says. */
export function linesReader(name: string, dtype: DType, { layered, access }: LinesParams): string {
  const { type } = placeTypes(access);
  const head = `${vectorType(dtype)} ${name}_line(${type} layer, ${type} line, ${type} x)`;
  if (access === 'rows') {
    const place = `(vec2(x, line) + 0.5) * ${name}Scale`;
    return `${head} { return texture(${name}, ${layered ? `vec3(${place}, layer)` : place}); }`;
  }
  const texel =
    access === 'lines' ? floatTexelAt(name, dtype, layered) : (layered ? layeredTexelAt : texelAt)(name, dtype);
  return `${texel}
${head} { return ${name}_texel(${layered ? 'layer, ' : ''}line * ${name}Run + x); }`;
}
