/** Joins and splits; reads and writes at indices; segments, counts and sorted rows. Indices may be out of range: both refuse. */
import * as tf from '@tensorflow/tfjs-core';
import type { FuzzTensor } from '../case';
import type { Draw } from '../draw';
import { segmentSums } from '../references';
import { rowsOf, type Row, type Rows } from '../row';

/** Percent of calls in which indices may be out of range. */
const WILD = 8;

const concat: Row = {
  make: (draw) => {
    const shape = draw.shape(draw.int(1, 6), 300);
    const axis = draw.int(0, shape.length - 1);
    const dtype = draw.of(['float32', 'int32', 'bool', 'complex64'] as const);
    // tfjs-backend-cpu fails to make empty ones.
    const least = dtype === 'complex64' ? 1 : 0;
    const count = draw.chance(10) ? draw.int(9, 40) : draw.int(1, 5);
    const tensors = Array.from({ length: count }, () =>
      draw.anyTensor(
        shape.map((side, d) => (d === axis ? draw.int(least, 9) : Math.max(least, side))),
        dtype,
      ),
    );
    return { inputs: tensors, attrs: { axis: draw.chance(30) ? axis - shape.length : axis } };
  },
};

const pack: Row = {
  make: (draw) => {
    const dtype = draw.of(['float32', 'int32', 'bool', 'complex64'] as const);
    const least = dtype === 'complex64' ? 1 : 0; // as for Concat
    const shape = draw.shape(draw.int(0, 5), 300).map((side) => Math.max(least, side));
    const count = draw.chance(10) ? draw.int(9, 40) : draw.int(1, 5);
    return {
      inputs: Array.from({ length: count }, () => draw.anyTensor(shape, dtype)),
      attrs: { axis: draw.int(0, shape.length) },
    };
  },
};

const unpack: Row = {
  make: (draw) => {
    const shape = draw.shape(draw.int(1, 6), 500);
    const axis = draw.int(0, shape.length - 1);
    return { inputs: { value: draw.anyTensor(shape, draw.dtype()) }, attrs: { axis } };
  },
};

const split: Row = {
  make: (draw) => {
    const shape = draw.shape(draw.int(1, 6), 500);
    const axis = draw.int(0, shape.length - 1);
    const sizes = Array.from({ length: draw.int(1, 4) }, () => draw.int(0, 6));
    shape[axis] = sizes.reduce((a, b) => a + b, 0);
    return { inputs: { x: draw.anyTensor(shape, draw.dtype()) }, attrs: { numOrSizeSplits: sizes, axis } };
  },
};

const gather: Row = {
  make: (draw) => {
    const shape = draw.shape(draw.int(1, 5), 500);
    const axis = draw.int(0, shape.length - 1);
    const batchDims = draw.chance(30) ? draw.int(0, axis) : 0;
    const lead = [...shape.slice(0, batchDims), ...draw.shape(draw.int(0, 2), 60)];
    const [low, high] = draw.chance(WILD) ? [-1, shape[axis]!] : [0, shape[axis]! - 1];
    // Of nothing there is nothing to gather.
    const indices =
      shape[axis] === 0 ? draw.indices([...shape.slice(0, batchDims), 0], 0, 0) : draw.indices(lead, low, high);
    return { inputs: { x: draw.anyTensor(shape, draw.dtype()), indices }, attrs: { axis, batchDims } };
  },
};

/** `count` indices of `depth` numbers each into a shape. */
function places(draw: Draw, shape: readonly number[], lead: readonly number[], depth: number): FuzzTensor {
  const wild = draw.chance(WILD);
  const count = lead.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, () =>
    shape.slice(0, depth).map((side) => (wild ? draw.int(-1, side) : draw.int(0, side - 1))),
  ).flat();
  return { shape: [...lead, depth], dtype: 'int32', values };
}

/** Different indices, where the last of equal ones would win and GPUs know no last. */
function distinct(draw: Draw, shape: readonly number[], depth: number): FuzzTensor {
  const sides = shape.slice(0, depth);
  const total = sides.reduce((a, b) => a * b, 1);
  const count = draw.int(0, Math.min(total, draw.chance(30) ? 200 : 30));
  const values = draw
    .order(total)
    .slice(0, count)
    .flatMap((flat) => sides.map((side, d) => Math.floor(flat / sides.slice(d + 1).reduce((a, b) => a * b, 1)) % side));
  return { shape: [count, depth], dtype: 'int32', values };
}

function filledShape(draw: Draw, most: number): number[] {
  return draw.shape(draw.int(1, 5), most).map((side) => Math.max(1, side));
}

const gatherNd: Row = {
  make: (draw) => {
    const shape = filledShape(draw, 500);
    const depth = draw.int(1, shape.length);
    const lead = draw.shape(draw.int(0, 2), 60);
    return { inputs: { params: draw.anyTensor(shape, draw.dtype()), indices: places(draw, shape, lead, depth) } };
  },
};

