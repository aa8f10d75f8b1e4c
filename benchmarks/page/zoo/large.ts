/** The networks that people run in a browser with weights trained elsewhere: VGG-16, ResNet-50 and MobileNet v1. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { conv, dense, maxPool, relu, sequential, type Network } from './network';

const { activation, add, batchNormalization, depthwiseConv2d, flatten, globalAveragePooling2d } = tfl.layers;

const common = {
  imageSize: 224,
  channels: 3,
  classes: 1000,
  batch: { train: 1, predict: 1 },
  modes: ['predict'],
  metrics: [],
  optimizer: () => tf.train.momentum(1e-4, 0.9),
} as const;

/** Simonyan and Zisserman 2014, configuration D. */
export const vgg16: Network = {
  ...common,
  name: 'vgg16',
  build: (imageSize) => {
    const stack = (filters: number, count: number): tfl.layers.Layer[] => [
      ...Array.from({ length: count }, () => conv(filters, 3, { activation: 'relu' })),
      maxPool(),
    ];
    return sequential(
      [imageSize, imageSize, 3],
      [
        ...stack(64, 2),
        ...stack(128, 2),
        ...stack(256, 3),
        ...stack(512, 3),
        ...stack(512, 3),
        flatten(),
        dense(4096, 'relu'),
        dense(4096, 'relu'),
        dense(1000, 'softmax'),
      ],
    );
  },
};

type Symbolic = tfl.SymbolicTensor;
const apply = (layer: tfl.layers.Layer, x: Symbolic | Symbolic[]): Symbolic => layer.apply(x) as Symbolic;

function convNorm(
  x: Symbolic,
  filters: number,
  { size = 1, strides = 1 }: { size?: number; strides?: number },
): Symbolic {
  return apply(batchNormalization(), apply(conv(filters, size, { strides, useBias: false }), x));
}

function bottleneck(
  x: Symbolic,
  filters: number,
  { strides, project }: { strides: number; project: boolean },
): Symbolic {
  const shortcut = project ? convNorm(x, filters * 4, { strides }) : x;
  let y = apply(relu(), convNorm(x, filters, { strides }));
  y = apply(relu(), convNorm(y, filters, { size: 3 }));
  y = convNorm(y, filters * 4, {});
  return apply(relu(), apply(add(), [y, shortcut]));
}

/** He et al. 2015, 50 layers, the stride on the first 1x1 convolution as in the paper. */
export const resnet50: Network = {
  ...common,
  name: 'resnet50',
  build: (imageSize) => {
    const input = tfl.input({ shape: [imageSize, imageSize, 3] });
    let x = apply(relu(), convNorm(input, 64, { size: 7, strides: 2 }));
    x = apply(tfl.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }), x);
    for (const [stage, [filters, blocks]] of (
      [
        [64, 3],
        [128, 4],
        [256, 6],
        [512, 3],
      ] as const
    ).entries()) {
      for (let block = 0; block < blocks; block++) {
        x = bottleneck(x, filters, { strides: stage > 0 && block === 0 ? 2 : 1, project: block === 0 });
      }
    }
    const output = apply(dense(1000, 'softmax'), apply(globalAveragePooling2d({}), x));
    return tfl.model({ inputs: input, outputs: output });
  },
};

/** Howard et al. 2017, width 1. */
export const mobilenet: Network = {
  ...common,
  name: 'mobilenet',
  build: (imageSize) => {
    const relu6 = (): tfl.layers.Layer => activation({ activation: 'relu6' });
    const separable = (filters: number, strides: number): tfl.layers.Layer[] => [
      depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', useBias: false, depthwiseInitializer: 'zeros' }),
      batchNormalization(),
      relu6(),
      conv(filters, 1, { useBias: false }),
      batchNormalization(),
      relu6(),
    ];
    const widths = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024];
    const halved = new Set([1, 3, 5, 11]);
    return sequential(
      [imageSize, imageSize, 3],
      [
        conv(32, 3, { strides: 2, useBias: false }),
        batchNormalization(),
        relu6(),
        ...widths.flatMap((filters, i) => separable(filters, halved.has(i) ? 2 : 1)),
        globalAveragePooling2d({}),
        dense(1000, 'softmax'),
      ],
    );
  },
};
