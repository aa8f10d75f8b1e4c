/** Cases of the largest elements of rows, search in sorted rows, and sums and counts over segments. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from './case';

type Shape = readonly number[];

/** Rows of one element, of odd and of many; all of a row, and few of it, in one pass and in several, and as many as are no longer few. */
const TOP: readonly (readonly [shape: Shape, k: number])[] = [
  [[1], 1],
  [[7], 3],
  [[7], 7],
  [[3, 5], 2],
  [[2, 3, 4], 4],
  [[2, 1000], 5],
  [[3, 257], 257],
  [[1, 5000], 100],
  [[2, 5000], 10],
  [[2, 100], 16],
  [[2, 100], 17],
  [[64, 10], 1],
  [[3, 5], 0],
  [[0, 5], 2],
];

const TOP_FILLS: readonly Partial<TensorSpec>[] = [
  {},
  { fill: 'ties' },
  { dtype: 'int32', fill: 'wide' },
  { dtype: 'int32', fill: 'ties' },
  { dtype: 'bool' },
];

const spell = ({ dtype, fill }: Partial<TensorSpec>): string[] => [dtype, fill].filter((s) => s !== undefined);

const topK = TOP.flatMap(([shape, k]) =>
  TOP_FILLS.map((spec): KernelCase => {
    const name = [`${k} of [${shape.join(', ')}]`, ...spell(spec)].join(', ');
    return { name, kernel: tf.TopK, inputs: { x: { shape, ...spec } }, attrs: { k, sorted: true } };
  }),
);

/** Rows, elements of a sorted row, values to be found in each. */
const SEARCHES: readonly (readonly [rows: number, size: number, count: number])[] = [
  [1, 5, 7],
  [3, 10, 4],
  [2, 1000, 100],
  [2, 1, 3],
  [2, 4, 0],
];

/** Dtypes of the sorted and of the values. */
const SEARCH_DTYPES = [
  ['float32', 'float32'],
  ['int32', 'int32'],
  ['int32', 'float32'],
  ['float32', 'int32'],
] as const;

const search = SEARCHES.flatMap(([rows, size, count]) =>
  SEARCH_DTYPES.flatMap(([dtype, sought]) =>
    (['left', 'right'] as const).map((side): KernelCase => {
      // Ties among the sorted, and with the values.
      const row = Array.from({ length: size }, (_, i) => Math.floor((i * 7) / size) - 3);
      const values = Array.from({ length: rows }, () => row).flat();
      return {
        name: `${count} ${sought} among ${rows} of ${size}, ${dtype}, ${side}`,
        kernel: tf.SearchSorted,
        inputs: {
          sortedSequence: { shape: [rows, size], dtype, values },
          values: { shape: [rows, count], dtype: sought, fill: dtype === sought ? 'ties' : undefined },
        },
        attrs: { side },
      };
    }),
  ),
);

/** Ids that repeat, of which some are in no segment: one is beyond the last, and one is negative where that is allowed. */
function ids(shape: Shape, segments: number, lowest: number): TensorSpec {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = Array.from({ length: size }, (_, i) => ((i * i + 3 * i) % (segments + 1 - lowest)) + lowest);
  return { shape, dtype: 'int32', values };
}

/** Shapes of x and numbers of segments: found by looking at all ids, in one go or in slices, or by sorting them. */
const SEGMENTS: readonly (readonly [shape: Shape, segments: number])[] = [
  [[7], 3],
  [[6, 4], 4],
  [[6, 5], 4],
  [[50, 3, 2], 9],
  [[9000], 11],
  [[3000, 8], 7],
  [[400, 16], 1000],
  [[400, 3], 4000],
  [[0, 4], 3],
];

const segments = SEGMENTS.flatMap(([shape, numSegments]) =>
  (['float32', 'int32', 'bool'] as const).map((dtype): KernelCase => ({
    name: `[${shape.join(', ')}] in ${numSegments}, ${dtype}`,
    kernel: tf.UnsortedSegmentSum,
    inputs: { x: { shape, dtype }, segmentIds: ids(shape.slice(0, 1), numSegments, -1) },
    attrs: { numSegments },
  })),
);

/** Shapes of x and numbers of bins. */
const COUNTS: readonly (readonly [shape: Shape, bins: number])[] = [
  [[5], 3],
  [[5000], 7],
  [[4099], 300],
  [[0], 4],
  [[7], 0],
  [[3, 10], 6],
  [[1, 5000], 7],
  [[2, 1001], 33],
];

const counts = COUNTS.flatMap(([shape, size]) =>
  (['float32', 'int32'] as const).flatMap((dtype) =>
    [shape, [0]].flatMap((weights): KernelCase[] => {
      const inputs = { x: ids(shape, size, 0), weights: { shape: weights, dtype } };
      const name = `[${shape.join(', ')}] in ${size}, ${dtype}${weights === shape ? ' weights' : ''}`;
      const dense = (binaryOutput: boolean): KernelCase => ({
        name: binaryOutput ? `${name}, binary` : name,
        kernel: tf.DenseBincount,
        inputs,
        attrs: { size, binaryOutput },
      });
      const plain = shape.length === 1 ? [{ name, kernel: tf.Bincount, inputs, attrs: { size } }] : [];
      return [...plain, dense(false), dense(true)];
    }),
  ),
);

/** Counting takes any rank for one row. */
const image: KernelCase = {
  name: '[3, 4, 1] in 5',
  kernel: tf.Bincount,
  inputs: { x: ids([3, 4, 1], 5, 0), weights: { shape: [0] } },
  attrs: { size: 5 },
};

export const cases: readonly KernelCase[] = [...topK, ...search, ...segments, ...counts, image];
