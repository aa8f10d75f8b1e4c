/** The package's entry `tfjs-backend-convgl/keras`: what a Keras script uses and tfjs-layers lacks, on any backend. */
export * as datasets from './datasets/index';
export * from './errors';
export { type FileSource, removeSaved } from './io/places';
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
export * as callbacks from './callbacks/index';
export { fit, type FitOptions } from './fit';
export * as optimizers from './optimizers/index';
export * as utils from './utils/index';
export { confusionMatrix, type ConfusionMatrix } from './plots/confusion_matrix';
export { plotModel, type PlotModelOptions } from './plots/plot_model';
export { summary, type SummaryOptions } from './plots/summary';
