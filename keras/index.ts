/** The package's entry `tfjs-backend-convgl/keras`: what a Keras script uses and tfjs-layers lacks, on any backend. */
export * from './errors';
export * as utils from './utils/index';
