/** GLSL that reads a tensor by flat texel, by flat element, or by the strides of the output's dimensions. */
import type { DType } from '../plan/plan';
import { scalarType, vectorType } from './shader';

/** `vec4 A_texel(int t)`: the texel with flat index t. */
export function texelAt(name: string, dtype: DType): string {
  // A tensor may be called y or w: nothing here must hide it.
  return `${vectorType(dtype)} ${name}_texel(int texel) {
  return texelFetch(${name}, placeOf(texel, textureSize(${name}, 0).x), 0);
}`;
}

/** `vec4 A_texel(int layer, int t)`: the texel with flat index t of a layer of a texture array. */
export function layeredTexelAt(name: string, dtype: DType): string {
  return `${vectorType(dtype)} ${name}_texel(int layer, int texel) {
  return texelFetch(${name}, ivec3(placeOf(texel, textureSize(${name}, 0).x), layer), 0);
}`;
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
