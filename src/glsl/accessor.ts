/** GLSL that reads a tensor: by flat texel, by flat element, and by the strides of the output's dimensions. */
import type { DType } from '../plan';
import { scalarType, vectorType } from './shader';

/** `vec4 A_texel(int t)`: the texel with flat index t. */
export function texelAt(name: string, dtype: DType): string {
  // A tensor may be called y or w: nothing here must hide it.
  return `${vectorType(dtype)} ${name}_texel(int texel) {
  int rowTexels = textureSize(${name}, 0).x;
  int texelRow = rowOf(texel, rowTexels);
  return texelFetch(${name}, ivec2(texel - texelRow * rowTexels, texelRow), 0);
}`;
}

/** `float A_at(int i)`: the element with flat index i. Brings `A_texel` along. */
export function elementAt(name: string, dtype: DType): string {
  // Software GPUs go through memory for a component or an array element whose index varies.
  return `${texelAt(name, dtype)}
${scalarType(dtype)} ${name}_at(int i) {
  ${vectorType(dtype)} v = ${name}_texel(i >> 2);
  return (i & 2) == 0 ? ((i & 1) == 0 ? v.x : v.y) : ((i & 1) == 0 ? v.z : v.w);
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
