/** What kernels should give where tfjs-backend-cpu does not give it: in doubles, and in integers that wrap. */
import * as tf from '@tensorflow/tfjs-core';
import type { InputValues, Output } from '../kernels/call';
import type { Call, FuzzTensor } from './case';

/** In place of tfjs-backend-cpu; undefined for calls where that is right. */
export type Reference = (call: Call, values: InputValues) => readonly Output[] | undefined;

type Operand = readonly [name: string, tensor: FuzzTensor];

/** The output's shape, and where each of its elements lies in operands that broadcast to it. */
function broadcast(operands: readonly Operand[]): { shape: number[]; placesOf: (i: number) => number[] } {
  const shape = operands
    .map(([, tensor]) => [...tensor.shape])
    .reduce((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, b), []);
  const placesOf = (i: number) => {
    const at: number[] = [];
    for (let d = shape.length - 1; d >= 0; d--) {
      at[d] = i % shape[d]!;
      i = Math.floor(i / shape[d]!);
    }
    return operands.map(([, { shape: own }]) => {
      const inner = at.slice(at.length - own.length);
      return own.reduce((flat, side, d) => flat * side + (side === 1 ? 0 : inner[d]!), 0);
    });
  };
  return { shape, placesOf };
}

const operandsOf = ({ inputs }: Call): readonly Operand[] =>
  Object.entries<FuzzTensor>(inputs as Record<string, FuzzTensor>);

/** Of int32 operands: tfjs-backend-cpu's doubles are rounded beyond 2^53, and then wrap to something else. */
export function wrapping(f: (a: number, b: number) => number): Reference {
  return (call, values) => {
    const operands = operandsOf(call);
    if (operands[0]![1].dtype !== 'int32') return undefined;
    const { shape, placesOf } = broadcast(operands);
    const result = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) =>
      f(...(placesOf(i).map((at, k) => values[operands[k]![0]]![at]!) as [number, number])),
    );
    return [{ shape, dtype: 'int32', values: result }];
  };
}

