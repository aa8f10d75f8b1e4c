/** Shared by forward convolutions and gradients: attributes, NHWC and NCHW, padding channels to whole texels. */
import { backend_util, type Conv2DAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Epilogue } from '../../src/glsl/epilogue';
import { checkWindows } from '../checks';
import { KernelError, type KernelContext } from '../../src/kernel/define_kernel';
import { roundUp, sameShape, sizeOf } from '../../src/plan/shape';
import { filled } from '../elementwise/create';
import type { Geometry } from './geometry';
import { sliceOf, transpose } from '../movement/move';
import { wholeRows } from '../matmul/gemm_operands';
import { packChannels } from './pack_channels_shader';
import type { FilterUse } from './pack_filter_shader';
import { runDirect, type DirectFilter } from './direct';
import type { ChannelUse } from './direct_shader';

/** tfjs's numbers of a convolution: sizes, strides, padding. */
export type Info = backend_util.Conv2DInfo;

/** Attributes that say how a window moves, as all convolution kernels have them. */
export interface WindowAttrs {
  readonly strides: [number, number] | number;
  readonly pad: Conv2DAttrs['pad'];
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

interface Shapes {
  readonly x: number[];
  readonly filter: number[];
}

/** tfjs's own resolution of strides, padding and formats. @throws KernelError where channels do not agree, and for windows that do not fit */
export function infoOf(kernel: string, { x, filter }: Shapes, attrs: WindowAttrs, depthwise = false): Info {
  const { strides, pad, dilations, dimRoundingMode, dataFormat = 'NHWC' } = attrs;
  const channels = x[dataFormat === 'NHWC' ? 3 : 1];
  if (x.length !== 4 || filter.length !== 4)
    throw new KernelError(kernel, `found input [${x}] and filter [${filter}], expected four dimensions each.`);
  if (channels !== filter[2])
    throw new KernelError(kernel, `x has ${channels} channels but the filter expects ${filter[2]}.`);
  const format = backend_util.convertConv2DDataFormat(dataFormat);
  const rank4 = (s: number[]) => s as [number, number, number, number];
  const info = backend_util.computeConv2DInfo(
    rank4(x),
    rank4(filter),
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    format,
  );
  checkWindows(kernel, info);
  return info;
}

const NHWC_OF_NCHW = [0, 2, 3, 1];
const NCHW_OF_NHWC = [0, 3, 1, 2];

/** `x` as NHWC data. */
export function toChannelsLast(ctx: KernelContext, x: TensorInfo, info: Info): TensorInfo {
  return info.dataFormat === 'channelsLast' ? x : transpose(ctx, x, NHWC_OF_NCHW);
}

/**
 * The output's gradient as NHWC data of the output's size; tf.conv2dTranspose may pass on a larger one, whose rest is not seen.
 *
 * @throws KernelError where it is smaller, or has other channels
 */
export function outputGradient(ctx: KernelContext, kernel: string, dy: TensorInfo, info: Info): TensorInfo {
  const y = toChannelsLast(ctx, dy, info);
  const size = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
  if (sameShape(y.shape, size)) return y;
  if (y.shape.length !== 4 || y.shape[3] !== info.outChannels || size.some((d, i) => y.shape[i]! < d))
    throw new KernelError(kernel, `dy has the shape [${y.shape}], expected [${size}] of NHWC data.`);
  return sliceOf(ctx, y, { begin: [0, 0, 0, 0], size });
}

/** NHWC data as the kernel's caller wants it. */
export function fromChannelsLast(ctx: KernelContext, y: TensorInfo, info: Info): TensorInfo {
  return info.dataFormat === 'channelsLast' ? y : transpose(ctx, y, NCHW_OF_NHWC);
}

/** Whether there is nothing to multiply, or nothing to write. */
export const isEmpty = (info: Info) =>
  sizeOf(info.inShape) === 0 || sizeOf(info.outShape) === 0 || sizeOf(info.filterShape) === 0;

/** float32 zeros. */
export function zeros(ctx: KernelContext, shape: number[]): TensorInfo {
  return filled(ctx, shape, 'float32', 0);
}

/** Whether each output pixel sees one input pixel, its own: the convolution is then a matrix product over the channels. */
export function isPointwise(info: Info): boolean {
  const { strideHeight, strideWidth, filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth } = info;
  const numbers = [strideHeight, strideWidth, filterHeight, filterWidth];
  return numbers.every((n) => n === 1) && inHeight === outHeight && inWidth === outWidth;
}

/** Pixels of the output, rows of the products that pointwise convolutions are. */
export const pixels = (info: Info) => info.batchSize * info.outHeight * info.outWidth;

/** Data with whole texels of channels, the filter for it, and how many channels the result has. */
export interface TrimmedArgs {
  readonly geometry: Geometry;
  readonly x: TensorInfo;
  readonly filter: DirectFilter;
  readonly outChannels: number;
  readonly channels: ChannelUse;
}

/** Direct convolution of data with whole texels of channels; removes the padding channels of the result. */
export function convolveTrimmed(ctx: KernelContext, args: TrimmedArgs, epilogue?: Epilogue<TensorInfo>): TensorInfo {
  const { x, outChannels } = args;
  const y = runDirect(ctx, { ...args, inTexels: x.shape[3]! / 4, outTexels: roundUp(outChannels, 4) / 4, epilogue });
  return packChannels(ctx, y, outChannels);
}

interface OnlyChannel {
  readonly x: TensorInfo;
  /** Of one output channel, or of one input channel where it is used `backward`. */
  readonly filter: TensorInfo;
  readonly geometry: Geometry;
  readonly use: FilterUse;
}

/** The arguments of a convolution with a single output channel. */
export function onlyChannel(ctx: KernelContext, { x, filter, geometry, use }: OnlyChannel): TrimmedArgs {
  const channels = x.shape[3]!;
  const run = roundUp(channels, 4) / 4;
  const tensor = wholeRows(ctx, filter, geometry.rows.size * geometry.columns.size, channels);
  return {
    geometry,
    x: packChannels(ctx, x, 4 * run),
    filter: { tensor, form: 'straight', flipped: use === 'backward', run, row: run },
    outChannels: 1,
    channels: 'only',
  };
}

/** NHWC data for a depthwise filter: every channel as often as the filter multiplies it, in whole texels. */
export function spread(ctx: KernelContext, x: TensorInfo, info: Info): TensorInfo {
  return packChannels(ctx, x, roundUp(info.outChannels, 4), info.outChannels / info.inChannels);
}

/** A depthwise filter as [rows, columns, channels]. */
export const flatFilterShape = (info: Info) => [info.filterHeight, info.filterWidth, info.outChannels];
