/** What else a page does while a program runs. */
import * as tf from '@tensorflow/tfjs-core';
import { warmup } from '../../../src/index';
import type { Backend } from '../../../src/tensors/backend';

/** Tells each number that it reads, and what that should be. */
type Beside = (backend: Backend, tell: (found: number, expected: number) => void) => Promise<void>;

/** Elements of a texture of more than 1 MiB: such a one is verified when it is made. */
const LARGE = 270_000;

const STEPS = 4;
const RATE = 0.25;

async function measure(backend: Backend): Promise<void> {
  await backend.time(() => tf.tidy(() => void tf.cumsum(tf.ones([35, 20]))));
}

const compile: Beside = () => warmup(() => tf.tidy(() => tf.cumsum(tf.ones([35, 20]))));

const fill: Beside = async (_, tell) => {
  const y = tf.tidy(() => tf.reverse(tf.add(tf.ones([LARGE]), 1)));
  try {
    const values = await y.data();
    for (const at of [0, LARGE - 1]) tell(values[at]!, 2);
  } finally {
    y.dispose();
  }
};

/**
 * Steps of gradient descent, each loss read while the next is issued. The gradient is written out: tfjs-core leaves behind what a
 * tape has saved where an op of it throws.
 */
const train: Beside = async (_, tell) => {
  const reads: Promise<void>[] = [];
  const made: tf.Tensor[] = [];
  try {
    const weights = tf.tidy(() => tf.variable(tf.ones([300])));
    made.push(weights);
    for (let i = 0; i < STEPS; i++) {
      const loss = tf.tidy(() => {
        const value = tf.sum(tf.square(weights));
        weights.assign(tf.sub(weights, tf.mul(weights, 2 * RATE)));
        return value;
      });
      made.push(loss);
      const read = loss.data().then((values) => tell(values[0]!, 300 * (1 - 2 * RATE) ** (2 * i)));
      read.catch(() => undefined); // A later step may throw before it is waited for.
      reads.push(read);
      await new Promise((resolve) => setTimeout(resolve));
    }
    await Promise.all(reads);
  } finally {
    await Promise.allSettled(reads);
    tf.dispose(made);
  }
};

export const BESIDE = { time: measure, warmup: compile, large: fill, training: train } satisfies Record<string, Beside>;
