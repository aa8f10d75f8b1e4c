/** Passes of softmax: a fragment reads short rows whole; for long rows, slices are reduced first. */
import { fetchTexel, texelAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { ceilDiv, sizeOf } from '../../src/plan/shape';

/**
 * `void measure(int from, int to)` makes `m` the largest of the logits from one place to another, and `s` the sum of their
 * exponentials relative to it. The maximum starts with the lowest finite number, so that none at all, or nothing but
 * -Infinity, sums to 0. NaN and Infinity make NaN of the sum, whatever the maximum.
 */
const measureLogits = (dtype: DType): string => `${texelAt('logits', dtype)}
float m, s;
vec4 between(int t, int from, int to) {
  vec4 l = vec4(logits_texel(t));
  ivec4 i = ivec4(t * 4) + ivec4(0, 1, 2, 3);
  return mix(l, vec4(-INFINITY), bvec4(uvec4(lessThan(i, ivec4(from))) | uvec4(greaterThanEqual(i, ivec4(to)))));
}
void measure(int from, int to) {
  vec4 most = vec4(-3.40282347e38), sum = vec4(0.0);
  for (int t = from >> 2; t * 4 < to; t++) most = max(most, between(t, from, to));
  m = max(max(most.x, most.y), max(most.z, most.w));
  for (int t = from >> 2; t * 4 < to; t++) {
    vec4 l = between(t, from, to) - m;
    sum += vec4(exp32(l.x), exp32(l.y), exp32(l.z), exp32(l.w));
  }
  s = (sum.x + sum.y) + (sum.z + sum.w);
}`;

/** `void recall(int i)`: m and s out of a tensor of such pairs. */
const recall = `${texelAt('pairs', 'float32')}
void recall(int i) {
  vec4 pair = pairs_texel(i >> 1);
  m = (i & 1) == 1 ? pair.z : pair.x;
  s = (i & 1) == 1 ? pair.w : pair.y;
}`;

/** Two pairs (m, s) a fragment; statements that find the one with index `i`. */
const eachPair = (statements: string): string => `vec4 results;
for (int k = 0; k < 2; k++) {
  int i = outTexel() * 2 + k;
  ${statements}
  results[2 * k] = m;
  results[2 * k + 1] = s;
}
out0 = results;`;

const slicePairs = template<{ dtype: DType }>(
  'softmaxSlices',
  () => ['logits'],
  ({ dtype }) =>
    shader({
      samplers: { logits: dtype },
      uniforms: ['classes', 'slices', 'chunk', 'rows'].map((u) => `int ${u}`),
      outputs: ['float32'],
      helpers: [measureLogits(dtype)],
      body: eachPair(`int row = i / slices, first = (i - row * slices) * chunk;
  measure(row * classes + first, row < rows ? row * classes + min(first + chunk, classes) : 0);`),
    }),
);

const mergePairs = template(
  'softmaxMerge',
  () => ['pairs'],
  () =>
    shader({
      samplers: { pairs: 'float32' },
      uniforms: ['int slices'],
      outputs: ['float32'],
      helpers: ['float m, s;', recall],
      body: eachPair(`float most = -3.40282347e38, sum = 0.0;
  for (int j = i * slices; j < (i + 1) * slices; j++) { recall(j); most = max(most, m); }
  for (int j = i * slices; j < (i + 1) * slices; j++) { recall(j); sum += s * exp32(m - most); }
  m = most;
  s = sum;`),
    }),
);

interface FinishParams {
  readonly dtype: DType;
  readonly expression: string;
  readonly measured: boolean;
}

const finishRows = template<FinishParams>(
  'softmax',
  ({ measured }) => (measured ? ['logits', 'pairs'] : ['logits']),
  ({ dtype, expression, measured }) =>
    shader({
      samplers: { logits: dtype, ...(measured ? { pairs: 'float32' as const } : {}) },
      uniforms: ['int classes'],
      outputs: ['float32'],
      helpers: measured ? ['float m, s;', recall] : [measureLogits(dtype)],
      body: `vec4 logit = vec4(${fetchTexel('logits', 'ivec2(gl_FragCoord.xy)')}), results;
int row = -1, next = 0;
for (int k = 0; k < 4; k++) {
  int i = outTexel() * 4 + k;
  if (row < 0 || i == next) {
    row = i / classes;
    next = (row + 1) * classes;
    ${measured ? 'recall(row)' : 'measure(row * classes, next)'};
  }
  float x = logit[k] - m;
  results[k] = ${expression};
}
out0 = results;`,
    }),
);

/** One pass of softmax over the last dimension of logits; the result of the last one lies as they do. */
export interface SoftmaxPass {
  readonly logits: Layout;
  readonly out: Layout;
}

/**
 * The last pass, or the only one where the rows were not measured before.
 *
 * @param expression of one result, in `x`, an element less the maximum of its row, and `s`, the sum of the exponentials of all `x`
 * @param measured whether the second input holds m and s of every row
 */
export function softmaxPlan({ logits, out }: SoftmaxPass, expression: string, measured: boolean): Plan {
  const { shape, dtype } = logits;
  return finishRows({ dtype, expression, measured }, { uniforms: { classes: shape.at(-1) ?? 1 }, outputs: [out] });
}

/** Measures slices of the rows: [rows, slices, 2]. */
export function slicesPlan({ logits, out }: SoftmaxPass, slices: number): Plan {
  const { shape, dtype } = logits;
  const classes = shape.at(-1)!;
  // Slices that start with a texel, at least where rows do.
  const chunk = ceilDiv(classes, slices * 4) * 4;
  const uniforms = { classes, slices, chunk, rows: sizeOf(shape) / classes };
  return slicePairs({ dtype }, { uniforms, outputs: [out] });
}

/** Makes [rows, 2] of what slices were measured. */
export function mergePlan(out: Layout, slices: number): Plan {
  return mergePairs({}, { uniforms: { slices }, outputs: [out] });
}
