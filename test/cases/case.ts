/** What a kernel case is: one call of a kernel as data, shared by the correctness tests and the benchmarks. */
import type { DataType } from '@tensorflow/tfjs-core';

/** How an input is filled where its values are not given: the range or distribution that the kernel needs to be tested well. */
export type Fill =
  | 'normal' // standard normal
  | 'uniform' // [-1, 1)
  | 'positive' // [0.1, 2)
  | 'unit' // (-0.99, 0.99)
  | 'ties' // small integers, so that equal values are common
  | 'int' // integers in [-100, 100]
  | 'wide' // int32 over its whole range
  | 'extremes' // the same with the ends of that range, and numbers around 0, mixed in
  | 'bool' // 0 or 1
  | 'magnitudes' // of both signs, over the whole range of exponents
  | 'nonfinite' // normal values with NaN and infinities mixed in: for sums, whose order differs
  | 'special'; // normal values with NaN, infinities, zeros of both signs and subnormals mixed in

/** One input tensor of a case. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype?: DataType;
  readonly fill?: Fill;
  readonly values?: readonly number[];
}

/** One call of a kernel through `engine().runKernel`, with what a test or a benchmark needs to know about it. */
export interface KernelCase {
  /** Unique within its kernel; says what is special about the case. */
  readonly name: string;
  /** tfjs-core's kernel name. */
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, TensorSpec>> | readonly TensorSpec[];
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** Relative tolerance against the reference; that of the kernel (test/kernels/magnitudes.ts) unless said. */
  readonly tolerance?: number;
  /** Multiply-adds times two, for the benchmark's rate. */
  readonly flops?: number;
  /** True for a case that is large enough to be timed; the tests leave such a case out. */
  readonly bench?: boolean;
}
