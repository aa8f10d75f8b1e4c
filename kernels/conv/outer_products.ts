/** Filter gradients as sums of outer products: cuts the positions into slices, plans the pass over them, and sums the slices. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { texelAt } from '../../src/glsl/accessor';
import { tuned, filterGradientRows } from './conv_tuning';
import { inTextureRows, rowAccess, rowValues } from '../../src/glsl/row_reader';
import { shader, split } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { runThatFits } from '../../src/plan/layout';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import { ceilDiv, indices } from '../../src/plan/shape';
import type { Window } from './geometry';
import { outerProducts } from './outer_products_shader';
import { tileBufferLayout } from '../shader/tile_buffer';

/** The sum of the slices' texels, of which the first is at `at`. */
const sumOf = (place: string): string => `int s = 0;
vec4 sum = vec4(0.0);
do { sum += partial_texel(${place}); at += stride; } while (++s < slices);
out0 = sum;`;

export const sumSlices = template<{ depthwise: boolean }>(
  'sumSlices',
  () => ['partial'],
  ({ depthwise }) =>
    shader({
      samplers: { partial: 'float32' },
      ...(depthwise ? {} : { layered: 'partial' }),
      uniforms: ['int channels, groups, outTexels, slices, stride, targets'],
      outputs: ['float32'],
      helpers: [texelAt('partial', 'float32', !depthwise)],
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
export interface OuterProductsArgs {
  readonly batch: number;
  readonly rows: Window;
  readonly columns: Window;
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
  /** Channels of the filter gradient that hold data: those of x without its padding. */
  readonly channels: number;
  readonly depthwise: boolean;
  /** Whether x holds `padding()`, see OuterProductsParams. */
  readonly padded?: boolean;
}

/** The filter gradient [rows, columns, channels, outChannels], with one channel where depthwise. */
export function runOuterProducts(ctx: KernelContext, args: OuterProductsArgs): TensorInfo {
  const inTexels = args.x.shape[3]! / 4;
  const outTexels = args.dy.shape[3]! / 4;
  const { x, dy } = fitted(ctx, args);
  const { plan, slices } = outerProductsPlan(args, ctx.layout(x), ctx.layout(dy), ctx);
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
  for (const own of [partial, x, dy]) if (own !== args.x && own !== args.dy) ctx.release(own);
  return result;
}

/** x and dy in textures whose rows hold whole image rows, else whole pixels; unchanged if no texture does for both. */
function fitted(ctx: KernelContext, { x, dy, columns }: OuterProductsArgs): Pick<OuterProductsArgs, 'x' | 'dy'> {
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
      return { x: ctx.withRows(x, own), dy: ctx.withRows(dy, other) };
  }
  return { x, dy };
}

/** At most this many columns remain after the rounds. */
const MOST_REST = 8;

const ONE_BY_ONE = { round: 1, rounds: 0, rest: 0 };

/** How fragments go along a row: rounds of so many columns each that the tap which sees fewest sees all of them, and the rest. */
function roundsOf({ size, stride, dilation, pad, input, output }: Window): Record<'round' | 'rounds' | 'rest', number> {
  const seen = indices(size).map((k) => {
    const first = k * dilation - pad;
    const end = Math.min(output, Math.floor((input - 1 - first) / stride) + 1);
    return end - Math.max(0, Math.ceil(-first / stride));
  });
  const round = tuned.filterGradientUnroll;
  const rounds = Math.floor((Math.min(...seen) - 1) / round);
  const rest = Math.max(...seen) - rounds * round;
  return round > 1 && rounds > 0 && rest <= MOST_REST ? { round, rounds, rest } : ONE_BY_ONE;
}

/** Texels of the rows in which both images are read: rows of theirs, unless only their pixels lie whole in texture rows. */
function runsOf(x: Layout, dy: Layout, { input, output }: Window): { pixels: boolean; xRun: number; dyRun: number } {
  const [xPixel, dyPixel] = [x.shape[3]! / 4, dy.shape[3]! / 4];
  const [xRun, dyRun] = [input * xPixel, output * dyPixel];
  const fit = (own: number, other: number): boolean =>
    inTextureRows(rowAccess(x, own)) && inTextureRows(rowAccess(dy, other));
  if (fit(xRun, dyRun) || !fit(xPixel, dyPixel)) return { pixels: false, xRun, dyRun };
  return { pixels: true, xRun: xPixel, dyRun: dyPixel };
}

/** The pass of `runOuterProducts`, and into how many slices it cuts the positions. */
export function outerProductsPlan(
  args: OuterProductsArgs,
  x: Layout,
  dy: Layout,
  ctx: Pick<KernelContext, 'limits'>,
): { plan: Plan; slices: number } {
  const { batch, rows, columns, depthwise, padded = false } = args;
  const inTexels = x.shape[3]! / 4;
  const outTexels = dy.shape[3]! / 4;
  const texels = depthwise || inTexels === 1 || ctx.limits.maxTargets < 8 ? 1 : 2;
  const groups = depthwise ? 1 : ceilDiv(inTexels, texels);
  const { pixels, xRun, dyRun } = runsOf(x, dy, columns);
  // Rows of dy: the inner loop runs along one, whose texels are neighbours; running along the batch misses every cache.
  const positions = batch * rows.output;
  const fragments = rows.size * columns.size * groups * outTexels;
  const room = Math.max(1, Math.floor(ctx.limits.maxTextureSize ** 2 / fragments));
  const perSlice = Math.max(filterGradientRows(positions, columns.output, fragments), ceilDiv(positions, room));
  const slices = ceilDiv(positions, perSlice);
  const targetShape = [slices, rows.size, columns.size, groups, outTexels * 4];
  const target = tileBufferLayout(targetShape, 'float32', groups * outTexels, ctx.limits);
  const { round, rounds, rest } = pixels ? ONE_BY_ONE : roundsOf(columns);
  const plan = outerProducts(
    {
      texels,
      round,
      rest,
      depthwise,
      pixels,
      x: rowAccess(x, xRun),
      dy: rowAccess(dy, dyRun),
      padded,
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
        rounds,
        batch,
        ...rowValues('x', x, xRun),
        ...rowValues('dy', dy, dyRun),
      },
      outputs: indices(depthwise ? 1 : texels * 4).map(() => target),
      fetches: perSlice * columns.output * (texels + 1),
    },
  );
  return { plan, slices };
}
