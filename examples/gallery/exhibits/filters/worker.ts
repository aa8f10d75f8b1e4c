/** The tasks of this exhibit. The picture is kept here, so that a slider sends only its number. */
import * as tf from '@tensorflow/tfjs-core';
import type { Pixels } from '../../framework/picture';
import { answer } from '../../framework/worker';
import { type Filter, SIGNED } from './filter_names';
import * as model from './model';

export interface Settings {
  readonly filter: Filter;
  readonly size: number;
  readonly sigma: number;
  readonly border: model.Border;
  readonly flipped: boolean;
  readonly noise: Noise;
  readonly amount: number;
}

export type Noise = 'none' | 'gaussian' | 'salt';

export interface Place {
  /** From 0 to 1, of the pattern's corner. */
  readonly row: number;
  readonly column: number;
  readonly size: number;
  readonly noise: number;
}

const SEED = 1;

let picture: model.Picture | undefined;

function shown(): model.Picture {
  if (!picture) throw new Error('There is no picture yet.');
  return picture;
}

function withNoise(x: model.Picture, { noise, amount }: Pick<Settings, 'noise' | 'amount'>): model.Picture {
  if (noise === 'none') return x;
  return noise === 'gaussian' ? model.gaussianNoise(x, amount, SEED) : model.saltAndPepper(x, amount, SEED);
}

function windowOf({ filter, size, sigma }: Settings): tf.Tensor2D | undefined {
  if (filter === 'none' || filter === 'median' || filter === 'edgeStrength') return undefined;
  if (filter === 'gaussian' || filter === 'laplacianOfGaussian') return model[filter](size, sigma);
  return model[filter](size);
}

function filtered(x: model.Picture, settings: Settings): model.Picture {
  const { filter, size, border, flipped } = settings;
  if (filter === 'median') return model.median(x, size, border);
  if (filter === 'edgeStrength') return tf.div(model.edgeStrength(x, border), 4);
  const window = windowOf(settings);
  if (!window) return x;
  return flipped ? model.convolve(x, window, border) : model.correlate(x, window, border);
}

async function pixelsOf(make: () => tf.Tensor2D | tf.Tensor3D): Promise<Pixels> {
  const image = tf.tidy(() => tf.clipByValue(make(), 0, 1));
  try {
    const [height, width] = image.shape;
    return { width, height, data: await tf.browser.toPixels(image) };
  } finally {
    image.dispose();
  }
}

const decibels = async (make: () => tf.Scalar) => {
  const ratio = tf.tidy(make);
  const [value = NaN] = await ratio.data<'float32'>();
  ratio.dispose();
  return value;
};

const CLEANERS: Readonly<Record<string, (x: model.Picture) => model.Picture>> = {
  'with noise': (x) => tf.clone(x),
  'after a mean': (x) => model.correlate(x, model.mean(3), 'mirrored'),
  'after a Gaussian': (x) => model.correlate(x, model.gaussian(5, 0.9), 'mirrored'),
  'after a median': (x) => model.median(x, 3, 'mirrored'),
};

/** Puts noise on the picture, then tries the filters that may take it away. */
async function* clean(noise: Pick<Settings, 'noise' | 'amount'>) {
  const noisy = tf.tidy(() => tf.clone(withNoise(shown(), noise)));
  try {
    const cleaners = Object.entries(CLEANERS);
    for (const [i, [name, cleaner]] of cleaners.entries()) {
      const result = tf.tidy(() => cleaner(noisy));
      try {
        const ratio = await decibels(() => model.similarity(result, shown()));
        yield { done: i + 1, total: cleaners.length, name, ratio, pixels: await pixelsOf(() => result.clone()) };
      } finally {
        result.dispose();
      }
    }
  } finally {
    noisy.dispose();
  }
}

/** Cuts a pattern out of the picture and looks for it in the picture with noise. */
async function find({ row, column, size, noise }: Place) {
  const [height, width, channels] = shown().shape;
  const corner = [Math.round(row * (height - size)), Math.round(column * (width - size))] as const;
  const [pattern, scores] = tf.tidy(() => {
    const cut = tf.slice(shown(), [...corner, 0], [size, size, channels]);
    return [cut, model.matches(model.gaussianNoise(shown(), noise, SEED), cut)];
  });
  const best = tf.tidy(() => tf.argMax(tf.reshape(scores, [-1])));
  const [index = 0] = await best.data<'int32'>();
  const values = await scores.data<'float32'>();
  const columns = scores.shape[1];
  const found = [Math.floor(index / columns), index % columns] as const;
  const map = await pixelsOf(() => tf.relu(scores));
  const patternPixels = await pixelsOf(() => pattern.clone());
  tf.dispose([pattern, scores, best]);
  return { corner, found, score: values[index] ?? NaN, map, pattern: patternPixels };
}

export const tasks = answer(
  {
    setPicture: ({ width, height, data }: Pixels) => {
      const bytes = tf.browser.fromPixels({ width, height, data: new Uint8Array(data.buffer) });
      picture?.dispose();
      picture = tf.tidy(() => tf.div<model.Picture>(bytes, 255));
      bytes.dispose();
    },
    filter: async (settings: Settings) => {
      const began = performance.now();
      const before = await pixelsOf(() => withNoise(shown(), settings));
      const after = await pixelsOf(() => {
        const y = filtered(withNoise(shown(), settings), settings);
        return SIGNED.includes(settings.filter) ? tf.add(tf.div(y, 2), 0.5) : y;
      });
      const window = tf.tidy(() => windowOf(settings));
      const weights = await window?.array();
      window?.dispose();
      return { before, after, weights, milliseconds: performance.now() - began };
    },
    clean,
    find,
    meanOfNineties: async () => {
      const x = model.ninety();
      const y = tf.tidy(() => tf.squeeze<tf.Tensor2D>(model.correlate(tf.expandDims(x, 2), model.mean(3)), [2]));
      const result = { x: await x.array(), y: await y.array() };
      tf.dispose([x, y]);
      return result;
    },
  },
  () => picture?.dispose(),
);

export type FilterTasks = typeof tasks;
