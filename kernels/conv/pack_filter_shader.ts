/** Packs filters for direct convolution: channels in whole texels, taps in rows. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementAt } from '../../src/glsl/accessor';
import { shader, split } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { template } from '../../src/plan/plan';
import { roundUp, type Shape } from '../../src/plan/shape';
import type { DirectFilter } from './direct';

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
 * A filter [rows, columns, in, out] for `runDirect`: as it lies where its channels fill texels and rows of its texture hold
 * whole taps or single channels of them, else packed.
 */
export function directFilter(ctx: KernelContext, filter: TensorInfo, use: FilterUse): DirectFilter {
  const [, , c, o] = filter.shape as [number, number, number, number];
  const row = o / 4;
  const { width } = ctx.layout(filter);
  if (c % 4 === 0 && o % 4 === 0 && (width % (c * row) === 0 || width === row)) {
    const backward = use === 'backward';
    return { tensor: filter, form: backward ? 'transposed' : 'straight', flipped: backward, run: c * row, row };
  }
  const tensor = packFilter(ctx, filter, use);
  const run = roundUp(use === 'backward' ? o : c, 4);
  return { tensor, form: 'packed', flipped: false, run, row: run };
}

/** A depthwise filter [rows, columns, channels] for `runDirect`, a texel a tap and group of four channels. */
export function directDepthwiseFilter(ctx: KernelContext, filter: TensorInfo, use: FilterUse): DirectFilter {
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
