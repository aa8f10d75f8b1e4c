/** LocalResponseNormalization, as AlexNet and GoogLeNet have it. */
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';

type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** Options of `LocalResponseNormalization`. */
export interface LocalResponseNormalizationArgs extends LayerArgs {
  /** Channels on each side that count. */
  readonly depthRadius?: number;
  /** Default: 1. */
  readonly bias?: number;
  /** Default: 1. */
  readonly alpha?: number;
  /** Default: 0.5. */
  readonly beta?: number;
}

/** x / (bias + alpha * the sum of squares of the channels around) ** beta, with the defaults of `tf.nn.local_response_normalization`. */
export class LocalResponseNormalization extends layers.Layer {
  static readonly className = 'LocalResponseNormalization';
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;

  constructor(args: LocalResponseNormalizationArgs = {}) {
    super(args);
    this.depthRadius = args.depthRadius ?? 5;
    this.bias = args.bias ?? 1;
    this.alpha = args.alpha ?? 1;
    this.beta = args.beta ?? 0.5;
    this.inputSpec = [{ ndim: 4 }];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    return tf.localResponseNormalization(x, this.depthRadius, this.bias, this.alpha, this.beta);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { depthRadius, bias, alpha, beta } = this;
    return { ...super.getConfig(), depthRadius, bias, alpha, beta };
  }
}
tf.serialization.registerClass(LocalResponseNormalization);
