/** Filter gradient for images with one channel: a fragment sums what the taps of one filter row see, four columns at a time. */
import { rowReader, rowUniforms, type RowAccess } from '../../src/glsl/row_reader';
import { shader, split } from '../../src/glsl/shader';
import { template } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';
import { columnSeen, TEXEL_COLUMNS, texelsSeen, type ColumnWindow } from './single_channel_shader';

/** A tap, and a lane of the outputs that see through it. */
export type Pair = readonly [tap: number, lane: number];

interface GradientParams extends ColumnWindow {
  readonly x: RowAccess;
  readonly dy: RowAccess;
  /** The taps whose column may lie outside of the image for an output, or that an output may see which is none itself. */
  readonly guarded: readonly Pair[];
  /** Whether input rows are whole texels, so that a texel is inside or outside. */
  readonly whole: boolean;
  /** Outputs in the last texel of a row; 0 where they fill it. */
  readonly ragged: number;
}

export const singleChannelGradient = template<GradientParams>(
  'singleChannelGradient',
  () => ['x', 'dy'],
  (p) =>
    shader({
      samplers: { x: 'float32', dy: 'float32' },
      uniforms: [
        'int inRows, inColumns, inTexels, outRows, outColumns, outTexels, filterRows, top, stride, quads',
        'int perSlice, batch',
        ...rowUniforms('x', { access: p.x }),
        ...rowUniforms('dy', { access: p.dy }),
      ],
      outputs: indices(p.along.size).map(() => 'float32' as const),
      helpers: [rowReader('x', { dtype: 'float32', access: p.x }), rowReader('dy', { dtype: 'float32', access: p.dy })],
      body: body(p),
    }),
);

function body(p: GradientParams): string {
  const taps = indices(p.along.size);
  const seen = texelsSeen(p);
  const conditions = [...new Set(p.guarded.map((pair) => conditionOf(p, pair)))];
  return `
int t = outTexel();
${split('t', 'outTexels', 'o4')}
${split('t', 'filterRows', 'kh')}
${taps.map((k) => `vec4 acc${k} = vec4(0.0);`).join(' ')}
// The rows of dy that see one inside of the image.
int first = kh - top, begin = rowOf(max(stride - 1 - first, 0), stride);
int end = min(outRows, rowOf(max(inRows - 1 - first, -stride) + stride, stride)), seen = max(end - begin, 0);
int last = min(batch * seen, (t + 1) * perSlice);
x_Column xNext = x_step(1);
dy_Column dStep = dy_step(outTexels);
for (int position = t * perSlice; position < last; position++) {
  int n = rowOf(position, seen), oh = position - n * seen + begin;
  int xRow = n * inRows + oh * stride + first, dRow = n * outRows + oh;
  x_Row xFrom = x_row(xRow); dy_Row dFrom = dy_row(dRow);
  int quad = 0;
  do {
    x_Column xAt = x_column(quad * ${p.along.stride}); dy_Column dAt = dy_column(o4 + quad * ${TEXEL_COLUMNS} * outTexels);
    ${seen.map((e) => `vec4 ${named(e)} = x_at(xFrom, xAt + x_Column(${e}) * xNext);`).join('\n    ')}
    ${indices(TEXEL_COLUMNS)
      .map((l) => `vec4 d${l} = dy_at(dFrom, dAt + dy_Column(${l}) * dStep);`)
      .join('\n    ')}
    int own = quad * ${p.along.stride};
    ${conditions.map((condition, i) => `bvec4 has${i} = bvec4(${condition});`).join('\n    ')}
    ${taps.map((k) => `acc${k} += ${sumOf(p, k, conditions)};`).join('\n    ')}
  } while (++quad < quads);
}
${taps.map((k) => `out${k} = acc${k};`).join('\n')}`;
}

/** The name of texel e. */
const named = (e: number): string => `x_${e < 0 ? `m${-e}` : e}`;

/** When an output and what it sees through a tap are both there. */
function conditionOf(p: GradientParams, [k, l]: Pair): string {
  const column = columnSeen(p, l, k);
  const seen = p.whole
    ? `uint(own + ${Math.floor(column / TEXEL_COLUMNS)}) < uint(inTexels)`
    : `uint(own * ${TEXEL_COLUMNS} + ${column}) < uint(inColumns)`;
  return p.ragged > 0 && l >= p.ragged ? `${seen} && quad * ${TEXEL_COLUMNS} + ${l} < outColumns` : seen;
}

/** What the outputs of a texel add to a tap. Products are selected: a zero times what is not there, which may be infinite, is NaN. */
function sumOf(p: GradientParams, k: number, conditions: readonly string[]): string {
  const product = (l: number): string => {
    const column = columnSeen(p, l, k);
    const e = Math.floor(column / TEXEL_COLUMNS);
    return `${named(e)}.${'xyzw'[column - e * TEXEL_COLUMNS]} * d${l}`;
  };
  const conditionOfLane = (l: number): string | undefined =>
    p.guarded.some(([tap, lane]) => tap === k && lane === l) ? conditionOf(p, [k, l]) : undefined;
  const sum = (condition: string | undefined): string =>
    indices(TEXEL_COLUMNS)
      .filter((l) => conditionOfLane(l) === condition)
      .map(product)
      .join(' + ');
  const guarded = [...new Set(indices(TEXEL_COLUMNS).map(conditionOfLane))].map((condition) =>
    condition === undefined ? sum(condition) : `mix(vec4(0.0), ${sum(condition)}, has${conditions.indexOf(condition)})`,
  );
  return guarded.join(' + ');
}
