/** Gradients of 2D convolutions with respect to input and filter, dense and depthwise; the tables of their algorithms. */
import {
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Epilogue } from '../../src/glsl/epilogue';
import { defineKernel, KernelError, type KernelContext, type DeferredCompute } from '../../src/kernel/define_kernel';
import { roundUp, sameShape } from '../../src/plan/shape';
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
import { gemmNow } from '../matmul/gemm';
import { backwardGeometry, columnWindow, windowInChannels, forwardGeometry, rowWindow } from './geometry';
import { sliceOf } from '../movement/move';
import { runSingleChannelGradient, suitsSingleChannelGradient } from './single_channel';
import { columnsToChannels, sumRepeated, packChannels } from './pack_channels_shader';
import { directDepthwiseFilter, directFilter } from './pack_filter_shader';
import { runFilterGradient } from './filter_gradient';
import { algorithmFor, type Algorithm } from './algorithm';
import { runWinograd, suitsWinograd, type Winograd } from './winograd';

interface InputGradientInputs {
  readonly dy: TensorInfo;
  readonly filter: TensorInfo;
}

interface FilterGradientInputs {
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
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

/**
 * The gradient with respect to the filter, of the shape `filterShape`.
 *
 * @param padded whether x holds `padding()`
 * @throws KernelError
 */
export function backpropFilter(
  ctx: KernelContext,
  { x, dy }: FilterGradientInputs,
  attrs: WindowAttrs & Pick<Conv2DBackpropFilterAttrs, 'filterShape'>,
  padded = false,
): TensorInfo {
  const info = infoOf(Conv2DBackpropFilter, { x: x.shape, filter: attrs.filterShape }, attrs);
  if (isEmpty(info)) return zeros(ctx, info.filterShape);
  const data = toChannelsLast(ctx, x, info);
  const yGradient = outputGradient(ctx, Conv2DBackpropFilter, dy, info);
  const call = { x: data, dy: yGradient, info, padded };
  return algorithmFor(FILTER_GRADIENT, ctx, call)(ctx, call);
}

/** The gradient with respect to the filter, over NHWC data; `padded` as in `backpropFilter`. */
type FilterGradient = FilterGradientInputs & { readonly info: Info; readonly padded: boolean };

/** Algorithms for the gradient of Conv2D with respect to its filter, the most special first. */
export const FILTER_GRADIENT: readonly Algorithm<
  FilterGradient,
  (ctx: KernelContext, call: FilterGradient) => TensorInfo
>[] = [
  {
    name: 'single channel, pairs of columns',
    serves: (ctx, { info }) => {
      const pairs = pairedColumns(info);
      return pairs !== undefined && suitsSingleChannelGradient(ctx, pairs);
    },
    run: (ctx, call) => pairedFilter(ctx, call, pairedColumns(call.info)!),
  },
  {
    name: 'single channel',
    serves: (ctx, { info }) => suitsSingleChannelGradient(ctx, info),
    run: (ctx, call) => ofWholeTexels(ctx, call, runSingleChannelGradient),
  },
  { name: 'outer products', serves: () => true, run: (ctx, call) => ofWholeTexels(ctx, call, outerProducts) },
];

/** What a pass over whole texels of output channels gives, without those that fill them up. */
function ofWholeTexels(
  ctx: KernelContext,
  call: FilterGradient,
  run: (ctx: KernelContext, call: FilterGradient) => TensorInfo,
): TensorInfo {
  const { info } = call;
  const gradient = run(ctx, { ...call, dy: packChannels(ctx, call.dy, roundUp(info.outChannels, 4)) });
  return ctx.view(packChannels(ctx, gradient, info.outChannels), info.filterShape);
}

/** Two columns of outputs as one of twice the channels, where these fill texels and those of one do not. */
function pairedColumns(info: Info): Info | undefined {
  const { outChannels, outWidth, filterWidth, strideWidth } = info;
  if (outChannels % 4 !== 2 || outWidth % 2 !== 0) return undefined;
  return {
    ...info,
    outChannels: 2 * outChannels,
    outWidth: outWidth / 2,
    filterWidth: filterWidth + strideWidth,
    strideWidth: 2 * strideWidth,
  };
}

/** The filter's gradient from that of pairs, whose second column sees what lies a stride further. */
function pairedFilter(
  ctx: KernelContext,
  { x, dy, info }: FilterGradientInputs & { info: Info },
  pairs: Info,
): TensorInfo {
  const { batchSize, outHeight, outWidth, outChannels } = pairs;
  const both = runSingleChannelGradient(ctx, {
    x,
    dy: ctx.view(dy, [batchSize, outHeight, outWidth, outChannels]),
    info: pairs,
  });
  const size = info.filterShape;
  const own = sliceOf(ctx, both, { begin: [0, 0, 0, 0], size });
  const next = sliceOf(ctx, both, { begin: [0, info.strideWidth, 0, info.outChannels], size });
  return ctx.map({ expression: 'own + next', kind: 'sum', dtype: 'float32' }, { own, next }, size);
}

/** The same for any number of channels; those of `dy` fill texels. */
function outerProducts(
  ctx: KernelContext,
  { x, dy, info, padded }: FilterGradientInputs & { info: Info; padded: boolean },
): TensorInfo {
  const whole = info.inChannels % 4 === 0;
  const columns = columnWindow(info);
  return runFilterGradient(ctx, {
    batch: info.batchSize,
    rows: rowWindow(info),
    columns: whole ? columns : windowInChannels(columns),
    x: whole ? x : columnsToChannels(ctx, x, forwardGeometry(info).columns),
    dy,
    channels: whole ? info.inChannels : info.inChannels * info.filterWidth,
    depthwise: false,
    padded: padded || (!whole && info.padInfo.left + info.padInfo.right > 0),
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

function depthwiseBackpropFilter(
  ctx: KernelContext,
  inputs: FilterGradientInputs,
  attrs: DepthwiseConv2dNativeBackpropFilterAttrs,
): TensorInfo {
  const { x, dy } = inputs;
  const info = infoOf(DepthwiseConv2dNativeBackpropFilter, { x: x.shape, filter: attrs.filterShape }, attrs, true);
  if (isEmpty(info)) return zeros(ctx, info.filterShape);
  const yGradient = outputGradient(ctx, DepthwiseConv2dNativeBackpropFilter, dy, info);
  const padded = packChannels(ctx, yGradient, roundUp(info.outChannels, 4));
  const args = {
    batch: info.batchSize,
    rows: rowWindow(info),
    columns: columnWindow(info),
    channels: info.outChannels,
    depthwise: true,
  };
  const gradient = runFilterGradient(ctx, { ...args, x: spread(ctx, x, info), dy: padded });
  return ctx.view(packChannels(ctx, gradient, info.outChannels), info.filterShape);
}

export const convGradientKernels: readonly KernelConfig[] = [
  defineKernel<InputGradientInputs, Conv2DBackpropInputAttrs>(Conv2DBackpropInput, backpropInput),
  defineKernel<FilterGradientInputs, Conv2DBackpropFilterAttrs>(Conv2DBackpropFilter, backpropFilter),
  defineKernel<InputGradientInputs, DepthwiseConv2dNativeBackpropInputAttrs>(
    DepthwiseConv2dNativeBackpropInput,
    depthwiseBackpropInput,
  ),
  defineKernel<FilterGradientInputs, DepthwiseConv2dNativeBackpropFilterAttrs>(
    DepthwiseConv2dNativeBackpropFilter,
    depthwiseBackpropFilter,
  ),
];
