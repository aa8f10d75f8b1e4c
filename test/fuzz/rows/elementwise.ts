/** Ops that act on each element, and conversions. */
import * as tf from '@tensorflow/tfjs-core';
import type { Fill } from '../../cases/case';
import { EVERYTHING, type Draw, type Numeric } from '../draw';
import { complex, eitherOf, errorFunction, selectSlices, wrapping, wrappingPower, type Reference } from '../references';
import { rowsOf, type Row, type Rows } from '../row';

/** float32 results are within a few units in the last place of the rounded double. */
const TOLERANCE = 1e-5;

type Fills = Readonly<Record<keyof typeof EVERYTHING, readonly Fill[]>>;

type DrawAttrs = (draw: Draw, dtype: Numeric) => object;

function unary(dtypes: readonly Numeric[], attrs?: DrawAttrs, fills: Fills = EVERYTHING): Row {
  return {
    tolerance: TOLERANCE,
    make: (draw) => {
      const dtype = draw.of(dtypes);
      return {
        inputs: { x: draw.tensor(draw.anyShape(), dtype, fills[dtype]) },
        ...(attrs ? { attrs: { ...attrs(draw, dtype) } } : {}),
      };
    },
  };
}

/** Two shapes that broadcast to one. */
export function broadcasting(draw: Draw): [number[], number[]] {
  const shape = draw.anyShape();
  const narrowed = () => {
    if (!draw.chance(50)) return shape;
    return shape.slice(draw.int(0, shape.length)).map((side) => (draw.chance(40) ? 1 : side));
  };
  const a = narrowed();
  return draw.chance(50) ? [a, narrowed()] : [shape, a];
}

function binary(dtypes: readonly (Numeric | 'complex64')[], fills: Fills = EVERYTHING): Row {
  return {
    tolerance: TOLERANCE,
    make: (draw) => {
      const dtype = draw.of(dtypes);
      const [a, b] = broadcasting(draw);
      return { inputs: { a: draw.tensor(a, dtype, fills[dtype]), b: draw.tensor(b, dtype, fills[dtype]) } };
    },
  };
}

const NUMBERS = ['float32', 'int32'] as const;
const ALL = ['float32', 'int32', 'bool'] as const;

/** As tfjs-core's functions give it: all of one dtype. */
const addN: Row = {
  tolerance: TOLERANCE,
  sensitive: true,
  make: (draw) => {
    const shape = draw.anyShape();
    const dtype = draw.of(NUMBERS);
    const fills = dtype === 'int32' ? EVERYTHING.int32 : (['normal', 'ties', 'nonfinite'] as const);
    return { inputs: Array.from({ length: draw.int(1, 20) }, () => draw.tensor(shape, dtype, fills)) };
  },
};

const select: Row = {
  make: (draw) => {
    const shape = draw.anyShape();
    const dtype = draw.dtype();
    // Of rank 1 it chooses whole slices; other ranks have the shape of what they choose from.
    const condition = shape.length > 0 && draw.chance(30) ? shape.slice(0, 1) : shape;
    return {
      inputs: {
        condition: draw.tensor(condition, 'bool', ['bool']),
        t: draw.anyTensor(shape, dtype),
        e: draw.anyTensor(shape, dtype),
      },
    };
  },
};

const cast: Row = {
  make: (draw) => ({
    inputs: { x: draw.anyTensor(draw.anyShape(), draw.of(['float32', 'int32', 'bool', 'complex64'] as const)) },
    attrs: { dtype: draw.of(['int32', 'float32', 'bool', 'complex64']) },
  }),
};

const prelu: Row = {
  tolerance: TOLERANCE,
  make: (draw) => {
    const [x, alpha] = broadcasting(draw);
    return { inputs: { x: draw.anyTensor(x, 'float32'), alpha: draw.anyTensor(alpha, 'float32') } };
  },
};

const eluGrad: Row = {
  tolerance: TOLERANCE,
  make: (draw) => {
    const shape = draw.anyShape();
    return { inputs: { dy: draw.anyTensor(shape, 'float32'), y: draw.anyTensor(shape, 'float32') } };
  },
};

function clip(draw: Draw, dtype: Numeric): object {
  const ends = [draw.int(-8, 8), draw.int(-8, 8)].map((x) => (dtype === 'int32' ? x : x / 2));
  return { clipValueMin: Math.min(...ends), clipValueMax: Math.max(...ends) };
}

