/** GLSL that reads a tensor: by flat texel, by flat element, and by the strides of the output's dimensions. */
import type { DType } from '../plan';
import { scalarType, vectorType } from './shader';

/** `vec4 A_texel(int t)`: the texel with flat index t. */
export function texelAt(name: string, dtype: DType): string {
  return `${vectorType(dtype)} ${name}_texel(int t) { int w = textureSize(${name}, 0).x; return texelFetch(${name}, ivec2(t % w, t / w), 0); }`;
}

/** `float A_at(int i)`: the element with flat index i. Brings `A_texel` along. */
export function elementAt(name: string, dtype: DType): string {
  return `${texelAt(name, dtype)}
${scalarType(dtype)} ${name}_at(int i) { return ${name}_texel(i >> 2)[i & 3]; }`;
}

/**
 * `void coordsOf(int i, out int c[rank])`: coordinates of the output element with flat index i, from the uniform
 * `int dims[rank]`.
 */
export function coordsOf(rank: number): string {
  return `void coordsOf(int i, out int c[${rank}]) {
  for (int d = ${rank - 1}; d > 0; d--) { int q = i / dims[d]; c[d] = i - q * dims[d]; i = q; }
  c[0] = i;
}`;
}

/** `int A_offset(int c[rank])`: flat element index in A of output coordinates c, from the uniform `int A_strides[rank]`. */
export function offsetOf(name: string, rank: number): string {
  return `int ${name}_offset(int c[${rank}]) {
  int i = 0;
  for (int d = 0; d < ${rank}; d++) i += c[d] * ${name}_strides[d];
  return i;
}`;
}
