/** Elementwise ops of one tensor, a row each. */
import { Abs, Exp, Neg, Square, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { defineKernel } from '../src/kernel';
import type { DType } from '../src/plan';
import { runMap } from './templates/map';

/** GLSL expressions in `x`, by the dtype of the input. Without `int32`, integers are converted and the result is float32. */
interface Row {
  readonly float32: string;
  readonly int32?: string;
  /** Dtype of the result where it is not the expression's own. */
  readonly dtype?: DType;
  readonly helpers?: string;
}

const rows = {
  [Abs]: { float32: 'abs(x)', int32: 'abs(x)' },
  [Exp]: { float32: 'exp(x)' },
  [Neg]: { float32: '-x', int32: '-x' },
  [Square]: { float32: 'x * x', int32: 'x * x' },
} satisfies Record<string, Row>;

function unary(kernelName: string, row: Row): KernelConfig {
  return defineKernel<{ x: TensorInfo }>(kernelName, (ctx, { x }) => {
    const int = x.dtype !== 'float32';
    const expression = int ? (row.int32 ?? row.float32.replace(/\bx\b/g, 'float(x)')) : row.float32;
    const dtype = row.dtype ?? (int && row.int32 ? 'int32' : 'float32');
    return runMap(ctx, { expression, dtype, helpers: row.helpers }, { x }, x.shape);
  });
}

export const unaryKernels: readonly KernelConfig[] = Object.entries(rows).map(([name, row]) => unary(name, row));
