/** What is timed one by one: a kernel case from test/cases, or a few ops that belong together. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from '../../test/cases/case';
import { filled } from './fill';

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

function makeTensor(spec: TensorSpec, seed: number): tf.Tensor {
  const size = spec.shape.reduce((product, side) => product * side, 1);
  const values = spec.values ?? filled(size, spec.fill ?? 'normal', seed);
  const dtype = spec.dtype ?? 'float32';
  return tf.tensor(dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values), [...spec.shape], dtype);
}

/** Makes the inputs on the backend that is active now. */
export function makeInputs({ inputs, derive }: Workload): tf.NamedTensorMap | tf.Tensor[] {
  const made = specified(inputs);
  return derive ? derive(made) : made;
}

function specified(inputs: Workload['inputs']): tf.NamedTensorMap | tf.Tensor[] {
  if (Array.isArray(inputs)) return (inputs as readonly TensorSpec[]).map((spec, i) => makeTensor(spec, i + 1));
  const entries = Object.entries(inputs as Readonly<Record<string, TensorSpec>>);
  return Object.fromEntries(entries.map(([key, spec], i) => [key, makeTensor(spec, i + 1)]));
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
