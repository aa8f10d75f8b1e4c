/** The filter gradient's loop nest: outer products of input and output-gradient texels, summed over slices of the positions. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { layeredTexelAt, texelAt } from '../../src/glsl/accessor';
import { chosen } from '../../src/choices';
import { shader, split } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel';
import { fitsRun, runThatFits } from '../../src/layout';
import { template, type Layout, type Plan } from '../../src/plan';
import { ceilDiv, indices } from '../../src/shape';
import type { Window } from '../geometry';
import { scratchLayout } from './scratch';

interface OuterParams {
  /** Input texels a fragment takes: four filter channels, and so four render targets, each. */
  readonly texels: number;
  /** Columns of a turn of the loop, where `rows` are whole. */
  readonly round: number;
  /** Products of equal channels only, with one target. */
  readonly depthwise: boolean;
  /**
   * What texture rows hold in whole: `rows` of both images; `pixels`, so that each is looked up by itself; or neither, so that
   * `texels` are, where there are more channels than a texture is wide.
   */
  readonly access: 'rows' | 'pixels' | 'texels';
}

const outer = template<OuterParams>(
  'outer',
  () => ['x', 'dy'],
  (p) =>
    shader({
      samplers: { x: 'float32', dy: 'float32' },
      uniforms: [
        'int inRows, inColumns, inTexels, outRows, outColumns, outTexels, filterRows, filterColumns',
        'ivec2 stride, dilation, pad',
        'int groups, perSlice, batch, xRuns, dyRuns',
        'vec2 xScale, dyScale',
      ],
      outputs: indices(p.depthwise ? 1 : p.texels * 4).map(() => 'float32' as const),
      helpers: p.access === 'texels' ? ['x', 'dy'].map((name) => texelAt(name, 'float32')) : [],
      body: outerBody(p),
    }),
);

/** Where tap (kh, kw) begins, and the outputs, from `begin` to before `end`, that it reads inside the input for. */
const RANGES = `
ivec2 first = ivec2(kw, kh) * dilation - pad;
ivec2 begin = ivec2(rowOf(max(stride.x - 1 - first.x, 0), stride.x), rowOf(max(stride.y - 1 - first.y, 0), stride.y));
ivec2 beyond = max(ivec2(inColumns, inRows) - 1 - first, -stride);
ivec2 end = min(ivec2(outColumns, outRows), ivec2(rowOf(beyond.x + stride.x, stride.x), rowOf(beyond.y + stride.y, stride.y)));
int seen = max(end.y - begin.y, 0);`;

