/** Rows of pooling layers, each under all of its names. */
import { type layers } from '@tensorflow/tfjs-layers';
import { rowsOf, untrained, type Row } from '../row';

const ONE = ['averagePooling1d', 'avgPool1d', 'avgPooling1d', 'maxPooling1d', 'maxPool1d'] as const;
const TWO = ['averagePooling2d', 'avgPool2d', 'avgPooling2d', 'maxPooling2d', 'maxPool2d'] as const;
const THREE = ['averagePooling3d', 'avgPool3d', 'avgPooling3d', 'maxPooling3d'] as const;
const GLOBAL_ONE = ['globalAveragePooling1d', 'globalMaxPooling1d', 'globalMaxPool1d'] as const;
const GLOBAL_TWO = ['globalAveragePooling2d', 'globalMaxPooling2d', 'globalMaxPool2d'] as const;

const VOLUME = [4, 5, 3, 2];
const BRICK = { poolSize: [2, 3, 2], strides: 2, padding: 'same' } satisfies Parameters<typeof layers.maxPooling3d>[0];

export const pooling: readonly Row[] = [
  ...ONE.flatMap((name) =>
    rowsOf(
      name,
      [9, 3],
      [
        { poolSize: 2 },
        { poolSize: 3, strides: 2, padding: 'same' },
        { poolSize: [4], strides: [1], padding: 'valid' },
      ],
    ),
  ),
  ...TWO.flatMap((name) => [
    ...rowsOf(
      name,
      [7, 6, 3],
      [{ poolSize: 2 }, { poolSize: [3, 2], strides: 2, padding: 'same' }, { poolSize: 3, strides: [1, 2] }],
    ),
    ...rowsOf(name, [3, 6, 5], [{ poolSize: 2, dataFormat: 'channelsFirst' }]),
  ]),
  ...THREE.flatMap((name) => [
    ...rowsOf(name, VOLUME, [{ poolSize: 2 }, { poolSize: 3, strides: 2, padding: 'same' }]),
    ...rowsOf(name, [2, 4, 5, 3], [{ poolSize: 2, dataFormat: 'channelsFirst' }]),
  ]),
  ...rowsOf('averagePooling3d', VOLUME, [BRICK]),
  ...untrained(
    'tfjs-backend-cpu is wrong in the gradient of maximum pooling whose window is no cube.',
    rowsOf('maxPooling3d', VOLUME, [BRICK]),
  ),
  ...GLOBAL_ONE.flatMap((name) => rowsOf(name, [7, 5], [{}])),
  ...GLOBAL_TWO.flatMap((name) => [
    ...rowsOf(name, [5, 6, 3], [{ dataFormat: 'channelsLast' }]),
    ...rowsOf(name, [3, 5, 6], [{ dataFormat: 'channelsFirst' }]),
  ]),
];
