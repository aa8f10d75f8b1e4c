/** Joins the families into one list. */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { matmulKernels } from './matmul';
import { unaryKernels } from './unary';
import { viewKernels } from './view';

export const kernels: readonly KernelConfig[] = [...matmulKernels, ...unaryKernels, ...viewKernels];
