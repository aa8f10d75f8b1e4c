/** Ops that make and move elements and change none: any value must arrive as it was. */
import * as tf from '@tensorflow/tfjs-core';
import type { FuzzTensor } from '../case';
import type { Draw } from '../draw';
import { linSpace, range as rangeReference } from '../references';
import { rowsOf, type Made, type Row, type Rows } from '../row';

const anything = (draw: Draw, lowest = 0): FuzzTensor => draw.anyTensor(draw.anyShape(lowest), draw.dtype());

/** A tensor of whole numbers of blocks. */
function blocks(draw: Draw, forward: boolean): ReturnType<Row['make']> {
  const block = Array.from({ length: draw.int(1, 2) }, () => draw.int(1, 3));
  const cells = block.map(() => draw.int(1, 5));
  const product = block.reduce((a, b) => a * b, 1);
  const rest = draw.shape(draw.int(0, 2), 12);
  const batch = draw.int(1, 3);
  const dtype = draw.dtype();
  if (!forward) {
    const crops = block.map((size, d) => {
      const before = draw.int(0, Math.min(2, size * cells[d]! - 1));
      return [before, draw.int(0, Math.min(2, size * cells[d]! - 1 - before))];
    });
    const x = draw.anyTensor([batch * product, ...cells, ...rest], dtype);
    return { inputs: { x }, attrs: { blockShape: block, crops } };
  }
  const paddings = block.map((size, d) => {
    const whole = size * cells[d]!;
    const before = draw.int(0, Math.min(2, whole - 1));
    return [before, draw.int(0, Math.min(2, whole - 1 - before))];
  });
  const inner = block.map((size, d) => size * cells[d]! - paddings[d]![0]! - paddings[d]![1]!);
  return { inputs: { x: draw.anyTensor([batch, ...inner, ...rest], dtype) }, attrs: { blockShape: block, paddings } };
}

const NO_MASKS = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

const slice: Row = {
  make: (draw) => {
    const x = anything(draw, 1);
    const begin = x.shape.map((side) => draw.int(0, Math.max(0, side - 1)));
    const size = x.shape.map((side, d) => draw.int(0, side - begin[d]!));
    return { inputs: { x }, attrs: { begin, size } };
  },
};

/** Without steps tfjs-backend-cpu refuses ends before beginnings, and with them it is wrong where dimensions shrink to one element. */
function simpleSlice(draw: Draw): Made {
  const x = draw.anyTensor(
    draw.shape(draw.int(1, 6)).map((side) => Math.max(1, side)),
    draw.dtype(),
  );
  const begin = x.shape.map((side) => draw.int(0, side - 1));
  const end = x.shape.map((side, d) => draw.int(begin[d]!, side));
  const attrs = {
    begin,
    end,
    strides: x.shape.map(() => 1),
    shrinkAxisMask: draw.chance(50) ? draw.int(0, 2 ** x.shape.length - 1) : 0,
  };
  return { inputs: { x }, attrs: { ...NO_MASKS, ...attrs } };
}

const stridedSlice: Row = {
  make: (draw) => {
    if (draw.chance(30)) return simpleSlice(draw);
    const x = draw.anyTensor(draw.shape(draw.int(1, 6)), draw.dtype());
    const place = (side: number) => draw.int(0, side + 2) - draw.of([0, side]);
    const attrs = {
      begin: x.shape.map(place),
      end: x.shape.map(place),
      strides: x.shape.map((_, d) => draw.of(d === 0 ? [2, -1, 3, -2] : [1, 2, 3, -1, -2])),
      beginMask: draw.int(0, 7),
      endMask: draw.int(0, 7),
    };
    return { inputs: { x }, attrs: { ...NO_MASKS, ...attrs } };
  },
};

const pad: Row = {
  make: (draw) => {
    const dtype = draw.dtype();
    const x = draw.anyTensor(draw.shape(draw.int(0, 6), 300), dtype);
    const value = { float32: [0, -2.5, NaN, Infinity], int32: [0, -3, 2 ** 31 - 1], bool: [0, 1] }[dtype];
    return {
      inputs: { x },
      attrs: { paddings: x.shape.map(() => [draw.int(0, 3), draw.int(0, 3)]), constantValue: draw.of(value) },
    };
  },
};

const mirrorPad: Row = {
  make: (draw) => {
    const mode = draw.of(['reflect', 'symmetric']);
    const x = draw.anyTensor(
      draw.shape(draw.int(1, 4), 300).map((side) => Math.max(side, 1)),
      draw.dtype(),
    );
    const most = (side: number) => Math.min(3, mode === 'reflect' ? side - 1 : side);
    return {
      inputs: { x },
      attrs: { paddings: x.shape.map((side) => [draw.int(0, most(side)), draw.int(0, most(side))]), mode },
    };
  },
};

/** NHWC is all that tfjs-backend-cpu knows. */
const depthToSpace: Row = {
  make: (draw) => {
    const blockSize = draw.int(2, 4);
    const shape = [draw.int(1, 3), draw.int(1, 5), draw.int(1, 5), draw.int(1, 5) * blockSize ** 2];
    const dtype = draw.dtype();
    // Through float32 on tfjs-backend-cpu.
    const x = dtype === 'int32' ? draw.tensor(shape, dtype, ['int']) : draw.anyTensor(shape, dtype);
    return { inputs: { x }, attrs: { blockSize, dataFormat: 'NHWC' } };
  },
};

