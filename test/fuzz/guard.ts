/** How a program makes and reads tensors: plainly, or so that what fails leaves a gap in its outputs. */
import type * as tf from '@tensorflow/tfjs-core';
import { readOutput, type Output } from '../kernels/call';

export interface Guard {
  /** What an op gives; undefined where it fails as it may. */
  readonly make: <T>(op: () => T) => T | undefined;
  /** What a tensor holds; MISSING where there is none, or its read fails as it may. */
  readonly read: (x: tf.Tensor | undefined) => Promise<Output>;
}

/** In the place of an output that could not be had. */
export const MISSING: Output = { shape: [], dtype: 'float32', values: [] };

export const UNGUARDED: Guard = {
  make: (op) => op(),
  read: (x) => readOutput(x!),
};
