/** The numbers of the exhibit "Convolution, step by step", from the code that its page shows. */
import * as tf from '@tensorflow/tfjs-core';
import {
  type Border,
  convolve1d,
  convolve2d,
  countLayer,
  outputLength,
  pad,
  reach,
  samePadding,
  type Sliding,
} from '../../examples/gallery/exhibits/convolution/model';
import { onConvgl, valuesOf } from './backend';

const PLAIN: Sliding = { stride: 1, dilation: 1, padding: 'valid', border: 'zero' };

/** Channels in rows, as the page has them. */
async function slide(channels: number[][], weights: number[][], sliding: Partial<Sliding> = {}): Promise<number[]> {
  const y = tf.tidy(() => {
    const x = tf.transpose(tf.tensor2d(channels));
    const w = tf.expandDims<tf.Tensor3D>(tf.transpose(tf.tensor2d(weights)), 2);
    return tf.reshape(convolve1d(x, w, { ...PLAIN, ...sliding }).y, [-1]);
  });
  return valuesOf(y);
}

const ones = (n: number): number[] => Array.from({ length: n }, () => 1);

describe('gallery: convolution, step by step', () => {
  onConvgl();

  const x = [1, 0, 2, 2, 3, 1];

  it('slides over a signal', async () => {
    expect(await slide([x], [[3, 2, 2]])).toEqual([7, 8, 16, 14]);
    expect(await slide([x], [[3, 2, 2]], { padding: 'same' })).toEqual([2, 7, 8, 16, 14, 11]);
    expect(await slide([x], [[3, 2, 1]])).toEqual([5, 6, 13, 13]);
    expect(await slide([x], [[3, 2, 1]], { padding: 'same' })).toEqual([2, 5, 6, 13, 13, 11]);
  });

  it('slides by a stride, and with gaps', async () => {
    expect(await slide([x], [[3, 2, 2]], { stride: 2 })).toEqual([7, 16]);
    // One element of padding, which goes to the end.
    expect(await slide([x], [[3, 2, 2]], { stride: 2, padding: 'same' })).toEqual([7, 16, 11]);
    expect(await slide([x], [[3, 2, 2]], { dilation: 2 })).toEqual([3 + 4 + 6, 0 + 4 + 2]);
  });

  it('pads "same" by what the formula says, and unevenly', async () => {
    expect(samePadding(13, 6, 5)).toEqual([1, 2]);
    expect(samePadding(6, 3, 1)).toEqual([1, 1]);
    expect(samePadding(4, 1, 3)).toEqual([0, 0]);
    const counting = Array.from({ length: 13 }, (_, i) => i + 1);
    const y = await slide([counting], [[1, 1, 1, 1, 1, 1]], { stride: 5, padding: 'same' });
    expect(y).toEqual([1 + 2 + 3 + 4 + 5, 5 + 6 + 7 + 8 + 9 + 10, 10 + 11 + 12 + 13]);
  });

  it('gives floor((n + p - k) / s) + 1 outputs', async () => {
    for (const n of [5, 6, 13]) {
      for (const k of [1, 2, 3, 5]) {
        for (const [stride, dilation] of [
          [1, 1],
          [2, 1],
          [3, 1],
          [1, 2],
        ] as const) {
          const under = reach(k, dilation);
          if (under > n) continue;
          for (const padding of ['valid', 'same'] as const) {
            const [before, after] = padding === 'same' ? samePadding(n, under, stride) : [0, 0];
            const y = await slide([ones(n)], [ones(k)], { stride, dilation, padding });
            expect(y.length)
              .withContext(`${n} ${k} ${stride} ${dilation} ${padding}`)
              .toBe(outputLength(n, before + after, under, stride));
            if (padding === 'same') expect(y.length).toBe(Math.ceil(n / stride));
          }
        }
      }
    }
  });

  it('pads by zeros, by the outermost element, and by the opposite end', async () => {
    const padded = (border: Border) => valuesOf(tf.tidy(() => pad(tf.tensor1d([5, 4, 2, 3, 7]), 0, [1, 1], border)));
    expect(await padded('zero')).toEqual([0, 5, 4, 2, 3, 7, 0]);
    expect(await padded('extended')).toEqual([5, 5, 4, 2, 3, 7, 7]);
    expect(await padded('cyclic')).toEqual([7, 5, 4, 2, 3, 7, 5]);
    const farther = await valuesOf(tf.tidy(() => pad(tf.tensor1d([1, 2, 3]), 0, [4, 2], 'cyclic')));
    expect(farther).toEqual([3, 1, 2, 3, 1, 2, 3, 1, 2]);
  });

  it('finds edges in two channels, and misses one between two stops', async () => {
    const channels = [
      [0, 0, 0, 4, 4, 4, 4, 0],
      [1, 1, 1, 1, 3, 3, 3, 3],
    ];
    const edges = [
      [1, -1],
      [1, -1],
    ];
    expect(await slide(channels, edges, { stride: 2 })).toEqual([0, -4, 0, 4]);
    expect(await slide(channels, edges)).toEqual([0, 0, -4, -2, 0, 0, 4]);
  });

  it('slides over a picture of several channels with several filters', async () => {
    const values = Array.from({ length: 5 * 5 * 2 }, (_, i) => (i * 7) % 10);
    const weights = Array.from({ length: 3 * 3 * 2 * 2 }, (_, i) => (i % 5) - 2);
    const { padded, y } = tf.tidy(() =>
      convolve2d(tf.tensor(values, [5, 5, 2]), tf.tensor(weights, [3, 3, 2, 2]), {
        ...PLAIN,
        padding: 'same',
        border: 'cyclic',
        stride: 2,
      }),
    );
    expect(padded.shape).toEqual([7, 7, 2]);
    const found = await valuesOf<number[][][]>(y);
    padded.dispose();
    const at = (i: number, j: number, c: number) => values[(((i + 5) % 5) * 5 + ((j + 5) % 5)) * 2 + c]!;
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        for (let f = 0; f < 2; f++) {
          let sum = 0;
          for (let i = 0; i < 3; i++)
            for (let j = 0; j < 3; j++)
              for (let c = 0; c < 2; c++)
                sum += weights[((i * 3 + j) * 2 + c) * 2 + f]! * at(2 * row + i - 1, 2 * column + j - 1, c);
          expect(found[row]![column]![f]).toBe(sum);
        }
      }
    }
  });

  it('counts what a layer gives, learns and costs', () => {
    const layer = { side: 32, channels: 3, kernelSize: 5, strides: 1, padding: 'valid' } as const;
    expect(countLayer({ ...layer, filters: 1 })).toEqual({
      output: [28, 28, 1],
      weights: 75,
      biases: 1,
      multiplications: 58_800,
    });
    expect(countLayer({ ...layer, filters: 6 })).toEqual({
      output: [28, 28, 6],
      weights: 450,
      biases: 6,
      multiplications: 352_800,
    });
  });
});
