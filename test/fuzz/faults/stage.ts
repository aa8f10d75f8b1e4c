/** A backend on a context of its own, behind an injector, that stands for one trial. */
import * as tf from '@tensorflow/tfjs-core';
import { registerConvgl } from '../../../src/index';
import { Backend } from '../../../src/tensors/backend';
import type { Problem } from '../check';
import type { RunOptions } from './fault';
import { Injector } from './injector';

/** What tfjs calls it. */
export const STAGE = 'faults';

/** Idle pixel buffers that a backend keeps for its next reads. */
const POOLED_BUFFERS = 4;

/** Objects that a backend keeps only as long as tensors, reads and measurements need them. */
const TRANSIENT = ['Texture', 'Framebuffer', 'Query', 'Sync', 'Sampler'];

export class Stage {
  readonly backend: Backend;
  readonly injector: Injector;
  /** Errors that nobody has caught. */
  readonly uncaught: string[] = [];
  readonly #tensors = tf.memory().numTensors;
  readonly #heard = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    this.uncaught.push(String(event.reason).split('\n')[0]!);
  };

  private constructor(backend: Backend, injector: Injector) {
    this.backend = backend;
    this.injector = injector;
    addEventListener('unhandledrejection', this.#heard);
  }

  static async open({ eager, smallOnCpu, shared }: RunOptions): Promise<Stage> {
    // The kernels are registered once; each trial puts its own backend in the place of the one before.
    if (tf.getKernelsForBackend(STAGE).length === 0) registerConvgl(STAGE);
    if (tf.findBackendFactory(STAGE)) tf.removeBackend(STAGE);
    const { backend, injector } = watched(() => new Backend({ smallOnCpu: smallOnCpu ?? false, deferred: !eager }));
    tf.registerBackend(STAGE, () => backend, 0);
    await tf.setBackend(STAGE);
    if (shared) backend.device.share();
    return new Stage(backend, injector);
  }

  /** Whether the context can be used. */
  get alive(): boolean {
    return !this.backend.device.lost;
  }

  /** What is left of a program that has disposed its tensors. */
  leak(): Problem | undefined {
    const { backend, injector } = this;
    const left: Record<string, number> = {
      tensors: tf.memory().numTensors - this.#tensors,
      'data ids': backend.numDataIds(),
      'bytes in textures': backend.memory().numBytesInGPU,
    };
    if (this.alive) backend.device.textures.trim();
    left['recycled bytes'] = backend.memory().numBytesInGPUAllocated;
    const objects = injector.objects();
    for (const kind of TRANSIENT) left[kind] = objects[kind]!;
    left['programs beyond those kept'] = this.alive ? objects['Program']! - backend.stats().programs : 0;
    left['buffers beyond those kept'] = Math.max(0, objects['Buffer']! - POOLED_BUFFERS);
    left['shaders beyond the one kept'] = Math.max(0, objects['Shader']! - 1);
    return leakOf(left);
  }

  /** Ends the backend, and says what it leaves in its context. */
  async close(): Promise<Problem | undefined> {
    await tf.setBackend('cpu');
    tf.removeBackend(STAGE);
    await new Promise((resolve) => setTimeout(resolve));
    removeEventListener('unhandledrejection', this.#heard);
    return leakOf(this.injector.objects());
  }
}

function leakOf(counts: Readonly<Record<string, number>>): Problem | undefined {
  const left = Object.entries(counts).filter(([, count]) => count !== 0);
  if (left.length === 0) return undefined;
  return { kind: 'leak', text: left.map(([what, count]) => `${count} ${what}`).join(', ') };
}

/** What `make` gives, with the context that it opens behind an injector. */
function watched(make: () => Backend): { backend: Backend; injector: Injector } {
  const prototype = HTMLCanvasElement.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own canvas.
  const original = prototype.getContext as (...args: unknown[]) => unknown;
  let injector: Injector | undefined;
  Object.assign(prototype, {
    getContext(this: HTMLCanvasElement, ...args: unknown[]) {
      const gl = original.apply(this, args) as WebGL2RenderingContext;
      injector = new Injector(gl);
      return gl;
    },
  });
  try {
    const backend = make();
    return { backend, injector: injector! };
  } finally {
    Object.assign(prototype, { getContext: original });
  }
}
