/** The Keras tutorial that trains a small VGG on Fashion-MNIST, line by line in TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import 'tfjs-backend-convgl';
import {
  callbacks,
  confusionMatrix,
  datasets,
  loadWeights,
  optimizers,
  saveWeights,
  summary,
  utils,
} from 'tfjs-backend-convgl/keras';

/** Two stacks of [Conv2D, relu, batch norm] x2 and max pooling, a dense layer of 512, softmax over ten classes. */
export function buildModel(): tf.Sequential {
  const model = tf.sequential();
  // first CONV => RELU => CONV => RELU => POOL layer set
  model.add(tf.layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', inputShape: [28, 28, 1] }));
  model.add(tf.layers.activation({ activation: 'relu' }));
  model.add(tf.layers.batchNormalization({ axis: -1 }));
  model.add(tf.layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same' }));
  model.add(tf.layers.activation({ activation: 'relu' }));
  model.add(tf.layers.batchNormalization({ axis: -1 }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  // second CONV => RELU => CONV => RELU => POOL layer set
  model.add(tf.layers.conv2d({ filters: 64, kernelSize: 3, padding: 'same' }));
  model.add(tf.layers.activation({ activation: 'relu' }));
  model.add(tf.layers.batchNormalization({ axis: -1 }));
  model.add(tf.layers.conv2d({ filters: 64, kernelSize: 3, padding: 'same' }));
  model.add(tf.layers.activation({ activation: 'relu' }));
  model.add(tf.layers.batchNormalization({ axis: -1 }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  // first (and only) set of FC => RELU layers
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 512 }));
  model.add(tf.layers.activation({ activation: 'relu' }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.dropout({ rate: 0.5 }));
  // softmax classifier
  model.add(tf.layers.dense({ units: 10 }));
  model.add(tf.layers.activation({ activation: 'softmax' }));
  return model;
}

/** What the script may be told; each has a default. */
export interface Arguments {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  /** The folder of the data set's files, in place of the published one. */
  readonly dataUrl?: string;
  /** Where the line of progress goes: an element of the page or a function; else the console. */
  readonly output?: HTMLElement | ((text: string) => void);
  /** Where the event files go; else into a download, logs.zip. */
  readonly logDir?: callbacks.FolderPlace;
  readonly moreCallbacks?: readonly tf.Callback[];
}

export async function main({
  epochs = 12,
  batchSize = 32,
  learningRate = 0.01,
  seed = 1,
  dataUrl,
  output,
  logDir = new callbacks.DownloadFolder('logs'),
  moreCallbacks = [],
}: Arguments = {}) {
  utils.setRandomSeed(seed);

  // images scaled to the range [0, 1] with one channel, and one-hot labels
  console.log('[INFO] loading Fashion MNIST...');
  const [[trainImages, trainLabels], [testImages, testLabels]] = await datasets.fashionMnist.loadData({ url: dataUrl });
  const trainX = trainImages.toTensor(255).reshape([-1, 28, 28, 1]);
  const testX = testImages.toTensor(255).reshape([-1, 28, 28, 1]);
  const trainY = utils.toCategorical(trainLabels.values, 10);
  const testY = utils.toCategorical(testLabels.values, 10);

  console.log('[INFO] compiling model...');
  const model = buildModel();
  summary(model);
  const optimizer = new optimizers.SGD({ learningRate, momentum: 0.9, decay: learningRate / epochs });
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });

  console.log('[INFO] training model...');
  const { history } = await model.fit(trainX, trainY, {
    validationData: [testX, testY],
    batchSize,
    epochs,
    callbacks: [
      new callbacks.ProgbarLogger({ output }),
      new callbacks.TensorBoard({ logDir, histogramFreq: 1 }),
      ...moreCallbacks,
    ],
  });

  console.log('[INFO] evaluating network...');
  const predictions = model.predict(testX, { batchSize }) as tf.Tensor;
  const confusion = await confusionMatrix(model, testX, testY, { batchSize });
  datasets.fashionMnist.CLASS_NAMES.forEach((name, i) => {
    const [precision, recall] = [confusion.precision[i] ?? 0, confusion.recall[i] ?? 0];
    console.log(`${name.padStart(12)}  precision ${precision.toFixed(2)}  recall ${recall.toFixed(2)}`);
  });

  // serialize the weights: as a download, and where this page finds them again
  await saveWeights(model, 'fashion_model.h5');
  await saveWeights(model, 'indexeddb://fashion_model.h5');
  const loaded = buildModel();
  await loadWeights(loaded, 'indexeddb://fashion_model.h5');
  const [before, after] = await Promise.all([
    predictions.data(),
    (loaded.predict(testX, { batchSize }) as tf.Tensor).data(),
  ]);
  const equal = before.every((probability, i) => probability === after[i]);
  console.log(`[INFO] predictions of the loaded weights are ${equal ? 'equal to the bit' : 'DIFFERENT'}`);
  return { model, history, confusion, predictions: before, equal };
}
