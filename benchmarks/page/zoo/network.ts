/** What a network of the benchmark is, and the layers they are made of; all weights start at zero and are seeded later. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { uniform } from '../fill';

export interface Network {
  readonly name: string;
  readonly imageSize: number;
  readonly channels: number;
  readonly classes: number;
  /** Batch size of a training and of a prediction step, unless the options say another. */
  readonly batch: { readonly train: number; readonly predict: number };
  /** The modes that are timed when the options do not name one. */
  readonly modes: readonly ('train' | 'predict')[];
  readonly metrics: readonly string[];
  readonly optimizer: () => tf.Optimizer;
  readonly build: (imageSize: number) => tfl.LayersModel;
}

type ConvOptions = Partial<Parameters<typeof tfl.layers.conv2d>[0]>;

/** A 2-D convolution; random initializers would take longer than the runs on the large networks. */
export function conv(filters: number, kernelSize: number, options: ConvOptions = {}): tfl.layers.Layer {
  return tfl.layers.conv2d({ filters, kernelSize, padding: 'same', kernelInitializer: 'zeros', ...options });
}

/** A dense layer. */
export function dense(units: number, activation?: 'relu' | 'tanh' | 'softmax'): tfl.layers.Layer {
  return tfl.layers.dense({ units, kernelInitializer: 'zeros', ...(activation ? { activation } : {}) });
}

/** Max pooling over squares without overlap. */
export function maxPool(size = 2): tfl.layers.Layer {
  return tfl.layers.maxPooling2d({ poolSize: size, strides: size });
}

export function relu(): tfl.layers.Layer {
  return tfl.layers.activation({ activation: 'relu' });
}

/** A stack of layers over an image. */
export function sequential(inputShape: readonly number[], layers: readonly tfl.layers.Layer[]): tfl.Sequential {
  const model = tfl.sequential();
  model.add(tfl.layers.inputLayer({ inputShape: [...inputShape] }));
  for (const layer of layers) model.add(layer);
  return model;
}

/** Gives kernels values that keep the activations' size through many layers, the same for every backend. */
export function seedWeights(model: tfl.LayersModel): void {
  model.weights.forEach((weight, i) => {
    const shape = weight.shape as number[];
    if (shape.length < 2) return;
    const size = shape.reduce((a, b) => a * b, 1);
    const depthwise = weight.originalName.includes('depthwise');
    const fanIn = depthwise ? shape[0]! * shape[1]! : size / shape[shape.length - 1]!;
    const values = tf.tensor(uniform(size, Math.sqrt(6 / fanIn), i + 1), shape);
    weight.write(values);
    values.dispose();
  });
}

/** Multiply-adds times two of one image's forward pass, over the layers that multiply matrices. */
export function forwardFlops(model: tfl.LayersModel): number {
  return model.layers.reduce((sum, layer) => {
    const kernel = layer.weights[0]?.shape as number[] | undefined;
    const output = layer.outputShape as number[];
    if (!kernel || kernel.length < 2) return sum;
    const size = kernel.reduce((a, b) => a * b, 1);
    const positions = kernel.length === 4 ? output[1]! * output[2]! : 1;
    return sum + 2 * size * positions;
  }, 0);
}
