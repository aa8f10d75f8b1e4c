/** Cases of the convolutions: every stride, padding, dilation and format, and channels that do and do not fill texels. */
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
} from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from './case';

type Rank4 = [number, number, number, number];
type Pad = 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];

/** One convolution; the cases of its kernels follow from it. */
interface Geometry {
  readonly x: Rank4;
  readonly filter: Rank4;
  readonly strides?: number | [number, number];
  readonly dilations?: number | [number, number];
  readonly pad?: Pad;
}

const geometries: readonly Geometry[] = [
  { x: [2, 9, 9, 8], filter: [3, 3, 8, 16] },
  { x: [1, 14, 14, 4], filter: [3, 3, 4, 8], pad: 'valid' },
  { x: [9, 7, 6, 8], filter: [3, 3, 8, 4] }, // a batch long enough to be the inner loop of the filter gradient
  // One channel, whose columns are read four at a time: rows of whole texels and others, outputs that fill them and not.
  { x: [2, 9, 8, 1], filter: [3, 3, 1, 8] },
  { x: [3, 10, 12, 1], filter: [5, 5, 1, 6] },
  { x: [2, 28, 28, 1], filter: [3, 3, 1, 20], pad: 'valid' },
  { x: [2, 7, 11, 1], filter: [3, 2, 1, 10], pad: 'valid' },
  { x: [1, 5, 20, 1], filter: [1, 7, 1, 2] },
  { x: [2, 9, 7, 1], filter: [3, 2, 1, 5], pad: 'valid' },
  { x: [2, 13, 16, 1], filter: [7, 7, 1, 8], strides: 2 },
  { x: [1, 11, 15, 1], filter: [2, 4, 1, 3], strides: [1, 2], pad: [[0, 0], [2, 0], [1, 5], [0, 0]] }, // prettier-ignore
  { x: [2, 1, 70, 1], filter: [1, 9, 1, 8] },
  { x: [2, 6, 8, 1], filter: [3, 1, 1, 4] },
  { x: [3, 2, 3, 1], filter: [5, 6, 1, 4] },
  { x: [2, 9, 9, 8], filter: [3, 3, 8, 1] }, // one output channel
  { x: [2, 8, 9, 5], filter: [3, 2, 5, 1], strides: 2, pad: 'valid' },
  { x: [1, 12, 7, 6], filter: [9, 3, 6, 1], strides: [1, 2] },
  { x: [2, 11, 11, 3], filter: [7, 7, 3, 8], strides: 2 },
  { x: [1, 8, 8, 5], filter: [3, 2, 5, 7] },
  { x: [3, 5, 7, 6], filter: [1, 1, 6, 3] },
  { x: [2, 8, 8, 8], filter: [1, 1, 8, 12], strides: 2, pad: 'valid' },
  { x: [2, 10, 7, 4], filter: [3, 3, 4, 4], strides: 2 },
  { x: [2, 10, 7, 4], filter: [3, 2, 4, 4], strides: [3, 1], pad: 'valid' },
  { x: [1, 9, 9, 4], filter: [2, 2, 4, 4], strides: 3, pad: 1 },
  { x: [1, 12, 13, 4], filter: [9, 2, 4, 4] }, // taller than the unrolled taps
  { x: [1, 12, 13, 4], filter: [9, 3, 4, 4], strides: [2, 2] },
  { x: [1, 40, 3, 4], filter: [3, 3, 4, 4] }, // several tiles of rows
  { x: [1, 9, 10, 4], filter: [3, 3, 4, 4], dilations: 2 },
  { x: [1, 9, 10, 3], filter: [2, 3, 3, 5], dilations: [3, 2], pad: 'valid' },
  { x: [1, 6, 6, 4], filter: [3, 3, 4, 4], pad: [[0, 0], [2, 1], [0, 3], [0, 0]] }, // prettier-ignore
  { x: [2, 1, 1, 8], filter: [1, 1, 8, 8] },
  { x: [1, 3, 3, 4], filter: [5, 5, 4, 4] },
  { x: [2, 10, 9, 80], filter: [3, 3, 80, 84] }, // so many channels that Winograd's algorithm serves
  { x: [1, 15, 14, 96], filter: [3, 3, 96, 72], pad: [[0, 0], [2, 0], [0, 1], [0, 0]] }, // prettier-ignore
  { x: [1, 17, 16, 80], filter: [3, 3, 80, 80], pad: 'valid' },
  { x: [0, 5, 5, 4], filter: [3, 3, 4, 4] },
];

