/** Joins header, declarations, the helpers used, and body into one fragment shader. */
import type { DType } from '../plan';
import { numericHelpers } from './numeric';

/** The parts of a fragment shader. */
export interface ShaderParts {
  /** Sampler name to the dtype of its tensor. */
  readonly samplers: Readonly<Record<string, DType>>;
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

/**
 * A statement that most fragments skip, such as one fetch of several. A loop, because software GPUs execute both sides of a
 * branch, and a loop that no fragment enters not at all.
 */
export function onlyWhere(condition: string, statement: string): string {
  return `for (bool here = ${condition}; here; here = false) { ${statement} }`;
}

/**
 * The whole fragment shader. `outWidth`, the width of the render targets in texels, is a uniform that the runner sets in
 * every program that uses it; `outTexel()` is the flat index of the texel being written.
 */
export function shader(parts: ShaderParts): string {
  const { samplers, uniforms = [], outputs, helpers = [], body } = parts;
  const samplerLines = Object.entries(samplers).map(
    ([name, dtype]) => `uniform highp ${dtype === 'float32' ? 'sampler2D' : 'isampler2D'} ${name};`,
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
