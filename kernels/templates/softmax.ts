/** Softmax in one pass, each fragment over the whole of its rows: for few classes. */
import { elementAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan';

interface RowParams {
  readonly dtype: DType;
  /** GLSL of one result in `x`, the element less the maximum of its row, and `s`, the sum of the row's exponentials. */
  readonly expression: string;
}

const softmaxRows = template<RowParams>(
  'softmax',
  () => ['logits'],
  ({ dtype, expression }) =>
    shader({
      samplers: { logits: dtype },
      uniforms: ['int classes'],
      outputs: ['float32'],
      helpers: [elementAt('logits', dtype)],
      body: `int row = -1;
float m, s;
vec4 results;
for (int k = 0; k < 4; k++) {
  int i = outTexel() * 4 + k;
  if (i / classes != row) {
    row = i / classes;
    m = -INFINITY;
    s = 0.0;
    for (int c = 0; c < classes; c++) {
      float l = float(logits_at(row * classes + c));
      m = mix(max(m, l), NAN, eitherIsNaN(m, l));
    }
    for (int c = 0; c < classes; c++) s += exp32(float(logits_at(row * classes + c)) - m);
  }
  float x = float(logits_at(i)) - m;
  results[k] = ${expression};
}
out0 = results;`,
    }),
);

/**
 * The pass that computes the softmax, or what the expression makes of it, over the last dimension.
 *
 * @param expression see RowParams
 */
export function softmaxPlan(expression: string, logits: Layout, out: Layout): Plan {
  const { shape, dtype } = logits;
  return softmaxRows({ dtype, expression }, { uniforms: { classes: shape[shape.length - 1] ?? 1 }, outputs: [out] });
}
