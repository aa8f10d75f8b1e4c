/** Means and variances that are taken together, against sums of doubles: what they lose, and where nothing is finite. */
import * as tf from '@tensorflow/tfjs-core';
import { randomOf } from '../cases/fill';
import { deferred, seed } from '../page';
import { useKernelsOfOurOwn } from './backends';
import { passesOf } from './harness';

interface Elements {
  readonly shape: number[];
  readonly axes: number[];
  /** Element i of `size`, of a channel. */
  readonly value?: (random: number, i: number, channel: number) => number;
  /** What the variance may be off by, relatively; 1e-5 unless said. */
  readonly lost?: number;
}

const elements: Readonly<Record<string, Elements>> = {
  'one slice': { shape: [64, 512], axes: [0] },
  'many slices': { shape: [16, 28, 28, 8], axes: [0, 1, 2] },
  'a last slice that is shorter': { shape: [7, 13, 11, 4], axes: [0, 1, 2] },
  'one element': { shape: [1, 12], axes: [0] },
  'dimensions of one element': { shape: [1, 1, 50, 8], axes: [0, 1, 2] },
  'a large mean': { shape: [40, 25, 8], axes: [0, 1], value: (random) => 1000 + random },
  'a first element far off': {
    shape: [50000, 4],
    axes: [0],
    value: (random, i) => (i === 0 ? 1e6 : random),
    lost: 3e-4,
  },
  'equal elements': { shape: [900, 8], axes: [0], value: (_, __, channel) => channel + 0.1 },
  'large and small channels': {
    shape: [900, 8],
    axes: [0],
    value: (random, _, channel) => random * 10 ** (4 * channel - 14),
  },
};

/** Mean and variance of each channel, in doubles. */
function reference(values: Float32Array, channels: number): { mean: number[]; variance: number[] } {
  const count = values.length / channels;
  const sums = (f: (x: number, channel: number) => number): number[] => {
    const sum = new Array<number>(channels).fill(0);
    values.forEach((x, i) => (sum[i % channels]! += f(x, i % channels) / count));
    return sum;
  };
  const mean = sums((x) => x);
  return { mean, variance: sums((x, channel) => (x - mean[channel]!) ** 2) };
}

/** The two together: what needs them both. */
function read(x: tf.Tensor, axes: number[], keepDims: boolean): [tf.TypedArray, tf.TypedArray] {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(x, axes, keepDims);
    // The variance first, as a normalization asks for either.
    return [variance.dataSync(), mean.dataSync()].reverse() as [tf.TypedArray, tf.TypedArray];
  });
}

describe('mean and variance', () => {
  useKernelsOfOurOwn();

  for (const [title, { shape, axes, value, lost = 1e-5 }] of Object.entries(elements)) {
    for (const keepDims of [false, true]) {
      it(`of ${title}${keepDims ? ', with all dimensions' : ''}`, () => {
        const random = randomOf(seed, title);
        const channels = shape.at(-1)!;
        const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) =>
          (value ?? ((r: number) => r))(random() * 2 - 1, Math.floor(i / channels), i % channels),
        );
        const x = tf.tensor(values, shape);
        const [means, variances] = read(x, axes, keepDims);
        const { mean, variance } = reference(values, channels);
        const spread = (i: number): number => Math.abs(mean[i]!) + Math.sqrt(variance[i]!);
        mean.forEach((m, i) => expect(Math.abs(means[i]! - m)).toBeLessThanOrEqual(1e-6 * spread(i)));
        // The rounding of the elements themselves; and where a slice's first element is all of its variance, of each of its squares.
        variance.forEach((v, i) =>
          expect(Math.abs(variances[i]! - v)).toBeLessThanOrEqual(lost * v + (1e-6 * mean[i]!) ** 2),
        );
        x.dispose();
      });
    }
  }

  // At once, ops have passes of their own.
  if (deferred) {
    it('read the elements once, with what they are computed of', () => {
      const x = tf.randomNormal([16, 28, 28, 8]);
      x.dataSync();
      const passes = passesOf(() => {
        const { mean, variance } = tf.moments(tf.relu(tf.add(x, 1)), [0, 1, 2]);
        return tf.add(mean, variance);
      });
      expect(passes).toEqual(['sliceMoments', 'joinMoments', 'map']);
      x.dispose();
    });

    const squares: Record<string, (x: tf.Tensor, mean: tf.Tensor) => tf.Tensor> = {
      square: (x, mean) => tf.square(tf.sub(x, mean)),
      'square of the other sign': (x, mean) => tf.square(tf.sub(mean, x)),
      product: (x, mean) => {
        const d = tf.sub(x, mean);
        return tf.mul(d, d);
      },
      'power of two': (x, mean) => tf.pow(tf.sub(x, mean), 2),
      squaredDifference: (x, mean) => tf.squaredDifference(x, mean),
      'squaredDifference, the mean first': (x, mean) => tf.squaredDifference(mean, x),
    };
    for (const [title, square] of Object.entries(squares))
      it(`read the elements once, however the squares are written: ${title}`, () => {
        const values = Float32Array.from({ length: 30 * 12 }, (_, i) => Math.sin(i) + (i % 12));
        const x = tf.tensor2d(values, [30, 12]);
        const variance = (): tf.Tensor => tf.mean(square(x, tf.mean(x, 0)), 0);
        expect(passesOf(variance)).toContain('sliceMoments');
        const y = tf.tidy(variance);
        tf.test_util.expectArraysClose(y.dataSync(), reference(values, 12).variance, 1e-5);
        tf.dispose([x, y]);
      });

    it('are taken one by one along rows, and where the mean is another', () => {
      const x = tf.randomNormal([40, 40]);
      x.dataSync();
      const together = (work: () => tf.Tensor): boolean => passesOf(work).some((name) => name.endsWith('Moments'));
      const variance = (of: tf.Tensor, about: tf.Tensor): tf.Tensor => tf.mean(tf.square(tf.sub(of, about)), 0);
      expect(together(() => variance(x, tf.mean(x, 0)))).toBe(true);
      expect(together(() => tf.moments(x, 1).variance)).toBe(false);
      expect(together(() => variance(x, tf.mean(x, 1, true)))).toBe(false);
      expect(together(() => variance(x, tf.mean(tf.abs(x), 0)))).toBe(false);
      expect(together(() => variance(x, tf.sum(x, 0)))).toBe(false);
      x.dispose();
    });
  }

  it('are not finite where tfjs-backend-cpu has none that are', async () => {
    const columns = [
      [1, Infinity, 2],
      [Infinity, 1, 2],
      [-Infinity, Infinity, 2],
      [NaN, 1, 2],
      [1, NaN, 2],
      [3e38, -3e38, 0],
      [1e30, -1e30, 0],
      [1e15, -1e15, 1e15],
    ];
    const rows = [0, 1, 2].map((i) => columns.map((column) => column[i]!));
    const values = Array.from({ length: 100 }, () => rows).flat();
    const onBackend = async (backend: string): Promise<string[]> => {
      await tf.setBackend(backend);
      const x = tf.tensor2d(values);
      const read2 = read(x, [0], false);
      x.dispose();
      const said = (v: number): string => (Number.isFinite(v) ? v.toExponential(3) : String(v));
      return read2.flatMap((list) => Array.from(list, said));
    };
    const expected = await onBackend('cpu');
    expect(await onBackend('convgl')).toEqual(expected);
  });
});
