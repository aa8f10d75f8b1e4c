/** Rows of the layers that prepare inputs, which take tensors: tfjs-layers cannot put all of them into a model. */
import * as tfl from '@tensorflow/tfjs-layers';
import type { Layer, LayerName } from '../row';

/** One configuration of a layer on a tensor. */
export interface DirectRow {
  readonly layer: LayerName;
  readonly title: string;
  /** The tensor's shape, batch included. */
  readonly shape: readonly number[];
  /** Its values, in place of random ones. */
  readonly values?: readonly number[];
  readonly make: () => Layer;
}

const IMAGES = [2, 6, 8, 3];
const IMAGE = [5, 7, 2];

function rows<A>(
  layer: LayerName,
  make: (config: A) => Layer,
  shape: readonly number[],
  configs: readonly A[],
): DirectRow[] {
  return configs.map((config) => ({ layer, title: JSON.stringify(config), shape, make: () => make(config) }));
}

const { layers } = tfl;
const CATEGORIES = [0, 1, 2, 2, 3, 0, 1, 1, 4, 4, 4, 2];

export const preprocessing: readonly DirectRow[] = [
  ...rows('rescaling', layers.rescaling, IMAGES, [{ scale: 0.25 }, { scale: 2, offset: -1 }]),
  ...[IMAGES, IMAGE].flatMap((shape) => [
    ...rows('centerCrop', layers.centerCrop, shape, [
      { height: 4, width: 4 },
      { height: 3, width: 5 },
      { height: 9, width: 10 },
    ]),
    ...rows('resizing', layers.resizing, shape, [
      { height: 4, width: 5 },
      { height: 12, width: 16, interpolation: 'nearest' as const },
      { height: 7, width: 3, interpolation: 'bilinear' as const },
    ]),
    ...rows('randomWidth', layers.randomWidth, shape, [
      { factor: 0.5, seed: 3 },
      { factor: [0.2, 0.3] as [number, number], interpolation: 'nearest' as const, seed: 8 },
    ]),
  ]),
  ...(['oneHot', 'multiHot', 'count'] as const).flatMap((outputMode) => {
    const shape = outputMode === 'oneHot' ? [12, 1] : [3, 4];
    const encode = rows('categoryEncoding', layers.categoryEncoding, shape, [{ numTokens: 5, outputMode }]);
    return encode.map((row) => ({ ...row, values: CATEGORIES }));
  }),
];
