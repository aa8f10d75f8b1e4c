/** Joins the families into one list. */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { convKernels } from './conv';
import { matmulKernels } from './matmul';
import { moveKernels } from './move';
import { unaryKernels } from './unary';
import { viewKernels } from './view';

export const kernels: readonly KernelConfig[] = [...convKernels, ...matmulKernels, ...moveKernels, ...unaryKernels, ...viewKernels];
