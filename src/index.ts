/** The package's entry: registers the backend, its kernels and its gradients on import. @module tfjs-backend-convgl */
import '@tensorflow/tfjs-backend-cpu';
import {
  engine,
  getKernel,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  version_core,
  type KernelConfig,
} from '@tensorflow/tfjs-core';
import { gradients, hostKernels, installFusedGradients, kernels, noted } from '../kernels/index';
import { glslKernel, glslOp, registerGLSLGradient, type GLSLKernel, type GLSLOp } from './api/custom_kernels';
import { isTraceAsked, printTraces, traced } from './api/trace';
import { installGradients } from './kernel/define_gradient';
import { mendComplexMoves } from './kernel/cpu_fallback';
import { BACKEND, defineHostKernel, KernelError } from './kernel/define_kernel';
import { Backend } from './tensors/backend';
import type { ConvglBackend, ConvglOptions } from './tensors/convgl_backend';

export type { ContextOptions, ConvglStats } from './gl/options';
export type { ConvglBackend, ConvglMemory, ConvglOptions, ConvglTimingInfo } from './tensors/convgl_backend';
export type { ConvglGPUOptions } from './tensors/exchange';
export type { GLSLAttributes, GLSLDType, GLSLKernel, GLSLOp, GLSLOutput } from './api/custom_kernels';
export { ContextLostError, NoFloat32RenderingError, NoWebGL2Error } from './gl/context';
export { ShaderError } from './gl/programs';
export { OutOfGpuMemoryError } from './gl/textures';
export { KernelError } from './kernel/define_kernel';
export { TextureSizeError } from './plan/layout';
export { trace, type Trace } from './api/trace';
export { TRACE_REASONS, type TracedStep, type TracedTensor, type TraceReason } from './plan/trace';
export { warmup, type WarmupModel, type WarmupOptions, type WarmupProgress } from './api/warmup';
/** The version of this package. */
export const version = '0.1.0';

/** Above the official backends' priorities (webgl 2, cpu 1), so that importing convgl is enough to use it. */
const PRIORITY = 3;

let options: ConvglOptions = {};

/**
 * Sets the options of the backend. Call it before the first tensor is made. A second call replaces all options of the first.
 *
 * @throws Error if the backend has started already
 */
export function configure(chosen: ConvglOptions): void {
  if (BACKEND in engine().registry)
    throw new Error('configure: the convgl backend has started already; call it before the first use.');
  options = chosen;
}

/** Why the backend did not start when it was asked to the last time. */
let refusal = '';

/**
 * The backend named `convgl`, which starts now if it has not yet.
 *
 * @throws Error if it cannot start here; the message says why
 */
export function convglBackend(): ConvglBackend {
  const backend = engine().findBackend(BACKEND);
  if (backend instanceof Backend) return backend;
  throw new Error(`convglBackend: the convgl backend does not run here: ${refusal}`);
}

/** Names of kernels by where they run, each list in alphabetical order. */
export interface KernelPlaces {
  /** On the GPU, by convgl's own kernels. Some of them, such as Reshape, run no pass. */
  readonly gpu: readonly string[];
  /** On the host by design, by tfjs-backend-cpu: strings, ragged and sparse tensors, sequential searches. */
  readonly host: readonly string[];
  /** On the host because convgl has no kernel of that name. Each logs a warning when it first runs. */
  readonly missing: readonly string[];
  /** Kernels whose gradient convgl registers. All other gradients are tfjs-core's. */
  readonly gradients: readonly string[];
}

/** Where each kernel of convgl runs. */
export function kernelPlaces(): KernelPlaces {
  const host = hostKernels.map((k) => k.kernelName);
  const gpu = kernels.map((k) => k.kernelName).filter((name) => !host.includes(name));
  const ownGradients = gradients.map((g) => g.kernelName);
  return { gpu: gpu.sort(), host: host.sort(), missing: [...fallbacks].sort(), gradients: ownGradients.sort() };
}

const fallbacks = new Set<string>();

/** The kernels that only tfjs-backend-cpu has, each with a warning on first use. */
function fallbackKernels(): KernelConfig[] {
  const own = new Set(kernels.map((k) => k.kernelName));
  const missing = getKernelsForBackend('cpu').filter(({ kernelName }) => !own.has(kernelName));
  return missing.map(({ kernelName }) => {
    fallbacks.add(kernelName);
    const { kernelFunc, ...config } = defineHostKernel(kernelName);
    let warned = false;
    return {
      ...config,
      kernelFunc: (call) => {
        if (!warned)
          console.warn(`convgl has no kernel for ${kernelName} yet: it runs on the host, through tfjs-backend-cpu.`);
        warned = true;
        return kernelFunc(call);
      },
    };
  });
}

/**
 * Registers another convgl backend, for another context or with other options. It starts when `tf.setBackend(name)` selects
 * it. Tensors move between backends through the host. A name that is registered already logs a warning and changes nothing.
 *
 * @param name the name for `tf.setBackend`
 * @param chosen its options; those of `configure` do not apply. Default: none
 */
export function registerConvgl(name: string, chosen: ConvglOptions = {}): void {
  register(name, () => chosen, 0);
}

/** What is registered for every backend of this kind, those to come too. */
const names: string[] = [];
const customKernels: KernelConfig[] = [];

/**
 * Registers a kernel of the application's own: GLSL that computes one element of the output.
 *
 * @returns a function that calls the kernel, as `tf.engine().runKernel` does. Calls throw a {@link KernelError} for inputs,
 *   attributes or an output that do not fit the definition, and a {@link ShaderError} if the driver rejects the GLSL
 * @throws {@link KernelError} if a kernel of that name exists
 */
export function defineGLSLKernel<I extends string, A extends string = never>(kernel: GLSLKernel<I, A>): GLSLOp<I, A> {
  if (getKernel(kernel.name, BACKEND))
    throw new KernelError(kernel.name, 'a kernel of this name is registered already.');
  const config = glslKernel(kernel);
  customKernels.push(config);
  for (const backendName of names) registerKernel({ ...traced(config), backendName });
  registerGLSLGradient(kernel);
  return glslOp(kernel.name);
}

function register(name: string, chosen: () => ConvglOptions, priority: number): void {
  if (engine().findBackendFactory(name)) {
    console.warn(
      `convgl ${version}: a backend named ${name} is registered already, perhaps by a second copy of convgl ` +
        `(tfjs-core ${version_core}); the first one stays.`,
    );
    return;
  }
  names.push(name);
  for (const kernel of [...kernels, ...fallbackKernels(), ...customKernels])
    registerKernel({ ...traced(noted(kernel)), backendName: name });
  registerBackend(name, () => startWithGradients(chosen()), priority);
}

/** Only now, when the first tensor is made: whoever registers tfjs-core's gradients has been imported by then. */
function startWithGradients(chosen: ConvglOptions): Backend {
  const backend = start(chosen);
  if (chosen.trace ?? isTraceAsked()) printTraces(backend);
  mendComplexMoves();
  installGradients(gradients);
  installFusedGradients();
  return backend;
}

/** tfjs prints the stack of what a backend throws as it starts; not all browsers begin it with the message. */
function start(chosen: ConvglOptions): Backend {
  try {
    return new Backend(chosen);
  } catch (error) {
    if (error instanceof Error) {
      const { name, message, stack = '' } = error;
      refusal = message;
      if (!stack.includes(message)) error.stack = `${name}: ${message}\n${stack}`;
    }
    throw error;
  }
}

register(BACKEND, () => options, PRIORITY);
