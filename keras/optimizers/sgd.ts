/** Gradient descent with momentum, as Keras defines it. */
import * as tf from '@tensorflow/tfjs-core';
import { KerasError } from '../errors';
import { KerasOptimizer, type OptimizerOptions, type Update, type Updated } from './optimizer';

/** Options of `SGD`. */
export interface SGDOptions extends OptimizerOptions {
  /** From 0 to 1. Default: 0. */
  readonly momentum?: number;
  /** Whether to use Nesterov's momentum. Default: false. */
  readonly nesterov?: boolean;
}

/**
 * velocity = momentum * velocity - rate * gradient; weight += velocity.
 *
 * `tf.train.momentum` scales the whole velocity by the current rate where Keras scales each gradient by the rate of its own
 * step; with a rate that changes, the two drift apart.
 */
export class SGD extends KerasOptimizer {
  static readonly className = 'KerasSGD';
  readonly kerasName = 'SGD';
  readonly slotNames: readonly string[];
  readonly momentum: number;
  readonly nesterov: boolean;

  constructor(options: SGDOptions = {}) {
    super(options, 0.01);
    this.momentum = options.momentum ?? 0;
    this.nesterov = options.nesterov ?? false;
    if (!(this.momentum >= 0 && this.momentum <= 1))
      throw new KerasError(`SGD: found momentum ${this.momentum}, expected a number from 0 to 1.`);
    this.slotNames = this.momentum === 0 ? [] : ['momentum'];
  }

  protected update({ weight, gradient, slots: [velocity], rate }: Update): Updated {
    const step = tf.mul(gradient, rate);
    if (!velocity) return { weight: tf.sub(weight, step), slots: [] };
    const moved = tf.sub(tf.mul(velocity, this.momentum), step);
    if (!this.nesterov) return { weight: tf.add(weight, moved), slots: [moved] };
    // The product anew: a value with several readers may get a pass of its own.
    return { weight: tf.add(weight, tf.sub(tf.mul(moved, this.momentum), tf.mul(gradient, rate))), slots: [moved] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}
tf.serialization.registerClass(SGD);
