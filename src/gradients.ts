/** Registers gradients beside tfjs-core's own: they hold on this backend, and the others keep what they had. */
import { engine, getGradient, registerGradient, unregisterGradient, type GradConfig } from '@tensorflow/tfjs-core';
import { ConvglBackend } from './backend';

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
      const { gradFunc: compute } = other && !(engine().backend instanceof ConvglBackend) ? other : gradient;
      return compute(dy, saved, attrs);
    };
    ours.add(gradFunc);
    if (other) unregisterGradient(gradient.kernelName); // In tfjs's debug mode, replacing one warns.
    registerGradient({ ...gradient, gradFunc });
  }
}
