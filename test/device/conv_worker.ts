/** The worker's side of worker.spec.ts: a convolution on an OffscreenCanvas. */
import * as tf from '@tensorflow/tfjs-core';
import { backendInside } from '../backend';

async function compute(): Promise<void> {
  await tf.setBackend('convgl');
  backendInside().smallOnCpu = false;
  const y = tf.tidy(() =>
    tf.conv2d(tf.reshape<tf.Rank.R4>(tf.range(0, 72), [1, 6, 6, 2]), tf.ones([3, 3, 2, 4]), 1, 'same'),
  );
  const values = await y.data();
  postMessage({ backend: tf.getBackend(), shape: y.shape, values, draws: backendInside().stats().draws });
}

compute().catch((error: unknown) => postMessage({ error: String(error) }));
