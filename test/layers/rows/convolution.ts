/** Rows of convolutional layers. */
import { rowsOf, untrained, type Row } from '../row';

const LINE = [9, 3];
const IMAGE = [7, 6, 3];
const SQUARE = [5, 5, 3];
const PLANES = [3, 6, 5];
const VOLUME = [4, 5, 3, 2];
const VOLUMES = [2, 4, 5, 3];

const dilated = untrained('tfjs-core has no gradient of dilated convolutions.', [
  ...rowsOf('conv1d', LINE, [{ filters: 8, kernelSize: 3, dilationRate: 2, padding: 'same', useBias: false }]),
  ...rowsOf('conv2d', IMAGE, [
    { filters: 4, kernelSize: 3, dilationRate: 2 },
    { filters: 5, kernelSize: 2, dilationRate: [1, 3], padding: 'same', activation: 'elu' },
  ]),
  ...rowsOf('separableConv2d', IMAGE, [{ filters: 4, kernelSize: 2, dilationRate: 2, useBias: false }]),
]);

const transposed: readonly Row[] = [
  ...rowsOf('conv2dTranspose', SQUARE, [
    { filters: 4, kernelSize: 3 },
    { filters: 5, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' },
    { filters: 2, kernelSize: [2, 3], strides: [3, 2], useBias: false },
  ]),
  ...rowsOf('conv2dTranspose', PLANES, [
    { filters: 4, kernelSize: 3, strides: 2, padding: 'same', dataFormat: 'channelsFirst' },
  ]),
  ...untrained(
    'tfjs-core has no gradient of transposed convolutions over volumes.',
    rowsOf('conv3dTranspose', VOLUME, [
      { filters: 3, kernelSize: 2 },
      { filters: 2, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' },
    ]),
  ),
];

const resized: readonly Row[] = [
  ...rowsOf('upSampling2d', SQUARE, [{ size: [2, 2], interpolation: 'bilinear' }]),
  ...untrained('tfjs-backend-cpu swaps the sides of an image in the gradient of bilinear resizing.', [
    ...rowsOf('upSampling2d', IMAGE, [{ size: [2, 3], interpolation: 'bilinear' }]),
  ]),
  ...untrained('tfjs-backend-cpu is wrong in the gradient of nearest neighbours from the second image of a batch on.', [
    ...rowsOf('upSampling2d', IMAGE, [{}, { size: [3, 1] }]),
    ...rowsOf('upSampling2d', PLANES, [{ size: [2, 2], dataFormat: 'channelsFirst' }]),
  ]),
];

const framed: readonly Row[] = [
  ...rowsOf('cropping2D', IMAGE, [
    { cropping: 1 },
    { cropping: [2, 1] },
    // prettier-ignore
    { cropping: [[0, 3], [2, 1]] },
    // prettier-ignore
    { cropping: [[1, 0], [0, 1]], dataFormat: 'channelsFirst' },
  ]),
  ...rowsOf('zeroPadding2d', IMAGE, [
    {},
    { padding: 2 },
    { padding: [1, 2] },
    // prettier-ignore
    { padding: [[0, 3], [2, 1]] },
    // prettier-ignore
    { padding: [[1, 0], [0, 1]], dataFormat: 'channelsFirst' },
  ]),
];

export const convolution: readonly Row[] = [
  ...rowsOf('conv1d', LINE, [
    { filters: 5, kernelSize: 3 },
    { filters: 4, kernelSize: 2, strides: 2, padding: 'same', activation: 'relu' },
    { filters: 1, kernelSize: 1, activation: 'tanh' },
  ]),
  ...rowsOf('conv2d', IMAGE, [
    { filters: 5, kernelSize: 3 },
    { filters: 8, kernelSize: [3, 2], padding: 'same', activation: 'relu' },
    { filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' },
    { filters: 6, kernelSize: [1, 4], strides: [2, 1], useBias: false },
    { filters: 3, kernelSize: 1, activation: 'sigmoid' },
    { filters: 4, kernelSize: 3, activation: 'softmax' },
    { filters: 4, kernelSize: 2, kernelRegularizer: 'l1l2', biasConstraint: 'nonNeg' },
  ]),
  ...rowsOf('conv2d', PLANES, [
    { filters: 4, kernelSize: 3, dataFormat: 'channelsFirst' },
    { filters: 4, kernelSize: 2, strides: 2, padding: 'same', dataFormat: 'channelsFirst', activation: 'relu' },
  ]),
  ...rowsOf('conv3d', VOLUME, [
    { filters: 3, kernelSize: 2 },
    { filters: 4, kernelSize: [3, 2, 1], strides: 2, padding: 'same', activation: 'relu' },
    { filters: 1, kernelSize: 1, useBias: false },
  ]),
  ...rowsOf('conv3d', VOLUMES, [{ filters: 3, kernelSize: 2, dataFormat: 'channelsFirst' }]),
  ...rowsOf('separableConv2d', IMAGE, [
    { filters: 5, kernelSize: 3 },
    { filters: 4, kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same', activation: 'relu' },
  ]),
  ...rowsOf('separableConv2d', PLANES, [{ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst' }]),
  ...rowsOf('depthwiseConv2d', IMAGE, [
    { kernelSize: 3 },
    { kernelSize: [2, 3], depthMultiplier: 2, strides: 2, padding: 'same', activation: 'relu' },
    { kernelSize: 2, dilationRate: 2, useBias: false },
  ]),
  ...rowsOf('depthwiseConv2d', PLANES, [{ kernelSize: 3, dataFormat: 'channelsFirst' }]),
  ...dilated,
  ...transposed,
  ...resized,
  ...framed,
];
