/** The gradient of 2D convolutions with respect to the input, dense and depthwise; the table of its algorithms. */
import {
  Conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropInput,
  type Conv2DBackpropInputAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Epilogue } from '../../src/glsl/epilogue';
import { defineKernel, type KernelContext, type DeferredCompute } from '../../src/kernel/define_kernel';
import { roundUp } from '../../src/plan/shape';
import {
  convolveTrimmed,
  flatFilterShape,
  fromChannelsLast,
  infoOf,
  isEmpty,
  isPointwise,
  onlyChannel,
  outputGradient,
  pixels,
  zeros,
  type Info,
  type TrimmedArgs,
  type WindowAttrs,
} from './conv_info';
import { gemmNow } from '../matmul/gemm';
import { backwardGeometry } from './geometry';
import { packChannels, sumRepeated } from './pack_channels_shader';
import { directDepthwiseFilter, directFilter } from './pack_filter_shader';
import { algorithmFor, type Algorithm } from '../algorithm';
import { runWinograd, suitsWinograd, type Winograd } from './winograd';

interface InputGradientInputs {
  readonly dy: TensorInfo;
  readonly filter: TensorInfo;
}

/** The gradient with respect to the input, of the shape `inputShape`. @throws KernelError */
export function backpropInput(
  ctx: KernelContext,
  { dy, filter }: InputGradientInputs,
  attrs: WindowAttrs & Pick<Conv2DBackpropInputAttrs, 'inputShape'>,
): TensorInfo {
  const info = infoOf(Conv2DBackpropInput, { x: attrs.inputShape, filter: filter.shape }, attrs);
  if (isEmpty(info)) return zeros(ctx, info.inShape);
  const gradient = outputGradient(ctx, Conv2DBackpropInput, dy, info);
  const run = algorithmFor(INPUT_GRADIENT, ctx, { dy: gradient, filter, info });
  // tfjs-core's fused gradient asks for it even where x is the data.
  const dx: DeferredCompute = (own, [ready, weights], epilogue) => {
    const call = { dy: ready!, filter: weights!, info };
    return fromChannelsLast(own, run(own, call, epilogue), info);
  };
  const inputs = [gradient, filter];
  return info.dataFormat === 'channelsLast'
    ? ctx.deferFusable(inputs, info.inShape, dx)
    : ctx.defer(inputs, info.inShape, dx);
}

/** The gradient with respect to the input, over NHWC data. */
type InputGradient = InputGradientInputs & { readonly info: Info };

const winogradOf = ({ filter, info }: InputGradient): Winograd => ({
  geometry: backwardGeometry(info),
  filter,
  flipped: true,
});

/** Algorithms for the gradient of Conv2D with respect to its input, the most special first. */
export const INPUT_GRADIENT: readonly Algorithm<
  InputGradient,
  (ctx: KernelContext, call: InputGradient, epilogue?: Epilogue<TensorInfo>) => TensorInfo
>[] = [
  {
    name: 'matrix product',
    serves: (_, { info }) => isPointwise(info),
    run: (ctx, { dy, filter, info }, epilogue) => {
      const shape = [info.batchSize, info.inHeight, info.inWidth, info.inChannels];
      const sizes = { m: pixels(info), k: info.outChannels, n: info.inChannels, shape };
      return gemmNow(ctx, { a: dy, b: filter, transposeB: true, ...sizes }, epilogue);
    },
  },
  {
    name: 'winograd',
    serves: (ctx, call) => suitsWinograd(ctx, winogradOf(call)),
    run: (ctx, call, epilogue) => runWinograd(ctx, call.dy, winogradOf(call), epilogue),
  },
  {
    name: 'direct, one output channel',
    serves: (_, { info }) => info.inChannels === 1,
    run: (ctx, { dy, filter, info }, epilogue) => {
      const geometry = backwardGeometry(info);
      return convolveTrimmed(ctx, onlyChannel(ctx, { x: dy, filter, geometry, use: 'backward' }), epilogue);
    },
  },
  {
    name: 'direct',
    serves: () => true,
    run: (ctx, { dy, filter, info }, epilogue) => {
      const args: TrimmedArgs = {
        geometry: backwardGeometry(info),
        x: packChannels(ctx, dy, roundUp(info.outChannels, 4)),
        filter: directFilter(ctx, filter, 'backward'),
        outChannels: info.inChannels,
        channels: 'all',
      };
      return convolveTrimmed(ctx, args, epilogue);
    },
  },
];

function depthwiseBackpropInput(
  ctx: KernelContext,
  inputs: InputGradientInputs,
  attrs: DepthwiseConv2dNativeBackpropInputAttrs,
): TensorInfo {
  const { dy, filter } = inputs;
  const info = infoOf(DepthwiseConv2dNativeBackpropInput, { x: attrs.inputShape, filter: filter.shape }, attrs, true);
  if (isEmpty(info)) return zeros(ctx, info.inShape);
  const gradient = outputGradient(ctx, DepthwiseConv2dNativeBackpropInput, dy, info);
  return ctx.defer([gradient, filter], info.inShape, (later, [ready, weights]) => {
    const spreadGradient = convolveTrimmed(later, {
      geometry: backwardGeometry(info),
      x: packChannels(later, ready!, roundUp(info.outChannels, 4)),
      filter: directDepthwiseFilter(later, later.view(weights!, flatFilterShape(info)), 'backward'),
      outChannels: info.outChannels,
      channels: 'own',
    });
    return sumRepeated(later, spreadGradient, info.inChannels);
  });
}

export const inputGradientKernels: readonly KernelConfig[] = [
  defineKernel<InputGradientInputs, Conv2DBackpropInputAttrs>(Conv2DBackpropInput, backpropInput),
  defineKernel<InputGradientInputs, DepthwiseConv2dNativeBackpropInputAttrs>(
    DepthwiseConv2dNativeBackpropInput,
    depthwiseBackpropInput,
  ),
];
