/** Chooses a backend and asks it what it is running on: the one place that knows how each backend keeps its figures. */
import * as tf from '@tensorflow/tfjs';
import { convglBackend } from 'tfjs-backend-convgl';

export const BACKENDS = ['convgl', 'webgl', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

const CONTEXT_CHECK_MS = 500;

export interface DeviceFigures {
  /** Programs compiled so far; 0 on a backend without a GPU. */
  readonly programs: number;
  /** Texture bytes now, those kept for reuse included. */
  readonly gpuBytes: number;
  /** The most that they ever were, where the backend itself keeps it. */
  readonly peakGpuBytes: number;
}

/** What the backends offer beyond tfjs's own interface: `stats` of convgl, the rest of the official WebGL backend. */
interface BackendFigures {
  readonly stats?: () => { readonly renderer: string; readonly programs: number; readonly peakBytes: number };
  readonly binaryCache?: Readonly<Record<string, unknown>>;
  readonly gpgpu?: { readonly gl: WebGL2RenderingContext };
  readonly device?: { readonly context: WebGL2RenderingContext };
}

/** Thrown where a backend does not start in this browser. */
export class BackendError extends Error {
  constructor(
    name: BackendName,
    readonly reason: string,
  ) {
    super(`${name} does not start here: ${reason}`);
  }
}

/** @throws BackendError */
export async function useBackend(name: BackendName): Promise<void> {
  const started = await tf.setBackend(name);
  if (!started) throw new BackendError(name, whyNot(name));
}

/** tfjs has told the console why, and nobody else. */
function whyNot(name: BackendName): string {
  const refusal = contextRefusal();
  if (refusal !== undefined) return refusal;
  try {
    if (name === 'convgl') convglBackend();
  } catch (error) {
    return (error as Error).message.replace(/^convglBackend: [^:]*: /, '');
  }
  return 'the console holds the reason.';
}

/** Why the browser gives no WebGL2, in its own words. */
function contextRefusal(): string | undefined {
  const canvas = document.createElement('canvas');
  let reason = '';
  canvas.addEventListener('webglcontextcreationerror', (event) => {
    reason = (event as WebGLContextEvent).statusMessage;
  });
  const gl = canvas.getContext('webgl2');
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return gl ? undefined : `the browser gives no WebGL2 (${reason || 'and does not say why'}).`;
}

export function deviceFigures(): DeviceFigures {
  const backend = tf.backend() as BackendFigures;
  const memory = tf.memory() as { numBytesInGPU?: number; numBytesInGPUAllocated?: number };
  const stats = backend.stats?.();
  const gpuBytes = memory.numBytesInGPUAllocated ?? memory.numBytesInGPU ?? 0;
  return {
    programs: stats?.programs ?? Object.keys(backend.binaryCache ?? {}).length,
    gpuBytes,
    peakGpuBytes: Math.max(gpuBytes, stats?.peakBytes ?? 0),
  };
}

/** The renderer's own name: a GPU, a software renderer such as SwiftShader, or the JavaScript engine. */
export function rendererName(): string {
  const backend = tf.backend() as BackendFigures;
  if (backend.stats) return backend.stats().renderer;
  const gl = backend.gpgpu?.gl;
  if (!gl) return `JavaScript on ${String(navigator.hardwareConcurrency)} processors`;
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(unmasked ? unmasked.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

/**
 * Runs what a backend computes, and fails as soon as the backend's context is lost: the official backend would wait for
 * ever, or go on with wrong numbers. Asked for again and again, since not every context lives on a canvas that tells.
 *
 * @throws Error where the context is lost
 */
export async function withContextWatched<T>(work: Promise<T>): Promise<T> {
  const { gpgpu, device } = tf.backend() as BackendFigures;
  const gl = gpgpu?.gl ?? device?.context;
  const message = 'The WebGL context was lost: the browser or its driver gave up on the GPU.';
  let timer: ReturnType<typeof setInterval> | undefined;
  const lost = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (gl?.isContextLost()) {
        reject(new Error(message));
      }
    }, CONTEXT_CHECK_MS);
  });
  try {
    return await Promise.race([work, lost]);
  } catch (error) {
    // What a kernel stumbles over when its context has gone says nothing of why; the browser admits the loss a little
    // later.
    await new Promise((resolve) => setTimeout(resolve, CONTEXT_CHECK_MS));
    throw gl?.isContextLost() ? new Error(message, { cause: error }) : error;
  } finally {
    clearInterval(timer);
  }
}
