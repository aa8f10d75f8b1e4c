/** Convolutions over images: forward, fused with bias and activation, and both gradients; dense and depthwise. */
import {
  backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  FusedConv2D,
  FusedDepthwiseConv2D,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type FusedConv2DAttrs,
  type FusedDepthwiseConv2DAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Epilogue } from '../src/glsl/epilogue';
import { defineKernel, KernelError, type KernelContext, type Produce } from '../src/kernel';
import { roundUp, sameShape, sizeOf } from '../src/shape';
import { finished, finishOf, type Finish, type FusedAttrs, type FusedInputs } from './fused';
import {
  backwardGeometry,
  columnWindow,
  foldedAxis,
  foldedWindow,
  forwardGeometry,
  rowWindow,
  type Geometry,
} from './geometry';
import { gemm, gemmNow } from './gemm';
import { sliceOf, transpose } from './move';
import { foldColumns, slideDepthwiseFilter, slideFilter, sumRepeated, withChannels } from './templates/channels';
import { runOuter } from './templates/outer';
import { fitSlide, runSlide, type SlideFilter } from './templates/slide';

type Info = backend_util.Conv2DInfo;

/** Attributes that say how a window moves, as all convolution kernels have them. */
interface WindowAttrs {
  readonly strides: [number, number] | number;
  readonly pad: Conv2DAttrs['pad'];
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Inputs of the forward kernels, fused or not. */
interface ForwardInputs extends FusedInputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
}

interface InputGradientInputs {
  readonly dy: TensorInfo;
  readonly filter: TensorInfo;
}

interface FilterGradientInputs {
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
}

interface Shapes {
  readonly x: number[];
  readonly filter: number[];
}

/** tfjs's own resolution of strides, padding and formats. @throws KernelError where channels do not agree */
function infoOf(kernel: string, { x, filter }: Shapes, attrs: WindowAttrs, depthwise = false): Info {
  const { strides, pad, dilations, dimRoundingMode, dataFormat = 'NHWC' } = attrs;
  const channels = x[dataFormat === 'NHWC' ? 3 : 1];
  if (x.length !== 4 || filter.length !== 4)
    throw new KernelError(kernel, `found input [${x}] and filter [${filter}], expected four dimensions each.`);
  if (channels !== filter[2])
    throw new KernelError(kernel, `x has ${channels} channels but the filter expects ${filter[2]}.`);
  const format = backend_util.convertConv2DDataFormat(dataFormat);
  const rank4 = (s: number[]) => s as [number, number, number, number];
  return backend_util.computeConv2DInfo(
    rank4(x),
    rank4(filter),
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    format,
  );
}

const NHWC_OF_NCHW = [0, 2, 3, 1];
const NCHW_OF_NHWC = [0, 3, 1, 2];

/** `x` as NHWC data. */
function toChannelsLast(ctx: KernelContext, x: TensorInfo, info: Info): TensorInfo {
  return info.dataFormat === 'channelsLast' ? x : transpose(ctx, x, NHWC_OF_NCHW);
}

/**
 * The output's gradient as NHWC data of the output's size; tf.conv2dTranspose may pass on a larger one, whose rest is not seen.
 *
 * @throws KernelError where it is smaller, or has other channels
 */
function outputGradient(ctx: KernelContext, kernel: string, dy: TensorInfo, info: Info): TensorInfo {
  const y = toChannelsLast(ctx, dy, info);
  const size = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
  if (sameShape(y.shape, size)) return y;
  if (y.shape.length !== 4 || y.shape[3] !== info.outChannels || size.some((d, i) => y.shape[i]! < d))
    throw new KernelError(kernel, `dy has the shape [${y.shape}], expected [${size}] of NHWC data.`);
  return sliceOf(ctx, y, { begin: [0, 0, 0, 0], size });
}

/** NHWC data as the kernel's caller wants it. */
function fromChannelsLast(ctx: KernelContext, y: TensorInfo, info: Info): TensorInfo {
  return info.dataFormat === 'channelsLast' ? y : transpose(ctx, y, NCHW_OF_NHWC);
}

const isEmpty = (info: Info) =>
  sizeOf(info.inShape) === 0 || sizeOf(info.outShape) === 0 || sizeOf(info.filterShape) === 0;

function zeros(ctx: KernelContext, shape: number[]): TensorInfo {
  return ctx.map({ expression: '0.0', dtype: 'float32' }, {}, shape);
}

/** A forward convolution over NHWC data. */
interface Convolution {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  readonly info: Info;
}

