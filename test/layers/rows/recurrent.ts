/** Rows of recurrent layers, their cells, and the wrappers around layers. */
import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { composed, rowsOf, type LayerName, type Row, type Symbolic } from '../row';

const { layers } = tfl;

const SEQUENCE = [4, 3];
const FRAMES = [3, 4, 5, 2];

/** What all recurrent layers have. */
const RECURRENT = [
  { units: 5 },
  { units: 4, returnSequences: true, goBackwards: true },
  { units: 3, returnState: true },
  { units: 4, stateful: true },
  { units: 4, useBias: false },
  { units: 4, dropout: 0.3, recurrentDropout: 0.2 },
  { units: 4, activation: 'relu', kernelRegularizer: 'l1l2', recurrentConstraint: 'nonNeg' },
] as const;

const MERGES = ['sum', 'mul', 'concat', 'ave'] as const;

type Cell = Parameters<typeof layers.rnn>[0]['cell'];

/** A row of a cell, in the layer that runs cells. */
function cellRow(layer: LayerName, title: string, shape: readonly number[], cell: () => Cell): Row {
  const apply = (x: Symbolic): Symbolic => layers.rnn({ cell: cell(), returnSequences: true }).apply(x) as Symbolic;
  return composed(layer, title, shape, apply);
}

const wrapped = (title: string, shape: readonly number[], inner: () => tfl.layers.Layer): Row =>
  composed('timeDistributed', title, shape, (x) => layers.timeDistributed({ layer: inner() }).apply(x) as Symbolic);

/** A row of a layer run both ways. */
function bothWays(
  title: string,
  shape: readonly number[],
  config: () => Parameters<typeof layers.bidirectional>[0],
): Row {
  return composed('bidirectional', title, shape, (x) => layers.bidirectional(config()).apply(x) as Symbolic);
}

/** A cell on its own: one step from states that are its input too. */
class Step extends tfl.layers.Layer {
  static readonly className = 'Step';
  readonly #cell = layers.convLstm2dCell({ filters: 2, kernelSize: 3, padding: 'same' });

  override build(shape: tfl.Shape): void {
    this.#cell.build(shape);
    this.trainableWeights = this.#cell.trainableWeights;
    super.build(shape);
  }

  override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    const [input] = [x].flat();
    return this.#cell.call([input!, input!, input!], {});
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape[] {
    return [shape, shape, shape];
  }
}

const around: readonly Row[] = [
  ...MERGES.map((mergeMode) =>
    bothWays(`${mergeMode} of LSTM`, SEQUENCE, () => ({ layer: layers.lstm({ units: 3 }), mergeMode })),
  ),
  bothWays('concat of GRU, sequences', SEQUENCE, () => ({
    layer: layers.gru({ units: 3, returnSequences: true }),
    mergeMode: 'concat',
  })),
  bothWays('sum of ConvLSTM2D', FRAMES, () => ({
    layer: layers.convLstm2d({ filters: 2, kernelSize: 2, returnSequences: true }),
    mergeMode: 'sum',
  })),
  wrapped('dense', SEQUENCE, () => layers.dense({ units: 4, activation: 'relu' })),
  wrapped('conv2d', FRAMES, () => layers.conv2d({ filters: 3, kernelSize: 2, padding: 'same' })),
  wrapped('batchNormalization', SEQUENCE, () => layers.batchNormalization()),
];

export const recurrent: readonly Row[] = [
  ...rowsOf('simpleRNN', SEQUENCE, RECURRENT),
  ...rowsOf('gru', SEQUENCE, [
    ...RECURRENT,
    { units: 4, implementation: 1, recurrentActivation: 'sigmoid' },
    { units: 4, implementation: 2 },
  ]),
  ...rowsOf('lstm', SEQUENCE, [...RECURRENT, { units: 4, implementation: 2, unitForgetBias: false }]),
  ...rowsOf('convLstm2d', FRAMES, [
    { filters: 3, kernelSize: 3, padding: 'same', returnSequences: true },
    { filters: 2, kernelSize: 2, strides: 2, activation: 'relu', recurrentActivation: 'sigmoid' },
    { filters: 2, kernelSize: [2, 3], goBackwards: true, useBias: false, unitForgetBias: false },
    { filters: 2, kernelSize: 2, dropout: 0.3, recurrentDropout: 0.2 },
    { filters: 2, kernelSize: 2, stateful: true },
  ]),
  cellRow('simpleRNNCell', 'in rnn', SEQUENCE, () => layers.simpleRNNCell({ units: 4 })),
  cellRow('gruCell', 'in rnn', SEQUENCE, () => layers.gruCell({ units: 4 })),
  cellRow('lstmCell', 'in rnn', SEQUENCE, () => layers.lstmCell({ units: 4 })),
  cellRow('rnn', 'of several cells', SEQUENCE, () => [layers.gruCell({ units: 4 }), layers.lstmCell({ units: 2 })]),
  cellRow('stackedRNNCells', 'in rnn', SEQUENCE, () =>
    layers.stackedRNNCells({ cells: [layers.lstmCell({ units: 4 }), layers.simpleRNNCell({ units: 3 })] }),
  ),
  composed('convLstm2dCell', 'one step', [4, 5, 2], (x) => new Step({}).apply(x) as Symbolic),
  ...around,
];
