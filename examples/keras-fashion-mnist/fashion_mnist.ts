/** The Keras Fashion-MNIST script, line by line in tfjs-layers; of convgl it has the import and nothing else. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import 'tfjs-backend-convgl';
import { utils } from 'tfjs-backend-convgl/keras';
import type { FashionMnist, Images } from './dataset_page';
import { SGD } from './keras';

export const CLASSES = 10;

/** The script's `EPOCHS`, `BS` and `INIT_LR`. */
export interface TrainingOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** Two stacks of [Conv2D, relu, batch norm] x2 and max pooling, a dense layer of 512, softmax over ten classes. */
export function buildModel(): tfl.Sequential {
  const model = tfl.sequential();
  // first CONV => RELU => CONV => RELU => POOL layer set
  model.add(tfl.layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', inputShape: [28, 28, 1] }));
  model.add(tfl.layers.activation({ activation: 'relu' }));
  model.add(tfl.layers.batchNormalization({ axis: -1 }));
  model.add(tfl.layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same' }));
  model.add(tfl.layers.activation({ activation: 'relu' }));
  model.add(tfl.layers.batchNormalization({ axis: -1 }));
  model.add(tfl.layers.maxPooling2d({ poolSize: 2 }));
  // second CONV => RELU => CONV => RELU => POOL layer set
  model.add(tfl.layers.conv2d({ filters: 64, kernelSize: 3, padding: 'same' }));
  model.add(tfl.layers.activation({ activation: 'relu' }));
  model.add(tfl.layers.batchNormalization({ axis: -1 }));
  model.add(tfl.layers.conv2d({ filters: 64, kernelSize: 3, padding: 'same' }));
  model.add(tfl.layers.activation({ activation: 'relu' }));
  model.add(tfl.layers.batchNormalization({ axis: -1 }));
  model.add(tfl.layers.maxPooling2d({ poolSize: 2 }));
  // first (and only) set of FC => RELU layers
  model.add(tfl.layers.flatten());
  model.add(tfl.layers.dense({ units: 512 }));
  model.add(tfl.layers.activation({ activation: 'relu' }));
  model.add(tfl.layers.batchNormalization());
  model.add(tfl.layers.dropout({ rate: 0.5 }));
  // softmax classifier
  model.add(tfl.layers.dense({ units: CLASSES }));
  model.add(tfl.layers.activation({ activation: 'softmax' }));
  return model;
}

/** `model.compile(...)` with SGD, momentum 0.9 and `decay = INIT_LR / EPOCHS`. */
export function compileModel(model: tfl.LayersModel, { learningRate, epochs }: TrainingOptions): void {
  const optimizer = new SGD({ learningRate, momentum: 0.9, decay: learningRate / epochs });
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
}

/** Images scaled to the range [0, 1] with one channel, and one-hot labels; the caller disposes both. */
export function prepare(images: Images): { x: tf.Tensor4D; y: tf.Tensor2D } {
  const x = tf.tensor4d(
    Float32Array.from(images.pixels, (level) => level / 255),
    [images.count, 28, 28, 1],
  );
  return { x, y: utils.toCategorical(images.labels, CLASSES) as tf.Tensor2D };
}

/** `model.fit(...)`: trains with the test images as validation data and returns `history.history`. */
export async function trainModel(
  model: tfl.LayersModel,
  data: FashionMnist,
  options: TrainingOptions,
  callback: tfl.Callback,
): Promise<Record<string, number[]>> {
  const { x: trainX, y: trainY } = prepare(data.train);
  const { x: testX, y: testY } = prepare(data.test);
  try {
    compileModel(model, options);
    const history = await model.fit(trainX, trainY, {
      validationData: [testX, testY],
      batchSize: options.batchSize,
      epochs: options.epochs,
      callbacks: callback,
      verbose: 0,
    });
    return history.history as Record<string, number[]>;
  } finally {
    tf.dispose([trainX, trainY, testX, testY]);
  }
}

/** `model.predict(...)`: class probabilities, count x 10 in rows. */
export async function predict(model: tfl.LayersModel, images: Images, batchSize: number): Promise<Float32Array> {
  const { x, y } = prepare(images);
  const probabilities = model.predict(x, { batchSize }) as tf.Tensor;
  const values = (await probabilities.data()) as Float32Array;
  tf.dispose([x, y, probabilities]);
  return values;
}
