/**
 * Kernels that run on tfjs-backend-cpu by design: strings, which the GPU cannot hold; ragged and sparse tensors, whose shapes depend
 * on values; and sequential searches.
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
