/**
 * What is an identity of real numbers, and so what compilers make texts shorter by, is none of floats: every such expression has to
 * give the infinities and NaNs that its ops give one by one, on every driver, in each loop that expressions run in.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { SMALLEST_NORMAL } from './call';
import { useKernelsOfOurOwn } from './backends';

/** Powers of two, whose products and quotients are exact: what differs is no rounding. */
const VALUES = [Infinity, -Infinity, NaN, 0, -0, 1, -1, 0.5, 4, 2 ** 120, -(2 ** 120), 2 ** -30, 2 ** 30];
/** Relative error of a quotient. */
const TOLERANCE = 1e-6;
const COPIES = 4;

type Tensor = tf.Tensor;
type Expression = (x: Tensor, y: Tensor, z: Tensor) => Tensor;

/** All that x becomes with the same x: sums, products and quotients that undo each other, in one op and over several. */
const expressions: Readonly<Record<string, Expression>> = {
  'x - x': (x) => tf.sub(x, x),
  'x / x': (x) => tf.div(x, x),
  'x * zerosLike(x)': (x) => tf.mul(x, tf.zerosLike(x)),
  'x * 0': (x) => tf.mul(x, 0),
  '0 / x': (x) => tf.div(0, x),
  'zerosLike(x) / x': (x) => tf.div(tf.zerosLike(x), x),
  'x + (-x)': (x) => tf.add(x, tf.neg(x)),
  'abs(x) - abs(x)': (x) => tf.sub(tf.abs(x), tf.abs(x)),
  'relu(x) - relu(x)': (x) => tf.sub(tf.relu(x), tf.relu(x)),
  'x * x - x * x': (x) => tf.sub(tf.mul(x, x), tf.mul(x, x)),
  'x * x - square(x)': (x) => tf.sub(tf.mul(x, x), tf.square(x)),
  'x ^ 2 - x * x': (x) => tf.sub(tf.pow(x, 2), tf.mul(x, x)),
  'x * x / x': (x) => tf.div(tf.square(x), x),
  'x * (1 / x)': (x) => tf.mul(x, tf.reciprocal(x)),
  '1 / (1 / x)': (x) => tf.reciprocal(tf.reciprocal(x)),
  'sqrt(x) * sqrt(x)': (x) => tf.mul(tf.sqrt(x), tf.sqrt(x)),
  'sqrt(x * x)': (x) => tf.sqrt(tf.square(x)),
  'rsqrt(x) * sqrt(x)': (x) => tf.mul(tf.rsqrt(x), tf.sqrt(x)),
  'squaredDifference(x, x)': (x) => tf.squaredDifference(x, x),
  'squaredDifference(x + y, x)': (x, y) => tf.squaredDifference(tf.add(x, y), x),
  'addN(x, y, -x)': (x, y) => tf.addN([x, y, tf.neg(x)]),
  'x - x + y': (x, y) => tf.add(tf.sub(x, x), y),
  '(x - y) + y': (x, y) => tf.add(tf.sub(x, y), y),
  '(x + y) - y': (x, y) => tf.sub(tf.add(x, y), y),
  'y - (y - x)': (x, y) => tf.sub(y, tf.sub(y, x)),
  '(x - y) - x': (x, y) => tf.sub(tf.sub(x, y), x),
  '(x - y) - (x - z)': (x, y, z) => tf.sub(tf.sub(x, y), tf.sub(x, z)),
  '(x + y) - (y + x)': (x, y) => tf.sub(tf.add(x, y), tf.add(y, x)),
  '((x + y) + z) - y': (x, y, z) => tf.sub(tf.add(tf.add(x, y), z), y),
  '-(x - y) + (x - y)': (x, y) => tf.add(tf.neg(tf.sub(x, y)), tf.sub(x, y)),
  '(x + 1) - 1': (x) => tf.sub(tf.add(x, 1), 1),
  '(x * y) / y': (x, y) => tf.div(tf.mul(x, y), y),
  '(x / y) * y': (x, y) => tf.mul(tf.div(x, y), y),
  '(x / y) * (y / x)': (x, y) => tf.mul(tf.div(x, y), tf.div(y, x)),
  '(x * y) / (x * z)': (x, y, z) => tf.div(tf.mul(x, y), tf.mul(x, z)),
  '((x * y) * z) / y': (x, y, z) => tf.div(tf.mul(tf.mul(x, y), z), y),
  'x * y - y * x': (x, y) => tf.sub(tf.mul(x, y), tf.mul(y, x)),
  'x * y + x * z': (x, y, z) => tf.add(tf.mul(x, y), tf.mul(x, z)),
  'x * y - x * z': (x, y, z) => tf.sub(tf.mul(x, y), tf.mul(x, z)),
  'x / y - z / y': (x, y, z) => tf.sub(tf.div(x, y), tf.div(z, y)),
  'x + y * x': (x, y) => tf.add(x, tf.mul(y, x)),
  'x - y * x': (x, y) => tf.sub(x, tf.mul(y, x)),
  'lerp, x + z * (y - x)': (x, y, z) => tf.add(x, tf.mul(z, tf.sub(y, x))),
  'max(x, x)': (x) => tf.maximum(x, x),
  'min(x, x)': (x) => tf.minimum(x, x),
  'max(x, y)': (x, y) => tf.maximum(x, y),
  'min(x, y)': (x, y) => tf.minimum(x, y),
  'max(x + y, x + z)': (x, y, z) => tf.maximum(tf.add(x, y), tf.add(x, z)),
  'min(x, x + y)': (x, y) => tf.minimum(x, tf.add(x, y)),
  'min(max(x, y), y)': (x, y) => tf.minimum(tf.maximum(x, y), y),
  'relu6(x) - relu(x)': (x) => tf.sub(tf.relu6(x), tf.relu(x)),
  'clip(x)': (x) => tf.clipByValue(x, -2, 2),
  'x == x': (x) => tf.equal(x, x),
  'x != x': (x) => tf.notEqual(x, x),
  'x < x': (x) => tf.less(x, x),
  'x >= x': (x) => tf.greaterEqual(x, x),
  'not(x < y)': (x, y) => tf.logicalNot(tf.less(x, y)),
  'not(x >= y)': (x, y) => tf.logicalNot(tf.greaterEqual(x, y)),
  'x + y == x': (x, y) => tf.equal(tf.add(x, y), x),
  'x + y < x': (x, y) => tf.less(tf.add(x, y), x),
  'x - y <= x': (x, y) => tf.lessEqual(tf.sub(x, y), x),
  'x - y > 0': (x, y) => tf.greater(tf.sub(x, y), 0),
  'isNaN(x - x)': (x) => tf.isNaN(tf.sub(x, x)),
  'isFinite(x * x)': (x) => tf.isFinite(tf.square(x)),
  'isInf(x + y)': (x, y) => tf.isInf(tf.add(x, y)),
  'where(isNaN(x - x), y, x)': (x, y) => tf.where(tf.isNaN(tf.sub(x, x)), y, x),
  'where(x == x, x, y)': (x, y) => tf.where(tf.equal(x, x), x, y),
  'where(x > y, x - y, y - x)': (x, y) => tf.where(tf.greater(x, y), tf.sub(x, y), tf.sub(y, x)),
  'x - floor(x)': (x) => tf.sub(x, tf.floor(x)),
  'sign(x) * abs(x)': (x) => tf.mul(tf.sign(x), tf.abs(x)),
  'x % x': (x) => tf.mod(x, x),
  'leakyRelu(x) - x': (x) => tf.sub(tf.leakyRelu(x, 0.5), x),
  'prelu(x, x)': (x) => tf.prelu(x, x),
  'step(x) * x': (x) => tf.mul(tf.step(x), x),
  'gradient of x / x': (x) => tf.grad((a) => tf.div(a, a))(x),
  'gradient of squaredDifference(x, x)': (x) => tf.grad((a) => tf.squaredDifference(a, a))(x),
  'gradient of (x - y) * x': (x, y) => tf.grad((a) => tf.mul(tf.sub(a, y), a))(x),
  'gradient of x * y / x': (x, y) => tf.grad((a) => tf.div(tf.mul(a, y), a))(x),
};