/** a to the power of b, modulo 2^32; of negative powers what is left of a fraction. */
export function wrappingPower(a: number, b: number): number {
  if (b < 0) return Math.trunc(Math.pow(a, b)) | 0;
  let result = 1;
  for (let base = a | 0, left = b; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

type Complex = readonly [real: number, imaginary: number];

/** Of complex64 operands: tfjs-backend-cpu gives NaN where a scalar broadcasts. */
export function complex(f: (a: Complex, b: Complex) => Complex): Reference {
  return (call, values) => {
    const operands = operandsOf(call);
    if (operands[0]![1].dtype !== 'complex64') return undefined;
    const { shape, placesOf } = broadcast(operands);
    const result = new Float32Array(2 * tf.util.sizeFromShape(shape));
    for (let i = 0; i < result.length / 2; i++) {
      const [a, b] = placesOf(i).map((at, k): Complex => {
        const name = operands[k]![0];
        return [values[name]![at]!, values[`${name} imaginary`]![at]!];
      });
      result.set(f(a!, b!), 2 * i);
    }
    return [{ shape, dtype: 'complex64', values: result }];
  };
}

export function eitherOf(...references: readonly Reference[]): Reference {
  return (call, values) => {
    for (const reference of references) {
      const outputs = reference(call, values);
      if (outputs) return outputs;
    }
    return undefined;
  };
}

/** A condition of rank 1, by which tfjs-backend-cpu chooses elements where it should choose slices. */
export const selectSlices: Reference = ({ inputs }, values) => {
  const { condition, t } = inputs as Readonly<Record<string, FuzzTensor>>;
  if (condition!.shape.length !== 1 || t!.shape.length === 1) return undefined;
  const slice = tf.util.sizeFromShape(t!.shape.slice(1));
  const chosen = values['t']!.map((x, i) => (values['condition']![Math.floor(i / slice)] === 1 ? x : values['e']![i]!));
  return [{ shape: t!.shape, dtype: t!.dtype!, values: chosen }];
};

/** tfjs-backend-cpu has no such kernel; tfjs composes it of others there. */
export const logSoftmax: Reference = ({ inputs }, values) => {
  const { shape } = (inputs as Readonly<Record<string, FuzzTensor>>)['logits']!;
  const [logits, length] = [values['logits']!, shape.at(-1)!];
  const result = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += length) {
    const own = Array.from(logits.subarray(row, row + length));
    const most = Math.max(...own);
    const sum = own.reduce((total, x) => total + Math.exp(x - most), 0);
    own.forEach((x, i) => (result[row + i] = x - most - Math.log(sum)));
  }
  return [{ shape, dtype: 'float32', values: result }];
};

/** tfjs-backend-cpu's is a fit that is off by 1e-7, which near 0 is all there is. */
export const errorFunction: Reference = ({ inputs }, values) => {
  const { shape } = (inputs as Readonly<Record<string, FuzzTensor>>)['x']!;
  return [{ shape, dtype: 'float32', values: Float32Array.from(values['x']!, erf) }];
};

/** By its series, which from 6 on is 1 to the last bit. */
export function erf(x: number): number {
  if (!(Math.abs(x) < 6)) return Math.sign(x);
  let [sum, term] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Numbers a step apart; tfjs-backend-cpu adds up the step, and float32's roundings with it. */
function ladder(start: number, step: number, length: number, dtype: 'float32' | 'int32' = 'float32'): Output[] {
  const numbers = Array.from({ length }, (_, i) => start + (i === 0 ? 0 : i * step));
  return [
    { shape: [length], dtype, values: dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers) },
  ];
}

export const linSpace: Reference = ({ attrs }) => {
  const { start, stop, num } = attrs as { start: number; stop: number; num: number };
  return ladder(start, (stop - start) / (num - 1), num);
};

export const range: Reference = ({ attrs }) => {
  const { start, stop, step, dtype } = attrs as {
    start: number;
    stop: number;
    step: number;
    dtype: 'float32' | 'int32';
  };
  return ladder(start, step, Math.max(0, Math.ceil((stop - start) / step)), dtype);
};

/** tfjs-backend-cpu multiplies all elements by a mask for each segment: slowly, and NaN in one is in all. */
export const segmentSums: Reference = ({ inputs, attrs }, values) => {
  const { shape } = (inputs as Readonly<Record<string, FuzzTensor>>)['x']!;
  const { numSegments } = attrs as { numSegments: number };
  const inner = shape.slice(1);
  const channels = tf.util.sizeFromShape(inner);
  const sums = new Float64Array(numSegments * channels);
  values['segmentIds']!.forEach((id, i) => {
    if (id < 0 || id >= numSegments) return;
    for (let c = 0; c < channels; c++) sums[id * channels + c]! += values['x']![i * channels + c]!;
  });
  return [{ shape: [numSegments, ...inner], dtype: 'float32', values: Float32Array.from(sums) }];
};

/** Batches of several dimensions of which some broadcast, in which tfjs-backend-cpu takes the matrices in turn. */
export const batchedProduct: Reference = ({ inputs, attrs }, values) => {
  const operands = operandsOf({ inputs } as Call);
  const batches = operands.map(([name, { shape }]): Operand => [name, { shape: shape.slice(0, -2) }]);
  const [a, b] = operands.map(([, tensor]) => tensor) as [FuzzTensor, FuzzTensor];
  if (batches[0]![1].shape.join() === batches[1]![1].shape.join()) return undefined;
  const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const columns = transposeB ? bRows : bColumns;
  const { shape, placesOf } = broadcast(batches);
  const result = new Float64Array(tf.util.sizeFromShape(shape) * m * columns);
  for (let i = 0; i < result.length; i++) {
    const column = i % columns;
    const row = Math.floor(i / columns) % m;
    const [aBatch, bBatch] = placesOf(Math.floor(i / (columns * m))) as [number, number];
    for (let t = 0; t < k; t++) {
      const x = values['a']![aBatch * aRows * aColumns + (transposeA ? t * aColumns + row : row * aColumns + t)]!;
      const y = values['b']![bBatch * bRows * bColumns + (transposeB ? column * bColumns + t : t * bColumns + column)]!;
      result[i]! += x * y;
    }
  }
  const dtype = a.dtype === 'int32' ? 'int32' : 'float32';
  const typed = dtype === 'int32' ? Int32Array.from(result) : Float32Array.from(result);
  return [{ shape: [...shape, m, columns], dtype, values: typed }];
};

/** tfjs-backend-cpu is wrong for letters that are summed in an outer product. */
export const einsum: Reference = ({ inputs, attrs }, values) => {
  const tensors = inputs as readonly FuzzTensor[];
  const [left, right] = (attrs!['equation'] as string).split('->') as [string, string];
  const terms = left.split(',');
  const sides = new Map<string, number>();
  terms.forEach((term, k) => [...term].forEach((letter, d) => sides.set(letter, tensors[k]!.shape[d]!)));
  const letters = [...right, ...[...sides.keys()].filter((letter) => !right.includes(letter))];
  const shape = [...right].map((letter) => sides.get(letter)!);
  const result = new Float64Array(tf.util.sizeFromShape(shape));
  const total = letters.reduce((product, letter) => product * sides.get(letter)!, 1);
  const inner = total / Math.max(1, result.length);
  for (let i = 0; i < total; i++) {
    const at = new Map<string, number>();
    let rest = i;
    for (const letter of [...letters].reverse()) {
      at.set(letter, rest % sides.get(letter)!);
      rest = Math.floor(rest / sides.get(letter)!);
    }
    const factors = terms.map(
      (term, k) => values[k]![[...term].reduce((flat, l) => flat * sides.get(l)! + at.get(l)!, 0)]!,
    );
    result[Math.floor(i / inner)]! += factors.reduce((a, b) => a * b, 1);
  }
  const dtype = tensors[0]!.dtype === 'int32' ? 'int32' : 'float32';
  return [{ shape, dtype, values: dtype === 'int32' ? Int32Array.from(result) : Float32Array.from(result) }];
};
