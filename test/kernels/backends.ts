/** Sets the backend up for specs of kernels. */
import * as tf from '@tensorflow/tfjs-core';
import { convglBackend } from '../../src/index';

/** Within the enclosing describe, small tensors too are computed on the GPU. */
export function useKernelsOfOurOwn(): void {
  let forwarded: boolean;
  beforeAll(async () => {
    await tf.setBackend('convgl');
    forwarded = convglBackend().forwardSmall;
    convglBackend().forwardSmall = false;
  });
  afterAll(async () => {
    await tf.setBackend('convgl');
    convglBackend().forwardSmall = forwarded;
  });
}
