/** Sums, and what is made of them, against doubles: off by no more than roundings of their terms, as docs/numerics.md says. */
import * as tf from '@tensorflow/tfjs-core';
import { randomOf } from '../cases/fill';
import { seed } from '../page';
import { useKernelsOfOurOwn } from './backends';
import { SUMS, type SumBound } from './bounds';
import { passesOf } from './harness';

/** Half a unit in the last place of 1. */
const U = 2 ** -24;

/** Numbers of terms: a few, on both sides of one loop's most, and more than slices hold at some shapes. */
const COUNTS = [1, 2, 5, 16, 257, 1000, 5003];
/** Sums side by side. */
const COLUMNS = 4;

type Values = Float32Array;

/** Terms of both signs; of one, each rounded alike; that cancel all but one; and of many magnitudes. */
const TERMS: Readonly<Record<string, (random: () => number, i: number) => number>> = {
  'of both signs': (random) => 2 * random() - 1,
  'that are all 0.1': () => 0.1,
  'that cancel': (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + Math.floor(i / 2) / 7),
  'of many magnitudes': (random) => (2 * random() - 1) * 10 ** (8 * random() - 4),
};

const range = <T>(length: number, of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i));
const total = (terms: Iterable<number>): number => [...terms].reduce((sum, x) => sum + x, 0);

function drawn(length: number, of: (random: () => number, i: number) => number, name: string): Values {
  const random = randomOf(seed, name);
  return Float32Array.from({ length }, (_, i) => of(random, i));
}

/** What a result should be, and what its error bound multiplies. */
interface Expected {
  readonly value: number;
  readonly of: number;
}

function expectWithin(found: ArrayLike<number>, expected: readonly Expected[], { times }: SumBound, n: number): void {
  expect(found.length).toBe(expected.length);
  const wrong = expected.flatMap(({ value, of }, i) => {
    // The reference itself is rounded to a double, and the result to a float32.
    const allowed = (times(n) * of + Math.abs(value)) * U + 2 ** -126;
    const error = Math.abs(found[i]! - value);
    return error <= allowed ? [] : [`[${i}] = ${found[i]}, expected ${value} ± ${allowed}, off by ${error}`];
  });
  expect(wrong.slice(0, 4)).toEqual([]);
}

/** Of the terms of one sum, every result of an op. */
interface Row {
  readonly op: (x: tf.Tensor2D, axis: number) => tf.Tensor;
  readonly expected: (terms: readonly number[]) => readonly Expected[];
  /** Only along rows. */
  readonly last?: boolean;
}

const meanOf = (t: readonly number[]): number => total(t) / t.length;
const varianceOf = (t: readonly number[]): number => {
  const mean = meanOf(t);
  return total(t.map((x) => (x - mean) ** 2)) / t.length;
};
const magnitude = (t: readonly number[]): number => total(t.map(Math.abs));
const most = (t: readonly number[]): number => Math.max(...t);
const logSumExp = (t: readonly number[]): number => {
  const top = most(t);
  return top + Math.log(total(t.map((x) => Math.exp(x - top))));
};
const one = (value: number, of: number): Expected[] => [{ value, of }];

