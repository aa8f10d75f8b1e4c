/** Compares a function's gradients on convgl with differences of its values on tfjs-backend-cpu. */
import * as tf from '@tensorflow/tfjs-core';
import { randomOf, type Random } from '../cases/fill';
import { seed } from '../page';

/** A differentiable function of tensors. */
export type Differentiable = (...xs: tf.Tensor[]) => tf.Tensor;

/**
 * Distance between the points of a difference. Four points cancel the error up to its fourth power, and it is large enough
 * that float32's rounding of the values, divided by it, stays near 1e-5.
 */
const STEP = 0.02;

/** Differentiated elements of each input, at most, chosen at random. */
const ELEMENTS = 12;

/** Values for inputs of differentiable functions that turn at 0 or where two elements are equal: further apart than the differences reach. */
export function spread(shape: readonly number[], random: Random): tf.TypedArray {
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => i + 0.5);
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  const middle = values.length >> 1;
  return values.map((value) => (value - middle) * 6 * STEP);
}

/**
 * Checks d sum(w * f(xs)) / dx for every input, with random weights w, so that no two elements of the result weigh the
 * same. Values of f's result are summed as doubles.
 *
 * @param name seeds the weights and the choice of elements
 */
export async function checkGradient(
  name: string,
  f: Differentiable,
  inputs: readonly { readonly shape: readonly number[]; readonly values: tf.TypedArray }[],
  tolerance = 2e-3,
): Promise<void> {
  const random = randomOf(seed, `gradient of ${name}`);
  await tf.setBackend('cpu');
  const valueAt = (values: readonly tf.TypedArray[]): Float32Array =>
    tf.tidy(() => f(...values.map((x, i) => tf.tensor(x, [...inputs[i]!.shape]))).dataSync<'float32'>());
  const values = inputs.map((input) => input.values);
  const weights = Float32Array.from(valueAt(values), () => 2 * random() - 1);
  const loss = (at: readonly tf.TypedArray[]): number => valueAt(at).reduce((sum, y, i) => sum + y * weights[i]!, 0);
  const gradients = await gradientsOnConvgl(f, inputs, weights);
  await tf.setBackend('cpu');
  gradients.forEach((gradient, input) => {
    const elements = chosenElements(gradient.length, random);
    const expected = elements.map((element) => difference(loss, values, { input, element }));
    const scale = Math.max(...expected.map(Math.abs), 1e-2);
    elements.forEach((element, i) => {
      const error = Math.abs(gradient[element]! - expected[i]!) / scale;
      const context = `input ${input}, element ${element}: gradient ${gradient[element]}, difference ${expected[i]}; relative error`;
      expect(error).withContext(context).toBeLessThan(tolerance);
    });
  });
}

async function gradientsOnConvgl(
  f: Differentiable,
  inputs: readonly { readonly shape: readonly number[]; readonly values: tf.TypedArray }[],
  weights: tf.TypedArray,
): Promise<tf.TypedArray[]> {
  await tf.setBackend('convgl');
  const numTensors = tf.memory().numTensors;
  const numDataIds = tf.engine().backend.numDataIds();
  const gradients = tf.tidy(() => {
    const xs = inputs.map(({ shape, values }) => tf.tensor(values, [...shape]));
    const weighted: Differentiable = (...at) => {
      const y = f(...at);
      return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)));
    };
    return tf.grads(weighted)(xs);
  });
  const values = await Promise.all(gradients.map((gradient) => gradient.data()));
  gradients.forEach((gradient, i) => expect(gradient.shape).toEqual([...inputs[i]!.shape]));
  tf.dispose(gradients);
  expect(tf.memory().numTensors).withContext('tensors after the gradient, as before it').toBe(numTensors);
  expect(tf.engine().backend.numDataIds()).withContext('data ids after the gradient, as before it').toBe(numDataIds);
  return values;
}

/** The central difference over four points. */
function difference(
  loss: (values: readonly tf.TypedArray[]) => number,
  values: readonly tf.TypedArray[],
  { input, element }: { readonly input: number; readonly element: number },
): number {
  const moved = (by: number): number => {
    const x = values[input]!.slice();
    x[element]! += by * STEP;
    return loss(values.map((other, i) => (i === input ? x : other)));
  };
  return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * STEP);
}

function chosenElements(size: number, random: Random): number[] {
  if (size <= ELEMENTS) return Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: ELEMENTS }, () => Math.floor(random() * size));
}
