/** Bias and activation as an expression that any template appends to its result. */
import { Elu, LeakyRelu, Relu, Relu6, Sigmoid, type backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { texelAt } from '../src/glsl/accessor';
import { KernelError, type KernelContext } from '../src/kernel';
import type { Uniform } from '../src/plan';
import { sizeOf } from '../src/shape';
import { unaryRows } from './unary';

/** GLSL expressions in `x`, those of the ops of the same name; `alpha` is leakyrelu's slope and the element of prelu's weights. */
const activations: Readonly<Record<backend_util.Activation, string>> = {
  linear: 'x',
  relu: unaryRows[Relu].float32,
  relu6: unaryRows[Relu6].float32,
  elu: unaryRows[Elu].float32,
  sigmoid: unaryRows[Sigmoid].float32,
  leakyrelu: unaryRows[LeakyRelu].float32,
  prelu: unaryRows[LeakyRelu].float32,
};

/** What a fused kernel does with its result. */
export interface Epilogue {
  readonly bias?: TensorInfo;
  readonly activation: backend_util.Activation;
  readonly preluWeights?: TensorInfo;
  readonly alpha: number;
}

/** The part of an epilogue that changes a shader's text. */
export interface EpilogueParams {
  readonly bias: boolean;
  readonly activation: backend_util.Activation;
}

export const NO_EPILOGUE: Epilogue = { activation: 'linear', alpha: 0 };

/** Attributes that the fused kernels share. */
export interface FusedAttrs {
  readonly activation?: backend_util.Activation | null;
  readonly leakyreluAlpha?: number;
}

/** The epilogue of a fused kernel's inputs and attributes. @throws KernelError for an unknown activation, or prelu without weights */
export function epilogueOf(
  kernel: string,
  inputs: { bias?: TensorInfo; preluActivationWeights?: TensorInfo },
  attrs: FusedAttrs,
): Epilogue {
  const activation = attrs.activation ?? 'linear';
  if (!(activation in activations)) {
    throw new KernelError(
      kernel,
      `found activation ${activation}, expected one of ${Object.keys(activations).join(', ')}.`,
    );
  }
  const preluWeights = activation === 'prelu' ? inputs.preluActivationWeights : undefined;
  if (activation === 'prelu' && !preluWeights)
    throw new KernelError(kernel, 'activation prelu needs preluActivationWeights.');
  return {
    activation,
    alpha: attrs.leakyreluAlpha ?? 0.2,
    ...(inputs.bias ? { bias: inputs.bias } : {}),
    ...(preluWeights ? { preluWeights } : {}),
  };
}

/** Whether a template can append the epilogue: everything in it is per channel, the last dimension of `channels` elements. */
export function isPerChannel({ bias, preluWeights }: Epilogue, channels: number): boolean {
  const perChannel = (x?: TensorInfo) =>
    !x || (sizeOf(x.shape) === channels && x.shape[x.shape.length - 1] === channels);
  return perChannel(bias) && perChannel(preluWeights);
}

export function epilogueParams({ bias, activation }: Epilogue): EpilogueParams {
  return { bias: bias !== undefined, activation };
}

export function isEmpty({ bias, activation }: Epilogue): boolean {
  return !bias && activation === 'linear';
}

/** Names of the samplers that the epilogue adds, in the order of `epilogueInputs`. */
export function epilogueSamplers({ bias, activation }: EpilogueParams): string[] {
  return [...(bias ? ['bias'] : []), ...(activation === 'prelu' ? ['preluWeights'] : [])];
}

export function epilogueInputs({ bias, preluWeights }: Epilogue): TensorInfo[] {
  return [bias, preluWeights].filter((x) => x !== undefined);
}

export function epilogueUniforms({ activation, alpha }: Epilogue): Record<string, Uniform> {
  return activation === 'leakyrelu' ? { alpha } : {};
}

/** GLSL declarations without the keyword, for the shader's list of uniforms. */
export function epilogueDeclarations({ activation }: EpilogueParams): string[] {
  return activation === 'leakyrelu' ? ['float alpha'] : [];
}

/** `vec4 epilogue(vec4 v, int c4)`: bias and activation for the four channels from 4 * c4 on. */
export function epilogueHelper({ bias, activation }: EpilogueParams): string {
  const prelu = activation === 'prelu';
  const slopes = prelu ? 'preluWeights_texel(c4)' : activation === 'leakyrelu' ? 'vec4(alpha)' : 'vec4(0.0)';
  return `${bias ? texelAt('bias', 'float32') : ''}
${prelu ? texelAt('preluWeights', 'float32') : ''}
float activate(float x, float alpha) { return ${activations[activation]}; }
vec4 epilogue(vec4 v, int c4) {
  ${bias ? 'v += bias_texel(c4);' : ''}
  vec4 w = ${slopes};
  return vec4(activate(v.x, w.x), activate(v.y, w.y), activate(v.z, w.z), activate(v.w, w.w));
}`;
}

/** The epilogue as a pass of its own, for biases and weights of any broadcastable shape. */
export function runEpilogue(ctx: KernelContext, y: TensorInfo, epilogue: Epilogue): TensorInfo {
  if (isEmpty(epilogue)) return y;
  const { bias, activation, preluWeights, alpha } = epilogue;
  const sum = bias ? '(y + b)' : 'y';
  // tfjs keeps the dtype of the product; activations of integers are computed in floats.
  const int = y.dtype !== 'float32';
  const activated = activations[activation].replace(/\bx\b/g, int ? `float(${sum})` : sum);
  const expression = !int ? activated : activation === 'linear' ? sum : `toInt(${activated})`;
  const operands = { y, ...(bias ? { b: bias } : {}), ...(preluWeights ? { alpha: preluWeights } : {}) };
  return ctx.map(
    { expression, dtype: int ? 'int32' : 'float32', attributes: activation === 'leakyrelu' ? { alpha } : {} },
    operands,
    y.shape,
  );
}
