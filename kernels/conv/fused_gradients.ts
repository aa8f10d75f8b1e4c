/**
 * Gradients of fused dilated convolutions, which layers use. tf.fused.conv2d registers no gradient but passes one to the engine's
 * customGrad, and refuses dilation. So customGrad is wrapped, and replaces that gradient after a fused dilated convolution.
 */
import {
  broadcast_util,
  engine,
  FusedConv2D,
  FusedDepthwiseConv2D,
  reshape,
  sum,
  type GradSaveFunc,
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { CONV2D, DEPTHWISE, filterGradient, inputGradient, type Convolution } from './gradients';

const FAMILIES: Readonly<Record<string, Convolution>> = { [FusedConv2D]: CONV2D, [FusedDepthwiseConv2D]: DEPTHWISE };

interface FusedCall {
  readonly family: Convolution;
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
}

/** The fused dilated convolution that ran last. */
let lastCall: FusedCall | undefined;

/** `kernel`, whose calls are noted if it is a fused convolution. */
export function noted(kernel: KernelConfig): KernelConfig {
  const family = FAMILIES[kernel.kernelName];
  if (!family) return kernel;
  return {
    ...kernel,
    kernelFunc: (call) => {
      const { inputs, attrs = {} } = call;
      const dilated = [attrs['dilations']].flat().some((d) => typeof d === 'number' && d > 1);
      if (dilated && attrs['activation'] === 'linear') lastCall = { family, inputs, attrs };
      return kernel.kernelFunc(call);
    },
  };
}

/** The gradient with respect to input, filter and bias from what tfjs-core's fused ops save: filter, x, y, bias. */
function fusedGradient({ family, attrs }: FusedCall, dy: Tensor, saved: Tensor[]): Tensor[] {
  const [filter, x, y, bias] = saved as [Tensor, Tensor, Tensor, Tensor?];
  const given = { x, filter, dy: reshape(dy, y.shape) };
  const gradients = [inputGradient(family, given, attrs), filterGradient(family, given, attrs)];
  if (!bias) return gradients;
  const axes = broadcast_util.getReductionAxes(bias.shape, y.shape);
  return [...gradients, reshape(sum(given.dy, axes), bias.shape)];
}

/** tfjs-core's type of what customGrad takes, which it does not export. */
type Differentiated<T extends Tensor> = (...inputs: (Tensor | GradSaveFunc)[]) => {
  readonly value: T;
  readonly gradFunc: (dy: T, saved: Tensor[]) => Tensor | Tensor[];
};

let installed = false;

/** Replaces the gradients of fused dilated convolutions from now on. */
export function installFusedGradients(): void {
  if (installed) return;
  installed = true;
  const tape = engine();
  const customGrad = tape.customGrad.bind(tape);
  tape.customGrad = <T extends Tensor>(f: Differentiated<T>) =>
    customGrad<T>((...args) => {
      lastCall = undefined;
      const result = f(...args);
      const call = lastCall as FusedCall | undefined;
      lastCall = undefined;
      const whole = call?.inputs['x'] === args[0] && call?.inputs['filter'] === args[1];
      if (!call || !whole) return result; // An application's own customGrad, around a convolution or none.
      return { value: result.value, gradFunc: (dy, saved) => fusedGradient(call, dy, saved) };
    });
}
