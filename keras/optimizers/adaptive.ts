/** Optimizers that divide by the root of squared gradients, as Keras defines them: RMSprop, Adagrad and Adadelta. */
import * as tf from '@tensorflow/tfjs-core';
import { KerasOptimizer, type OptimizerOptions, type Update, type Updated } from './optimizer';

/** Options of `RMSprop`. */
export interface RMSpropOptions extends OptimizerOptions {
  /** The decay of the mean of squared gradients per step. Default: 0.9. */
  readonly rho?: number;
  /** Default: 0. */
  readonly momentum?: number;
  /** Added to divisors. Default: 1e-7. */
  readonly epsilon?: number;
  /** Whether to divide by an estimate of the variance in place of the second moment. */
  readonly centered?: boolean;
}

/** Hinton's RMSprop. */
export class RMSprop extends KerasOptimizer {
  static readonly className = 'KerasRMSprop';
  readonly kerasName = 'RMSprop';
  readonly slotNames: readonly string[];
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  constructor(options: RMSpropOptions = {}) {
    super(options, 0.001);
    this.rho = options.rho ?? 0.9;
    this.momentum = options.momentum ?? 0;
    this.epsilon = options.epsilon ?? 1e-7;
    this.centered = options.centered ?? false;
    this.slotNames = [
      'velocity',
      ...(this.momentum > 0 ? ['momentum'] : []),
      ...(this.centered ? ['average_gradient'] : []),
    ];
  }

  protected update({ weight, gradient, slots, rate }: Update): Updated {
    const momentum = this.momentum > 0 ? slots[1]! : undefined;
    const velocity = averaged(slots[0]!, tf.square(gradient), this.rho);
    const mean = this.centered ? [averaged(slots.at(-1)!, gradient, this.rho)] : [];
    const variance = mean.reduce((sum, average) => tf.sub(sum, tf.square(average)), velocity);
    const increment = tf.div(tf.mul(gradient, rate), tf.sqrt(tf.add(variance, this.epsilon)));
    if (!momentum) return { weight: tf.sub(weight, increment), slots: [velocity, ...mean] };
    const change = tf.add(tf.mul(momentum, this.momentum), increment);
    return { weight: tf.sub(weight, change), slots: [velocity, change, ...mean] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { rho, momentum, epsilon, centered } = this;
    return { ...super.getConfig(), rho, momentum, epsilon, centered };
  }
}
tf.serialization.registerClass(RMSprop);

/** Options of `Adagrad`. */
export interface AdagradOptions extends OptimizerOptions {
  /** What the sums of squares begin with. Default: 0.1. */
  readonly initialAccumulatorValue?: number;
  /** Added to divisors. Default: 1e-7. */
  readonly epsilon?: number;
}

/** Duchi's Adagrad: the accumulator is the sum of the squares so far. */
export class Adagrad extends KerasOptimizer {
  static readonly className = 'KerasAdagrad';
  readonly kerasName = 'Adagrad';
  readonly slotNames = ['accumulator'];
  readonly initialAccumulatorValue: number;
  readonly epsilon: number;

  constructor(options: AdagradOptions = {}) {
    super(options, 0.001);
    this.initialAccumulatorValue = options.initialAccumulatorValue ?? 0.1;
    this.epsilon = options.epsilon ?? 1e-7;
  }

  protected override initialValue(): number {
    return this.initialAccumulatorValue;
  }

  protected update({ weight, gradient, slots: [accumulator], rate }: Update): Updated {
    const sum = tf.add(accumulator!, tf.square(gradient));
    const change = tf.div(tf.mul(gradient, rate), tf.sqrt(tf.add(sum, this.epsilon)));
    return { weight: tf.sub(weight, change), slots: [sum] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { initialAccumulatorValue, epsilon } = this;
    return { ...super.getConfig(), initialAccumulatorValue, epsilon };
  }
}
tf.serialization.registerClass(Adagrad);

/** Options of `Adadelta`. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** The decay of both means per step. Default: 0.95. */
  readonly rho?: number;
  /** Added to both means. Default: 1e-7. */
  readonly epsilon?: number;
}

/** Zeiler's Adadelta: steps in the units of the weight. */
export class Adadelta extends KerasOptimizer {
  static readonly className = 'KerasAdadelta';
  readonly kerasName = 'Adadelta';
  readonly slotNames = ['accumulated_grad', 'accumulated_delta_var'];
  readonly rho: number;
  readonly epsilon: number;

  constructor(options: AdadeltaOptions = {}) {
    super(options, 0.001);
    this.rho = options.rho ?? 0.95;
    this.epsilon = options.epsilon ?? 1e-7;
  }

  protected update({ weight, gradient, slots: [gradients, deltas], rate }: Update): Updated {
    const newGradients = averaged(gradients!, tf.square(gradient), this.rho);
    const root = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.add(x, this.epsilon));
    const delta = tf.div(tf.mul(root(deltas!), gradient), root(newGradients));
    return {
      weight: tf.sub(weight, tf.mul(delta, rate)),
      slots: [newGradients, averaged(deltas!, tf.square(delta), this.rho)],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { rho, epsilon } = this;
    return { ...super.getConfig(), rho, epsilon };
  }
}
tf.serialization.registerClass(Adadelta);

/** rho * average + (1 - rho) * value. */
const averaged = (average: tf.Tensor, value: tf.Tensor, rho: number): tf.Tensor =>
  tf.add(tf.mul(average, rho), tf.mul(value, 1 - rho));