/** Complex products overflow in the middle where the result does not. */
const PRODUCTS: Fills = { ...EVERYTHING, complex64: ['normal', 'ties', 'nonfinite'] };

/** Beyond 2^53 tfjs-backend-cpu's quotients are rounded, and then wrap to something that says nothing. */
const QUOTIENTS: Fills = { ...EVERYTHING, float32: ['normal', 'ties', 'special'] };

/** Functions of integers are floats that are truncated: near 2^31 float32 has no fractions, and no room for the result. */
const SMALL: Fills = { ...EVERYTHING, int32: ['ties', 'int'] };
const TINY: Fills = { ...EVERYTHING, int32: ['ties'] };

const instead = (row: Row, reference: Reference): Row => ({ ...row, reference });

const square = (x: number) => Math.imul(x, x);

export const elementwiseRows: Rows = {
  ...rowsOf([tf.Sign, tf.Ceil, tf.Floor, tf.Round, tf.Neg, tf.Reciprocal, tf.Softplus], unary(NUMBERS)),
  // Through float32 on tfjs-backend-cpu.
  [tf.Abs]: instead(
    unary(NUMBERS),
    wrapping((x) => Math.abs(x) | 0),
  ),
  ...rowsOf([tf.IsFinite, tf.IsInf, tf.IsNan, tf.LogicalNot, tf.Relu, tf.Relu6], unary(ALL)),
  ...rowsOf(
    // prettier-ignore
    [tf.Acos, tf.Acosh, tf.Asin, tf.Asinh, tf.Atan, tf.Atanh, tf.Log1p, tf.Selu, tf.Exp],
    unary(NUMBERS, undefined, SMALL),
  ),
  ...rowsOf([tf.Sinh, tf.Expm1], unary(NUMBERS, undefined, TINY)),
  // tfjs gives them floats only.
  ...rowsOf(
    // prettier-ignore
    [tf.Cos, tf.Cosh, tf.Elu, tf.Log, tf.Rsqrt, tf.Sigmoid, tf.Sin, tf.Sqrt, tf.Tan, tf.Tanh],
    unary(['float32']),
  ),
  [tf.Erf]: instead(unary(['float32']), errorFunction),
  [tf.Square]: instead(unary(NUMBERS), wrapping(square)),
  [tf.ClipByValue]: unary(NUMBERS, clip),
  [tf.LeakyRelu]: unary(NUMBERS, (draw) => ({ alpha: draw.int(-2, 8) / 4 })),
  [tf.Step]: unary(NUMBERS, (draw, dtype) => ({ alpha: draw.int(-2, 8) / (dtype === 'int32' ? 1 : 4) })),
  [tf.Add]: instead(
    binary(['float32', 'int32', 'complex64']),
    complex((a, b) => [a[0] + b[0], a[1] + b[1]]),
  ),
  [tf.Sub]: instead(
    binary(['float32', 'int32', 'complex64']),
    complex((a, b) => [a[0] - b[0], a[1] - b[1]]),
  ),
  [tf.Multiply]: instead(
    binary(['float32', 'int32', 'complex64'], PRODUCTS),
    eitherOf(
      wrapping(Math.imul),
      complex((a, b) => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]),
    ),
  ),
  [tf.SquaredDifference]: instead(
    binary(NUMBERS),
    wrapping((a, b) => square((a - b) | 0)),
  ),
  [tf.Pow]: instead(binary(NUMBERS), wrapping(wrappingPower)),
  [tf.FloorDiv]: binary(NUMBERS, QUOTIENTS),
  ...rowsOf([tf.Maximum, tf.Minimum, tf.Mod], binary(NUMBERS)),
  ...rowsOf([tf.RealDiv, tf.Atan2], binary(['float32'])),
  [tf.BitwiseAnd]: binary(['int32']),
  ...rowsOf([tf.Equal, tf.NotEqual, tf.Less, tf.LessEqual, tf.Greater, tf.GreaterEqual], binary(ALL)),
  ...rowsOf([tf.LogicalAnd, tf.LogicalOr], binary(['bool'])),
  [tf.AddN]: addN,
  [tf.Select]: instead(select, selectSlices),
  [tf.Cast]: cast,
  [tf.Prelu]: prelu,
  [tf.EluGrad]: eluGrad,
};