const rows: Readonly<Partial<Record<keyof typeof SUMS, Row>>> = {
  Sum: { op: (x, axis) => tf.sum(x, axis), expected: (t) => one(total(t), magnitude(t)) },
  Mean: { op: (x, axis) => tf.mean(x, axis), expected: (t) => one(meanOf(t), magnitude(t) / t.length) },
  Cumsum: {
    op: (x, axis) => tf.cumsum(x, axis),
    expected: (t) => {
      let [value, of] = [0, 0];
      return t.map((x) => ({ value: (value += x), of: (of += Math.abs(x)) }));
    },
  },
  // Factors around 1, so that no product overflows.
  Prod: {
    op: (x, axis) => tf.prod(factors(x), axis),
    expected: (t) => {
      const value = t.reduce((product, x) => product * Math.fround(1 + Math.fround(Math.fround(Math.sin(x)) / 64)), 1);
      return one(value, 4 * Math.abs(value)); // each factor is off by a unit in the last place or two itself
    },
  },
  variance: {
    op: (x, axis) => tf.moments(x, axis).variance,
    expected: (t) => one(varianceOf(t), varianceOf(t) + t.length ** 2 * U * (magnitude(t) / t.length) ** 2),
  },
  'euclidean norm': {
    op: (x, axis) => tf.norm(x, 'euclidean', axis),
    expected: (t) => one(Math.sqrt(total(t.map((x) => x * x))), Math.sqrt(total(t.map((x) => x * x)))),
  },
  Softmax: {
    last: true,
    op: (x) => tf.softmax(x),
    expected: (t) => {
      const [sum, top] = [logSumExp(t), most(t)];
      return t.map((x) => ({ value: Math.exp(x - sum), of: Math.exp(x - sum) * (1 + 2 * (top - x)) }));
    },
  },
  LogSoftmax: {
    last: true,
    op: (x) => tf.logSoftmax(x),
    expected: (t) => {
      const [sum, of] = [logSumExp(t), 1 + most(t.map(Math.abs))];
      return t.map((x) => ({ value: x - sum, of }));
    },
  },
  logSumExp: {
    op: (x, axis) => tf.logSumExp(x, axis),
    expected: (t) => one(logSumExp(t), 1 + most(t.map(Math.abs))),
  },
};

function factors(x: tf.Tensor2D): tf.Tensor {
  return tf.add(tf.div(tf.sin(x), 64), 1);
}

async function valuesOf(work: () => tf.Tensor): Promise<tf.TypedArray> {
  const y = tf.tidy(work);
  const values = await y.data();
  y.dispose();
  return values;
}

/** Tells where a convolution's taps meet, as places of image, filter and output. */
function eachTap(info: tf.backend_util.Conv2DInfo, tell: (image: number, tap: number, out: number) => void): void {
  const { inShape, outShape, filterHeight, filterWidth, padInfo } = info;
  const [batch, height, width, channels] = inShape;
  const [, outHeight, outWidth, outs] = outShape;
  const taps = range(filterHeight * filterWidth, (i) => [i, Math.floor(i / filterWidth), i % filterWidth] as const);
  for (let position = 0; position < batch * outHeight * outWidth; position++) {
    const x = position % outWidth;
    const y = Math.floor(position / outWidth) % outHeight;
    const n = Math.floor(position / (outWidth * outHeight));
    for (const [tap, dy, dx] of taps) {
      const row = y * info.strideHeight + dy * info.dilationHeight - padInfo.top;
      const column = x * info.strideWidth + dx * info.dilationWidth - padInfo.left;
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      const image = ((n * height + row) * width + column) * channels;
      for (let c = 0; c < channels; c++) {
        for (let o = 0; o < outs; o++) tell(image + c, (tap * channels + c) * outs + o, position * outs + o);
      }
    }
  }
}

/** Sums of terms at their places. */
class Sums {
  readonly expected: { value: number; of: number; terms: number }[];
  constructor(size: number) {
    this.expected = range(size, () => ({ value: 0, of: 0, terms: 0 }));
  }
  add(place: number, term: number): void {
    const sum = this.expected[place]!;
    sum.value += term;
    sum.of += Math.abs(term);
    sum.terms++;
  }
  /** The most terms of one. */
  get terms(): number {
    return this.expected.reduce((n, { terms }) => Math.max(n, terms), 0);
  }
}

interface Convolution {
  readonly image: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly stride?: number;
  readonly dilation?: number;
  readonly winograd?: boolean;
}

const convolutions: Readonly<Record<string, Convolution>> = {
  'of one channel': { image: [2, 12, 11, 1], filter: [5, 5, 1, 8] },
  'of three channels': { image: [2, 9, 13, 3], filter: [3, 3, 3, 5] },
  'with strides': { image: [1, 11, 10, 8], filter: [3, 3, 8, 4], stride: 2 },
  'with dilations': { image: [2, 11, 10, 4], filter: [3, 2, 4, 8], dilation: 2 },
  'of one by one': { image: [2, 7, 7, 32], filter: [1, 1, 32, 12] },
  'of many channels': { image: [1, 12, 12, 80], filter: [3, 3, 80, 80], winograd: true },
};

