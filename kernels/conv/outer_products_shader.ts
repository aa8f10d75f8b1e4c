/** Loop nest of filter gradients: outer products of input and output-gradient texels, along the rows of dy. */
import { rowReader, rowUniforms, type RowAccess } from '../../src/glsl/row_reader';
import { shader, split } from '../../src/glsl/shader';
import { template } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';

/** What changes the text of the nest. */
export interface OuterProductsParams {
  /** Input texels a fragment takes: four filter channels, and so four render targets, each. */
  readonly texels: number;
  /** Columns of one iteration. */
  readonly round: number;
  /** Columns that may be left after the `rounds`; at least one, where rounds have several. */
  readonly rest: number;
  /** Products of equal channels only, with one target. */
  readonly depthwise: boolean;
  /** Whether the rows that are looked up are single pixels, where no texture row holds a row of both images; and the access to them. */
  readonly pixels: boolean;
  readonly x: RowAccess;
  readonly dy: RowAccess;
  /** Whether x holds `padding()` where no data is. */
  readonly padded: boolean;
}

export const outerProducts = template<OuterProductsParams>(
  'outerProducts',
  () => ['x', 'dy'],
  (p) =>
    shader({
      samplers: { x: 'float32', dy: 'float32' },
      uniforms: [
        'int inRows, inColumns, inTexels, outRows, outColumns, outTexels, filterRows, filterColumns',
        'ivec2 stride, dilation, pad',
        `int groups, perSlice, batch${p.round > 1 ? ', rounds' : ''}`,
        ...rowUniforms('x', { access: p.x }),
        ...rowUniforms('dy', { access: p.dy }),
      ],
      outputs: indices(p.depthwise ? 1 : p.texels * 4).map(() => 'float32' as const),
      helpers: [rowReader('x', { dtype: 'float32', access: p.x }), rowReader('dy', { dtype: 'float32', access: p.dy })],
      body: outerProductsBody(p),
    }),
);

/** Where tap (kh, kw) begins, and the outputs, from `begin` to before `end`, that it reads inside the input for. */
const RANGES = `
ivec2 first = ivec2(kw, kh) * dilation - pad;
ivec2 begin = ivec2(rowOf(max(stride.x - 1 - first.x, 0), stride.x), rowOf(max(stride.y - 1 - first.y, 0), stride.y));
ivec2 beyond = max(ivec2(inColumns, inRows) - 1 - first, -stride);
ivec2 end = min(ivec2(outColumns, outRows), ivec2(rowOf(beyond.x + stride.x, stride.x), rowOf(beyond.y + stride.y, stride.y)));
int seen = max(end.y - begin.y, 0);`;

function outerProductsBody(p: OuterProductsParams): string {
  const targets = indices(p.depthwise ? 1 : p.texels * 4);
  return `
int t = outTexel();
${split('t', 'outTexels', 'o4')}
${p.depthwise ? 'int c = o4;' : `${split('t', 'groups', 'c')} c *= ${p.texels};`}
${split('t', 'filterColumns', 'kw')}
${split('t', 'filterRows', 'kh')}
${targets.map((a) => `vec4 acc${a} = vec4(0.0);`).join('\n')}
${RANGES}
x_Column xStep = x_step(stride.x * inTexels), xNext = x_step(1);
dy_Column dStep = dy_step(outTexels);
int last = min(batch * seen, (t + 1) * perSlice);
for (int position = t * perSlice; position < last; position++) {
${row(p)}
}
${p.padded ? withoutPadding(p, targets) : ''}
${targets.map((a) => `out${a} = acc${a};`).join('\n')}`;
}

/** Sums anew, without the padding, what is not finite: an infinity times padding is NaN. */
function withoutPadding(p: OuterProductsParams, targets: readonly number[]): string {
  const sums = targets.map((a) => `acc${a}`);
  return `ivec4 most = ivec4(0);
${sums.map((acc) => `most = max(most, floatBitsToInt(${acc}) & 0x7fffffff);`).join(' ')}
bvec4 finite = bvec4(all(lessThan(most, ivec4(0x7f800000))));
${sums.map((acc) => `${acc} = mix(vec4(0.0), ${acc}, finite);`).join(' ')}
for (int position = finite.x ? last : t * perSlice; position < last; position++) {
${row({ ...p, round: 1 }, 'unpadded')}
}`;
}

