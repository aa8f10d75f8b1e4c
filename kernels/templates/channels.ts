/** Passes that bring data and filters into the form the convolution nests walk: channels in whole texels, taps in rows. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementAt } from '../../src/glsl/accessor';
import { shader, split } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel';
import { template } from '../../src/plan';
import { roundUp, type Shape } from '../../src/shape';
import type { Axis } from '../geometry';
import type { SlideFilter } from './slide';

/** `runs`: a texel's four elements are neighbours in x too, up to where the row ends; `cut`: pixels lose their last channels. */
type FoldForm = 'runs' | 'cut' | 'any';

/** Sets channels of neighbouring columns side by side. */
const foldTemplate = template<{ form: FoldForm }>(
  'foldChannels',
  () => ['x'],
  ({ form }) =>
    shader({
      samplers: { x: 'float32' },
      uniforms: ['int columns, channels, outColumns, outChannels, valid, perTap, repeat, step, base, tapStep'],
      outputs: ['float32'],
      helpers: [elementAt('x', 'float32')],
      body: foldBodies[form],
    }),
);

const foldBodies: Readonly<Record<FoldForm, string>> = {
  runs: `
int t = outTexel();
int texels = outChannels >> 2;
int pixel = divIndex(t, texels);
int k = (t - pixel * texels) * 4;
int row = divIndex(pixel, outColumns);
int e = ((pixel - row * outColumns) * step + base) * channels + k;
int run = columns * channels;
int i = row * run + e;
vec4 a = x_texel(max(i >> 2, 0)), b = x_texel(max((i >> 2) + 1, 0));
vec4 v = (i & 2) == 0 ? ((i & 1) == 0 ? a : vec4(a.yzw, b.x)) : ((i & 1) == 0 ? vec4(a.zw, b.xy) : vec4(a.w, b.xyz));
ivec4 at = ivec4(e) + ivec4(0, 1, 2, 3), lane = ivec4(k) + ivec4(0, 1, 2, 3);
out0 = mix(vec4(0.0), v, bvec4(uvec4(greaterThanEqual(at, ivec4(0))) & uvec4(lessThan(at, ivec4(run))) & uvec4(lessThan(lane, ivec4(valid)))));`,
  cut: `
int i = outTexel() * 4;
int pixel = divIndex(i, outChannels);
int k = i - pixel * outChannels;
int from = pixel * channels + k;
${['x', 'y', 'z', 'w'].map((lane) => `out0.${lane} = x_at(from); k++; from += k == outChannels ? channels - outChannels + 1 : 1; k = k == outChannels ? 0 : k;`).join('\n')}`,
  any: `
int i = outTexel() * 4;
int pixel = divIndex(i, outChannels);
int k = i - pixel * outChannels;
vec4 v;
int lane = 0;
do {
  int row = divIndex(pixel, outColumns);
  int tap = divIndex(k, perTap);
  int column = (pixel - row * outColumns) * step + base + tap * tapStep;
  bool inside = k < valid && column >= 0 && column < columns;
  v[lane] = inside ? x_at((row * columns + column) * channels + divIndex(k - tap * perTap, repeat)) : 0.0;
  if (++k == outChannels) { k = 0; pixel++; }
} while (++lane < 4);
out0 = v;`,
};

interface Fold {
  readonly outColumns: number;
  /** Channels of the result, and how many of them hold data; the rest are zeros. */
  readonly outChannels: number;
  readonly valid: number;
  /** Consecutive channels that come from one column, and how often each input channel stands in them. */
  readonly perTap: number;
  readonly repeat: number;
  readonly step: number;
  readonly base: number;
  readonly tapStep: number;
}

function fold(ctx: KernelContext, x: TensorInfo, by: Fold): TensorInfo {
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const out = ctx.newLayout([batch, rows, by.outColumns, by.outChannels], 'float32');
  const dense = by.repeat === 1 && by.perTap === channels && (by.tapStep === 1 || by.valid === channels);
  const inPlace = by.outColumns === columns && by.step === 1 && by.base === 0 && by.repeat === 1;
  const cut = inPlace && by.valid === by.perTap && by.valid === by.outChannels;
  const form = by.outChannels % 4 === 0 && dense ? 'runs' : cut ? 'cut' : 'any';
  return ctx.once(x, `channels ${x.shape.join()} ${JSON.stringify(by)}`, () =>
    ctx.run(foldTemplate({ form }, { uniforms: { columns, channels, ...by }, outputs: [out] }), [x]),
  );
}

/** NHWC data with `channels` channels, each input channel `repeat` times in a row, cut off or filled up with zeros. */
export function withChannels(ctx: KernelContext, x: TensorInfo, channels: number, repeat = 1): TensorInfo {
  const given = x.shape[3]! * repeat;
  if (given === channels && repeat === 1) return x;
  const valid = Math.min(given, channels);
  return fold(ctx, x, {
    outColumns: x.shape[2]!,
    outChannels: channels,
    valid,
    perTap: valid,
    repeat,
    step: 1,
    base: 0,
    tapStep: 0,
  });
}

/**
 * Data whose channels do not fill texels, with the columns under each filter column side by side as channels: a filter of
 * one column then does the work of `axis.size` columns, and few zeros are multiplied. For a forward axis.
 */
export function foldColumns(ctx: KernelContext, x: TensorInfo, axis: Axis): TensorInfo {
  const channels = x.shape[3]!;
  const valid = axis.size * channels;
  return fold(ctx, x, {
    outColumns: axis.output,
    outChannels: roundUp(valid, 4),
    valid,
    perTap: channels,
    repeat: 1,
    step: axis.step,
    base: axis.phases[0]!.base,
    tapStep: axis.tapStep,
  });
}

