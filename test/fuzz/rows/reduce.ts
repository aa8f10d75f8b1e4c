/** Reductions, running sums, softmax and normalizations. */
import * as tf from '@tensorflow/tfjs-core';
import type { Fill } from '../../cases/case';
import type { Draw, Numeric } from '../draw';
import { logSoftmax } from '../references';
import { rowsOf, type Made, type Row, type Rows } from '../row';

type Fills = Readonly<Partial<Record<Numeric, readonly Fill[]>>>;

/** Sums in another order differ where they overflow on the way, so that terms are near 1, or not finite. */
const SUMMED: Fills = { float32: ['normal', 'ties', 'nonfinite'], int32: ['ties', 'extremes', 'wide'], bool: ['bool'] };

/** A mean is a float: of large integers its sum is rounded. */
const AVERAGED: Fills = { ...SUMMED, int32: ['ties', 'int'] };

/** Products of few small integers stay below 2^53, beyond which tfjs-backend-cpu rounds before it wraps. */
const MULTIPLIED: Fills = { float32: ['positive', 'unit', 'ties', 'nonfinite'], int32: ['ties'], bool: ['bool'] };

const COMPARED: Fills = {
  float32: ['normal', 'ties', 'special', 'magnitudes'],
  int32: ['ties', 'wide', 'extremes'],
  bool: ['bool'],
};

interface Reduction {
  readonly fills: Fills;
  /** Elements of the tensor, at most. */
  readonly most?: number;
  readonly single?: boolean;
}

function axesOf(draw: Draw, rank: number, single = false): number[] {
  const axes = single ? [draw.int(0, rank - 1)] : draw.some(rank);
  return axes.map((axis) => (draw.chance(30) ? axis - rank : axis));
}

function reduction({ fills, most, single = false }: Reduction): Row {
  return {
    sensitive: true,
    tolerance: 1e-4,
    make: (draw, kernel) => {
      const lowest = single ? 1 : 0;
      const shape = most === undefined ? draw.anyShape(lowest) : draw.shape(draw.int(lowest, 6), most);
      const dtype = draw.of(Object.keys(fills) as Numeric[]);
      const axes = axesOf(draw, shape.length, single);
      const given = single ? { axis: axes[0] } : { axis: axes, keepDims: draw.chance(40) };
      // Max alone calls its axes reductionIndices.
      const attrs = kernel === tf.Max ? { reductionIndices: axes, keepDims: draw.chance(40) } : given;
      return { inputs: { x: draw.tensor(shape, dtype, fills[dtype]!) }, attrs };
    },
  };
}

function scan(fills: Fills, most: number): Row {
  return {
    sensitive: true,
    tolerance: 1e-4,
    make: (draw) => {
      const shape = draw.shape(draw.int(1, 6), most);
      const dtype = draw.of(Object.keys(fills) as Numeric[]);
      return {
        inputs: { x: draw.tensor(shape, dtype, fills[dtype]!) },
        attrs: { axis: draw.int(0, shape.length - 1), exclusive: draw.chance(50), reverse: draw.chance(50) },
      };
    },
  };
}

function softmax(name: string, attribute: string): Row {
  return {
    sensitive: true,
    tolerance: 1e-4,
    make: (draw) => {
      const shape = draw.anyShape(1);
      const logits = draw.tensor(shape, 'float32', ['normal', 'ties', 'nonfinite', 'special']);
      return { inputs: { [name]: logits }, attrs: { [attribute]: shape.length - 1 } };
    },
  };
}

const batchNorm: Row = {
  sensitive: true,
  make: (draw) => {
    const x = draw.shape(4);
    const moments = draw.of([x.slice(3), [1, 1, 1, x[3]!], x]);
    const of = (fills: readonly Fill[]) => draw.tensor(moments, 'float32', fills);
    return {
      inputs: {
        x: draw.tensor(x, 'float32', ['normal', 'nonfinite']),
        mean: of(['normal']),
        variance: of(['positive']),
        ...(draw.chance(50) ? { scale: of(['normal']) } : {}),
        ...(draw.chance(50) ? { offset: of(['normal']) } : {}),
      },
      attrs: { varianceEpsilon: draw.of([0.001, 0.5]) },
    };
  },
};

const lrn: Row = {
  sensitive: true,
  make: (draw, kernel): Made => {
    const shape = draw.shape(4);
    const tensor = (fills: readonly Fill[] = ['normal', 'ties']) => draw.tensor(shape, 'float32', fills);
    const attrs = {
      depthRadius: draw.int(0, 7),
      bias: draw.of([1, 0.5, 3]),
      alpha: draw.of([1, 0.25]),
      beta: draw.of([0.5, 1, 0.75]),
    };
    if (kernel === tf.LRN) return { inputs: { x: tensor(['normal', 'ties', 'nonfinite']) }, attrs };
    return { inputs: { x: tensor(), y: tensor(), dy: tensor() }, attrs };
  },
};

export const reduceRows: Rows = {
  [tf.Sum]: reduction({ fills: SUMMED }),
  [tf.Mean]: reduction({ fills: AVERAGED }),
  [tf.Prod]: reduction({ fills: MULTIPLIED, most: 24 }),
  ...rowsOf([tf.Max, tf.Min], reduction({ fills: COMPARED })),
  ...rowsOf([tf.All, tf.Any], reduction({ fills: { bool: ['bool'] } })),
  ...rowsOf([tf.ArgMax, tf.ArgMin], reduction({ fills: COMPARED, single: true })),
  [tf.Cumsum]: scan(SUMMED, 3000),
  [tf.Cumprod]: scan(MULTIPLIED, 24),
  [tf.Softmax]: softmax('logits', 'dim'),
  [tf.LogSoftmax]: { ...softmax('logits', 'axis'), reference: logSoftmax },
  [tf.FusedBatchNorm]: batchNorm,
  ...rowsOf([tf.LRN, tf.LRNGrad], lrn),
};
