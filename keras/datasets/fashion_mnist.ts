/** The namespace `datasets.fashionMnist`: 60,000 and 10,000 images of clothing by Zalando Research, MIT licence. */
import type { Dataset } from './byte_tensor';
import type { LoadDataOptions } from './download';
import { loadMnistFamily, type MnistFamily } from './mnist_family';

/** What each label stands for, in label order. */
export const CLASS_NAMES: readonly string[] = Object.freeze([
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
]);

/** With the MD5 sums of the data set's README. */
const FASHION_MNIST: MnistFamily = {
  name: 'fashion-mnist',
  sources: [
    'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
  ],
  files: {
    trainImages: { name: 'train-images-idx3-ubyte.gz', md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d' },
    trainLabels: { name: 'train-labels-idx1-ubyte.gz', md5: '25c81989df183df01b3e8a0aad5dffbe' },
    testImages: { name: 't10k-images-idx3-ubyte.gz', md5: 'bef4ecab320f06d8554ea6380940ec79' },
    testLabels: { name: 't10k-labels-idx1-ubyte.gz', md5: 'bb300cfdad3c16e7a12a480ee83cd310' },
  },
};

/** Keras's `fashion_mnist.load_data()`: images of shape [count, 28, 28] and labels of shape [count]. */
export function loadData(options: LoadDataOptions = {}): Promise<Dataset> {
  return loadMnistFamily(FASHION_MNIST, options);
}
