/** What is timed one by one: a kernel case from test/cases, or a few ops that belong together. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from '../../test/cases/case';
import { randomOf, valuesOf } from '../../test/cases/fill';

export interface Workload {
  /** Kernel name, or the word for a group of ops. */
  readonly kernel: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>> | readonly TensorSpec[];
  readonly flops?: number;
  /** Replaces the inputs by ones computed from them, before anything is timed. */
  readonly derive?: (inputs: tf.NamedTensorMap | tf.Tensor[]) => tf.NamedTensorMap;
  readonly call: (inputs: tf.NamedTensorMap | tf.Tensor[]) => tf.Tensor | tf.Tensor[];
}

export function fromCase({ kernel, name, inputs, attrs, flops }: KernelCase): Workload {
  return {
    kernel,
    name,
    inputs,
    ...(flops === undefined ? {} : { flops }),
    call: (tensors) =>
      tf.engine().runKernel(kernel, tensors as tf.NamedTensorMap, (attrs ?? {}) as Record<string, never>),
  };
}

/** A workload's inputs as plain values, made once for all backends. */
export interface HostInputs {
  readonly keys: readonly string[];
  readonly tensors: readonly { readonly values: tf.TypedArray; readonly spec: TensorSpec }[];
}

/** Makes the values of the inputs; the same workload always gets the same. */
export function hostInputs({ kernel, name, inputs }: Workload): HostInputs {
  const random = randomOf(1, `${kernel} ${name}`);
  const specs: readonly TensorSpec[] = Object.values(inputs);
  const tensors = specs.map((spec) => {
    // Infinities and NaN are for the tests; here they would only make results incomparable.
    const ordinary = spec.fill === 'special' ? { ...spec, fill: 'normal' as const } : spec;
    return { spec, values: valuesOf(ordinary, random) };
  });
  return { keys: Object.keys(inputs), tensors };
}

/** Makes the inputs on the backend that is active now. */
export function makeInputs(
  { inputs, derive }: Workload,
  { keys, tensors }: HostInputs,
): tf.NamedTensorMap | tf.Tensor[] {
  const list = tensors.map(({ values, spec }) => tf.tensor(values, [...spec.shape], spec.dtype ?? 'float32'));
  const made = Array.isArray(inputs) ? list : Object.fromEntries(keys.map((key, i) => [key, list[i]!]));
  return derive ? derive(made) : made;
}

/** The first output; the others, if any, are disposed of. */
export function firstOutput(workload: Workload, inputs: tf.NamedTensorMap | tf.Tensor[]): tf.Tensor {
  const output = workload.call(inputs);
  if (!Array.isArray(output)) return output;
  tf.dispose(output.slice(1));
  return output[0]!;
}

const activations = { shape: [64, 28, 28, 32] } satisfies TensorSpec;
const channels = { shape: [32] } satisfies TensorSpec;
const listed = (inputs: tf.NamedTensorMap | tf.Tensor[]): tf.Tensor[] => inputs as tf.Tensor[];

/** What needs more than one kernel: ops that follow one another in every training step, and inputs that are results. */
export const GROUPS: readonly Workload[] = [
  {
    kernel: 'MaxPoolGrad',
    name: '64x28x28x32, 2x2',
    inputs: [activations, { shape: [64, 14, 14, 32] }],
    // The kernel wants the pooled tensor too; random numbers in its place would not be maxima.
    derive: (inputs) => {
      const [input, dy] = listed(inputs) as [tf.Tensor4D, tf.Tensor];
      return { input, dy, output: tf.maxPool(input, 2, 2, 'valid') };
    },
    call: (inputs) => {
      const attrs = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' };
      return tf.engine().runKernel('MaxPoolGrad', inputs as tf.NamedTensorMap, attrs);
    },
  },
  {
    kernel: 'bias+relu',
    name: '64x28x28x32',
    inputs: [activations, channels],
    call: (inputs) => {
      const [x, bias] = listed(inputs) as [tf.Tensor, tf.Tensor];
      return tf.relu(tf.add(x, bias));
    },
  },
  {
    kernel: 'moments',
    name: '64x28x28x32 over N, H, W',
    inputs: [activations],
    call: (inputs) => {
      const { mean, variance } = tf.moments(listed(inputs)[0]!, [0, 1, 2]);
      return tf.add(mean, variance);
    },
  },
  {
    kernel: 'batchNorm gradient',
    name: '64x28x28x32',
    inputs: [activations, channels, channels],
    call: (inputs) => {
      const [x, offset, scale] = listed(inputs) as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
      const normalised = (x4: tf.Tensor): tf.Scalar => {
        const { mean, variance } = tf.moments(x4, [0, 1, 2]);
        const y = tf.batchNorm(x4, mean, variance, offset, scale, 1e-3);
        return tf.sum<tf.Scalar>(tf.square(y));
      };
      return tf.grad(normalised)(x);
    },
  },
  {
    kernel: 'momentum update',
    name: '3136x512',
    inputs: [{ shape: [3136, 512] }, { shape: [3136, 512] }, { shape: [3136, 512] }],
    call: (inputs) => {
      const [weight, velocity, gradient] = listed(inputs) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return tf.sub(weight, tf.mul(0.01, tf.add(tf.mul(0.9, velocity), gradient)));
    },
  },
];
