/** The namespace `utils`, as `keras.utils`. */
export { normalize, toCategorical } from './arrays';
export { setRandomSeed } from './random_seed';
export { imageDatasetFromFiles, type ImageBatch, type ImageDataset, type ImageFilesOptions } from './image_files';
