/** A user's TypeScript against the built dist/index.d.ts, compiled with skipLibCheck off. */
import type * as tf from '@tensorflow/tfjs-core';
import * as convgl from 'tfjs-backend-convgl';

convgl.configure({ recycleBudget: 64 * 2 ** 20, smallOnCpu: false });

export const host: readonly string[] = convgl.kernelPlaces().host;
export const backend: tf.KernelBackend = convgl.convglBackend();
export const bytes: number = convgl.convglBackend().memory().numBytesInGPU;

export const scaled: convgl.GLSLOp<'x', 'by'> = convgl.defineGLSLKernel({
  name: 'Consumer/Scale',
  inputs: { x: 'float32' },
  attributes: { by: 'float' },
  output: ({ x }) => ({ shape: x.shape }),
  glsl: 'float element(int i) { return x_at(i) * by; }',
});
const whole: convgl.ConvglGPUOptions = { dtype: 'int32' };
export const texture = (x: tf.Tensor): tf.GPUData => x.dataToGPU(whole);
export const summed = (x: tf.Tensor): tf.Tensor => convgl.convglBackend().batch(() => scaled({ x }, { by: 2 }));
