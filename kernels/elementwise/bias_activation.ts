/** Bias and activation of the fused kernels, as an ordinary elementwise op. */
import { Elu, LeakyRelu, Relu, Relu6, Sigmoid, type backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { KernelError, type KernelContext } from '../../src/kernel/define_kernel';
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

/** Inputs that the fused kernels share. */
export interface FusedInputs {
  readonly bias?: TensorInfo | undefined;
  readonly preluActivationWeights?: TensorInfo | undefined;
}

/** Attributes that they share. */
export interface FusedAttrs {
  readonly activation?: backend_util.Activation | null;
  readonly leakyreluAlpha?: number;
}

/** Bias and activation; prelu has weights, leakyrelu a slope. */
export interface BiasActivation {
  readonly activation: backend_util.Activation;
  readonly bias?: TensorInfo | undefined;
  readonly weights?: TensorInfo | undefined;
  readonly alpha: number;
}

/** What a fused kernel is asked for. @throws KernelError for an unknown activation, or prelu without weights */
export function biasActivationOf(
  kernel: string,
  { bias, preluActivationWeights }: FusedInputs,
  attrs: FusedAttrs,
): BiasActivation {
  const activation = attrs.activation ?? 'linear';
  if (!(activation in activations)) {
    const known = Object.keys(activations).join(', ');
    throw new KernelError(kernel, `found activation ${activation}, expected one of ${known}.`);
  }
  const weights = activation === 'prelu' ? preluActivationWeights : undefined;
  if (activation === 'prelu' && !weights)
    throw new KernelError(kernel, 'activation prelu needs preluActivationWeights.');
  return { activation, bias, weights, alpha: attrs.leakyreluAlpha ?? 0.2 };
}

/** y with bias and activation, which may be of any shapes that broadcast to its own. */
export function withBiasActivation(
  ctx: KernelContext,
  y: TensorInfo,
  { activation, bias, weights, alpha }: BiasActivation,
): TensorInfo {
  if (!bias && activation === 'linear') return y;
  const sum = bias ? '(y + b)' : 'y';
  // tfjs keeps the dtype of the product; activations of integers are computed in floats.
  const int = y.dtype !== 'float32';
  const activated = activations[activation].replace(/\bx\b/g, int ? `float(${sum})` : sum);
  const expression = !int ? activated : activation === 'linear' ? sum : `toInt(${activated})`;
  const operands = { y, ...(bias ? { b: bias } : {}), ...(weights ? { alpha: weights } : {}) };
  return ctx.map(
    {
      expression,
      kind: activation === 'linear' ? 'sum' : undefined,
      dtype: int ? 'int32' : 'float32',
      attributes: activation === 'leakyrelu' ? { alpha } : {},
    },
    operands,
    y.shape,
  );
}
