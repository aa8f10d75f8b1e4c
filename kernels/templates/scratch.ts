/** Scratch that one pass writes, often as layers of a texture array, and the next one reads: where its lines lie, and how they are read. */
import { chosen } from '../../src/choices';
import { layeredTexelAt, texelAt } from '../../src/glsl/accessor';
import { vectorType } from '../../src/glsl/shader';
import { layoutOf, NARROW } from '../../src/layout';
import type { DType, Layout, Limits, Uniform } from '../../src/plan';
import { ceilDiv, sizeOf, type Shape } from '../../src/shape';

/** Places of fewer lines than this are computed in floats, which divide faster than integers and are exact up to here. */
const MAX_LINES = 2 ** 21;

/**
 * The layout of scratch with lines of `run` texels. A line is cut into equal pieces, one above the other, until the texture has
 * enough rows for all of a device's processors, which draw a few rows each, or too narrow.
 *
 * @throws TextureSizeError
 */
export function scratchLayout(shape: Shape, dtype: DType, run: number, limits: Limits): Layout {
  const lines = ceilDiv(sizeOf(shape), 4 * run);
  const enough = (width: number) => width <= limits.maxTextureSize && (run / width) * lines >= chosen.scratchRows;
  let width = run;
  for (let pieces = 2; !enough(width) && run / pieces >= NARROW; pieces++) if (run % pieces === 0) width = run / pieces;
  return layoutOf(shape, dtype, limits, width);
}

/** How a line of scratch is found: `lines`, by its place along either axis of the texture; `texels`, by flat index. */
export type LineAccess = 'lines' | 'texels';

/** Whether the texture's rows hold whole lines of `run` texels, or equal pieces of one. */
export function lineAccess({ width, height }: Layout, run: number): LineAccess {
  const whole = width % run === 0 || run % width === 0;
  return whole && (width / run) * height < MAX_LINES ? 'lines' : 'texels';
}

/** What a reader of scratch depends on. */
export interface LinesParams {
  /** Whether the scratch is a texture array. */
  readonly layered: boolean;
  readonly access: LineAccess;
}

/** GLSL declarations, without the keyword, of what `linesReader` needs. */
export function linesUniforms(name: string, { access }: LinesParams): string[] {
  if (access === 'texels') return [`int ${name}Run`];
  return [`float ${name}Run`, `float ${name}Width`, `float ${name}PerRow`, `float ${name}Pieces`, `vec2 ${name}Scale`];
}

/** Values of `linesUniforms` for lines of `run` texels. */
export function linesValues(name: string, { width, height }: Layout, run: number): Record<string, Uniform> {
  return {
    [`${name}Run`]: run,
    [`${name}Width`]: width,
    [`${name}PerRow`]: Math.max(1, width / run),
    [`${name}Pieces`]: Math.max(1, run / width),
    [`${name}Scale`]: [1 / width, 1 / height],
  };
}

/** `vec4 X_line(layer, line, x)`: the texel x of a line of a layer; whole numbers, in floats where lines are found by place. */
export function linesReader(name: string, dtype: DType, { layered, access }: LinesParams): string {
  const vector = vectorType(dtype);
  if (access === 'texels')
    return `${(layered ? layeredTexelAt : texelAt)(name, dtype)}
${vector} ${name}_line(int layer, int line, int x) { return ${name}_texel(${layered ? 'layer, ' : ''}line * ${name}Run + x); }`;
  const at = `vec2(x + 0.5, line + 0.5) * ${name}Scale`;
  return `${vector} ${name}_line(float layer, float line, float x) {
  float row = floatQuotient(line, ${name}PerRow), piece = floatQuotient(x, ${name}Width);
  x += (line - row * ${name}PerRow) * ${name}Run - piece * ${name}Width;
  line = row * ${name}Pieces + piece;
  return texture(${name}, ${layered ? `vec3(${at}, layer)` : at});
}`;
}
