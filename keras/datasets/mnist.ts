/** The namespace `datasets.mnist`: 60,000 and 10,000 handwritten digits. */
import type { Dataset } from './byte_tensor';
import type { LoadDataOptions } from './download';
import { loadMnistFamily, type MnistFamily } from './mnist_family';

const MNIST: MnistFamily = {
  name: 'mnist',
  sources: ['https://storage.googleapis.com/cvdf-datasets/mnist/', 'https://ossci-datasets.s3.amazonaws.com/mnist/'],
  files: {
    trainImages: { name: 'train-images-idx3-ubyte.gz', md5: 'f68b3c2dcbeaaa9fbdd348bbdeb94873' },
    trainLabels: { name: 'train-labels-idx1-ubyte.gz', md5: 'd53e105ee54ea40749a09fcbcd1e9432' },
    testImages: { name: 't10k-images-idx3-ubyte.gz', md5: '9fb629c4189551a2d022fa330f9573f3' },
    testLabels: { name: 't10k-labels-idx1-ubyte.gz', md5: 'ec29112dd5afa0611ce80d1b7f02629c' },
  },
};

/** Keras's `mnist.load_data()`: images of shape [count, 28, 28] and labels of shape [count]. */
export function loadData(options: LoadDataOptions = {}): Promise<Dataset> {
  return loadMnistFamily(MNIST, options);
}