const sumTemplate = template<object>(
  'sumRepeated',
  () => ['x'],
  () =>
    shader({
      samplers: { x: 'float32' },
      uniforms: ['int repeat'],
      outputs: ['float32'],
      helpers: [elementAt('x', 'float32')],
      body: `
vec4 v = vec4(0.0);
int from = outTexel() * 4 * repeat;
for (int lane = 0; lane < 4; lane++) for (int r = 0; r < repeat; r++) v[lane] += x_at(from++);
out0 = v;`,
    }),
);

/** The transpose of `withChannels`' repetition: sums the neighbours that came from one of `channels` channels. */
export function sumRepeated(ctx: KernelContext, x: TensorInfo, channels: number): TensorInfo {
  const repeat = x.shape[3]! / channels;
  if (repeat === 1) return x;
  const out = ctx.newLayout([...x.shape.slice(0, 3), channels], 'float32');
  return ctx.run(sumTemplate({}, { uniforms: { repeat }, outputs: [out] }), [x]);
}

const packTemplate = template<object>(
  'packFilter',
  () => ['f'],
  () =>
    shader({
      samplers: { f: 'float32' },
      uniforms: ['int rows, columns, inChannels, outChannels, inPadded, base', 'ivec4 strides'],
      outputs: ['float32'],
      helpers: [elementAt('f', 'float32')],
      body: `
int t = outTexel();
${split('t', 'inPadded', 'c')}
${split('t', 'columns', 'kw')}
${split('t', 'rows', 'kh')}
int o = t * 4;
int from = base + kh * strides.x + kw * strides.y + c * strides.z;
vec4 v;
int lane = 0;
do {
  v[lane] = c < inChannels && o + lane < outChannels ? f_at(from + (o + lane) * strides.w) : 0.0;
} while (++lane < 4);
out0 = v;`,
    }),
);

/** Whether a filter is used as it stands, or flipped and transposed for the gradient with respect to the input. */
export type FilterUse = 'forward' | 'backward';

/**
 * A filter [rows, columns, in, out] for `runSlide`: as it lies where its channels fill texels and rows of its texture hold
 * whole taps or single channels of them, else packed.
 */
export function slideFilter(ctx: KernelContext, filter: TensorInfo, use: FilterUse): SlideFilter {
  const [, , c, o] = filter.shape as [number, number, number, number];
  const row = o / 4;
  const { width } = ctx.layout(filter);
  if (c % 4 === 0 && o % 4 === 0 && (width % (c * row) === 0 || width === row)) {
    const backward = use === 'backward';
    return { tensor: filter, form: backward ? 'turned' : 'straight', flipped: backward, run: c * row, row };
  }
  const tensor = packFilter(ctx, filter, use);
  const run = roundUp(use === 'backward' ? o : c, 4);
  return { tensor, form: 'packed', flipped: false, run, row: run };
}

/** A depthwise filter [rows, columns, channels] for `runSlide`, a texel a tap and group of four channels. */
export function slideDepthwiseFilter(ctx: KernelContext, filter: TensorInfo, use: FilterUse): SlideFilter {
  const row = filter.shape[2]! / 4;
  if (Number.isInteger(row) && ctx.layout(filter).width % row === 0)
    return { tensor: filter, form: 'straight', flipped: use === 'backward', run: row, row };
  return { tensor: packDepthwiseFilter(ctx, filter, use), form: 'packed', flipped: false, run: 1, row: 1 };
}

/**
 * A filter [rows, columns, in, out] as rows of texels (output channels by four, row, column), one texel for each input
 * channel, so that the taps that a fragment reads one after another are neighbours. Channels are filled up with zeros.
 */
function packFilter(ctx: KernelContext, filter: TensorInfo, use: FilterUse): TensorInfo {
  const [rows, columns, c, o] = filter.shape as [number, number, number, number];
  const backward = use === 'backward';
  const [inChannels, outChannels] = backward ? [o, c] : [c, o];
  const sign = backward ? -1 : 1;
  const strides = [sign * columns * c * o, sign * c * o, backward ? 1 : o, backward ? o : 1];
  const base = backward ? (rows * columns - 1) * c * o : 0;
  return pack(ctx, filter, { rows, columns, inChannels, outChannels, inPadded: roundUp(inChannels, 4), base, strides });
}

/** A depthwise filter [rows, columns, channels] in the same form, one texel a tap. */
function packDepthwiseFilter(ctx: KernelContext, filter: TensorInfo, use: FilterUse): TensorInfo {
  const [rows, columns, channels] = filter.shape as [number, number, number];
  const sign = use === 'backward' ? -1 : 1;
  const base = use === 'backward' ? (rows * columns - 1) * channels : 0;
  const strides = [sign * columns * channels, sign * channels, 0, 1];
  return pack(ctx, filter, { rows, columns, inChannels: 1, outChannels: channels, inPadded: 1, base, strides });
}

interface Packing {
  readonly rows: number;
  readonly columns: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly inPadded: number;
  readonly base: number;
  readonly strides: Shape;
}

function pack(ctx: KernelContext, filter: TensorInfo, by: Packing): TensorInfo {
  const shape = [Math.ceil(by.outChannels / 4), by.rows, by.columns, by.inPadded * 4];
  const out = ctx.newLayout(shape, 'float32', by.inPadded);
  return ctx.run(packTemplate({}, { uniforms: { ...by }, outputs: [out] }), [filter]);
}
