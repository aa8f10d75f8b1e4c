/** Sets the backend up for specs of kernels. */
import * as tf from '@tensorflow/tfjs-core';
import { backendInside } from '../backend';
import { poison } from './poison';

/** Within the enclosing describe, small tensors too are computed on the GPU, in textures that hold anything at first. */
export function useKernelsOfOurOwn(): void {
  let forwarded: boolean;
  let cure: () => void;
  beforeAll(async () => {
    await tf.setBackend('convgl');
    forwarded = backendInside().smallOnCpu;
    backendInside().smallOnCpu = false;
    cure = poison(backendInside());
  });
  afterAll(async () => {
    await tf.setBackend('convgl');
    backendInside().smallOnCpu = forwarded;
    cure();
  });
}
