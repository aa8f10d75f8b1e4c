/** Cases of softmax, batch normalization and local response normalization. */
import * as tf from '@tensorflow/tfjs-core';
import type { Fill, KernelCase, TensorSpec } from './case';

type Shape = readonly number[];

const named = (shape: Shape, ...extra: (string | undefined)[]): string =>
  [`[${shape.join(', ')}]`, ...extra.filter((s) => s !== undefined)].join(', ');

/** One pass over few classes or few rows, several over many; rows that straddle texels. */
const LOGITS: readonly Shape[] = [[1], [7], [64, 10], [2, 3, 4, 5], [300, 17], [90, 64], [3, 1000], [2, 5001], [0, 5]];

const softmax = LOGITS.flatMap((shape) =>
  (['normal', 'wide', 'special'] as const).map((fill): KernelCase => {
    // As wide as float32 tells apart by more than rounding.
    const values = fill === 'wide' ? { values: steps(shape) } : { fill };
    return {
      name: named(shape, fill),
      kernel: tf.Softmax,
      inputs: { logits: { shape, ...values } },
      attrs: { dim: shape.length - 1 },
    };
  }),
);

function steps(shape: Shape): number[] {
  const size = shape.reduce((product, side) => product * side, 1);
  return Array.from({ length: size }, (_, i) => ((i * 37) % 101) * 8 - 400);
}

/** Shapes of x and of the moments. */
const MOMENTS: readonly (readonly [Shape, Shape])[] = [
  [[2, 3, 4, 8], [8]],
  [[2, 3, 4, 5], [5]],
  [
    [1, 6, 1, 3],
    [1, 1, 1, 3],
  ],
  [
    [2, 3, 2, 5],
    [2, 3, 2, 5],
  ],
  [[3, 1, 2, 1], [1]],
  [[0, 3, 2, 4], [4]],
];

const batchNorm = MOMENTS.flatMap(([x, moments]) =>
  [[], ['scale'], ['offset'], ['scale', 'offset']].map((given): KernelCase => {
    const affine = Object.fromEntries(given.map((name) => [name, { shape: moments } satisfies TensorSpec]));
    return {
      name: named(x, `moments [${moments.join(', ')}]`, ...given),
      kernel: tf.FusedBatchNorm,
      inputs: { x: { shape: x }, mean: { shape: moments }, variance: { shape: moments, fill: 'positive' }, ...affine },
      attrs: given.length === 0 ? {} : { varianceEpsilon: 0.01 },
      tolerance: 1e-5,
    };
  }),
);

const RESPONSES: readonly Shape[] = [
  [1, 2, 3, 5],
  [2, 3, 2, 16],
  [1, 1, 1, 1],
  [1, 0, 2, 3],
  [2, 3, 4, 33],
];

const responses = RESPONSES.flatMap((shape) =>
  [0, 1, 5].flatMap((depthRadius): KernelCase[] => {
    const attrs = { depthRadius, bias: 1.2, alpha: 0.7, beta: 0.6 };
    const name = named(shape, `radius ${depthRadius}`);
    const own = { shape } satisfies TensorSpec;
    const lrn = (fill: Fill): KernelCase => ({
      name: `${name}, ${fill}`,
      kernel: tf.LRN,
      inputs: { x: { shape, fill } },
      attrs,
    });
    return [lrn('normal'), lrn('nonfinite'), { name, kernel: tf.LRNGrad, inputs: { x: own, y: own, dy: own }, attrs }];
  }),
);

export const cases: readonly KernelCase[] = [...softmax, ...batchNorm, ...responses];
