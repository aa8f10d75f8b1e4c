/** defineGradient, the typed bridge to tfjs's untyped gradient registry; registers gradients without replacing those of other backends. */
import {
  engine,
  getGradient,
  registerGradient,
  unregisterGradient,
  type GradConfig,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { Backend } from '../tensors/backend';

/** Computes a gradient from `dy`, the gradient of the output, and `saved`, the tensors that `config` says to save. */
export type ComputeGradient<A, D> = (dy: D, saved: Tensor[], attrs: A) => ReturnType<GradConfig['gradFunc']>;

/**
 * A gradient for tfjs's registry. `A` is tfjs-core's own type for the kernel's attributes, and `D` is an array where the
 * kernel has several outputs; the registry is untyped, so this is the one place that has to believe them.
 *
 * @param config the kernel's name, and what it saves
 */
export function defineGradient<A = object, D extends Tensor | Tensor[] = Tensor>(
  config: Omit<GradConfig, 'gradFunc'>,
  compute: ComputeGradient<A, D>,
): GradConfig {
  return { ...config, gradFunc: (dy, saved, attrs) => compute(dy as D, saved, attrs as A) };
}

const ours = new Set<GradConfig['gradFunc']>();

/**
 * Registers each gradient; where another was registered under its name, that one still serves other backends, whose
 * kernels may not know what ours do.
 */
export function installGradients(gradients: readonly GradConfig[]): void {
  for (const gradient of gradients) {
    const other = getGradient(gradient.kernelName);
    if (other && ours.has(other.gradFunc)) continue;
    const gradFunc: GradConfig['gradFunc'] = (dy, saved, attrs) => {
      const { gradFunc: compute } = other && !(engine().backend instanceof Backend) ? other : gradient;
      return compute(dy, saved, attrs);
    };
    ours.add(gradFunc);
    if (other) unregisterGradient(gradient.kernelName); // In tfjs's debug mode, replacing one warns.
    registerGradient({ ...gradient, gradFunc });
  }
}
