/** Backends for specs of the device: each on a context of its own, so that a spec may limit, fill or lose it. */
import * as tf from '@tensorflow/tfjs-core';
import { registerConvgl } from '../../src/index';
import type { TestOptions } from '../../src/tensors/convgl_backend';
import type { Backend } from '../../src/tensors/backend';
import { deferred } from '../page';

let started = 0;

/** Starts a backend with these options and makes it tfjs's; small tensors too are computed on the GPU unless it says otherwise. */
export async function startBackend(options: TestOptions = {}): Promise<{ name: string; backend: Backend }> {
  const name = `convgl-${++started}`;
  registerConvgl(name, { smallOnCpu: false, deferred, ...options });
  await tf.setBackend(name);
  return { name, backend: tf.engine().backend as Backend };
}

/** Gives a backend's context back and returns to the usual backend. */
export async function stopBackend(name: string): Promise<void> {
  await tf.setBackend('convgl');
  tf.removeBackend(name);
}

/** Within the enclosing describe, specs run on a backend of their own; returns what gives it. */
export function useBackend(options: TestOptions = {}): () => Backend {
  let current: { name: string; backend: Backend } | undefined;
  beforeAll(async () => {
    current = await startBackend(options);
  });
  afterAll(async () => {
    if (current) await stopBackend(current.name);
  });
  return () => current!.backend;
}

/** Everything that a leak would make grow. */
export function counts(backend: Backend): Readonly<Record<string, number>> {
  return {
    tensors: tf.memory().numTensors,
    'data ids': backend.numDataIds(),
    'bytes in textures': backend.memory().numBytesInGPU,
  };
}

/** A tensor whose values are on the GPU only: the given ones, twice. */
export function onGpu(values: tf.TypedArray, dtype: 'float32' | 'int32' | 'bool'): tf.Tensor1D {
  return tf.tidy(() => {
    const x = tf.tensor1d(values, dtype);
    return tf.concat1d([x, x]);
  });
}
