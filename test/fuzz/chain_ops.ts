/** The ops of chains, by tfjs's public functions: what each can be applied to, and how exact its results are. */
import * as tf from '@tensorflow/tfjs-core';
import type { Draw } from './draw';

export type Attrs = Readonly<Record<string, unknown>>;

/** Operands of a step, by their places among the values that a chain has. */
export interface Operands {
  readonly of: readonly number[];
  readonly attrs?: Attrs;
}

/** A value that a chain can go on with. */
export interface Live {
  readonly at: number;
  readonly tensor: tf.Tensor;
}

export interface ChainOp {
  /** Operands for the op among the values, the last of which is the newest; undefined where none fit. */
  readonly pick: (draw: Draw, live: readonly Live[]) => Operands | undefined;
  readonly apply: (xs: readonly tf.Tensor[], attrs: Attrs) => tf.Tensor;
  /** Results are the reference's to the last bit: always, or where they are small multiples of a fraction. */
  readonly exact?: 'always' | 'grid';
  /** Results are sums of products of the operands: they are off by roundings of the terms, which may cancel. */
  readonly sums?: boolean;
}

type Accepts = (x: tf.Tensor) => boolean;

const isFloat: Accepts = (x) => x.dtype === 'float32';
const isInt: Accepts = (x) => x.dtype === 'int32';
const isBool: Accepts = (x) => x.dtype === 'bool';
const isNumber: Accepts = (x) => x.dtype !== 'bool';
const anything: Accepts = () => true;

/** One of the values that fit, most likely a new one. */
function one(draw: Draw, live: readonly Live[], accepts: Accepts): Live | undefined {
  const fitting = live.filter(({ tensor }) => accepts(tensor)).reverse();
  return fitting.length === 0 ? undefined : draw.chance(40) ? draw.of(fitting) : fitting[0];
}

type DrawAttrs = (draw: Draw, x: tf.Tensor) => Attrs;

interface Unary {
  readonly accepts?: Accepts;
  readonly attrs?: DrawAttrs;
  readonly exact?: ChainOp['exact'];
  readonly sums?: boolean;
}

function unary(
  f: (x: tf.Tensor, attrs: Attrs) => tf.Tensor,
  { accepts = isFloat, attrs, exact, sums }: Unary = {},
): ChainOp {
  return {
    pick: (draw, live) => {
      const x = one(draw, live, accepts);
      return x && { of: [x.at], ...(attrs ? { attrs: attrs(draw, x.tensor) } : {}) };
    },
    apply: ([x], given) => f(x!, given),
    ...(exact ? { exact } : {}),
    ...(sums ? { sums } : {}),
  };
}

/** Elements of a result, beyond which the reference takes too long. */
const MOST_ELEMENTS = 50_000;

/** Whether two tensors broadcast to one that is not too large. */
function broadcasts(a: tf.Tensor, b: tf.Tensor): boolean {
  const [short, long] = a.rank < b.rank ? [a.shape, b.shape] : [b.shape, a.shape];
  const inner = long.slice(long.length - short.length);
  const fits = short.every((side, d) => side === inner[d] || side === 1 || inner[d] === 1);
  const outer = long.slice(0, long.length - short.length).reduce((size, side) => size * side, 1);
  return fits && short.reduce((size, side, d) => size * Math.max(side, inner[d]!), outer) <= MOST_ELEMENTS;
}

function binary(
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  accepts: Accepts = isNumber,
  exact?: ChainOp['exact'],
): ChainOp {
  return {
    pick: (draw, live) => {
      const a = one(draw, live, accepts);
      const b = a && one(draw, live, (x) => accepts(x) && x.dtype === a.tensor.dtype && broadcasts(a.tensor, x));
      return a && b && { of: draw.chance(50) ? [b.at, a.at] : [a.at, b.at] };
    },
    apply: ([a, b]) => f(a!, b!),
    ...(exact ? { exact } : {}),
  };
}

const axes: DrawAttrs = (draw, x) => ({ axis: draw.some(x.rank), keepDims: draw.chance(40) });
const ranked: Accepts = (x) => x.rank > 0 && x.size > 0;
const both =
  (...all: Accepts[]): Accepts =>
  (x) =>
    all.every((accepts) => accepts(x));

