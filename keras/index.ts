/** The package's entry `tfjs-backend-convgl/keras`: what a Keras script uses and tfjs-layers lacks, on any backend. */
export * from './errors';
export { type FileSource, removeSaved } from './io/places';
export type { MatchOptions } from './saving/keras2_weights';
export { encodeWeights, loadWeights, saveWeights, type WeightsFormat } from './saving/weights';
export * as utils from './utils/index';
