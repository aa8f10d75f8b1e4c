/** Lists all kernels and gradients. */
import type { GradConfig, KernelConfig } from '@tensorflow/tfjs-core';
import { convKernels } from './conv/conv2d';
import { filterGradientKernels } from './conv/conv2d_filter_gradient';
import { inputGradientKernels } from './conv/conv2d_input_gradient';
import { matmulKernels } from './matmul/matmul';
import { gatherKernels } from './movement/gather';
import { concatSplitKernels } from './movement/concat_split';
import { moveKernels } from './movement/move';
import { binaryKernels } from './elementwise/binary';
import { castKernels } from './elementwise/cast';
import { complexKernels } from './elementwise/complex';
import { createKernels } from './elementwise/create';
import { fftKernels } from './other/fft';
import { hostKernels } from './other/cpu_kernels';
import { multinomialKernels } from './other/multinomial';
import { naryKernels } from './elementwise/nary';
import { resizeKernels } from './image/resize';
import { argMinMaxKernels } from './reduce/arg_min_max';
import { reduceKernels } from './reduce/reduce';
import { normalizeKernels } from './nn/normalization';
import { scanKernels } from './reduce/scan';
import { segmentKernels } from './reduce/segment_sum';
import { softmaxKernels } from './reduce/softmax';
import { topKKernels } from './reduce/top_k';
import { poolKernels } from './nn/pool';
import { dilationKernels } from './nn/dilation2d';
import { imageKernels } from './image/transform';
import { scatterKernels } from './movement/scatter';
import { pixelKernels } from './image/pixels';
import { einsumKernels } from './matmul/einsum';
import { conv3dKernels } from './conv/conv3d';
import { unaryKernels } from './elementwise/unary';
import { viewKernels } from './movement/view';
import { convolutionGradients } from './conv/gradients';
import { missingGradients } from './other/missing_gradients';

export { installFusedGradients, noted } from './conv/fused_gradients';
export { hostKernels };

/** Gradients that tfjs-core lacks or refuses. */
export const gradients: readonly GradConfig[] = [...convolutionGradients, ...missingGradients];

export const kernels: readonly KernelConfig[] = [
  ...convKernels,
  ...inputGradientKernels,
  ...filterGradientKernels,
  ...matmulKernels,
  ...gatherKernels,
  ...concatSplitKernels,
  ...moveKernels,
  ...binaryKernels,
  ...castKernels,
  ...complexKernels,
  ...createKernels,
  ...fftKernels,
  ...hostKernels,
  ...multinomialKernels,
  ...naryKernels,
  ...resizeKernels,
  ...argMinMaxKernels,
  ...reduceKernels,
  ...normalizeKernels,
  ...scanKernels,
  ...segmentKernels,
  ...softmaxKernels,
  ...topKKernels,
  ...poolKernels,
  ...dilationKernels,
  ...imageKernels,
  ...scatterKernels,
  ...pixelKernels,
  ...einsumKernels,
  ...conv3dKernels,
  ...unaryKernels,
  ...viewKernels,
];
