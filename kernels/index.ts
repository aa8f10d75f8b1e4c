/** Joins the families into one list. */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { convKernels } from './conv';
import { convGradientKernels } from './conv_backprop';
import { matmulKernels } from './matmul';
import { gatherKernels } from './gather';
import { joinKernels } from './join';
import { moveKernels } from './move';
import { binaryKernels } from './binary';
import { castKernels } from './cast';
import { complexKernels } from './complex';
import { createKernels } from './create';
import { fftKernels } from './fft';
import { hostKernels } from './host';
import { multinomialKernels } from './multinomial';
import { naryKernels } from './nary';
import { resizeKernels } from './resize';
import { extremeKernels } from './extreme';
import { reduceKernels } from './reduce';
import { normalizeKernels } from './normalize';
import { scanKernels } from './scan';
import { segmentKernels } from './segment';
import { softmaxKernels } from './softmax';
import { sortKernels } from './sort';
import { poolKernels } from './pool';
import { dilationKernels } from './dilation';
import { imageKernels } from './image';
import { scatterKernels } from './scatter';
import { pixelKernels } from './pixels';
import { einsumKernels } from './einsum';
import { conv3dKernels } from './conv3d';
import { unaryKernels } from './unary';
import { viewKernels } from './view';

export const kernels: readonly KernelConfig[] = [
  ...convKernels,
  ...convGradientKernels,
  ...matmulKernels,
  ...gatherKernels,
  ...joinKernels,
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
  ...extremeKernels,
  ...reduceKernels,
  ...normalizeKernels,
  ...scanKernels,
  ...segmentKernels,
  ...softmaxKernels,
  ...sortKernels,
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
