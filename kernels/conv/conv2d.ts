/** Convolutions over images, fused with bias and activation or not; dense and depthwise. */
import {
  Conv2D,
  DepthwiseConv2dNative,
  FusedConv2D,
  FusedDepthwiseConv2D,
  type Conv2DAttrs,
  type DepthwiseConv2dNativeAttrs,
  type FusedConv2DAttrs,
  type FusedDepthwiseConv2DAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { defineKernel, type KernelContext } from '../../src/kernel/define_kernel';
import {
  flatFilterShape,
  fromChannelsLast,
  infoOf,
  isEmpty,
  isPointwise,
  onlyChannel,
  pixels,
  convolveTrimmed,
  spread,
  toChannelsLast,
  zeros,
  type Info,
  type TrimmedArgs,
  type WindowAttrs,
} from './conv_info';
import {
  withBiasActivation,
  biasActivationOf,
  type BiasActivation,
  type FusedAttrs,
  type FusedInputs,
} from '../elementwise/bias_activation';
import { gemm } from '../matmul/gemm';
import { axisInChannels, forwardGeometry, type Geometry } from './geometry';
import { sliceOf, transpose } from '../movement/move';
import { runSingleChannel, suitsSingleChannel } from './single_channel';
import { columnsToChannels } from './pack_channels_shader';
import { directDepthwiseFilter, directFilter } from './pack_filter_shader';
import { fitDirect } from './direct';
import { runWinograd, suitsWinograd } from './winograd';

/** Inputs of the forward kernels, fused or not. */
interface ForwardInputs extends FusedInputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
}

/** A forward convolution over NHWC data. */
interface Convolution {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  readonly info: Info;
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

/** x convolved with the filter, of any number of channels. */
function convolve(ctx: KernelContext, { x, filter, info }: Convolution): TensorInfo {
  const shape = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
  const seen = pointwiseInput(ctx, x, info);
  if (seen) {
    return gemm(ctx, { a: seen, b: filter, m: pixels(info), k: info.inChannels, n: info.outChannels, shape });
  }
  let geometry: Geometry = forwardGeometry(info);
  const winograd = { geometry, filter, flipped: false };
  if (suitsWinograd(ctx, winograd)) {
    return ctx.deferFusable([x, filter], shape, (own, [data, weights], epilogue) =>
      runWinograd(own, data!, { ...winograd, filter: weights! }, epilogue),
    );
  }
  if (suitsSingleChannel(ctx, info)) {
    return ctx.deferFusable([x, filter], shape, (own, [data, weights], epilogue) =>
      runSingleChannel(own, { x: data!, filter: weights!, info }, epilogue),
    );
  }
  if (info.outChannels === 1) return slideLater(ctx, onlyChannel(ctx, { x, filter, geometry, use: 'forward' }));
  let input = x;
  let taps = filter;
  if (info.inChannels % 4 !== 0) {
    // The columns under the filter become channels, so that hardly any of a texel's lanes is padding.
    input = columnsToChannels(ctx, x, geometry.columns);
    taps = ctx.view(filter, [info.filterHeight, 1, info.filterWidth * info.inChannels, info.outChannels]);
    geometry = { ...geometry, columns: axisInChannels(geometry.columns.output) };
  }
  return slideLater(ctx, {
    geometry,
    x: input,
    filter: directFilter(ctx, taps, 'forward'),
    outChannels: info.outChannels,
    channels: 'all',
  });
}

/** `slideTrimmed` with all made ready, once it is known what becomes of the result. */
function slideLater(ctx: KernelContext, args: TrimmedArgs): TensorInfo {
  const { geometry, filter, outChannels } = args;
  const x = fitDirect(ctx, { ...args, inTexels: args.x.shape[3]! / 4 });
  const shape = [geometry.batch, geometry.rows.output, geometry.columns.output, outChannels];
  return ctx.deferFusable([x, ctx.withRows(filter.tensor)], shape, (own, [ready, weights], epilogue) =>
    convolveTrimmed(own, { ...args, x: ready!, filter: { ...filter, tensor: weights! } }, epilogue),
  );
}

/** tfjs gives biases and prelu weights of NCHW data without trailing ones, as [C], or as [C, 1, 1] or [C, H, W]. */
function channelsLastFinish(ctx: KernelContext, finish: BiasActivation, info: Info): BiasActivation {
  const { bias, weights } = finish;
  if (info.dataFormat === 'channelsLast') return finish;
  const turn = (w?: TensorInfo) => (w?.shape.length === 3 ? transpose(ctx, w, [1, 2, 0]) : w);
  return { ...finish, bias: turn(bias), weights: turn(weights) };
}

/** The part that all forward kernels share: formats, emptiness, bias and activation. */
function forward(
  ctx: KernelContext,
  { x, filter, info }: Convolution,
  finish: BiasActivation,
  compute: (ctx: KernelContext, c: Convolution) => TensorInfo,
): TensorInfo {
  const y = isEmpty(info)
    ? zeros(ctx, [info.batchSize, info.outHeight, info.outWidth, info.outChannels])
    : compute(ctx, { x: toChannelsLast(ctx, x, info), filter, info });
  return fromChannelsLast(ctx, withBiasActivation(ctx, y, channelsLastFinish(ctx, finish, info)), info);
}

/** A convolution, fused or not, in the shape that its padding and its format give. @throws KernelError */
export function conv2d(
  kernel: string,
  ctx: KernelContext,
  inputs: ForwardInputs,
  attrs: WindowAttrs & FusedAttrs,
): TensorInfo {
  const { x, filter } = inputs;
  const info = infoOf(kernel, { x: x.shape, filter: filter.shape }, attrs);
  return forward(ctx, { x, filter, info }, biasActivationOf(kernel, inputs, attrs), convolve);
}

function depthwise(
  kernel: string,
  ctx: KernelContext,
  inputs: ForwardInputs,
  attrs: WindowAttrs & FusedAttrs,
): TensorInfo {
  const { x, filter } = inputs;
  const info = infoOf(kernel, { x: x.shape, filter: filter.shape }, attrs, true);
  return forward(ctx, { x, filter, info }, biasActivationOf(kernel, inputs, attrs), convolveDepthwise);
}

function convolveDepthwise(ctx: KernelContext, { x, filter, info }: Convolution): TensorInfo {
  return slideLater(ctx, {
    geometry: forwardGeometry(info),
    x: spread(ctx, x, info),
    filter: directDepthwiseFilter(ctx, ctx.view(filter, flatFilterShape(info)), 'forward'),
    outChannels: info.outChannels,
    channels: 'own',
  });
}

export const convKernels: readonly KernelConfig[] = [
  defineKernel<ForwardInputs, Conv2DAttrs>(Conv2D, (ctx, inputs, attrs) => conv2d(Conv2D, ctx, inputs, attrs)),
  defineKernel<ForwardInputs, FusedConv2DAttrs>(FusedConv2D, (ctx, inputs, attrs) =>
    conv2d(FusedConv2D, ctx, inputs, attrs),
  ),
  defineKernel<ForwardInputs, DepthwiseConv2dNativeAttrs>(DepthwiseConv2dNative, (ctx, inputs, attrs) =>
    depthwise(DepthwiseConv2dNative, ctx, inputs, attrs),
  ),
  defineKernel<ForwardInputs, FusedDepthwiseConv2DAttrs>(FusedDepthwiseConv2D, (ctx, inputs, attrs) =>
    depthwise(FusedDepthwiseConv2D, ctx, inputs, attrs),
  ),
];
