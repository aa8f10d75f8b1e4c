/** Adam and its kin, as Keras defines them: AdamW, Adamax and Nadam. */
import * as tf from '@tensorflow/tfjs-core';
import { KerasOptimizer, type OptimizerOptions, type Update, type Updated } from './optimizer';

/** Options of `Adamax` and `Nadam`, and some of those of `Adam`. */
export interface MomentsOptions extends OptimizerOptions {
  /** The decay of the first moment per step. Default: 0.9. */
  readonly beta1?: number;
  /** The decay of the second moment per step; in `Adamax` of the norm. Default: 0.999. */
  readonly beta2?: number;
  /** Added to divisors. Default: 1e-7. */
  readonly epsilon?: number;
}

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions extends MomentsOptions {
  /** Whether to divide by the largest second moment so far. */
  readonly amsgrad?: boolean;
}

/** An optimizer with decaying moments of the gradient. */
abstract class Moments extends KerasOptimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: MomentsOptions, defaultRate = 0.001) {
    super(options, defaultRate);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-7;
  }

  protected firstMoment(moment: tf.Tensor, gradient: tf.Tensor): tf.Tensor {
    return tf.add(moment, tf.mul(tf.sub(gradient, moment), 1 - this.beta1));
  }

  protected secondMoment(moment: tf.Tensor, gradient: tf.Tensor): tf.Tensor {
    return tf.add(moment, tf.mul(tf.sub(tf.square(gradient), moment), 1 - this.beta2));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }
}

/** Kingma and Ba's Adam, in the order of the paper's section 2: epsilon is added before the correction of the bias. */
export class Adam extends Moments {
  static readonly className: string = 'KerasAdam';
  readonly kerasName: string = 'Adam';
  readonly slotNames: readonly string[];
  readonly amsgrad: boolean;

  constructor(options: AdamOptions = {}) {
    super(options);
    this.amsgrad = options.amsgrad ?? false;
    this.slotNames = ['momentum', 'velocity', ...(this.amsgrad ? ['velocity_hat'] : [])];
  }

  protected update({ weight, gradient, slots: [first, second, largest], rate, step }: Update): Updated {
    const m = this.firstMoment(first!, gradient);
    const v = this.secondMoment(second!, gradient);
    const alpha = (rate * Math.sqrt(1 - this.beta2 ** step)) / (1 - this.beta1 ** step);
    const divisor = largest ? tf.maximum(largest, v) : v;
    const change = tf.div(tf.mul(m, alpha), tf.add(tf.sqrt(divisor), this.epsilon));
    return { weight: tf.sub(weight, change), slots: largest ? [m, v, divisor] : [m, v] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), amsgrad: this.amsgrad };
  }
}
tf.serialization.registerClass(Adam);

/** Adam with decoupled weight decay, 0.004 unless told otherwise. */
export class AdamW extends Adam {
  static override readonly className = 'KerasAdamW';
  override readonly kerasName = 'AdamW';

  constructor(options: AdamOptions = {}) {
    super({ ...options, weightDecay: options.weightDecay ?? 0.004 });
  }
}
tf.serialization.registerClass(AdamW);

/** Adam with the infinity norm in place of the second moment. */
export class Adamax extends Moments {
  static readonly className = 'KerasAdamax';
  readonly kerasName = 'Adamax';
  readonly slotNames = ['momentum', 'norm'];

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  protected update({ weight, gradient, slots: [first, norm], rate, step }: Update): Updated {
    const m = this.firstMoment(first!, gradient);
    const u = tf.maximum(tf.mul(norm!, this.beta2), tf.abs(gradient));
    const change = tf.div(tf.mul(m, rate / (1 - this.beta1 ** step)), tf.add(u, this.epsilon));
    return { weight: tf.sub(weight, change), slots: [m, u] };
  }
}
tf.serialization.registerClass(Adamax);

/** Dozat's Adam with Nesterov momentum, whose momentum rises with the schedule beta1 * (1 - 0.5 * 0.96 ** step). */
export class Nadam extends Moments {
  static readonly className = 'KerasNadam';
  readonly kerasName = 'Nadam';
  readonly slotNames = ['momentum', 'velocity'];
  /** The product of the momenta of the steps up to one of them. */
  #product = { step: 0, value: 1 };

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  protected update({ weight, gradient, slots: [first, second], rate, step }: Update): Updated {
    const m = this.firstMoment(first!, gradient);
    const v = this.secondMoment(second!, gradient);
    const [now, next] = [this.#momentumAt(step), this.#momentumAt(step + 1)];
    const product = this.#productTo(step);
    const ahead = tf.add(
      tf.mul(m, (rate * next) / (1 - product * next)),
      tf.mul(gradient, (rate * (1 - now)) / (1 - product)),
    );
    const root = tf.sqrt(tf.div(v, 1 - this.beta2 ** step));
    return { weight: tf.sub(weight, tf.div(ahead, tf.add(root, this.epsilon))), slots: [m, v] };
  }

  #momentumAt(step: number): number {
    return this.beta1 * (1 - 0.5 * 0.96 ** step);
  }

  #productTo(step: number): number {
    if (this.#product.step > step) this.#product = { step: 0, value: 1 };
    while (this.#product.step < step) {
      const at = this.#product.step + 1;
      this.#product = { step: at, value: this.#product.value * this.#momentumAt(at) };
    }
    return this.#product.value;
  }
}
tf.serialization.registerClass(Nadam);
