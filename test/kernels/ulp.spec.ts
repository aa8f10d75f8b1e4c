/** Elementwise functions against doubles, in units in the last place. */
import * as tf from '@tensorflow/tfjs-core';
import { erf } from '../fuzz/references';
import { useKernelsOfOurOwn } from './backends';
import { callKernel } from './call';
import { DIVISION, ULP } from './bounds';
import { binaryInputs, flush, ulpError, unaryInputs } from './ulp';

const { SELU_SCALE, SELU_SCALEALPHA } = tf.backend_util;

const SLOPE = Math.fround(0.3);

/** What takes sums and products alone, which every GPU rounds. */
const EXACT = Object.keys(ULP).filter((kernel) => ULP[kernel]! <= 0.5 && !/Div$|Reciprocal|Sqrt/.test(kernel));

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

const expm1: Unary = (x) => Math.expm1(x);

const unaryReferences: Readonly<Record<string, Unary>> = {
  [tf.Abs]: Math.abs,
  [tf.Acos]: Math.acos,
  [tf.Acosh]: Math.acosh,
  [tf.Asin]: Math.asin,
  [tf.Asinh]: Math.asinh,
  [tf.Atan]: Math.atan,
  [tf.Atanh]: Math.atanh,
  [tf.Ceil]: Math.ceil,
  [tf.Cos]: Math.cos,
  [tf.Cosh]: Math.cosh,
  [tf.Elu]: (x) => (x >= 0 ? x : expm1(x)),
  [tf.Erf]: erf,
  [tf.Exp]: Math.exp,
  [tf.Expm1]: expm1,
  [tf.Floor]: Math.floor,
  [tf.LeakyRelu]: (x) => (x < 0 ? SLOPE * x : x),
  [tf.Log]: Math.log,
  [tf.Log1p]: Math.log1p,
  [tf.Neg]: (x) => -x,
  [tf.Reciprocal]: (x) => 1 / x,
  [tf.Relu]: (x) => (x < 0 ? 0 : x),
  [tf.Relu6]: (x) => (x < 0 ? 0 : x > 6 ? 6 : x),
  [tf.Round]: roundEven,
  [tf.Rsqrt]: (x) => 1 / Math.sqrt(x),
  [tf.Selu]: (x) => (x >= 0 ? SELU_SCALE * x : SELU_SCALEALPHA * expm1(x)),
  [tf.Sigmoid]: (x) => 1 / (1 + Math.exp(-x)),
  [tf.Sign]: (x) => (Number.isNaN(x) ? 0 : Math.sign(x)),
  [tf.Sin]: Math.sin,
  [tf.Sinh]: Math.sinh,
  [tf.Softplus]: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  [tf.Sqrt]: Math.sqrt,
  [tf.Square]: (x) => x * x,
  [tf.Tan]: Math.tan,
  [tf.Tanh]: Math.tanh,
};

const binaryReferences: Readonly<Record<string, Binary>> = {
  [tf.Add]: (a, b) => a + b,
  [tf.Atan2]: Math.atan2,
  [tf.FloorDiv]: floorDivision,
  [tf.Maximum]: Math.max,
  [tf.Minimum]: Math.min,
  [tf.Mod]: (a, b) => withSignOf(b, a % b, a),
  [tf.Multiply]: (a, b) => a * b,
  [tf.Pow]: Math.pow,
  [tf.Prelu]: (x, alpha) => (x < 0 ? alpha * x : x),
  [tf.RealDiv]: (a, b) => a / b,
  [tf.SquaredDifference]: (a, b) => (a - b) ** 2,
  [tf.Sub]: (a, b) => a - b,
};

function roundEven(x: number): number {
  const down = Math.floor(x);
  const up = x - down > 0.5 || (x - down === 0.5 && down % 2 !== 0);
  return Number.isFinite(x) ? down + (up ? 1 : 0) : x;
}

/** As an int32, 0 where there is none; exact, for doubles do not hold all quotients. */
function floorDivision(a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b) || b === 0 || Math.abs(a / b) >= 2 ** 53) return 0;
  const [n, d] = [a, b].map((x) => BigInt(x * 2 ** 149)) as [bigint, bigint];
  const down = n % d !== 0n && n < 0n !== d < 0n;
  return Number(BigInt.asIntN(32, n / d - (down ? 1n : 0n)));
}

/** The remainder with the divisor's sign, as tfjs-backend-cpu makes it. */
function withSignOf(b: number, remainder: number, a: number): number {
  return (a < 0 && b < 0) || (a >= 0 && b >= 0) ? remainder : (remainder + b) % b;
}

/** Where subnormal numbers are zeros in between, or where they are compared. */
const flushedBinary: Readonly<Record<string, Binary>> = {
  [tf.Mod]: (a, b) => withSignOf(flush(b), flush(flush(a) % flush(b)), a),
  [tf.Prelu]: (x, alpha) => (flush(x) < 0 ? flush(alpha) * x : x),
};

