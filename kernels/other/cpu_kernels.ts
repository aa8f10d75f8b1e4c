/**
 * Kernels that run on the host by design, through tfjs-backend-cpu: strings, which the GPU cannot hold; ragged and sparse
 * tensors, whose shapes depend on values; and searches in which every step waits for the one before.
 */
import {
  BroadcastArgs,
  NonMaxSuppressionV3,
  NonMaxSuppressionV4,
  NonMaxSuppressionV5,
  RaggedGather,
  RaggedRange,
  RaggedTensorToTensor,
  SparseFillEmptyRows,
  SparseReshape,
  SparseSegmentMean,
  SparseSegmentSum,
  StaticRegexReplace,
  StringNGrams,
  StringSplit,
  StringToHashBucketFast,
  Unique,
  type KernelConfig,
} from '@tensorflow/tfjs-core';
import { defineHostKernel } from '../../src/kernel/define_kernel';

export const hostKernels: readonly KernelConfig[] = [
  StaticRegexReplace,
  StringNGrams,
  StringSplit,
  StringToHashBucketFast,

  RaggedGather,
  RaggedRange,
  RaggedTensorToTensor,

  SparseFillEmptyRows,
  SparseReshape,
  SparseSegmentMean,
  SparseSegmentSum,

  BroadcastArgs,
  NonMaxSuppressionV3,
  NonMaxSuppressionV4,
  NonMaxSuppressionV5,
  Unique,
].map(defineHostKernel);