function outerBody(p: OuterParams): string {
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
${targets.map((a) => `out${a} = acc${a};`).join('\n')}`;
}

/** The products of one row of dy. */
function row(p: OuterParams): string {
  return `
  int n = rowOf(position, seen); int oh = position - n * seen + begin.y;
  int xRow = n * inRows + oh * stride.y + first.y, dRow = n * outRows + oh;
  int ow = begin.x;
  ${p.access === 'rows' ? alongRows(p) : oneByOne(p, placesOf(p))}`;
}

/** Column after column. */
function oneByOne(p: OuterParams, places: string): string {
  return `for (; ow < end.x; ow++) {
    ${places}
    ${products(p, 1)}
  }`;
}

/** Whole rounds of columns, and those that are left; fewer than a round never are, where rounds have several. */
function alongRows(p: OuterParams): string {
  const at = 'float xu = float(ow) * xStep + xStart, du = float(ow) * dStep + dStart;';
  const head = `
  int xLine = rowOf(xRow, xRuns), dLine = rowOf(dRow, dyRuns);
  float xv = (float(xLine) + 0.5) * xScale.y, dv = (float(dLine) + 0.5) * dyScale.y;
  float xStart = (float(((xRow - xLine * xRuns) * inColumns + first.x) * inTexels + c) + 0.5) * xScale.x;
  float dStart = (float((dRow - dLine * dyRuns) * outColumns * outTexels + o4) + 0.5) * dyScale.x;`;
  if (p.round === 1) return `${head}\n  ${oneByOne(p, at)}`;
  // A loop over what is left would cost about as much as a round: it is gone through at once, columns beyond the end as zeros.
  return `${head}
  do {
    ${at}
    ${products(p, p.round)}
    ow += ${p.round};
  } while (ow + ${p.round} <= end.x);
  {
    ${at}
    ${products(p, p.round - 1, true)}
  }`;
}

/** The places of one column of both images, which rows of their textures do not hold in whole. */
function placesOf({ access }: OuterParams): string {
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
function products({ access, texels, depthwise }: OuterParams, count: number, ends = false): string {
  const columns = indices(count);
  const flat = access === 'texels';
  const along = (u: number, step: string): string => (u === 0 ? '' : ` + ${u}.0 * ${step}`);
  // Both are selected: a zero times what lies beyond, which may be infinite, would be NaN.
  const inside = (u: number, texel: string): string => (ends ? `mix(vec4(0.0), ${texel}, has${u})` : texel);
  const d = (u: number): string => (flat ? 'dy_texel(dt)' : inside(u, `texture(dy, vec2(du${along(u, 'dStep')}, dv))`));
  const x = (u: number, j: number): string =>
    flat ? `x_texel(xt + ${j})` : inside(u, `texture(x, vec2(xu${along(u, 'xStep')}${along(j, 'xScale.x')}, xv))`);
  const sum = (lane: string): string => columns.map((u) => `x${u}${lane} * d${u}`).join(' + ');
  const sums = (j: number): string =>
    depthwise
      ? `acc0 += ${sum('')};`
      : indices(4)
          .map((l) => `acc${4 * j + l} += ${sum(`.${'xyzw'[l]}`)};`)
          .join(' ');
  return [
    ...(ends ? columns.map((u) => `bvec4 has${u} = bvec4(ow + ${u} < end.x);`) : []),
    ...columns.map((u) => `vec4 d${u} = ${d(u)};`),
    ...indices(texels).map((j) => `{ ${columns.map((u) => `vec4 x${u} = ${x(u, j)};`).join(' ')} ${sums(j)} }`),
  ].join('\n    ');
}

/** The sum of the slices' texels, of which the first is at `at`. */
const sumOf = (place: string): string => `int s = 0;
vec4 sum = vec4(0.0);
do { sum += partial_texel(${place}); at += stride; } while (++s < slices);
out0 = sum;`;

const sumSlices = template<{ depthwise: boolean }>(
  'sumSlices',
  () => ['partial'],
  ({ depthwise }) =>
    shader({
      samplers: { partial: 'float32' },
      ...(depthwise ? {} : { layered: 'partial' }),
      uniforms: ['int channels, groups, outTexels, slices, stride, targets'],
      outputs: ['float32'],
      helpers: [(depthwise ? texelAt : layeredTexelAt)('partial', 'float32')],
      body: depthwise
        ? `
int at = outTexel();
${sumOf('at')}`
        : `
int t = outTexel();
${split('t', 'outTexels', 'o4')}
${split('t', 'channels', 'c')}
int group = rowOf(c, targets), layer = c - group * targets;
int at = (t * groups + group) * outTexels + o4;
${sumOf('layer, at')}`,
    }),
);

/** A filter gradient to compute, over NHWC data whose channels fill whole texels. */
export interface OuterArgs {
  readonly batch: number;
  readonly rows: Window;
  readonly columns: Window;
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
  /** Channels of the filter gradient that hold data: those of x without its padding. */
  readonly channels: number;
  readonly depthwise: boolean;
}

/** The filter gradient [rows, columns, channels, outChannels], with one channel where depthwise. */
export function runOuter(ctx: KernelContext, args: OuterArgs): TensorInfo {
  const inTexels = args.x.shape[3]! / 4;
  const outTexels = args.dy.shape[3]! / 4;
  const { x, dy } = fitted(ctx, args);
  const { plan, slices } = outerPlan(args, ctx.layout(x), ctx.layout(dy), ctx);
  const partial = ctx.runTiles(plan, [x, dy]);
  const targets = plan.outputs.length;
  const taps = [args.rows.size, args.columns.size];
  const shape = [...taps, args.depthwise ? 1 : args.channels, outTexels * 4];
  const out = ctx.newLayout(shape, 'float32');
  const groups = args.depthwise ? 1 : ceilDiv(inTexels * 4, targets);
  const result = ctx.run(
    sumSlices(
      { depthwise: args.depthwise },
      {
        uniforms: {
          channels: args.channels,
          targets,
          groups,
          outTexels,
          slices,
          stride: taps[0]! * taps[1]! * groups * outTexels,
        },
        outputs: [out],
      },
    ),
    [partial],
  );
  for (const scratch of [partial, x, dy]) if (scratch !== args.x && scratch !== args.dy) ctx.release(scratch);
  return result;
}

/** Both images in textures whose rows hold whole image rows, else whole pixels; as they are where either's would not. */
function fitted(ctx: KernelContext, { x, dy, columns }: OuterArgs): Pick<OuterArgs, 'x' | 'dy'> {
  const xTexels = x.shape[3]! / 4;
  const dyTexels = dy.shape[3]! / 4;
  for (const [own, other] of [
    [columns.input * xTexels, columns.output * dyTexels],
    [xTexels, dyTexels],
  ] as const) {
    if (
      runThatFits(x.shape, [own], ctx.limits) !== undefined &&
      runThatFits(dy.shape, [other], ctx.limits) !== undefined
    )
      return { x: ctx.fit(x, own), dy: ctx.fit(dy, other) };
  }
  return { x, dy };
}

/** The outputs that a tap reads inside the input for, at least. */
function fewestColumns({ size, stride, dilation, pad, input, output }: Window): number {
  const seen = indices(size).map((k) => {
    const first = k * dilation - pad;
    const end = Math.min(output, Math.floor((input - 1 - first) / stride) + 1);
    return end - Math.max(0, Math.ceil(-first / stride));
  });
  return Math.min(...seen);
}

/** The pass of `runOuter`, and into how many slices it cuts the positions. */
export function outerPlan(
  args: OuterArgs,
  x: Layout,
  dy: Layout,
  ctx: Pick<KernelContext, 'limits'>,
): { plan: Plan; slices: number } {
  const { batch, rows, columns, depthwise } = args;
  const inTexels = x.shape[3]! / 4;
  const outTexels = dy.shape[3]! / 4;
  const texels = depthwise || inTexels === 1 || ctx.limits.maxTargets < 8 ? 1 : 2;
  const groups = depthwise ? 1 : ceilDiv(inTexels, texels);
  const pixels = fitsRun(x, inTexels) && fitsRun(dy, outTexels);
  const rowFit = fitsRun(x, columns.input * inTexels) && fitsRun(dy, columns.output * outTexels);
  const xRuns = Math.floor(x.width / ((rowFit ? columns.input : 1) * inTexels));
  const dyRuns = Math.floor(dy.width / ((rowFit ? columns.output : 1) * outTexels));
  // Rows of dy: the inner loop walks along one, whose texels are neighbours; walking along the batch misses every cache.
  const positions = batch * rows.output;
  const fragments = rows.size * columns.size * groups * outTexels;
  const room = Math.max(1, Math.floor(ctx.limits.maxTextureSize ** 2 / fragments));
  const perSlice = ceilDiv(positions, Math.min(positions, ceilDiv(chosen.outerFragments, fragments), room));
  const slices = ceilDiv(positions, perSlice);
  const targetShape = [slices, rows.size, columns.size, groups, outTexels * 4];
  const target = scratchLayout(targetShape, 'float32', groups * outTexels, ctx.limits);
  const plan = outer(
    {
      texels,
      round: fewestColumns(columns) < chosen.outerUnroll ? 1 : chosen.outerUnroll,
      depthwise,
      access: rowFit ? 'rows' : pixels ? 'pixels' : 'texels',
    },
    {
      uniforms: {
        inRows: rows.input,
        inColumns: columns.input,
        inTexels,
        outRows: rows.output,
        outColumns: columns.output,
        outTexels,
        filterRows: rows.size,
        filterColumns: columns.size,
        stride: [columns.stride, rows.stride],
        dilation: [columns.dilation, rows.dilation],
        pad: [columns.pad, rows.pad],
        groups,
        perSlice,
        batch,
        xRuns,
        dyRuns,
        xScale: [1 / x.width, 1 / x.height],
        dyScale: [1 / dy.width, 1 / dy.height],
      },
      outputs: indices(depthwise ? 1 : texels * 4).map(() => target),
      fetches: perSlice * columns.output * (texels + 1),
    },
  );
  return { plan, slices };
}
