/** The backends side by side in one page over one copy of tfjs-core: switching between them and starting them anew. */
import * as tf from '@tensorflow/tfjs-core';
import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-cpu';
import '../../src/index';
import { loseContexts, setOwner } from './counters';

// Workers of the threaded build resolve the path against their own blob address, so it has to be absolute.
setWasmPaths(new URL('./', location.href).href);

type Factory = () => tf.KernelBackend | Promise<tf.KernelBackend>;

/** The official backend shares context and program cache between instances unless it is given a canvas of its own. */
const OWN_FACTORIES: Readonly<Record<string, Factory>> = {
  webgl: () => new MathBackendWebGL(document.createElement('canvas')),
};

/** Makes `name` the backend that computes from here on. */
export async function use(name: string): Promise<void> {
  if (tf.getBackend() === name) return;
  setOwner(name);
  if (!(await tf.setBackend(name))) throw new Error(`The backend '${name}' could not be started in this browser.`);
}

/**
 * Ends the running instance of a backend, with its contexts and programs, and starts a new one; tensors that live on
 * the old one have to be disposed of before.
 *
 * @returns milliseconds that the start took
 */
export async function startAnew(name: string): Promise<number> {
  const factory = OWN_FACTORIES[name] ?? tf.findBackendFactory(name);
  if (!factory) throw new Error(`No backend '${name}' is registered; is it part of this build?`);
  tf.removeBackend(name);
  loseContexts(name);
  setOwner(name);
  tf.registerBackend(name, factory, 1);
  const start = performance.now();
  if (!(await tf.setBackend(name))) throw new Error(`The backend '${name}' could not be started in this browser.`);
  await tf.ready();
  return performance.now() - start;
}

let kernelCalls = 0;

/** Counts engine-level kernel calls (those of ops and gradients, not those that a kernel makes inside itself). */
export function installKernelCounter(): void {
  const engine = tf.engine();
  const original: typeof engine.runKernel = engine.runKernel.bind(engine);
  engine.runKernel = (...args: Parameters<typeof original>) => {
    kernelCalls++;
    return original(...args);
  };
}

/** Kernel calls so far. */
export function kernelCallCount(): number {
  return kernelCalls;
}

/** Versions of what is compared. */
export function versions(): Readonly<Record<string, string>> {
  return { tfjs: tf.version_core };
}
