/** Layers that vary images while a model trains, as Keras's RandomFlip, RandomRotation, RandomZoom, RandomTranslation and RandomContrast. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { KerasError } from '../errors';
import { randomNumbers } from '../utils/random_seed';

/** How far a value goes: from -f to f, or from the first to the second; a part of the whole, of a circle for angles. */
export type Factor = number | readonly [number, number];
/** What lies beyond an image's edge: its mirror, its other side, its edge, or `fillValue`. */
export type FillMode = 'reflect' | 'wrap' | 'constant' | 'nearest';

export interface AugmentationConfig {
  /** The layer's name. Default: one that is not in use. */
  readonly name?: string;
  /** For the first layer of a model: [height, width, channels]. */
  readonly inputShape?: tfl.Shape;
  /** For the first layer of a model: [batch, height, width, channels]. */
  readonly batchInputShape?: tfl.Shape;
  /** Without one, each layer draws its seed from `Math.random`, which `utils.setRandomSeed` makes repeatable. */
  readonly seed?: number;
}

export interface TransformConfig extends AugmentationConfig {
  /** What lies beyond the edges. Default: `reflect`. */
  readonly fillMode?: FillMode;
  /** Between pixels. Default: `bilinear`. */
  readonly interpolation?: 'nearest' | 'bilinear';
  /** The value of pixels beyond the edges where `fillMode` is `constant`. Default: 0. */
  readonly fillValue?: number;
}

/** Options that tfjs-layers itself saves, or adds when it loads a layer. */
const LAYER_OPTIONS = ['name', 'inputShape', 'batchInputShape', 'trainable', 'dtype', 'customObjects'];

/** The options of all layers here, as they are saved. */
type Config = AugmentationConfig & Record<string, unknown>;

/** A layer that changes images while training and passes them on otherwise; each image gets random numbers of its own. */
abstract class Augmentation<C extends AugmentationConfig> extends tfl.layers.Layer {
  protected readonly config: C;
  readonly #random: () => number;

  constructor(config: C) {
    super(config);
    this.config = config;
    this.#random = randomNumbers(config.seed ?? Math.floor(Math.random() * 2 ** 32));
  }

  /** A number between two. */
  protected between([low, high]: readonly [number, number]): number {
    return low + (high - low) * this.#random();
  }

  /** The images, changed. */
  protected abstract change(images: tf.Tensor4D): tf.Tensor4D;

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      if (kwargs.training !== true) return tf.clone(x);
      if (x.rank !== 3 && x.rank !== 4) {
        throw new KerasError(`${this.name}: found images of shape [${x.shape}], expected height, width and channels.`);
      }
      const images = (x.rank === 4 ? x : tf.expandDims(x)) as tf.Tensor4D;
      const changed = this.change(tf.cast(images, 'float32'));
      return x.rank === 4 ? changed : tf.squeeze(changed, [0]);
    });
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape | tfl.Shape[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const own = Object.entries(this.config as Config).filter(
      ([key, value]) => value !== undefined && !LAYER_OPTIONS.includes(key),
    );
    return { ...(Object.fromEntries(own) as tf.serialization.ConfigDict), ...super.getConfig() };
  }
}

/** The bounds of a factor. */
function bounds(factor: Factor): readonly [number, number] {
  const [low, high] = typeof factor === 'number' ? [-factor, factor] : factor;
  if (!(low <= high)) throw new KerasError(`found the factor [${low}, ${high}], expected the lower end first.`);
  return [low, high];
}

export interface RandomFlipConfig extends AugmentationConfig {
  /** Default: `horizontal_and_vertical`. */
  readonly mode?: 'horizontal' | 'vertical' | 'horizontal_and_vertical';
}

/** Mirrors half of the images, in each of the directions of its mode. */
export class RandomFlip extends Augmentation<RandomFlipConfig> {
  static readonly className = 'RandomFlip';

  protected change(images: tf.Tensor4D): tf.Tensor4D {
    const { mode = 'horizontal_and_vertical' } = this.config;
    const across = mode.startsWith('horizontal') ? this.#flip(images, 2) : images;
    return mode.endsWith('vertical') ? this.#flip(across, 1) : across;
  }

  #flip(images: tf.Tensor4D, axis: number): tf.Tensor4D {
    const count = images.shape[0];
    const flipped = Array.from({ length: count }, () => (this.between([0, 1]) < 0.5 ? 1 : 0));
    const mask = tf.tensor(flipped, [count, 1, 1, 1], 'bool');
    return tf.where(mask, tf.reverse(images, axis), images);
  }
}

/** A map from pixels of the output to pixels of the input, in eight numbers as `tf.image.transform` takes them. */
type Projection = readonly number[];

/** A layer that moves pixels. */
abstract class RandomTransform<C extends TransformConfig> extends Augmentation<C> {
  /** A random map for an image. */
  protected abstract projection(height: number, width: number): Projection;

