/** The namespace `utils`, as `keras.utils`. */
export { normalize, toCategorical } from './arrays';
export { setRandomSeed } from './random_seed';
