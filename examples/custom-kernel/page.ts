/** Finds where heat came from: descends along the gradient that passes through the custom kernel, step by step of a diffusion. */
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { laplacian } from './laplacian';

const SIDE = 24;
const DIFFUSION_STEPS = 4;
const DESCENT_STEPS = 150;

/** An image after some steps of diffusion. */
function diffused(image: tf.Tensor2D): tf.Tensor2D {
  let heat = image;
  for (let i = 0; i < DIFFUSION_STEPS; i++) heat = tf.add(heat, laplacian(heat, 0.2));
  return heat;
}

/** How far the found source is from the true one, before and after: mean squared differences. */
export interface Result {
  readonly backend: string;
  readonly before: number;
  readonly after: number;
}

/** Makes a picture of heat, forgets its source, and finds that again. */
async function findSource(): Promise<Result> {
  await tf.ready();
  const truth = tf.tidy(() => {
    const spot = (row: number, column: number) =>
      tf.pad2d(tf.ones([3, 3]), [
        [row, SIDE - 3 - row],
        [column, SIDE - 3 - column],
      ]);
    return tf.add<tf.Tensor2D>(spot(4, 6), spot(14, 15));
  });
  const seen = tf.tidy(() => diffused(truth));
  const source = tf.variable(tf.zeros<tf.Rank.R2>([SIDE, SIDE]));
  const error = () => tf.tidy(() => tf.mean(tf.squaredDifference(source, truth)).dataSync<'float32'>()[0]!);
  const before = error();
  const optimizer = tf.train.adam(0.05);
  for (let i = 0; i < DESCENT_STEPS; i++)
    optimizer.minimize(() => tf.sum<tf.Scalar>(tf.squaredDifference(diffused(source), seen)));
  return { backend: tf.getBackend(), before, after: error() };
}

Object.assign(globalThis, { findSource });