describe('the roundings of sums:', () => {
  useKernelsOfOurOwn();
  beforeAll(() => tf.setBackend('convgl'));

  for (const [name, { op, expected, last }] of Object.entries(rows)) {
    for (const [terms, of] of Object.entries(TERMS)) {
      it(`${name} of terms ${terms}`, async () => {
        for (const n of COUNTS) {
          const values = drawn(
            n * COLUMNS,
            (random, i) => of(random, Math.floor(i / COLUMNS)),
            `${name} ${terms} ${n}`,
          );
          const column = (c: number): number[] => range(n, (i) => values[i * COLUMNS + c]!);
          const columns = range(COLUMNS, (c) => expected(column(c)));
          const bound = SUMS[name as keyof typeof SUMS];
          const along = (axis: 0 | 1): tf.Tensor => {
            const x = tf.tensor2d(values, [n, COLUMNS]);
            const y = op(axis === 0 ? x : tf.transpose(x), axis);
            return y.rank === 2 && axis === 0 ? tf.transpose(y) : y;
          };
          if (!last) expectWithin(await valuesOf(() => along(0)), columns.flat(), bound, n);
          expectWithin(await valuesOf(() => along(1)), columns.flat(), bound, n);
        }
      });
    }
  }

  for (const [terms, of] of Object.entries(TERMS)) {
    it(`matrix products of terms ${terms}`, async () => {
      for (const k of COUNTS) {
        const [m, n] = [3, 5];
        const a = drawn(m * k, (random, i) => of(random, i % k), `left ${terms} ${k}`);
        const b = drawn(k * n, (random) => 1 + random(), `right ${terms} ${k}`);
        const sums = new Sums(m * n);
        for (let i = 0; i < m * n * k; i++) {
          const [t, place] = [i % k, Math.floor(i / k)];
          sums.add(place, a[Math.floor(place / n) * k + t]! * b[t * n + (place % n)]!);
        }
        const found = await valuesOf(() => tf.matMul(tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])));
        expectWithin(found, sums.expected, SUMS['matMul, convolutions, their gradients'], k);
      }
    });
  }

  for (const [name, { image, filter, stride = 1, dilation = 1, winograd = false }] of Object.entries(convolutions)) {
    it(`convolutions ${name}, and their gradients`, async () => {
      const info = tf.backend_util.computeConv2DInfo(image, filter, stride, dilation, 'same');
      const shapes = [image, filter, info.outShape] as const;
      const [x, w, dy] = shapes.map((shape, i) =>
        drawn(tf.util.sizeFromShape(shape), (random) => 2 * random() - 1, `${name} ${i}`),
      ) as [Values, Values, Values];
      const [dx, dw, y] = shapes.map((shape) => new Sums(tf.util.sizeFromShape(shape))) as [Sums, Sums, Sums];
      eachTap(info, (i, f, o) => {
        y.add(o, x[i]! * w[f]!);
        dx.add(i, dy[o]! * w[f]!);
        dw.add(f, dy[o]! * x[i]!);
      });
      const conv = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
        tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, 'same', 'NHWC', dilation);
      const [image4d, filter4d] = [() => tf.tensor4d(x, image), () => tf.tensor4d(w, filter)];
      const gradient = (of: 0 | 1) => () =>
        tf.grads(conv)([image4d(), filter4d()], tf.tensor4d(dy, info.outShape))[of]!;
      const passes = passesOf(() => conv(image4d(), filter4d()));
      expect(passes.some((pass) => pass.startsWith('winograd')))
        .withContext(passes.join())
        .toBe(winograd);
      await expectProducts(() => conv(image4d(), filter4d()), y, winograd);
      await expectProducts(gradient(0), dx, winograd);
      await expectProducts(gradient(1), dw, false);
    });
  }
});

async function expectProducts(work: () => tf.Tensor, { expected, terms }: Sums, winograd: boolean): Promise<void> {
  const found = await valuesOf(work);
  if (!winograd) return expectWithin(found, expected, SUMS['matMul, convolutions, their gradients'], terms);
  const largest = Math.max(...expected.map(({ of }) => of));
  const nearby = expected.map(({ value }) => ({ value, of: largest }));
  expectWithin(found, nearby, SUMS['convolutions by Winograd'], terms);
}