const range: Row = {
  tolerance: 1e-4, // few numbers come from tfjs-backend-cpu
  reference: rangeReference,
  make: (draw) => {
    const dtype = draw.of(['float32', 'int32']);
    const unit = dtype === 'int32' ? 1 : draw.of([1, 0.5, 0.1]);
    const [start, stop] = [draw.int(-20, 300), draw.int(-300, 300)];
    // Away from the end, how many there are is an accident of tfjs-core's.
    const step = draw.of([1, 2, 7]) * (stop < start ? -1 : 1);
    return { inputs: {}, attrs: { start: start * unit, stop: stop * unit, step: step * unit, dtype } };
  },
};

const oneHot: Row = {
  make: (draw) => {
    const depth = draw.int(1, 40);
    const dtype = draw.of(['float32', 'int32', 'bool']);
    const [onValue, offValue] = dtype === 'bool' ? [1, 0] : [draw.int(-3, 3), draw.int(-3, 3)];
    return {
      inputs: { indices: draw.indices(draw.shape(draw.int(0, 5), 60), -2, depth + 2) },
      attrs: { depth, onValue, offValue, dtype },
    };
  },
};

const fill: Row = {
  make: (draw) => {
    const dtype = draw.dtype();
    const value = { float32: [0, 1, -2.5, NaN, -Infinity, 1e38], int32: [0, 2 ** 31 - 1, -(2 ** 31), 7], bool: [0, 1] };
    return { inputs: {}, attrs: { shape: draw.anyShape(), dtype, value: draw.of(value[dtype]) } };
  },
};

/** Shapes of the same size. */
function reshaped(draw: Draw, shape: readonly number[]): number[] {
  const merged: number[] = [];
  for (const side of shape) {
    const last = merged.pop();
    merged.push(...(last === undefined ? [side] : draw.chance(50) ? [last * side] : [last, side]));
    if (draw.chance(15) && merged.length < 5) merged.push(1);
  }
  return merged.slice(0, 6).concat(merged.slice(6).reduce((a, b) => a * b, 1) === 1 ? [] : merged.slice(6));
}

export const moveRows: Rows = {
  [tf.Transpose]: {
    make: (draw) => {
      const x = anything(draw);
      return { inputs: { x }, attrs: { perm: draw.order(x.shape.length) } };
    },
  },
  [tf.Reverse]: {
    make: (draw) => {
      const x = anything(draw, 1);
      return { inputs: { x }, attrs: { dims: draw.some(x.shape.length) } };
    },
  },
  [tf.Tile]: {
    make: (draw) => {
      const x = draw.anyTensor(draw.shape(draw.int(1, 6), 300), draw.dtype());
      return { inputs: { x }, attrs: { reps: x.shape.map((_, d) => draw.int(d < 3 ? 0 : 1, 3)) } };
    },
  },
  [tf.Slice]: slice,
  [tf.StridedSlice]: stridedSlice,
  [tf.PadV2]: pad,
  [tf.MirrorPad]: mirrorPad,
  [tf.BatchToSpaceND]: { make: (draw) => blocks(draw, false) },
  [tf.SpaceToBatchND]: { make: (draw) => blocks(draw, true) },
  [tf.DepthToSpace]: depthToSpace,
  [tf.FlipLeftRight]: { make: (draw) => ({ inputs: { image: draw.anyTensor(draw.shape(4), draw.dtype()) } }) },
  [tf.Identity]: { make: (draw) => ({ inputs: { x: anything(draw) } }) },
  [tf.Reshape]: {
    make: (draw) => {
      const x = anything(draw);
      return { inputs: { x }, attrs: { shape: reshaped(draw, x.shape) } };
    },
  },
  [tf.ExpandDims]: {
    make: (draw) => {
      const input = draw.anyTensor(draw.shape(draw.int(0, 5)), draw.dtype());
      return { inputs: { input }, attrs: { dim: draw.int(-input.shape.length - 1, input.shape.length) } };
    },
  },
  ...rowsOf([tf.ZerosLike, tf.OnesLike], {
    make: (draw) => ({
      inputs: { x: draw.anyTensor(draw.anyShape(), draw.of(['float32', 'int32', 'bool', 'complex64'])) },
    }),
  }),
  [tf.Fill]: fill,
  [tf.Range]: range,
  [tf.LinSpace]: {
    tolerance: 1e-4, // few numbers come from tfjs-backend-cpu
    reference: linSpace,
    make: (draw) => ({
      inputs: {},
      attrs: { start: draw.int(-20, 20) / 4, stop: draw.int(-20, 20) / 4, num: draw.int(1, 300) },
    }),
  },
  [tf.OneHot]: oneHot,
  [tf.Diag]: { make: (draw) => ({ inputs: { x: draw.anyTensor(draw.shape(draw.int(1, 3), 30), draw.dtype()) } }) },
  [tf.Complex]: {
    make: (draw) => {
      const shape = draw.anyShape();
      return { inputs: { real: draw.anyTensor(shape, 'float32'), imag: draw.anyTensor(shape, 'float32') } };
    },
  },
  ...rowsOf([tf.Real, tf.Imag], {
    make: (draw) => ({ inputs: { input: draw.anyTensor(draw.anyShape(), 'complex64') } }),
  }),
  [tf.ComplexAbs]: {
    tolerance: 1e-5,
    make: (draw) => ({ inputs: { x: draw.anyTensor(draw.anyShape(), 'complex64') } }),
  },
};