/** What a function makes of a subnormal number that is a zero where it is compared and itself where it moves. */
function kept(f: Unary, x: number): number {
  return flush(x) === 0 && f(0) === 0 ? x : f(x);
}

/** The element that is off most: by how much, and what is wrong with it. */
interface Worst {
  readonly error: number;
  readonly text: string;
}

function worst(
  found: ArrayLike<number>,
  references: readonly ((i: number) => number)[],
  said: (i: number) => string,
): Worst {
  let most = { error: 0, at: -1 };
  for (let i = 0; i < found.length; i++) {
    const error = Math.min(...references.map((f) => ulpError(found[i]!, f(i))));
    if (error > most.error) most = { error, at: i };
  }
  const { error, at } = most;
  const text = at < 0 ? '' : `${found[at]}, expected ${references[0]!(at)} ± ${error.toFixed(2)} ulp, for ${said(at)}`;
  return { error, text };
}

async function worstOfOne(kernel: string, f: Unary, x = unaryInputs()): Promise<Worst> {
  const inputs = { x: { shape: [x.length] } };
  const [y] = await callKernel('convgl', { kernel, inputs, attrs: { alpha: SLOPE } }, { x });
  const references = [f, (v: number) => f(flush(v)), (v: number) => kept(f, v)].map((g) => (i: number) => g(x[i]!));
  return worst(y!.values, references, (i) => `x = ${x[i]}`);
}

async function worstOfTwo(kernel: string, f: Binary, { a, b } = binaryInputs()): Promise<Worst> {
  const shape = [a.length];
  const [first, second] = kernel === tf.Prelu ? (['x', 'alpha'] as const) : (['a', 'b'] as const);
  const inputs = { [first]: { shape }, [second]: { shape } };
  const [y] = await callKernel('convgl', { kernel, inputs }, { [first]: a, [second]: b });
  const flushed = flushedBinary[kernel] ?? ((x: number, z: number) => f(flush(x), flush(z)));
  const references = [f, flushed].map((g) => (i: number) => g(a[i]!, b[i]!));
  return worst(y!.values, references, (i) => `${a[i]} and ${b[i]}`);
}

describe('in units in the last place', () => {
  useKernelsOfOurOwn();

  /** What the GPU's own division is off by beyond rounding: so much more may functions be off that divide. */
  let division = 0;

  it('a division is off by no more than GLSL ES grants', async () => {
    const { error, text } = await worstOfTwo(tf.RealDiv, (a, b) => a / b);
    expect(error).withContext(text).toBeLessThanOrEqual(DIVISION);
    division = Math.max(0, error - ULP[tf.RealDiv]!);
  });

  const expectClose = ({ error, text }: Worst, kernel: string): void => {
    const divides = !EXACT.includes(kernel);
    expect(error)
      .withContext(text)
      .toBeLessThanOrEqual(ULP[kernel]! + (divides ? division : 0));
  };

  for (const [kernel, f] of Object.entries(unaryReferences)) {
    it(`${kernel} is off by no more than documented`, async () => expectClose(await worstOfOne(kernel, f), kernel));
  }

  for (const [kernel, f] of Object.entries(binaryReferences)) {
    it(`${kernel} is off by no more than documented`, async () => expectClose(await worstOfTwo(kernel, f), kernel));
  }

  it('every function has a bound, and every bound a function', () => {
    const tested = [...Object.keys(unaryReferences), ...Object.keys(binaryReferences)];
    expect(Object.keys(ULP).sort()).toEqual(tested.sort());
  });

  it('powers are exact where float32 holds them', async () => {
    const pairs: [number, number][] = [];
    for (let a = -40; a <= 40; a++) for (let b = -140; b <= 140; b++) pairs.push([a, b], [a / 8, b], [a * a, b / 2]);
    const exact = pairs.filter(([a, b]) => Number.isSafeInteger(a ** b * 2 ** 40) && Math.fround(a ** b) === a ** b);
    const [a, b] = [0, 1].map((k) => Float32Array.from(exact, (pair) => pair[k]!)) as [Float32Array, Float32Array];
    const { error, text } = await worstOfTwo(tf.Pow, Math.pow, { a, b });
    expect(exact.length).toBeGreaterThan(500);
    expect(error).withContext(text).toBe(0);
  });

  it('a whole quotient is rounded down also where what remains is subnormal', async () => {
    const pairs = {
      a: Float32Array.of(-5.321447e-38, 7 * 2 ** -126),
      b: Float32Array.of(1.4032732e-38, -2 * 2 ** -126),
    };
    expect((await worstOfTwo(tf.FloorDiv, floorDivision, pairs)).text).toBe('');
  });
});