/** Whether each output pixel sees one input pixel, its own: the convolution is then a matrix product over the channels. */
function isPointwise(info: Info): boolean {
  const { strideHeight, strideWidth, filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth } = info;
  const numbers = [strideHeight, strideWidth, filterHeight, filterWidth];
  return numbers.every((n) => n === 1) && inHeight === outHeight && inWidth === outWidth;
}

/** The input pixels that a convolution with a filter of one tap sees, in the shape of its output; nothing where it sees padding. */
function pointwiseInput(ctx: KernelContext, x: TensorInfo, info: Info): TensorInfo | undefined {
  if (isPointwise(info)) return x;
  const { batchSize, outHeight, outWidth, inChannels, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const { top, left } = info.padInfo;
  const inside =
    (outHeight - 1) * strideHeight < info.inHeight &&
    (outWidth - 1) * strideWidth < info.inWidth &&
    inChannels % 4 === 0;
  if (filterHeight !== 1 || filterWidth !== 1 || top !== 0 || left !== 0 || !inside) return undefined;
  const size = [batchSize, outHeight, outWidth, inChannels];
  return sliceOf(ctx, x, { begin: [0, 0, 0, 0], size, steps: [1, strideHeight, strideWidth, 1] });
}

/** Pixels of the output, rows of the products that pointwise convolutions are. */
const pixels = (info: Info) => info.batchSize * info.outHeight * info.outWidth;

/** x convolved with the filter, of any number of channels. */
function convolve(ctx: KernelContext, { x, filter, info }: Convolution): TensorInfo {
  const seen = pointwiseInput(ctx, x, info);
  if (seen) {
    const shape = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
    return gemm(ctx, { a: seen, b: filter, m: pixels(info), k: info.inChannels, n: info.outChannels, shape });
  }
  let geometry: Geometry = forwardGeometry(info);
  let input = x;
  let taps = filter;
  if (info.inChannels % 4 !== 0) {
    // The columns under the filter become channels, so that hardly any of a texel's lanes is padding.
    input = foldColumns(ctx, x, geometry.columns);
    taps = ctx.view(filter, [info.filterHeight, 1, info.filterWidth * info.inChannels, info.outChannels]);
    geometry = { ...geometry, columns: foldedAxis(geometry.columns.output) };
  }
  return slideLater(ctx, {
    geometry,
    x: input,
    filter: slideFilter(ctx, taps, 'forward'),
    outChannels: info.outChannels,
    depthwise: false,
  });
}

interface TrimmedArgs {
  readonly geometry: Geometry;
  readonly x: TensorInfo;
  readonly filter: SlideFilter;
  readonly outChannels: number;
  readonly depthwise: boolean;
}

/** Slides over data with whole texels of channels and cuts the result's channels to those asked for. */
function slideTrimmed(ctx: KernelContext, args: TrimmedArgs, epilogue?: Epilogue<TensorInfo>): TensorInfo {
  const { x, outChannels } = args;
  const y = runSlide(ctx, { ...args, inTexels: x.shape[3]! / 4, outTexels: roundUp(outChannels, 4) / 4, epilogue });
  return withChannels(ctx, y, outChannels);
}

/** The same, with all made ready, once it is known what becomes of the result. */
function slideLater(ctx: KernelContext, args: TrimmedArgs): TensorInfo {
  const { geometry, filter, outChannels } = args;
  const x = fitSlide(ctx, { ...args, inTexels: args.x.shape[3]! / 4 });
  const shape = [geometry.batch, geometry.rows.output, geometry.columns.output, outChannels];
  return ctx.produce([x, ctx.fit(filter.tensor)], shape, (own, [ready, weights], epilogue) =>
    slideTrimmed(own, { ...args, x: ready!, filter: { ...filter, tensor: weights! } }, epilogue),
  );
}

/** tfjs gives biases and prelu weights of NCHW data without trailing ones, as [C], or as [C, 1, 1] or [C, H, W]. */
function channelsLastFinish(ctx: KernelContext, finish: Finish, info: Info): Finish {
  const { bias, weights } = finish;
  if (info.dataFormat === 'channelsLast') return finish;
  const turn = (w?: TensorInfo) => (w?.shape.length === 3 ? transpose(ctx, w, [1, 2, 0]) : w);
  return { ...finish, bias: turn(bias), weights: turn(weights) };
}

/** The part that all forward kernels share: formats, emptiness, bias and activation. */
function forward(
  ctx: KernelContext,
  { x, filter, info }: Convolution,
  finish: Finish,
  compute: (ctx: KernelContext, c: Convolution) => TensorInfo,
): TensorInfo {
  const y = isEmpty(info)
    ? zeros(ctx, [info.batchSize, info.outHeight, info.outWidth, info.outChannels])
    : compute(ctx, { x: toChannelsLast(ctx, x, info), filter, info });
  return fromChannelsLast(ctx, finished(ctx, y, channelsLastFinish(ctx, finish, info)), info);
}

export function conv2d(
  kernel: string,
  ctx: KernelContext,
  inputs: ForwardInputs,
  attrs: WindowAttrs & FusedAttrs,
): TensorInfo {
  const { x, filter } = inputs;
  const info = infoOf(kernel, { x: x.shape, filter: filter.shape }, attrs);
  return forward(ctx, { x, filter, info }, finishOf(kernel, inputs, attrs), convolve);
}

export function backpropInput(
  ctx: KernelContext,
  { dy, filter }: InputGradientInputs,
  attrs: WindowAttrs & Pick<Conv2DBackpropInputAttrs, 'inputShape'>,
): TensorInfo {
  const info = infoOf(Conv2DBackpropInput, { x: attrs.inputShape, filter: filter.shape }, attrs);
  if (isEmpty(info)) return zeros(ctx, info.inShape);
  const gradient = outputGradient(ctx, Conv2DBackpropInput, dy, info);
  // tfjs-core's fused gradient asks for it even where x is the data.
  const dx: Produce = (own, [ready, weights], epilogue) =>
    fromChannelsLast(own, convolveBack(own, { dy: ready!, filter: weights!, info }, epilogue), info);
  const inputs = [gradient, filter];
  return info.dataFormat === 'channelsLast'
    ? ctx.produce(inputs, info.inShape, dx)
    : ctx.later(inputs, info.inShape, dx);
}

function convolveBack(
  ctx: KernelContext,
  { dy, filter, info }: InputGradientInputs & { info: Info },
  epilogue?: Epilogue<TensorInfo>,
): TensorInfo {
  if (isPointwise(info)) {
    const shape = [info.batchSize, info.inHeight, info.inWidth, info.inChannels];
    const sizes = { m: pixels(info), k: info.outChannels, n: info.inChannels, shape };
    return gemmNow(ctx, { a: dy, b: filter, transposeB: true, ...sizes }, epilogue);
  }
  const args = {
    geometry: backwardGeometry(info),
    x: withChannels(ctx, dy, roundUp(info.outChannels, 4)),
    filter: slideFilter(ctx, filter, 'backward'),
    outChannels: info.inChannels,
    depthwise: false,
  };
  return slideTrimmed(ctx, args, epilogue);
}

export function backpropFilter(
  ctx: KernelContext,
  { x, dy }: FilterGradientInputs,
  attrs: WindowAttrs & Pick<Conv2DBackpropFilterAttrs, 'filterShape'>,
): TensorInfo {
  const info = infoOf(Conv2DBackpropFilter, { x: x.shape, filter: attrs.filterShape }, attrs);
  if (isEmpty(info)) return zeros(ctx, info.filterShape);
  let input = toChannelsLast(ctx, x, info);
  let columns = columnWindow(info);
  let channels = info.inChannels;
  if (channels % 4 !== 0) {
    input = foldColumns(ctx, input, forwardGeometry(info).columns);
    columns = foldedWindow(columns);
    channels *= info.filterWidth;
  }
  const yGradient = outputGradient(ctx, Conv2DBackpropFilter, dy, info);
  const padded = withChannels(ctx, yGradient, roundUp(info.outChannels, 4));
  const gradient = runOuter(ctx, {
    batch: info.batchSize,
    rows: rowWindow(info),
    columns,
    x: input,
    dy: padded,
    channels,
    depthwise: false,
  });
  return ctx.view(withChannels(ctx, gradient, info.outChannels), info.filterShape);
}

/** NHWC data for a depthwise filter: every channel as often as the filter multiplies it, in whole texels. */
function spread(ctx: KernelContext, x: TensorInfo, info: Info): TensorInfo {
  return withChannels(ctx, x, roundUp(info.outChannels, 4), info.outChannels / info.inChannels);
}

/** A depthwise filter as [rows, columns, channels]. */
const flatFilterShape = (info: Info) => [info.filterHeight, info.filterWidth, info.outChannels];

function depthwise(
  kernel: string,
  ctx: KernelContext,
  inputs: ForwardInputs,
  attrs: WindowAttrs & FusedAttrs,
): TensorInfo {
  const { x, filter } = inputs;
  const info = infoOf(kernel, { x: x.shape, filter: filter.shape }, attrs, true);
  return forward(ctx, { x, filter, info }, finishOf(kernel, inputs, attrs), convolveDepthwise);
}

function convolveDepthwise(ctx: KernelContext, { x, filter, info }: Convolution): TensorInfo {
  return slideLater(ctx, {
    geometry: forwardGeometry(info),
    x: spread(ctx, x, info),
    filter: slideDepthwiseFilter(ctx, ctx.view(filter, flatFilterShape(info)), 'forward'),
    outChannels: info.outChannels,
    depthwise: true,
  });
}

function depthwiseBackpropInput(
  ctx: KernelContext,
  inputs: InputGradientInputs,
  attrs: DepthwiseConv2dNativeBackpropInputAttrs,
): TensorInfo {
  const { dy, filter } = inputs;
  const info = infoOf(DepthwiseConv2dNativeBackpropInput, { x: attrs.inputShape, filter: filter.shape }, attrs, true);
  if (isEmpty(info)) return zeros(ctx, info.inShape);
  const gradient = outputGradient(ctx, DepthwiseConv2dNativeBackpropInput, dy, info);
  return ctx.later([gradient, filter], info.inShape, (later, [ready, weights]) => {
    const spreadGradient = slideTrimmed(later, {
      geometry: backwardGeometry(info),
      x: withChannels(later, ready!, roundUp(info.outChannels, 4)),
      filter: slideDepthwiseFilter(later, later.view(weights!, flatFilterShape(info)), 'backward'),
      outChannels: info.outChannels,
      depthwise: true,
    });
    return sumRepeated(later, spreadGradient, info.inChannels);
  });
}

function depthwiseBackpropFilter(
  ctx: KernelContext,
  inputs: FilterGradientInputs,
  attrs: DepthwiseConv2dNativeBackpropFilterAttrs,
): TensorInfo {
  const { x, dy } = inputs;
  const info = infoOf(DepthwiseConv2dNativeBackpropFilter, { x: x.shape, filter: attrs.filterShape }, attrs, true);
  if (isEmpty(info)) return zeros(ctx, info.filterShape);
  const yGradient = outputGradient(ctx, DepthwiseConv2dNativeBackpropFilter, dy, info);
  const padded = withChannels(ctx, yGradient, roundUp(info.outChannels, 4));
  const args = {
    batch: info.batchSize,
    rows: rowWindow(info),
    columns: columnWindow(info),
    channels: info.outChannels,
    depthwise: true,
  };
  const gradient = runOuter(ctx, { ...args, x: spread(ctx, x, info), dy: padded });
  return ctx.view(withChannels(ctx, gradient, info.outChannels), info.filterShape);
}

/** tfjs-backend-cpu's gradients of convolutions know no dilation, so small ones are not computed there. */
export const NOT_ON_HOST = { forward: false } as const;

export const convKernels: readonly KernelConfig[] = [
  defineKernel<ForwardInputs, Conv2DAttrs>(Conv2D, (ctx, inputs, attrs) => conv2d(Conv2D, ctx, inputs, attrs)),
  defineKernel<ForwardInputs, FusedConv2DAttrs>(FusedConv2D, (ctx, inputs, attrs) =>
    conv2d(FusedConv2D, ctx, inputs, attrs),
  ),
  defineKernel<InputGradientInputs, Conv2DBackpropInputAttrs>(Conv2DBackpropInput, backpropInput, NOT_ON_HOST),
  defineKernel<FilterGradientInputs, Conv2DBackpropFilterAttrs>(Conv2DBackpropFilter, backpropFilter, NOT_ON_HOST),
  defineKernel<ForwardInputs, DepthwiseConv2dNativeAttrs>(DepthwiseConv2dNative, (ctx, inputs, attrs) =>
    depthwise(DepthwiseConv2dNative, ctx, inputs, attrs),
  ),
  defineKernel<ForwardInputs, FusedDepthwiseConv2DAttrs>(FusedDepthwiseConv2D, (ctx, inputs, attrs) =>
    depthwise(FusedDepthwiseConv2D, ctx, inputs, attrs),
  ),
  defineKernel<InputGradientInputs, DepthwiseConv2dNativeBackpropInputAttrs>(
    DepthwiseConv2dNativeBackpropInput,
    depthwiseBackpropInput,
    NOT_ON_HOST,
  ),
  defineKernel<FilterGradientInputs, DepthwiseConv2dNativeBackpropFilterAttrs>(
    DepthwiseConv2dNativeBackpropFilter,
    depthwiseBackpropFilter,
    NOT_ON_HOST,
  ),
];
