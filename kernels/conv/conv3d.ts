/** 3D convolutions and their gradients, as 2D convolutions whose channels are the depth slices under the filter. */
import {
  backend_util,
  Conv2D,
  Conv3D,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
  type Conv3DAttrs,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropInputV2Attrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { checkWindows } from '../checks';
import { defineKernel, KernelError, type KernelContext } from '../../src/kernel/define_kernel';
import { conv2d } from './conv2d';
import { backpropFilter } from './conv2d_filter_gradient';
import { backpropInput } from './conv2d_input_gradient';
import { castTo } from '../elementwise/cast';
import { transpose } from '../movement/move';
import { depthToChannelsPlan, channelsToDepthPlan, type DepthWindow } from './pack_depth_shader';

type Rank4 = [number, number, number, number];
type Rank5 = [number, number, number, number, number];

/** A convolution over volumes as one over images of `size * channels` channels. */
interface Flattened {
  readonly info: backend_util.Conv3DInfo;
  readonly depth: DepthWindow;
  readonly inputShape: Rank4;
  readonly filterShape: Rank4;
  readonly attrs: {
    readonly strides: [number, number];
    readonly dilations: [number, number];
    readonly pad: backend_util.ExplicitPadding;
    readonly dataFormat: 'NHWC';
  };
}

interface Shapes {
  readonly x: readonly number[];
  readonly filter: readonly number[];
}

/** @throws KernelError where ranks or channels do not agree */
function flattened(
  kernel: string,
  { x, filter }: Shapes,
  attrs: Omit<Conv3DAttrs, 'dataFormat' | 'dilations'> & { dilations?: Conv3DAttrs['dilations'] },
): Flattened {
  if (x.length !== 5 || filter.length !== 5) {
    throw new KernelError(kernel, `found input [${x}] and filter [${filter}], expected five dimensions each.`);
  }
  if (x[4] !== filter[3]) throw new KernelError(kernel, `x has ${x[4]} channels but the filter expects ${filter[3]}.`);
  const info = backend_util.computeConv3DInfo(
    [...x] as Rank5,
    [...filter] as Rank5,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
  );
  checkWindows(kernel, info);
  const { padInfo, filterDepth, inChannels, inHeight, inWidth } = info;
  return {
    info,
    depth: {
      input: info.inDepth,
      output: info.outDepth,
      size: filterDepth,
      stride: info.strideDepth,
      dilation: info.dilationDepth,
      pad: padInfo.front,
      plane: inHeight * inWidth * inChannels,
      channels: inChannels,
    },
    inputShape: [info.batchSize * info.outDepth, inHeight, inWidth, filterDepth * inChannels],
    filterShape: [info.filterHeight, info.filterWidth, filterDepth * inChannels, info.outChannels],
    attrs: {
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pad: [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]], // prettier-ignore
      dataFormat: 'NHWC',
    },
  };
}

function depthToChannels(ctx: KernelContext, x: TensorInfo, { depth, inputShape }: Flattened): TensorInfo {
  return ctx.run(depthToChannelsPlan(depth, ctx.newLayout(inputShape, 'float32')), [castTo(ctx, x, 'float32')]);
}

/** [depth, height, width, in, out] as [height, width, depth * in, out]. */
function filterToChannels(ctx: KernelContext, filter: TensorInfo, { filterShape }: Flattened): TensorInfo {
  return ctx.view(transpose(ctx, castTo(ctx, filter, 'float32'), [1, 2, 0, 3, 4]), filterShape);
}

/** The gradient, or the output, as images. */
function images(ctx: KernelContext, dy: TensorInfo, { info }: Flattened): TensorInfo {
  return ctx.view(castTo(ctx, dy, 'float32'), [
    info.batchSize * info.outDepth,
    info.outHeight,
    info.outWidth,
    info.outChannels,
  ]);
}

export const conv3dKernels: readonly KernelConfig[] = [
  defineKernel<{ x: TensorInfo; filter: TensorInfo }, Conv3DAttrs>(Conv3D, (ctx, { x, filter }, attrs) => {
    const flat = flattened(Conv3D, { x: x.shape, filter: filter.shape }, attrs);
    const inputs = { x: depthToChannels(ctx, x, flat), filter: filterToChannels(ctx, filter, flat) };
    return castTo(ctx, ctx.view(conv2d(Conv2D, ctx, inputs, flat.attrs), flat.info.outShape), x.dtype);
  }),
  defineKernel<{ dy: TensorInfo; filter: TensorInfo }, Conv3DBackpropInputV2Attrs>(
    Conv3DBackpropInputV2,
    (ctx, { dy, filter }, attrs) => {
      const flat = flattened(Conv3DBackpropInputV2, { x: attrs.inputShape, filter: filter.shape }, attrs);
      const inputs = { dy: images(ctx, dy, flat), filter: filterToChannels(ctx, filter, flat) };
      const dx = backpropInput(ctx, inputs, { ...flat.attrs, inputShape: flat.inputShape });
      return ctx.run(channelsToDepthPlan(flat.depth, ctx.newLayout(attrs.inputShape, 'float32')), [dx]);
    },
  ),
  defineKernel<{ x: TensorInfo; dy: TensorInfo }, Conv3DBackpropFilterV2Attrs>(
    Conv3DBackpropFilterV2,
    (ctx, { x, dy }, attrs) => {
      const flat = flattened(Conv3DBackpropFilterV2, { x: x.shape, filter: attrs.filterShape }, attrs);
      const inputs = { x: depthToChannels(ctx, x, flat), dy: images(ctx, dy, flat) };
      const { front, back } = flat.info.padInfo;
      const gradient = backpropFilter(ctx, inputs, { ...flat.attrs, filterShape: flat.filterShape }, front + back > 0);
      const { filterHeight, filterWidth, filterDepth, inChannels, outChannels } = flat.info;
      const apart = ctx.view(gradient, [filterHeight, filterWidth, filterDepth, inChannels, outChannels]);
      return transpose(ctx, apart, [2, 0, 1, 3, 4]);
    },
  ),
];
