/** The package's entry `tfjs-backend-convgl/keras`: what a Keras script uses and tfjs-layers lacks, on any backend. @module tfjs-backend-convgl/keras */
/** Data sets, as `keras.datasets`. */
export * as datasets from './datasets/index';
export * from './errors';
export { type FileSource, removeSaved } from './io/places';
/** Layers, as `keras.layers`, that tfjs-layers lacks. */
export * as layers from './layers/index';
export { fixModelJson } from './saving/fix_model_json';
export type { MatchOptions } from './saving/keras2_weights';
export {
  encodeModel,
  loadModel,
  type LoadModelOptions,
  type ModelFormat,
  saveModel,
  type SaveModelOptions,
} from './saving/model';
export { encodeWeights, loadWeights, saveWeights, type WeightsFormat } from './saving/weights';
/** Callbacks, as `keras.callbacks`. */
export * as callbacks from './callbacks/index';
export { fit, type FitOptions } from './fit';
/** Optimizers that update as Keras does, as `keras.optimizers`. */
export * as optimizers from './optimizers/index';
/** Helpers, as `keras.utils`. */
export * as utils from './utils/index';
export { confusionMatrix, type ConfusionMatrix } from './plots/confusion_matrix';
export { plotModel, type PlotModelOptions } from './plots/plot_model';
export { summary, type SummaryOptions } from './plots/summary';
