/** The namespace `layers`: what `keras.layers` and older networks have and tfjs-layers lacks. */
export {
  type AugmentationConfig,
  type Factor,
  type FillMode,
  randomContrast,
  type RandomContrastConfig,
  randomFlip,
  type RandomFlipConfig,
  randomRotation,
  type RandomRotationConfig,
  randomTranslation,
  type RandomTranslationConfig,
  randomZoom,
  type RandomZoomConfig,
  type TransformConfig,
} from './augmentation';
export { LocalResponseNormalization, type LocalResponseNormalizationArgs } from './normalization';
export { Padding2D, type Padding2DArgs, type PaddingMode } from './padding';
export { L2NormPooling2D, type L2NormPooling2DArgs } from './pooling';
