/** Loop nest of local response normalization: a sum over neighbouring channels, and an expression of it. */
import { texelAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';

/** What is computed of each element's neighbours; expressions are scalar, in the operands' names. */
export interface LrnOp {
  /** GLSL of what is summed, of each neighbour. */
  readonly term: string;
  /** GLSL of the result in `sum` and the operands at the element itself. */
  readonly result: string;
  /** Float uniforms named in the expressions. */
  readonly attributes: Readonly<Record<string, number>>;
}

interface LrnParams {
  readonly operands: readonly { readonly name: string; readonly dtype: DType }[];
  readonly term: string;
  readonly result: string;
  readonly attributes: readonly string[];
}

const lrn = template<LrnParams>(
  'lrn',
  (p) => p.operands.map((o) => o.name),
  ({ operands, term, result, attributes }) => {
    const parameters = operands.map((o) => `float ${o.name}`).join(', ');
    const read = (texel: string): string =>
      operands.map((o) => `vec4 ${o.name}_v = vec4(${o.name}_texel(${texel}));`).join(' ');
    const lane = (l: number): string => operands.map((o) => `${o.name}_v[${l}]`).join(', ');
    const each = (of: (l: number) => string): string[] => [0, 1, 2, 3].map(of);
    return shader({
      samplers: Object.fromEntries(operands.map((o) => [o.name, o.dtype])),
      uniforms: ['int channels', 'int radius', ...attributes.map((a) => `float ${a}`)],
      outputs: ['float32'],
      helpers: [
        ...operands.map((o) => texelAt(o.name, o.dtype)),
        `float term(${parameters}) { return ${term}; }`,
        `float result(float sum, ${parameters}) { return ${result}; }`,
        // Of a neighbour at j, to the lanes whose neighbour it is.
        `vec4 share(int j, ivec4 from, ivec4 to, float value) {
  bvec4 near = bvec4(uvec4(greaterThanEqual(ivec4(j), from)) & uvec4(lessThanEqual(ivec4(j), to)));
  return mix(vec4(0.0), vec4(value), near);
}`,
      ],
      body: `int own = outTexel();
ivec4 i = own * 4 + ivec4(0, 1, 2, 3);
ivec4 first = channels * ivec4(${each((l) => `divIndex(i[${l}], channels)`).join(', ')});
ivec4 from = max(i - radius, first), to = min(i + radius, first + channels - 1);
vec4 sums = vec4(0.0);
for (int t = from.x >> 2; t <= to.w >> 2; t++) {
  ${read('t')}
  ${each((l) => `sums += share(t * 4 + ${l}, from, to, term(${lane(l)}));`).join('\n  ')}
}
${read('own')}
out0 = vec4(${each((l) => `result(sums[${l}], ${lane(l)})`).join(', ')});`,
    });
  },
);

/**
 * The pass that sums over neighbours in the last dimension.
 *
 * @param operands of one shape, by the names that the expressions use
 * @param radius how far neighbours are apart at most
 */
export function lrnPlan(op: LrnOp, operands: Readonly<Record<string, Layout>>, radius: number, out: Layout): Plan {
  const { shape } = out;
  return lrn(
    {
      operands: Object.entries(operands).map(([name, { dtype }]) => ({ name, dtype })),
      term: op.term,
      result: op.result,
      attributes: Object.keys(op.attributes),
    },
    { uniforms: { ...op.attributes, channels: shape[shape.length - 1]!, radius }, outputs: [out] },
  );
}
