/** Sums over the neighbouring channels of each element, and an expression of the sum. */
import { elementAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan';

/** What is computed of each element's neighbours; expressions are scalar, in the operands' names. */
export interface NeighbourOp {
  /** GLSL of what is summed, of each neighbour. */
  readonly term: string;
  /** GLSL of the result in `sum` and the operands at the element itself. */
  readonly result: string;
  /** Float uniforms named in the expressions. */
  readonly attributes: Readonly<Record<string, number>>;
}

interface NeighbourParams {
  readonly operands: readonly { readonly name: string; readonly dtype: DType }[];
  readonly term: string;
  readonly result: string;
  readonly attributes: readonly string[];
}

const neighbours = template<NeighbourParams>(
  'neighbours',
  (p) => p.operands.map((o) => o.name),
  ({ operands, term, result, attributes }) => {
    const parameters = operands.map((o) => `float ${o.name}`).join(', ');
    const at = (i: string): string => operands.map((o) => `float(${o.name}_at(${i}))`).join(', ');
    return shader({
      samplers: Object.fromEntries(operands.map((o) => [o.name, o.dtype])),
      uniforms: ['int channels', 'int radius', ...attributes.map((a) => `float ${a}`)],
      outputs: ['float32'],
      helpers: [
        ...operands.map((o) => elementAt(o.name, o.dtype)),
        `float term(${parameters}) { return ${term}; }`,
        `float result(float sum, ${parameters}) { return ${result}; }`,
      ],
      body: `vec4 results;
for (int k = 0; k < 4; k++) {
  int i = outTexel() * 4 + k;
  int first = i - i % channels;
  int last = min(i + radius, first + channels - 1);
  float sum = 0.0;
  for (int j = max(i - radius, first); j <= last; j++) sum += term(${at('j')});
  results[k] = result(sum, ${at('i')});
}
out0 = results;`,
    });
  },
);

/**
 * The pass that sums over neighbours in the last dimension.
 *
 * @param operands of one shape, by the names that the expressions use
 * @param radius how far neighbours are apart at most
 */
export function neighbourPlan(
  op: NeighbourOp,
  operands: Readonly<Record<string, Layout>>,
  radius: number,
  out: Layout,
): Plan {
  const { shape } = out;
  return neighbours(
    {
      operands: Object.entries(operands).map(([name, { dtype }]) => ({ name, dtype })),
      term: op.term,
      result: op.result,
      attributes: Object.keys(op.attributes),
    },
    { uniforms: { ...op.attributes, channels: shape[shape.length - 1]!, radius }, outputs: [out] },
  );
}