const nchw = ([n, h, w, c]: Rank4): Rank4 => [n, c, h, w];
const title = ({ x, filter, strides = 1, dilations = 1, pad = 'same' }: Geometry) =>
  `[${x}] by [${filter}], stride ${strides}, dilation ${dilations}, pad ${JSON.stringify(pad)}`;

const dense = geometries.flatMap((g): KernelCase[] => {
  const { x, filter, strides = 1, dilations = 1, pad = 'same' } = g;
  const attrs = { strides, pad, dilations, dataFormat: 'NHWC' };
  const { outShape } = backend_util.computeConv2DInfo(x, filter, strides, dilations, pad);
  const name = title(g);
  const gradients: KernelCase[] = [
    {
      name,
      kernel: Conv2DBackpropInput,
      inputs: { dy: { shape: outShape }, filter: { shape: filter } },
      attrs: { ...attrs, inputShape: x },
    },
    {
      name,
      kernel: Conv2DBackpropFilter,
      inputs: { x: { shape: x }, dy: { shape: outShape } },
      attrs: { ...attrs, filterShape: filter },
    },
  ];
  return [
    { name, kernel: Conv2D, inputs: { x: { shape: x }, filter: { shape: filter } }, attrs },
    // The reference's gradients ignore dilations.
    ...(dilations === 1 ? gradients : []),
  ];
});

const depthwise = geometries.flatMap((g, i): KernelCase[] => {
  const { x, strides = 1, dilations = 1, pad = 'same' } = g;
  const filter: Rank4 = [g.filter[0], g.filter[1], x[3], 1 + (i % 3)];
  const attrs = { strides, pad, dilations };
  const { outShape } = backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, undefined, true);
  const name = title({ ...g, filter });
  const gradients: KernelCase[] = [
    {
      name,
      kernel: DepthwiseConv2dNativeBackpropInput,
      inputs: { dy: { shape: outShape }, filter: { shape: filter } },
      attrs: { ...attrs, inputShape: x },
    },
    {
      name,
      kernel: DepthwiseConv2dNativeBackpropFilter,
      inputs: { x: { shape: x }, dy: { shape: outShape } },
      attrs: { ...attrs, filterShape: filter },
    },
  ];
  return [
    { name, kernel: DepthwiseConv2dNative, inputs: { x: { shape: x }, filter: { shape: filter } }, attrs },
    ...(dilations === 1 && typeof pad !== 'object' ? gradients : []),
  ];
});

const channelsFirst = geometries.slice(0, 8).flatMap((g): KernelCase[] => {
  const { x, filter, strides = 1, dilations = 1, pad = 'same' } = g;
  const attrs = { strides, pad, dilations, dataFormat: 'NCHW' };
  const { outShape } = backend_util.computeConv2DInfo(
    nchw(x),
    filter,
    strides,
    dilations,
    pad,
    undefined,
    false,
    'channelsFirst',
  );
  const name = `NCHW ${title(g)}`;
  return [
    { name, kernel: Conv2D, inputs: { x: { shape: nchw(x) }, filter: { shape: filter } }, attrs },
    {
      name,
      kernel: Conv2DBackpropInput,
      inputs: { dy: { shape: outShape }, filter: { shape: filter } },
      attrs: { ...attrs, inputShape: nchw(x) },
    },
    {
      name,
      kernel: Conv2DBackpropFilter,
      inputs: { x: { shape: nchw(x) }, dy: { shape: outShape } },
      attrs: { ...attrs, filterShape: filter },
    },
  ];
});

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

function fused(kernel: string, filter: Rank4, outChannels: number): KernelCase[] {
  const x: TensorSpec = { shape: [2, 6, 5, filter[2]] };
  const weights: readonly (readonly number[])[] = [[outChannels], [6, 5, outChannels], [1]];
  return ACTIVATIONS.flatMap((activation) =>
    weights.slice(0, activation === 'prelu' ? 3 : 1).map((shape) => ({
      name: `${activation}, [${filter}], weights [${shape}]`,
      kernel,
      inputs: {
        x,
        filter: { shape: filter },
        bias: { shape: [outChannels] },
        ...(activation === 'prelu' ? { preluActivationWeights: { shape } } : {}),
      },
      attrs: { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NHWC', activation, leakyreluAlpha: 0.3 },
    })),
  );
}

export const cases: readonly KernelCase[] = [
  ...dense,
  ...depthwise,
  ...channelsFirst,
  ...fused(FusedConv2D, [3, 3, 4, 8], 8),
  ...fused(FusedConv2D, [3, 3, 3, 5], 5),
  ...fused(FusedDepthwiseConv2D, [3, 3, 4, 1], 4),
  ...fused(FusedDepthwiseConv2D, [3, 3, 3, 2], 6),
];
