/** The namespace `datasets`, as `keras.datasets`. */
export { ByteTensor, type Dataset } from './byte_tensor';
export type { DownloadProgress, LoadDataOptions } from './download';
export * as cifar10 from './cifar10';
export * as fashionMnist from './fashion_mnist';
export * as mnist from './mnist';