/** Ops of several steps, which tfjs-backend-cpu does in doubles, and their steps. */
const steps: Readonly<Record<string, readonly [Expression, Expression]>> = {
  'batchNorm(x) about x': [
    (x, y, z) => {
      const row = (t: Tensor): tf.Tensor4D => tf.reshape(t, [1, 1, 1, t.size]);
      return tf.reshape(tf.batchNorm4d(row(x), row(x), row(tf.abs(y)), row(z), row(x), 0), x.shape);
    },
    (x, y, z) => tf.add(tf.mul(tf.sub(x, x), tf.div(x, tf.sqrt(tf.abs(y)))), z),
  ],
  'real part of (x + xi)^2': [
    (x) => tf.real(tf.mul(tf.complex(x, x), tf.complex(x, x))),
    (x) => tf.sub(tf.mul(x, x), tf.mul(x, x)),
  ],
  'imaginary part of (x + yi)(x - yi)': [
    (x, y) => tf.imag(tf.mul(tf.complex(x, y), tf.complex(x, tf.neg(y)))),
    (x, y) => tf.add(tf.mul(x, tf.neg(y)), tf.mul(y, x)),
  ],
};

/** How expressions are computed: by themselves, summed, or by the pass of a matrix product that gives x. Operands have one column. */
const places: Readonly<Record<string, (f: Expression, x: tf.Tensor2D, y: tf.Tensor2D, z: tf.Tensor2D) => Tensor>> = {
  'by itself': (f, x, y, z) => f(x, y, z),
  summed: (f, x, y, z) => {
    const [a, b, c] = [x, y, z].map((t) => tf.tile(t, [1, COPIES])) as [Tensor, Tensor, Tensor];
    return tf.sum(tf.cast(f(a, b, c), 'float32'), 1);
  },
  'after a matrix product': (f, x, y, z) => {
    const ones = tf.ones([1, COPIES]);
    const [b, c] = [y, z].map((t) => tf.tile(t, [1, COPIES])) as [Tensor, Tensor];
    return f(tf.matMul(x, ones), b, c);
  },
};

