/** Rows of dense, shaping, merging, normalizing, activating and noisy layers. */
import * as tfl from '@tensorflow/tfjs-layers';
import { BATCH, composed, rowsOf, untrained, type InputSpec, type LayerName, type Row, type Symbolic } from '../row';

const { layers } = tfl;

const VECTOR = [7];
const ROWS = [5, 6];
const IMAGE = [4, 5, 3];

const ACTIVATIONS = [
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
] as const;

const EXTREMES = ['maximum', 'minimum'] as const;
const SUMS = ['add', 'average', 'multiply'] as const;
const BROADCAST = [{ shape: [1, 6] }, { shape: [5, 1] }];

/** The same shape `times` times. */
const copies = (times: number, shape: readonly number[]): InputSpec[] =>
  Array.from({ length: times }, () => ({ shape }));

/** Indices below `limit`, of which some repeat and some are 0. */
function indices(shape: readonly number[], limit: number): InputSpec {
  const size = shape.reduce((product, side) => product * side, BATCH);
  return { shape, values: Array.from({ length: size }, (_, i) => (i * i + 3 * i) % limit) };
}

const activations: readonly Row[] = [
  ...rowsOf(
    'activation',
    ROWS,
    ACTIVATIONS.map((activation) => ({ activation })),
  ),
  ...rowsOf('elu', ROWS, [{}]),
  ...rowsOf('reLU', ROWS, [{}, { maxValue: 0.5 }]),
  ...rowsOf('leakyReLU', ROWS, [{}, { alpha: 0.1 }]),
  ...rowsOf('prelu', IMAGE, [{ alphaInitializer: 'glorotNormal' }, { sharedAxes: [1, 2], alphaInitializer: 'ones' }]),
  ...rowsOf('softmax', VECTOR, [{}]),
  ...rowsOf('softmax', ROWS, [{ axis: 2 }, { axis: -1 }]),
  ...untrained('tfjs-core has no gradient of comparisons.', rowsOf('thresholdedReLU', ROWS, [{}, { theta: 0.2 }])),
];

const merging: readonly Row[] = [
  ...[...SUMS, ...EXTREMES].flatMap((name) => [
    ...rowsOf(name, copies(2, ROWS), [{}]),
    ...rowsOf(name, copies(3, IMAGE), [{}]),
  ]),
  ...SUMS.flatMap((name) => rowsOf(name, BROADCAST, [{}])),
  ...EXTREMES.flatMap((name) =>
    untrained('tfjs-core does not sum their gradients over broadcast dimensions.', rowsOf(name, BROADCAST, [{}])),
  ),
  ...rowsOf('concatenate', [{ shape: [2, 3] }, { shape: [2, 1] }, { shape: [2, 4] }], [{}]),
  ...rowsOf('concatenate', [{ shape: [2, 5, 3] }, { shape: [4, 5, 3] }], [{ axis: 1 }]),
  ...rowsOf('dot', copies(2, VECTOR), [{ axes: 1 }, { axes: -1, normalize: true }]),
  ...rowsOf('dot', [{ shape: [4, 3] }, { shape: [5, 3] }], [{ axes: 2 }]),
  ...rowsOf('dot', [{ shape: [3, 4] }, { shape: [5, 3] }], [{ axes: [1, 2] }]),
];

const shaping: readonly Row[] = [
  ...rowsOf('flatten', IMAGE, [{}, { dataFormat: 'channelsFirst' }]),
  ...rowsOf('repeatVector', VECTOR, [{ n: 3 }]),
  ...rowsOf('reshape', IMAGE, [{ targetShape: [12, 5] }, { targetShape: [-1, 10] }]),
  ...rowsOf('permute', IMAGE, [{ dims: [3, 1, 2] }, { dims: [2, 1, 3] }]),
];

const weighted: readonly Row[] = [
  ...rowsOf('dense', VECTOR, [
    { units: 5 },
    { units: 8, activation: 'relu', useBias: false },
    { units: 1, activation: 'sigmoid', kernelRegularizer: 'l1l2', biasConstraint: 'nonNeg' },
    { units: 4, activation: 'softmax' },
    { units: 4, trainable: false },
  ]),
  ...rowsOf('dense', IMAGE, [{ units: 4, activation: 'tanh' }]),
  ...rowsOf(
    'embedding',
    [indices([5], 9)],
    [
      { inputDim: 9, outputDim: 4 },
      { inputDim: 9, outputDim: 1, embeddingsRegularizer: 'l1l2', embeddingsConstraint: 'maxNorm' },
    ],
  ),
  ...rowsOf('embedding', [indices([2, 3], 9)], [{ inputDim: 9, outputDim: 3, inputLength: [2, 3] }]),
  composed('embedding', 'masked, before an LSTM', [indices([5], 4)], (x) => {
    const embedded = layers.embedding({ inputDim: 4, outputDim: 3, maskZero: true }).apply(x);
    return layers.lstm({ units: 4 }).apply(embedded) as Symbolic;
  }),
  composed('masking', 'before a GRU', [{ shape: ROWS, values: maskedRows() }], (x) => {
    const masked = layers.masking({ maskValue: 2 }).apply(x);
    return layers.gru({ units: 4, returnSequences: true }).apply(masked) as Symbolic;
  }),
];

/** Rows of which every third holds nothing but the value that is masked. */
function maskedRows(): number[] {
  return Array.from({ length: BATCH * 5 * 6 }, (_, i) => (Math.floor(i / 6) % 3 === 0 ? 2 : Math.sin(i)));
}

const normalizing: readonly Row[] = [
  ...rowsOf('batchNormalization', VECTOR, [{}, { momentum: 0.5, epsilon: 0.01 }]),
  ...rowsOf('batchNormalization', ROWS, [{}]),
  ...rowsOf('batchNormalization', IMAGE, [{}, { gammaRegularizer: 'l1l2', betaConstraint: 'nonNeg' }]),
  ...rowsOf('layerNormalization', ROWS, [{}, { axis: 1 }, { epsilon: 0.1 }]),
  ...rowsOf('layerNormalization', IMAGE, [{ axis: [1, 2, 3] }, { gammaRegularizer: 'l1l2' }]),
];

const noisy: readonly Row[] = [
  ...rowsOf('dropout', ROWS, [{ rate: 0.4 }, { rate: 0.4, seed: 5 }, { rate: 0 }]),
  ...rowsOf('dropout', IMAGE, [{ rate: 0.4, noiseShape: [BATCH, 1, 1, 3] }]),
  ...rowsOf('spatialDropout1d', ROWS, [{ rate: 0.4 }]),
  ...rowsOf('gaussianNoise', ROWS, [{ stddev: 0.5 }]),
  ...rowsOf('gaussianDropout', ROWS, [{ rate: 0.3 }]),
  ...rowsOf('alphaDropout', ROWS, [{ rate: 0.3 }, { rate: 0.3, noiseShape: [BATCH, 1, 6] }]),
];

export const core: readonly Row[] = [
  ...activations,
  ...merging,
  ...shaping,
  ...weighted,
  ...normalizing,
  ...noisy,
  startingWith('inputLayer'),
];

/** A model that begins with an input layer of its own, inside another. */
function startingWith(layer: LayerName & 'inputLayer'): Row {
  return composed(layer, 'of a model in a model', VECTOR, (x) => {
    const inner = tfl.sequential({ layers: [layers[layer]({ inputShape: VECTOR }), layers.dense({ units: 3 })] });
    return inner.apply(x) as Symbolic;
  });
}
