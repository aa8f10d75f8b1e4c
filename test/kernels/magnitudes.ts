/** What the errors of kernels are relative to: results of functions, terms of sums. */
import * as tf from '@tensorflow/tfjs-core';
import type { Closeness } from './compare';
import { callKernel, type Call, type InputValues, type Output } from './call';
import { ULP } from './bounds';

/** Of functions that docs/numerics.md bounds, a few units in the last place. */
const OF_FUNCTIONS = 1e-6;
/** Of sums of a case's size. */
const OF_SUMS = 1e-5;

/** Sums of products of inputs: the magnitudes of their terms are what they give of the inputs' magnitudes. */
const SUMS: readonly string[] = [
  ...[tf.Sum, tf.Mean, tf.Cumsum, tf.AddN, tf.BatchMatMul, tf._FusedMatMul, tf.Einsum, tf.AvgPool, tf.AvgPool3D],
  ...[tf.Conv2D, tf.Conv2DBackpropFilter, tf.Conv2DBackpropInput, tf.Conv3D, tf.Conv3DBackpropFilterV2],
  ...[tf.Conv3DBackpropInputV2, tf.DepthwiseConv2dNative, tf.DepthwiseConv2dNativeBackpropFilter],
  ...[tf.DepthwiseConv2dNativeBackpropInput, tf.UnsortedSegmentSum, tf.Prod, tf.Cumprod],
];
/** tfjs-backend-cpu's are not exact to float32. */
const INEXACT: readonly string[] = [tf.Erf];

/** How close each output has to be to tfjs-backend-cpu's. */
export async function closenessOf(call: Call, values: InputValues, tolerance?: number): Promise<readonly Closeness[]> {
  const { kernel, attrs } = call;
  if (kernel in ULP && !INEXACT.includes(kernel)) {
    return [{ tolerance: tolerance ?? OF_FUNCTIONS, magnitudes: [] }];
  }
  const activation = attrs?.['activation'];
  if (!SUMS.includes(kernel) || (activation && activation !== 'linear')) return [{ tolerance }];
  const outputs = await callKernel('cpu', call, magnitudesOf(values));
  return outputs.map(({ values: magnitudes }: Output) => ({ tolerance: tolerance ?? OF_SUMS, magnitudes }));
}

/** Indices stay as they are. */
function magnitudesOf(values: InputValues): InputValues {
  const entries = Object.entries(values).map(([name, list]) => [
    name,
    name === 'segmentIds' ? list : list.map(Math.abs),
  ]);
  return Object.fromEntries(entries) as InputValues;
}