  protected change(images: tf.Tensor4D): tf.Tensor4D {
    const [count, height, width] = images.shape;
    const all = Array.from({ length: count }, () => this.projection(height, width)).flat();
    const { fillMode = 'reflect', interpolation = 'bilinear', fillValue = 0 } = this.config;
    const transforms = tf.tensor2d(all, [count, 8]);
    const moved = (x: tf.Tensor4D, by: tf.Tensor2D) => tf.image.transform(x, by, interpolation, fillMode, fillValue);
    if (tf.getBackend() !== 'cpu') return moved(images, transforms);
    // tfjs-backend-cpu transforms the first image of a batch and leaves the others.
    const each = Array.from({ length: count }, (_, i) => {
      return moved(tf.slice4d(images, [i, 0, 0, 0], [1, -1, -1, -1]), tf.slice2d(transforms, [i, 0], [1, 8]));
    });
    return tf.concat4d(each, 0);
  }
}

export interface RandomRotationConfig extends TransformConfig {
  /** As a part of a full turn; positive is counterclockwise. */
  readonly factor: Factor;
}

/** Turns images about their center. */
export class RandomRotation extends RandomTransform<RandomRotationConfig> {
  static readonly className = 'RandomRotation';

  protected projection(height: number, width: number): Projection {
    const angle = this.between(bounds(this.config.factor)) * 2 * Math.PI;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [x, y] = [(width - 1) / 2, (height - 1) / 2];
    return [cos, -sin, x - (cos * x - sin * y), sin, cos, y - (sin * x + cos * y), 0, 0];
  }
}

export interface RandomZoomConfig extends TransformConfig {
  /** Above 0 zooms out, below 0 in: 0.2 makes an image 1/1.2 as large. */
  readonly heightFactor: Factor;
  /** Without one, the width is zoomed as the height is. */
  readonly widthFactor?: Factor;
}

/** Zooms images about their center. */
export class RandomZoom extends RandomTransform<RandomZoomConfig> {
  static readonly className = 'RandomZoom';

  protected projection(height: number, width: number): Projection {
    const { heightFactor, widthFactor } = this.config;
    const zoomY = 1 + this.between(bounds(heightFactor));
    const zoomX = widthFactor == null ? zoomY : 1 + this.between(bounds(widthFactor));
    return [zoomX, 0, ((width - 1) / 2) * (1 - zoomX), 0, zoomY, ((height - 1) / 2) * (1 - zoomY), 0, 0];
  }
}

export interface RandomTranslationConfig extends TransformConfig {
  /** As a part of the height; positive is down. */
  readonly heightFactor: Factor;
  /** As a part of the width; positive is right. */
  readonly widthFactor: Factor;
}

/** Shifts images. */
export class RandomTranslation extends RandomTransform<RandomTranslationConfig> {
  static readonly className = 'RandomTranslation';

  protected projection(height: number, width: number): Projection {
    const dy = this.between(bounds(this.config.heightFactor)) * height;
    const dx = this.between(bounds(this.config.widthFactor)) * width;
    return [1, 0, -dx, 0, 1, -dy, 0, 0];
  }
}

export interface RandomContrastConfig extends AugmentationConfig {
  /** Contrast is multiplied by 1 - lower to 1 + upper; one number is both. */
  readonly factor: Factor;
}

/** Changes the distance of pixels from the mean of their image and channel. */
export class RandomContrast extends Augmentation<RandomContrastConfig> {
  static readonly className = 'RandomContrast';

  protected change(images: tf.Tensor4D): tf.Tensor4D {
    const { factor } = this.config;
    const [lower, upper] = typeof factor === 'number' ? [factor, factor] : factor;
    if (!(lower >= 0 && lower <= 1 && upper >= 0)) {
      throw new KerasError(`${this.name}: found the factor [${lower}, ${upper}], expected from 0 to 1, and 0 or more.`);
    }
    const count = images.shape[0];
    const factors = Array.from({ length: count }, () => this.between([1 - lower, 1 + upper]));
    const mean = tf.mean(images, [1, 2], true);
    return tf.add(tf.mul(tf.sub(images, mean), tf.tensor(factors, [count, 1, 1, 1])), mean);
  }
}

let registered = false;

/** Lets models with these layers load; a bundle that makes none of them has nothing of them. */
function registerAugmentation(): void {
  if (registered) return;
  registered = true;
  for (const cls of [RandomFlip, RandomRotation, RandomZoom, RandomTranslation, RandomContrast]) {
    tf.serialization.registerClass(cls);
  }
}

/** A maker of a layer, as `tf.layers` has them. */
function maker<C, L>(cls: new (config: C) => L): (config: C) => L {
  return (config) => {
    registerAugmentation();
    return new cls(config);
  };
}

export const randomFlip = (config: RandomFlipConfig = {}): RandomFlip => maker(RandomFlip)(config);
export const randomRotation = (config: RandomRotationConfig): RandomRotation => maker(RandomRotation)(config);
export const randomZoom = (config: RandomZoomConfig): RandomZoom => maker(RandomZoom)(config);
export const randomTranslation = (config: RandomTranslationConfig): RandomTranslation =>
  maker(RandomTranslation)(config);
export const randomContrast = (config: RandomContrastConfig): RandomContrast => maker(RandomContrast)(config);
export { registerAugmentation };
