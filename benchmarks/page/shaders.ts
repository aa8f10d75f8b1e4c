/** The fragment shaders with which the device's ceilings are measured. */

const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
layout(location = 0) out vec4 result;
uniform int steps;
uniform sampler2D source;
`;

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** Eight independent vec4 accumulators, `unroll` multiply-adds each per step. */
export function multiplyAddShader(unroll: number): string {
  const accumulators = range(8);
  // Factors near one that depend on the fragment: nothing can be computed ahead, and nothing overflows.
  const body = range(unroll)
    .map((i) => accumulators.map((a) => `    c${a} = c${a} * ${i % 2 === 0 ? 'p' : 'q'} + r;`).join('\n'))
    .join('\n');
  return `${HEAD}
void main() {
  vec4 r = gl_FragCoord.xyxy * 1e-6;
  vec4 p = vec4(0.999) + r, q = vec4(0.9995) - r;
${accumulators.map((a) => `  vec4 c${a} = r + float(${a});`).join('\n')}
  for (int i = 0; i < steps; i++) {
${body}
  }
  result = ${accumulators.map((a) => `c${a}`).join(' + ')};
}`;
}

/** Eight fetches per step that walk along a row, as the inner loops of a matrix product do. */
export function fetchShader(call: 'texture' | 'texelFetch'): string {
  const read = (i: number): string =>
    call === 'texture'
      ? `texture(source, vec2((float(x) + ${i}.5) * (1. / 1024.), v))`
      : `texelFetch(source, ivec2(x + ${i}, at.y), 0)`;
  return `${HEAD}
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  float v = gl_FragCoord.y / 1024.;
  vec4 c0 = vec4(0), c1 = vec4(0);
  for (int i = 0; i < steps; i++) {
    int x = (i * 8) & 255;
    c0 += ${[0, 1, 2, 3].map(read).join(' + ')};
    c1 += ${[4, 5, 6, 7].map(read).join(' + ')};
  }
  result = c0 + c1;
}`;
}

/** Writes without reading. */
export const FILL = `${HEAD}
void main() {
  result = vec4(float(steps));
}`;

/** Writes four targets without reading. */
export const FILL4 = `#version 300 es
precision highp float;
uniform int steps;
${range(4)
  .map((i) => `layout(location = ${i}) out vec4 result${i};`)
  .join('\n')}
void main() {
${range(4)
  .map((i) => `  result${i} = vec4(float(steps) + ${i}.);`)
  .join('\n')}
}`;

/** Reads and writes each texel once. */
export const COPY = `${HEAD}
void main() {
  result = texelFetch(source, ivec2(gl_FragCoord.xy), 0) + float(steps);
}`;
