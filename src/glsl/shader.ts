/** Assembles a fragment shader from its header, declarations, helpers and body. */
import type { DType } from '../plan/plan';
import { numericHelpers } from './numeric';

/** The parts of a fragment shader. */
export interface ShaderParts {
  /** Sampler name to the dtype of its tensor. */
  readonly samplers: Readonly<Record<string, DType>>;
  /** The sampler of a texture array, if there is one. */
  readonly layered?: string;
  /** GLSL declarations without the keyword: `int size`, `int dims[3]`. */
  readonly uniforms?: readonly string[];
  /** Dtype of each render target; the body assigns to out0, out1 and so on. */
  readonly outputs: readonly DType[];
  /** Functions that the body calls, in the order in which they need each other; those of numeric.ts are added by themselves. */
  readonly helpers?: readonly string[];
  /** Statements of main. */
  readonly body: string;
}

/** GLSL scalar type of an element as shaders see it; bool is read and written as 0 or 1. */
export function scalarType(dtype: DType): 'float' | 'int' {
  return dtype === 'float32' ? 'float' : 'int';
}

/** GLSL type of a texel. */
export function vectorType(dtype: DType): 'vec4' | 'ivec4' {
  return dtype === 'float32' ? 'vec4' : 'ivec4';
}

/** Divides `dividend`, and gives `remainder` what is left over; whole numbers that are not negative. */
export function split(dividend: string, divisor: string | number, remainder: string): string {
  if (divisor === 1) return `const int ${remainder} = 0;`;
  return `int ${remainder} = ${dividend}; ${dividend} = divIndex(${dividend}, ${divisor}); ${remainder} -= ${dividend} * ${divisor};`;
}

/**
 * The whole fragment shader. `outWidth`, the width of the render targets in texels, is a uniform that the runner sets in
 * every program that uses it; `outTexel()` is the flat index of the texel being written.
 */
export function shader(parts: ShaderParts): string {
  const { samplers, layered, uniforms = [], outputs, helpers = [], body } = parts;
  const samplerLines = Object.entries(samplers).map(
    ([name, dtype]) =>
      `uniform highp ${dtype === 'float32' ? '' : 'i'}sampler2D${name === layered ? 'Array' : ''} ${name};`,
  );
  const outputLines = outputs.map((dtype, i) => `layout(location = ${i}) out ${vectorType(dtype)} out${i};`);
  return [
    '#version 300 es',
    'precision highp float;',
    'precision highp int;',
    ...samplerLines,
    'uniform int outWidth;',
    ...uniforms.map((u) => `uniform ${u};`),
    ...outputLines,
    'int outTexel() { return int(gl_FragCoord.y) * outWidth + int(gl_FragCoord.x); }',
    ...numericHelpers([...helpers, body].join('\n')),
    ...new Set(helpers.filter((h) => h !== '')),
    'void main() {',
    body,
    '}',
    '',
  ].join('\n');
}
