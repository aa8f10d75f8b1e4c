/** Cases of the convolutions over volumes and their gradients. */
import { backend_util, Conv3D, Conv3DBackpropFilterV2, Conv3DBackpropInputV2 } from '@tensorflow/tfjs-core';
import type { KernelCase } from './case';

type Rank5 = [number, number, number, number, number];

interface Geometry {
  readonly x: Rank5;
  readonly filter: Rank5;
  readonly strides?: number | [number, number, number];
  readonly dilations?: number | [number, number, number];
  readonly pad?: 'same' | 'valid';
}

const geometries: readonly Geometry[] = [
  { x: [2, 5, 6, 6, 4], filter: [3, 3, 3, 4, 8] },
  { x: [1, 4, 5, 6, 3], filter: [2, 3, 2, 3, 5], pad: 'valid' },
  { x: [2, 6, 7, 5, 2], filter: [3, 2, 3, 2, 4], strides: 2 },
  { x: [1, 7, 7, 7, 1], filter: [3, 3, 3, 1, 4], strides: [1, 2, 3], pad: 'valid' },
  { x: [2, 6, 6, 6, 4], filter: [1, 1, 1, 4, 4], strides: 3 }, // padding below zero
  { x: [1, 8, 7, 6, 4], filter: [3, 2, 2, 4, 4], dilations: [2, 1, 2] },
  { x: [2, 1, 6, 6, 4], filter: [1, 3, 3, 4, 4] },
  { x: [1, 2, 3, 3, 4], filter: [4, 4, 4, 4, 4] },
];

export const cases: readonly KernelCase[] = geometries.flatMap((geometry): KernelCase[] => {
  const { x, filter, strides = 1, dilations = 1, pad = 'same' } = geometry;
  const name = `[${x}] by [${filter}], stride ${strides}, dilation ${dilations}, pad ${pad}`;
  const { outShape } = backend_util.computeConv3DInfo(x, filter, strides, dilations, pad);
  const attrs = { strides, pad };
  const gradients: KernelCase[] = [
    {
      name,
      kernel: Conv3DBackpropInputV2,
      inputs: { dy: { shape: outShape }, filter: { shape: filter } },
      attrs: { ...attrs, inputShape: x },
    },
    {
      name,
      kernel: Conv3DBackpropFilterV2,
      inputs: { x: { shape: x }, dy: { shape: outShape } },
      attrs: { ...attrs, filterShape: filter },
    },
  ];
  return [
    {
      name,
      kernel: Conv3D,
      inputs: { x: { shape: x }, filter: { shape: filter } },
      attrs: { ...attrs, dilations, dataFormat: 'NDHWC' },
    },
    // tfjs's gradients know no dilation.
    ...(dilations === 1 ? gradients : []),
  ];
});
