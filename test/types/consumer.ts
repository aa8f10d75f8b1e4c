/** A user's TypeScript against the built dist/index.d.ts, compiled with skipLibCheck off. */
import type * as tf from '@tensorflow/tfjs-core';
import * as convgl from 'tfjs-backend-convgl';

convgl.configure({ recycleBudget: 64 * 2 ** 20, forwardSmall: false });

export const host: readonly string[] = convgl.kernelPlaces().host;
export const backend: tf.KernelBackend = convgl.convglBackend();
export const bytes: number = convgl.convglBackend().memory().numBytesInGPU;