const scatterNd: Row = {
  sensitive: true,
  make: (draw) => {
    const shape = filledShape(draw, 200);
    const depth = draw.int(1, shape.length);
    const lead = [draw.chance(30) ? draw.int(65, 300) : draw.int(1, 30)];
    const dtype = draw.of(['float32', 'int32'] as const);
    const updates = draw.tensor(
      [...lead, ...shape.slice(depth)],
      dtype,
      dtype === 'int32' ? ['ties', 'wide'] : ['normal', 'ties', 'nonfinite'],
    );
    return { inputs: { indices: places(draw, shape, lead, depth), updates }, attrs: { shape } };
  },
};

const scatterUpdate: Row = {
  make: (draw) => {
    const shape = filledShape(draw, 200);
    const depth = draw.int(1, shape.length);
    const dtype = draw.dtype();
    const indices = distinct(draw, shape, depth);
    const updates = draw.anyTensor([indices.shape[0]!, ...shape.slice(depth)], dtype);
    return { inputs: { tensor: draw.anyTensor(shape, dtype), indices, updates } };
  },
};

const sparseToDense: Row = {
  make: (draw) => {
    const shape = filledShape(draw, 200).slice(0, 4);
    const dtype = draw.dtype();
    const sparseIndices = distinct(draw, shape, shape.length);
    const sparseValues = draw.anyTensor(draw.chance(30) ? [] : [sparseIndices.shape[0]!], dtype);
    return {
      inputs: { sparseIndices, sparseValues, defaultValue: draw.anyTensor([], dtype) },
      attrs: { outputShape: shape },
    };
  },
};

const SUMMED = { float32: ['normal', 'ties', 'nonfinite'], int32: ['ties', 'int'], bool: ['bool'] } as const;

/** Ids of rank 1, as tfjs-core's type says. */
const segmentSum: Row = {
  sensitive: true,
  reference: segmentSums,
  make: (draw) => {
    const dtype = draw.dtype();
    // Many segments of many elements are found by sorting.
    const many = draw.chance(10);
    const shape = many ? [draw.of([400, 1500]), draw.of([8, 3, 5])] : draw.shape(draw.int(1, 4), 900);
    const numSegments = many ? 4000 : draw.int(1, 12);
    return {
      inputs: {
        x: draw.tensor(shape, dtype, SUMMED[dtype]),
        segmentIds: draw.indices(shape.slice(0, 1), -1, numSegments),
      },
      attrs: { numSegments },
    };
  },
};

const bincount: Row = {
  sensitive: true,
  make: (draw, kernel) => {
    const shape = draw.shape(kernel === tf.DenseBincount ? draw.int(1, 2) : 1, 900);
    const size = draw.int(1, 40);
    const dtype = draw.of(['float32', 'int32'] as const);
    const weights = draw.chance(50) ? shape : [0];
    const x = draw.indices(shape, draw.chance(WILD) ? -1 : 0, size + 2);
    return {
      inputs: { x, weights: draw.tensor(weights, dtype, dtype === 'int32' ? ['ties', 'int'] : ['normal', 'ties']) },
      attrs: { size, ...(kernel === tf.DenseBincount ? { binaryOutput: draw.chance(50) } : {}) },
    };
  },
};

/** Without NaN: tfjs-backend-cpu's order of rows that hold one depends on the lengths of its recursion. */
const topK: Row = {
  make: (draw) => {
    const shape = draw.anyShape(1);
    const dtype = draw.dtype();
    shape.splice(-1, 1, Math.max(1, shape.at(-1)!));
    const fills = {
      float32: ['normal', 'ties', 'magnitudes'],
      int32: ['ties', 'wide', 'extremes'],
      bool: ['bool'],
    } as const;
    return {
      inputs: { x: draw.tensor(shape, dtype, fills[dtype]) },
      attrs: { k: draw.int(0, Math.min(shape.at(-1)!, 50)), sorted: true },
    };
  },
};

const searchSorted: Row = {
  make: (draw) => {
    const [rows, size, count] = [draw.int(1, 4), draw.int(1, 40), draw.int(0, 20)];
    const dtype = draw.of(['float32', 'int32'] as const);
    const sorted = Array.from({ length: rows }, () =>
      Array.from({ length: size }, () => draw.int(-3, 9)).sort((a, b) => a - b),
    ).flat();
    return {
      inputs: {
        sortedSequence: { shape: [rows, size], dtype, values: sorted },
        values: draw.tensor([rows, count], dtype, dtype === 'int32' ? ['ties', 'extremes'] : ['ties', 'special']),
      },
      attrs: { side: draw.of(['left', 'right']) },
    };
  },
};

export const concatSplitRows: Rows = {
  [tf.Concat]: concat,
  [tf.Pack]: pack,
  [tf.Unpack]: unpack,
  [tf.SplitV]: split,
  [tf.GatherV2]: gather,
  [tf.GatherNd]: gatherNd,
  [tf.ScatterNd]: scatterNd,
  [tf.TensorScatterUpdate]: scatterUpdate,
  [tf.SparseToDense]: sparseToDense,
  [tf.UnsortedSegmentSum]: segmentSum,
  ...rowsOf([tf.Bincount, tf.DenseBincount], bincount),
  [tf.TopK]: topK,
  [tf.SearchSorted]: searchSorted,
};
