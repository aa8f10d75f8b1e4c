/** The namespace `layers`: those of `keras.layers` that tfjs-layers lacks. */
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