/** Every pair of values as x and y, and another z for each. */
function operands(): readonly [x: number[], y: number[], z: number[]] {
  const pairs = VALUES.flatMap((x, i) =>
    VALUES.map((y, j) => [x, y, VALUES[(3 * i + 5 * j) % VALUES.length]!] as const),
  );
  return [pairs.map(([x]) => x), pairs.map(([, y]) => y), pairs.map(([, , z]) => z)];
}

async function evaluated(
  backend: string,
  work: (x: tf.Tensor2D, y: tf.Tensor2D, z: tf.Tensor2D) => Tensor,
): Promise<tf.TypedArray> {
  await tf.setBackend(backend);
  const y = tf.tidy(() =>
    work(...(operands().map((t) => tf.tensor2d(t, [t.length, 1])) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D])),
  );
  const values = await y.data();
  y.dispose();
  return values;
}

function isSame(found: number, expected: number): boolean {
  if (Object.is(found, expected) || found === expected) return true;
  if (!Number.isFinite(found) || !Number.isFinite(expected)) return false;
  return Math.abs(found - expected) <= Math.max(TOLERANCE * Math.abs(expected), SMALLEST_NORMAL);
}

describe('the infinities and NaNs of', () => {
  useKernelsOfOurOwn();

  const alone = Object.entries(expressions).map(([name, f]) => [name, [f, f]] as const);
  for (const [name, [expression, reference]] of [...alone, ...Object.entries(steps)]) {
    for (const [place, compute] of Object.entries(places)) {
      it(`${name}, ${place}`, async () => {
        const expected = await evaluated('cpu', (...t) => compute(reference, ...t));
        const found = await evaluated('convgl', (...t) => compute(expression, ...t));
        const [x, y, z] = operands();
        const per = found.length / x.length;
        const wrong = Array.from(found, (value, i) => i)
          .filter((i) => !isSame(found[i]!, expected[i]!))
          .map((i) => [i, Math.floor(i / per)] as const)
          .map(([i, p]) => `${found[i]}, expected ${expected[i]}, for x = ${x[p]}, y = ${y[p]}, z = ${z[p]}`);
        expect(wrong.slice(0, 5)).toEqual([]);
      });
    }
  }
});
