/** Forward 2D convolutions, dense and depthwise, plain and fused with bias and activation; the table of their algorithms. */
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
import type { Epilogue } from '../../src/glsl/epilogue';
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
import { axisInChannels, forwardGeometry } from './geometry';
import { sliceOf, transpose } from '../movement/move';
import { runSingleChannel, suitsSingleChannel } from './single_channel';
import { columnsToChannels } from './pack_channels_shader';
import { directDepthwiseFilter, directFilter } from './pack_filter_shader';
import { fitDirect } from './direct';
import { algorithmFor, type Algorithm } from '../algorithm';
import { runWinograd, suitsWinograd, type Winograd } from './winograd';

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

/** Whether each output depends on one pixel: the filter has one tap, and never reads padding. */
function seesOnePixel(info: Info): boolean {
  if (isPointwise(info)) return true;
  const { outHeight, outWidth, inChannels, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const { top, left } = info.padInfo;
  const inside = (outHeight - 1) * strideHeight < info.inHeight && (outWidth - 1) * strideWidth < info.inWidth;
  return inside && inChannels % 4 === 0 && filterHeight === 1 && filterWidth === 1 && top === 0 && left === 0;
}

function multiplyPixels(ctx: KernelContext, { x, filter, info }: Convolution): TensorInfo {
  const { batchSize, outHeight, outWidth, inChannels, outChannels, strideHeight, strideWidth } = info;
  const size = [batchSize, outHeight, outWidth, inChannels];
  const steps = [1, strideHeight, strideWidth, 1];
  const seen = isPointwise(info) ? x : sliceOf(ctx, x, { begin: [0, 0, 0, 0], size, steps });
  const shape = [batchSize, outHeight, outWidth, outChannels];
  return gemm(ctx, { a: seen, b: filter, m: pixels(info), k: inChannels, n: outChannels, shape });
}

const winogradOf = ({ filter, info }: Convolution): Winograd => ({
  geometry: forwardGeometry(info),
  filter,
  flipped: false,
});

/** Direct convolution of any number of channels. */
function convolveDirectly(ctx: KernelContext, { x, filter, info }: Convolution): TensorInfo {
  const geometry = forwardGeometry(info);
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const call = { outChannels, channels: 'all' } as const;
  if (inChannels % 4 === 0)
    return directLater(ctx, { ...call, geometry, x, filter: directFilter(ctx, filter, 'forward') });
  // The columns under the filter become channels, so that hardly any of a texel's lanes is padding.
  const taps = ctx.view(filter, [filterHeight, 1, filterWidth * inChannels, outChannels]);
  return directLater(ctx, {
    ...call,
    geometry: { ...geometry, columns: axisInChannels(geometry.columns.output) },
    x: columnsToChannels(ctx, x, geometry.columns),
    filter: directFilter(ctx, taps, 'forward'),
  });
}

/** Algorithms for forward Conv2D over NHWC data, the most special first. Each is deferred, so that it can apply an epilogue. */
export const FORWARD: readonly Algorithm<Convolution, (ctx: KernelContext, call: Convolution) => TensorInfo>[] = [
  { name: 'matrix product', serves: (_, { info }) => seesOnePixel(info), run: multiplyPixels },
  {
    name: 'winograd',
    serves: (ctx, call) => suitsWinograd(ctx, winogradOf(call)),
    run: (ctx, call) =>
      later(ctx, call, (own, ready, epilogue) => runWinograd(own, ready.x, winogradOf(ready), epilogue)),
  },
  {
    name: 'single channel',
    serves: (ctx, { info }) => suitsSingleChannel(ctx, info),
    run: (ctx, call) => later(ctx, call, runSingleChannel),
  },
  {
    name: 'direct, one output channel',
    serves: (_, { info }) => info.outChannels === 1,
    run: (ctx, { x, filter, info }) =>
      directLater(ctx, onlyChannel(ctx, { x, filter, geometry: forwardGeometry(info), use: 'forward' })),
  },
  { name: 'direct', serves: () => true, run: convolveDirectly },
];

/** Defers an algorithm until its epilogue is known. */
function later(
  ctx: KernelContext,
  { x, filter, info }: Convolution,
  run: (ctx: KernelContext, call: Convolution, epilogue?: Epilogue<TensorInfo>) => TensorInfo,
): TensorInfo {
  const shape = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
  return ctx.deferFusable([x, filter], shape, (own, [data, weights], epilogue) =>
    run(own, { x: data!, filter: weights!, info }, epilogue),
  );
}

/** Defers `convolveTrimmed` until its epilogue is known; its operands are prepared now. */
function directLater(ctx: KernelContext, args: TrimmedArgs): TensorInfo {
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

/** What all forward kernels share: data formats, empty results, bias and activation. */
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
  return forward(ctx, { x, filter, info }, biasActivationOf(kernel, inputs, attrs), (own, call) =>
    algorithmFor(FORWARD, own, call)(own, call),
  );
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
  return directLater(ctx, {
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
