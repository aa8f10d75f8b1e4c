/** Gradients of convolutions of any order, with the dilated ones that tfjs-core refuses. */
import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  Conv3D,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  engine,
  type GradConfig,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { defineGradient } from '../../src/kernel/define_gradient';

/** The three kernels of a convolution, each of which is linear in both of its inputs. */
export interface Convolution {
  readonly forward: string;
  readonly input: string;
  readonly filter: string;
}

export const CONV2D: Convolution = { forward: Conv2D, input: Conv2DBackpropInput, filter: Conv2DBackpropFilter };

export const DEPTHWISE: Convolution = {
  forward: DepthwiseConv2dNative,
  input: DepthwiseConv2dNativeBackpropInput,
  filter: DepthwiseConv2dNativeBackpropFilter,
};

const CONV3D: Convolution = { forward: Conv3D, input: Conv3DBackpropInputV2, filter: Conv3DBackpropFilterV2 };

function run(kernel: string, inputs: NamedTensorMap, attrs: object): Tensor {
  return engine().runKernel(kernel, inputs, attrs as NamedAttrMap);
}

/** What multiplies `filter` and `dy` to the gradient of x. */
export function inputGradient(
  { input }: Convolution,
  { x, filter, dy }: { readonly x: Tensor; readonly filter: Tensor; readonly dy: Tensor },
  attrs: object,
): Tensor {
  return run(input, { dy, filter }, { ...attrs, inputShape: x.shape });
}

/** What multiplies `x` and `dy` to the gradient of the filter. */
export function filterGradient(
  { filter: kernel }: Convolution,
  { x, filter, dy }: { readonly x: Tensor; readonly filter: Tensor; readonly dy: Tensor },
  attrs: object,
): Tensor {
  return run(kernel, { x, dy }, { ...attrs, filterShape: filter.shape });
}

/** In the gradient of one of the three, the arriving gradient takes the place of its result in the other two. */
function gradientsOf(family: Convolution): GradConfig[] {
  const gradient = (
    kernelName: string,
    inputsToSave: string[],
    of: (arriving: Tensor, saved: readonly [Tensor, Tensor], attrs: object) => Record<string, () => Tensor>,
  ): GradConfig =>
    defineGradient({ kernelName, inputsToSave }, (dy, saved, attrs) => of(dy, saved as [Tensor, Tensor], attrs));
  return [
    gradient(family.forward, ['x', 'filter'], (dy, [x, filter], attrs) => ({
      x: () => inputGradient(family, { x, filter, dy }, attrs),
      filter: () => filterGradient(family, { x, filter, dy }, attrs),
    })),
    gradient(family.input, ['dy', 'filter'], (x, [dy, filter], attrs) => ({
      dy: () => run(family.forward, { x, filter }, attrs),
      filter: () => filterGradient(family, { x, filter, dy }, attrs),
    })),
    gradient(family.filter, ['x', 'dy'], (filter, [x, dy], attrs) => ({
      x: () => inputGradient(family, { x, filter, dy }, attrs),
      dy: () => run(family.forward, { x, filter }, attrs),
    })),
  ];
}

export const convolutionGradients: readonly GradConfig[] = [CONV2D, DEPTHWISE, CONV3D].flatMap(gradientsOf);
