/** Calls a kernel case on a backend, reads what it gives, and sees that nothing is left behind. */
import * as tf from '@tensorflow/tfjs-core';
import { defineGLSLKernel } from '../../src/index';
import type { KernelCase, TensorSpec } from '../cases/case';

/** Smallest float32 that is not subnormal. */
export const SMALLEST_NORMAL = 2 ** -126;

/** One output of a kernel, read. */
export interface Output {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
  readonly values: ArrayLike<number>;
}

/** The values of a case's inputs, by input name or place; a complex64 input has two entries, real and imaginary. */
export type InputValues = Readonly<Record<string, tf.TypedArray>>;

/** Thrown where a tensor or a data id stays behind. */
export class LeakError extends Error {}

/** Fills every input of a case. */
export function fillInputs(
  { inputs }: Pick<KernelCase, 'inputs'>,
  fill: (spec: TensorSpec) => tf.TypedArray,
): InputValues {
  const values: Record<string, tf.TypedArray> = {};
  for (const [key, spec] of Object.entries<TensorSpec>(inputs)) {
    values[key] = fill(spec);
    if (spec.dtype === 'complex64') values[`${key} imaginary`] = fill(spec);
  }
  return values;
}

/** The same values with subnormal numbers replaced by zeros: GPUs may flush them. */
export function flushed(values: InputValues): InputValues {
  const flush = (x: number): number => (Math.abs(x) < SMALLEST_NORMAL ? x * 0 : x);
  return Object.fromEntries(Object.entries(values).map(([key, array]) => [key, array.map(flush)]));
}

/** A call of a kernel, and where its inputs are. */
export type Call = Pick<KernelCase, 'kernel' | 'inputs' | 'attrs'> & {
  /** Inputs are views of flat tensors that only the backend has, so that nothing about them is known beforehand. */
  readonly flat?: boolean;
  /** Inputs are as a kernel has made them, on the GPU alone. */
  readonly made?: boolean;
};

/** Kernels of convgl that give their input. */
const copies = Object.fromEntries(
  (['float32', 'int32', 'bool'] as const).map((dtype) => [
    dtype,
    defineGLSLKernel({
      name: `Test/copy of ${dtype}`,
      inputs: { x: dtype },
      output: ({ x }) => ({ shape: x.shape, dtype }),
      glsl: `${dtype === 'float32' ? 'float' : 'int'} element(int i) { return x_at(i); }`,
    }),
  ]),
);

/** A copy of a tensor that only the GPU has. */
export function copyOnGpu(x: tf.Tensor): tf.Tensor {
  return copies[x.dtype]!({ x });
}

/** An input of a call, by its name or place. */
export function inputTensor(
  key: string,
  { shape, dtype = 'float32' }: TensorSpec,
  values: InputValues,
  { flat, made }: Pick<Call, 'flat' | 'made'>,
): tf.Tensor {
  const tensor = (own: tf.TypedArray, type: tf.DataType): tf.Tensor => {
    if (made) return copyOnGpu(tf.tensor(own, [...shape], type));
    return flat
      ? tf.reshape(tf.reverse(tf.reverse(tf.tensor1d(own, type as 'float32'))), [...shape])
      : tf.tensor(own, [...shape], type);
  };
  const own = values[key]!;
  return tf.tidy(() =>
    dtype === 'complex64'
      ? tf.complex(tensor(own, 'float32'), tensor(values[`${key} imaginary`]!, 'float32'))
      : tensor(own, dtype),
  );
}

/** Every element as numbers; of complex64, real and imaginary parts by turns. */
export async function readOutput(y: tf.Tensor): Promise<Output> {
  return { shape: y.shape, dtype: y.dtype, values: await y.data() };
}

/**
 * Calls the case's kernel on a backend and disposes everything it made.
 *
 * @throws LeakError where a tensor or a data id stays behind
 */
export async function callKernel(
  backend: string,
  { kernel, inputs, attrs, ...place }: Call,
  values: InputValues,
): Promise<Output[]> {
  return balanced(backend, async () => {
    const specs = Object.entries<TensorSpec>(inputs);
    const tensors = specs.map(([key, spec]) => [key, inputTensor(key, spec, values, place)] as const);
    // A list of tensors, as Concat takes it, is an array for tfjs too.
    const given: tf.NamedTensorMap = Object.assign(Array.isArray(inputs) ? [] : {}, Object.fromEntries(tensors));
    const outputs: tf.Tensor[] = [];
    try {
      outputs.push(...[tf.engine().runKernel(kernel, given, (attrs ?? {}) as tf.NamedAttrMap)].flat());
      return await Promise.all(outputs.map(readOutput));
    } finally {
      tf.dispose([tensors.map(([, tensor]) => tensor), outputs]);
    }
  });
}

/** Awaits work on a backend, after which there are as many tensors and data ids as before it. @throws LeakError where there are not */
export async function balanced<T>(backend: string, work: () => Promise<T>): Promise<T> {
  await tf.setBackend(backend);
  const before = counts();
  const [outcome] = await Promise.allSettled([work()]);
  const left = Object.entries(counts()).filter(([what, count]) => count !== before[what]);
  if (left.length > 0) {
    const found = left.map(([what, count]) => `${count} ${what}, expected ${before[what]}`).join('; ');
    const after = outcome.status === 'rejected' ? ` after: ${String(outcome.reason)}` : '';
    throw new LeakError(`${backend} is left with ${found}${after}`);
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

function counts(): Readonly<Record<string, number>> {
  return { tensors: tf.memory().numTensors, 'data ids': tf.engine().backend.numDataIds() };
}