const select: ChainOp = {
  pick: (draw, live) => {
    const condition = one(draw, live, isBool);
    const t =
      condition &&
      one(
        draw,
        live,
        both(isNumber, (x) => broadcasts(condition.tensor, x)),
      );
    const e =
      t &&
      one(draw, live, (x) => x.dtype === t.tensor.dtype && broadcasts(condition.tensor, x) && broadcasts(t.tensor, x));
    return condition && t && e && { of: [condition.at, t.at, e.at] };
  },
  apply: ([c, t, e]) => tf.where(c!, t!, e!),
  exact: 'always',
};

const addN: ChainOp = {
  pick: (draw, live) => {
    const x = one(draw, live, isFloat);
    const same = live.filter(({ tensor }) => isFloat(tensor) && String(tensor.shape) === String(x?.tensor.shape));
    return x && { of: Array.from({ length: draw.int(1, 4) }, () => draw.of(same).at) };
  },
  apply: (xs) => tf.addN([...xs]),
  exact: 'grid',
  sums: true,
};

const matmul: ChainOp = {
  pick: (draw, live) => {
    const a = one(
      draw,
      live,
      both(isFloat, (x) => x.rank === 2),
    );
    return a && { of: [a.at, a.at], attrs: { transposeA: draw.chance(50) } };
  },
  apply: ([a, b], { transposeA }) => tf.matMul(a!, b!, transposeA as boolean, !(transposeA as boolean)),
  exact: 'grid',
  sums: true,
};

const concat: ChainOp = {
  pick: (draw, live) => {
    const x = one(draw, live, ranked);
    const rest = (shape: readonly number[], axis: number) => String(shape.filter((_, d) => d !== axis));
    if (!x) return undefined;
    const axis = draw.int(0, x.tensor.rank - 1);
    const fits: Accepts = (y) =>
      y.dtype === x.tensor.dtype && y.rank === x.tensor.rank && rest(y.shape, axis) === rest(x.tensor.shape, axis);
    return { of: [x.at, one(draw, live, fits)!.at], attrs: { axis } };
  },
  apply: ([a, b], { axis }) => tf.concat([a!, b!], axis as number),
  exact: 'always',
};

const always = { accepts: anything, exact: 'always' } as const;
const number = (draw: Draw) => ({ value: draw.int(-6, 6) / 2 });

/** A part of every side. */
const part: DrawAttrs = (draw, { shape }) => {
  const begin = shape.map((side) => draw.int(0, Math.max(0, side - 1)));
  return { begin, size: shape.map((side, d) => (side === 0 ? 0 : draw.int(1, side - begin[d]!))) };
};

