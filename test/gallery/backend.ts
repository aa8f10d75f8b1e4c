/** Starts convgl for the gallery's specs, sees that it computes on the GPU alone, and that nothing is left behind. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { kernelPlaces } from '../../src/index';
import '../page';

/**
 * Sets up the specs of an exhibit.
 *
 * @param allowed kernels that may run on the host, each with the reason why no hot path calls it
 */
export function onConvgl(allowed: Readonly<Record<string, string>> = {}): void {
  let before = held();
  const ran = new Set<string>();
  const restore: (() => void)[] = [];
  beforeAll(async () => {
    await tf.setBackend('convgl');
    const { host, missing } = kernelPlaces();
    for (const name of [...host, ...missing]) restore.push(watch(name, () => ran.add(name)));
  });
  beforeEach(() => {
    before = held();
  });
  afterEach(() => {
    expect(tf.getBackend()).toBe('convgl');
    expect(held()).withContext('tensors and their bytes on the GPU after the spec').toEqual(before);
    expect([...ran].filter((name) => !(name in allowed)))
      .withContext('kernels that ran on the host')
      .toEqual([]);
  });
  afterAll(() => restore.forEach((back) => back()));
}

function held() {
  const { numTensors, numBytesInGPU } = tf.memory() as tf.MemoryInfo & { numBytesInGPU?: number };
  return { numTensors, numBytesInGPU };
}

/** Calls back whenever the kernel runs. @returns ends that */
function watch(name: string, onCall: () => void): () => void {
  const kernel = tf.getKernel(name, 'convgl');
  const replace = (by: typeof kernel) => {
    tf.unregisterKernel(name, 'convgl');
    tf.registerKernel(by);
  };
  replace({ ...kernel, kernelFunc: (call) => (onCall(), kernel.kernelFunc(call)) });
  return () => replace(kernel);
}

/** The values of a tensor as nested arrays; the tensor is disposed. */
export async function valuesOf<T = number[]>(tensor: tf.Tensor): Promise<T> {
  const values = (await tensor.array()) as T;
  tensor.dispose();
  return values;
}