/** Which products are left out: none; those of columns beyond the `end`; those with padding. */
type Selection = 'all' | 'end' | 'unpadded';

/** The products of one row of dy. */
function row(p: OuterProductsParams, selection: Selection = 'all'): string {
  return `
  int n = rowOf(position, seen); int oh = position - n * seen + begin.y;
  int xRow = n * inRows + oh * stride.y + first.y, dRow = n * outRows + oh;
  int ow = begin.x;
  ${p.pixels ? oneByOne(p, PIXELS, selection) : alongRows(p, selection)}`;
}

/** One column per iteration. */
function oneByOne(p: OuterProductsParams, places: string, selection: Selection): string {
  return `for (; ow < end.x; ow++) {
    ${places}
    ${products(p, 1, selection)}
  }`;
}

/**
 * Rounds of columns, and those that are left. All fragments go through as many rounds: Mesa 22.3 gets a loop wrong that is tested at its
 * end, inside of another, where some of the fragments that it computes together are done before others.
 */
function alongRows(p: OuterProductsParams, selection: Selection): string {
  const at = (column: string): string =>
    `x_Column xAt = xFirst + x_Column(${column}) * xStep; dy_Column dAt = dFirst + dy_Column(${column}) * dStep;`;
  const head = `
  x_Row xFrom = x_row(xRow); dy_Row dFrom = dy_row(dRow);
  x_Column xFirst = x_column(first.x * inTexels + c); dy_Column dFirst = dy_column(o4);`;
  if (p.round === 1) return `${head}\n  ${oneByOne(p, at('ow'), selection)}`;
  // A loop over what is left would cost about as much as a round: it is gone through at once, columns beyond the end as zeros.
  return `${head}
  int round = 0, left = ow + rounds * ${p.round};
  do {
    ${at('ow')}
    ${products(p, p.round, 'all')}
    ow += ${p.round};
  } while (++round < rounds);
  {
    ${at('left')}
    ${products(p, p.rest, 'end')}
  }`;
}

/** The places of one column of both images, if their rows are not looked up whole. */
const PIXELS = `x_Row xFrom = x_row(xRow * inColumns + first.x + ow * stride.x); dy_Row dFrom = dy_row(dRow * outColumns + ow);
    x_Column xAt = x_column(c); dy_Column dAt = dy_column(o4);`;

/**
 * Adds the products of `count` columns, of which some may lie beyond the end. One texel of x after the other, and all columns in
 * one sum: few values are live at a time.
 */
function products({ texels, depthwise }: OuterProductsParams, count: number, selection: Selection): string {
  const ends = selection === 'end';
  const columns = indices(count);
  const along = (u: number, name: string, step: string): string => (u === 0 ? '' : ` + ${name}_Column(${u}) * ${step}`);
  // Both are selected: a zero times what lies beyond, which may be infinite, would be NaN.
  const inside = (u: number, texel: string): string => (ends ? `mix(vec4(0.0), ${texel}, has${u})` : texel);
  const d = (u: number): string => inside(u, `dy_at(dFrom, dAt${along(u, 'dy', 'dStep')})`);
  const x = (u: number, j: number): string =>
    inside(u, `x_at(xFrom, xAt${along(u, 'x', 'xStep')}${along(j, 'x', 'xNext')})`);
  const product = (u: number, lane: string): string =>
    selection === 'unpadded'
      ? `mix(x${u}${lane} * d${u}, vec4(0.0), bvec4(isPadding(x${u}${lane})))`
      : `x${u}${lane} * d${u}`;
  const sum = (lane: string): string => columns.map((u) => product(u, lane)).join(' + ');
  const sums = (j: number): string =>
    depthwise
      ? `acc0 += ${sum('')};`
      : indices(4)
          .map((l) => `acc${4 * j + l} += ${sum(`.${'xyzw'[l]}`)};`)
          .join(' ');
  return [
    ...(ends ? columns.map((u) => `bvec4 has${u} = bvec4(left + ${u} < end.x);`) : []),
    ...columns.map((u) => `vec4 d${u} = ${d(u)};`),
    ...indices(texels).map((j) => `{ ${columns.map((u) => `vec4 x${u} = ${x(u, j)};`).join(' ')} ${sums(j)} }`),
  ].join('\n    ');
}
