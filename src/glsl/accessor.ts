/** GLSL that reads a tensor by flat texel, by flat element, or by the strides of the output's dimensions. */
import type { DType, Layout, Uniform } from '../plan/plan';
import { MOST_IN_FLOATS } from './numeric';
import { scalarType, vectorType } from './shader';

/** One texel by whole coordinates. All texts fetch through this function or the next. */
export function fetchTexel(name: string, place: string, layer?: string): string {
  return `texelFetch(${name}, ${layer === undefined ? place : `ivec3(${place}, ${layer})`}, 0)`;
}

/** One texel by texture coordinates, which a step along a row changes by a sum. */
export function sampleTexel(name: string, at: string, layer?: string): string {
  return `texture(${name}, ${layer === undefined ? at : `vec3(${at}, ${layer})`})`;
}

/** `vec4 A_texel(int t)`, or `A_texel(int layer, int t)` of a texture array: the texel with flat index t. */
export function texelAt(name: string, dtype: DType, layered = false): string {
  const place = `placeOf(texel, textureSize(${name}, 0).x)`;
  // A tensor may be called y or w: nothing here must hide it.
  return `${vectorType(dtype)} ${name}_texel(${layered ? 'int layer, ' : ''}int texel) {
  return ${fetchTexel(name, place, layered ? 'layer' : undefined)};
}`;
}

/** The same for whole numbers in floats, below MOST_IN_FLOATS. */
export function floatTexelAt(name: string, dtype: DType, layered = false): string {
  const at = `vec2(t - row * ${name}Width + 0.5, row + 0.5) * ${name}Scale`;
  return `${vectorType(dtype)} ${name}_texel(${layered ? 'float layer, ' : ''}float t) {
  float row = floatQuotient(t, ${name}Width);
  return ${sampleTexel(name, at, layered ? 'layer' : undefined)};
}`;
}

/** GLSL declarations, without the keyword, of what `floatTexelAt` needs. */
export const floatTexelUniforms = (name: string): string[] => [`float ${name}Width`, `vec2 ${name}Scale`];

/** Values of `floatTexelUniforms`. */
export function floatTexelValues(name: string, { width, height }: Layout): Record<string, Uniform> {
  return { [`${name}Width`]: width, [`${name}Scale`]: [1 / width, 1 / height] };
}

/** Whether the texels of a texture are so few that they are counted in floats. */
export function countsInFloats({ width, height }: Layout): boolean {
  return width * height < MOST_IN_FLOATS;
}

/**
 * The component of `v` at i modulo 4, without a branch: software GPUs compile many of them badly, and go through memory for a
 * component whose index varies.
 */
const SELECT_FLOAT = 'vec2 half_ = mix(v.xy, v.zw, bvec2((i & 2) != 0)); return mix(half_.x, half_.y, (i & 1) != 0);';
const SELECT_INT = 'v *= ivec4(equal(ivec4(i & 3), ivec4(0, 1, 2, 3))); return v.x + v.y + v.z + v.w;';

/** GLSL that returns it, from `v` and `i`. */
export const selectLane = (dtype: DType): string => (scalarType(dtype) === 'float' ? SELECT_FLOAT : SELECT_INT);

/** `float A_at(int i)`: the element with flat index i. Brings `A_texel` along. */
export function elementAt(name: string, dtype: DType): string {
  return `${texelAt(name, dtype)}
${scalarType(dtype)} ${name}_at(int i) {
  ${vectorType(dtype)} v = ${name}_texel(i >> 2);
  ${selectLane(dtype)}
}`;
}

/**
 * `void coordsOf(int i, out int c[rank])`: coordinates of the output element with flat index i, from the uniform
 * `int dims[rank]`.
 */
export function coordsOf(rank: number): string {
  const inner = Array.from({ length: rank - 1 }, (_, k) => rank - 1 - k);
  return `void coordsOf(int i, out int c[${rank}]) {
${inner.map((d) => `  int q${d} = divIndex(i, dims[${d}]); c[${d}] = i - q${d} * dims[${d}]; i = q${d};\n`).join('')}  c[0] = i;
}`;
}

/** `void nextCoords(inout int c[rank])`: moves coordinates on to the next element, from the uniform `int dims[rank]`. */
export function nextCoords(rank: number): string {
  let carry = 'c[0]++;';
  for (let d = 1; d < rank; d++) carry = `if (++c[${d}] == dims[${d}]) { c[${d}] = 0; ${carry} }`;
  return `void nextCoords(inout int c[${rank}]) { ${carry} }`;
}

/** `int A_offset(int c[rank])`: flat element index in A of output coordinates c, from the uniform `int A_strides[rank]`. */
export function offsetOf(name: string, rank: number): string {
  const terms = Array.from({ length: rank }, (_, d) => `c[${d}] * ${name}_strides[${d}]`);
  return `int ${name}_offset(int c[${rank}]) { return ${terms.join(' + ')}; }`;
}
