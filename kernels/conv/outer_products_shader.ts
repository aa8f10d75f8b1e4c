/** Loop nest of filter gradients: outer products of input and output-gradient texels, along the rows of dy. */
import { texelAt } from '../../src/glsl/accessor';
import { shader, split } from '../../src/glsl/shader';
import { template } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';

/** What changes the text of the nest. */
export interface OuterProductsParams {
  /** Input texels a fragment takes: four filter channels, and so four render targets, each. */
  readonly texels: number;
  /** Columns of one iteration, if texture rows hold whole `rows`. */
  readonly round: number;
  /** Columns that may be left after the `rounds`; at least one, where rounds have several. */
  readonly rest: number;
  /** Products of equal channels only, with one target. */
  readonly depthwise: boolean;
  /**
   * What texture rows hold in whole: `rows` of both images; `pixels`, so that each is looked up by itself; or neither, so that
   * `texels` are, where there are more channels than a texture is wide.
   */
  readonly access: 'rows' | 'pixels' | 'texels';
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
        `int groups, perSlice, batch, xRuns, dyRuns${p.round > 1 ? ', rounds' : ''}`,
        'vec2 xScale, dyScale',
      ],
      outputs: indices(p.depthwise ? 1 : p.texels * 4).map(() => 'float32' as const),
      helpers: p.access === 'texels' ? ['x', 'dy'].map((name) => texelAt(name, 'float32')) : [],
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
${p.access === 'rows' ? 'float xStep = float(stride.x * inTexels) * xScale.x, dStep = float(outTexels) * dyScale.x;' : ''}
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
  ${p.access === 'rows' ? alongRows(p, selection) : oneByOne(p, placesOf(p), selection)}`;
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
    `float xu = float(${column}) * xStep + xStart, du = float(${column}) * dStep + dStart;`;
  const head = `
  int xLine = rowOf(xRow, xRuns), dLine = rowOf(dRow, dyRuns);
  float xv = (float(xLine) + 0.5) * xScale.y, dv = (float(dLine) + 0.5) * dyScale.y;
  float xStart = (float(((xRow - xLine * xRuns) * inColumns + first.x) * inTexels + c) + 0.5) * xScale.x;
  float dStart = (float((dRow - dLine * dyRuns) * outColumns * outTexels + o4) + 0.5) * dyScale.x;`;
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

/** The places of one column of both images, which rows of their textures do not hold in whole. */
function placesOf({ access }: OuterProductsParams): string {
  const places = 'int xp = xRow * inColumns + first.x + ow * stride.x; int dp = dRow * outColumns + ow;';
  if (access === 'texels') return `${places}\n    int xt = xp * inTexels + c; int dt = dp * outTexels + o4;`;
  return `${places}
    int xLine = rowOf(xp, xRuns), dLine = rowOf(dp, dyRuns);
    float xu = (float((xp - xLine * xRuns) * inTexels + c) + 0.5) * xScale.x, xv = (float(xLine) + 0.5) * xScale.y;
    float du = (float((dp - dLine * dyRuns) * outTexels + o4) + 0.5) * dyScale.x, dv = (float(dLine) + 0.5) * dyScale.y;`;
}

/**
 * Adds the products of `count` columns, of which some may lie beyond the end. One texel of x after the other, and all columns in
 * one sum: few values are live at a time.
 */
function products({ access, texels, depthwise }: OuterProductsParams, count: number, selection: Selection): string {
  const ends = selection === 'end';
  const columns = indices(count);
  const flat = access === 'texels';
  const along = (u: number, step: string): string => (u === 0 ? '' : ` + ${u}.0 * ${step}`);
  // Both are selected: a zero times what lies beyond, which may be infinite, would be NaN.
  const inside = (u: number, texel: string): string => (ends ? `mix(vec4(0.0), ${texel}, has${u})` : texel);
  const d = (u: number): string => (flat ? 'dy_texel(dt)' : inside(u, `texture(dy, vec2(du${along(u, 'dStep')}, dv))`));
  const x = (u: number, j: number): string =>
    flat ? `x_texel(xt + ${j})` : inside(u, `texture(x, vec2(xu${along(u, 'xStep')}${along(j, 'xScale.x')}, xv))`);
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
