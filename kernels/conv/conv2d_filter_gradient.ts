/** The gradient of 2D convolutions with respect to the filter, dense and depthwise; the table of its algorithms. */
import {
  Conv2DBackpropFilter,
  DepthwiseConv2dNativeBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { defineKernel, type KernelContext } from '../../src/kernel/define_kernel';
import { roundUp } from '../../src/plan/shape';
import {
  infoOf,
  isEmpty,
  outputGradient,
  spread,
  toChannelsLast,
  zeros,
  type Info,
  type WindowAttrs,
} from './conv_info';
import { columnWindow, forwardGeometry, rowWindow, windowInChannels } from './geometry';
import { sliceOf } from '../movement/move';
import { runSingleChannelGradient, suitsSingleChannelGradient } from './single_channel';
import { columnsToChannels, packChannels } from './pack_channels_shader';
import { runOuterProducts } from './outer_products';
import { algorithmFor, type Algorithm } from '../algorithm';

interface FilterGradientInputs {
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
}

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
  return runOuterProducts(ctx, {
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
  const gradient = runOuterProducts(ctx, { ...args, x: spread(ctx, x, info), dy: padded });
  return ctx.view(packChannels(ctx, gradient, info.outChannels), info.filterShape);
}

export const filterGradientKernels: readonly KernelConfig[] = [
  defineKernel<FilterGradientInputs, Conv2DBackpropFilterAttrs>(Conv2DBackpropFilter, backpropFilter),
  defineKernel<FilterGradientInputs, DepthwiseConv2dNativeBackpropFilterAttrs>(
    DepthwiseConv2dNativeBackpropFilter,
    depthwiseBackpropFilter,
  ),
];