export const chainOps: Readonly<Record<string, ChainOp>> = {
  relu: unary(tf.relu, { accepts: isNumber, exact: 'always' }),
  add: binary(tf.add, isNumber, 'grid'),
  mul: binary(tf.mul, isNumber, 'grid'),
  sub: binary(tf.sub, isNumber, 'grid'),
  div: binary(tf.div, isNumber),
  mod: binary(tf.mod, isInt, 'always'),
  maximum: binary(tf.maximum, isNumber, 'always'),
  minimum: binary(tf.minimum, isNumber, 'always'),
  squaredDifference: binary(tf.squaredDifference, isNumber, 'grid'),
  prelu: binary(tf.prelu, isFloat, 'grid'),
  addScalar: unary((x, { value }) => tf.add(x, value as number), { attrs: number, exact: 'grid' }),
  mulScalar: unary((x, { value }) => tf.mul(x, value as number), { attrs: number, exact: 'grid' }),
  scalarSub: unary((x, { value }) => tf.sub(value as number, x), { attrs: number, exact: 'grid' }),
  sigmoid: unary(tf.sigmoid),
  tanh: unary(tf.tanh),
  exp: unary(tf.exp),
  elu: unary(tf.elu),
  softplus: unary(tf.softplus),
  log1p: unary((x) => tf.log1p(tf.abs(x))),
  sqrt: unary((x) => tf.sqrt(tf.abs(x))),
  leakyRelu: unary((x) => tf.leakyRelu(x, 0.25), { exact: 'grid' }),
  neg: unary(tf.neg, { accepts: isNumber, exact: 'always' }),
  abs: unary(tf.abs, { accepts: isNumber, exact: 'always' }),
  square: unary(tf.square, { exact: 'grid' }),
  floor: unary(tf.floor, { exact: 'always' }),
  round: unary(tf.round, { exact: 'always' }),
  sign: unary(tf.sign, { accepts: isNumber, exact: 'always' }),
  clip: unary((x) => tf.clipByValue(x, -1.5, 2), { exact: 'always' }),
  isNaN: unary(tf.isNaN, { exact: 'always' }),
  float: unary((x) => tf.cast(x, 'float32'), always),
  int: unary((x) => tf.cast(x, 'int32'), always),
  bool: unary((x) => tf.cast(x, 'bool'), always),
  logicalNot: unary(tf.logicalNot, { accepts: isBool, exact: 'always' }),
  logicalAnd: binary(tf.logicalAnd, isBool, 'always'),
  equal: binary(tf.equal, anything, 'always'),
  less: binary(tf.less, isNumber, 'always'),
  greaterEqual: binary(tf.greaterEqual, isNumber, 'always'),
  where: select,
  addN,
  matmul,
  concat,
  clone: unary((x) => tf.clone(x), always),
  flatten: unary((x) => tf.reshape(x, [-1]), { ...always, accepts: (x) => x.size > 0 }),
  expandDims: unary((x, { axis }) => tf.expandDims(x, axis as number), {
    ...always,
    accepts: (x) => x.rank < 5,
    attrs: (draw, x) => ({ axis: draw.int(0, x.rank) }),
  }),
  squeeze: unary((x) => tf.squeeze(x), always),
  transpose: unary((x, { perm }) => tf.transpose(x, perm as number[]), {
    ...always,
    attrs: (draw, x) => ({ perm: draw.order(x.rank) }),
  }),
  slice: unary((x, { begin, size }) => tf.slice(x, begin as number[], size as number[]), {
    ...always,
    accepts: (x) => x.rank > 0,
    attrs: part,
  }),
  reverse: unary((x) => tf.reverse(x), { ...always, accepts: (x) => x.rank > 0 }),
  tile: unary((x) => tf.tile(x, [...Array<number>(x.rank - 1).fill(1), 2]), {
    ...always,
    accepts: (x) => x.rank > 0 && x.size < 4000,
  }),
  pad: unary(
    (x) =>
      tf.pad(
        x,
        x.shape.map(() => [1, 0] as [number, number]),
      ),
    {
      ...always,
      accepts: (x) => isNumber(x) && x.rank > 0 && x.rank < 5 && x.size < 1000,
    },
  ),
  sum: unary((x, { axis, keepDims }) => tf.sum(x, axis as number[], keepDims as boolean), {
    accepts: isNumber,
    attrs: axes,
    exact: 'grid',
    sums: true,
  }),
  mean: unary((x, { axis, keepDims }) => tf.mean(x, axis as number[], keepDims as boolean), {
    attrs: axes,
    sums: true,
  }),
  max: unary((x, { axis, keepDims }) => tf.max(x, axis as number[], keepDims as boolean), {
    accepts: both(isNumber, ranked),
    attrs: axes,
    exact: 'always',
  }),
  any: unary((x, { axis, keepDims }) => tf.any(x, axis as number[], keepDims as boolean), {
    accepts: isBool,
    attrs: axes,
    exact: 'always',
  }),
  argMax: unary((x) => tf.argMax(x, 0), { accepts: both(isNumber, ranked), exact: 'always' }),
  // The reference rounds each sum to float32 and goes on from there.
  cumsum: unary((x) => tf.cumsum(x, 0), {
    accepts: both(isFloat, ranked, (x) => x.size < 500),
    exact: 'grid',
    sums: true,
  }),
  softmax: unary((x) => tf.softmax(x), { accepts: both(isFloat, ranked) }),
};
