/** The numbers of the exhibit "Filters by hand", from the code that its page shows. */
import * as tf from '@tensorflow/tfjs-core';
import * as model from '../../examples/gallery/exhibits/filters/model';
import { onConvgl, valuesOf } from './backend';

const { correlate, convolve } = model;

/** A picture of one channel. */
const pictureOf = (rows: number[][]): model.Picture => tf.expandDims(tf.tensor2d(rows), 2);

const planeOf = (make: () => model.Picture) => valuesOf<number[][]>(tf.tidy(() => tf.squeeze(make(), [2])));

/** A smooth scene with edges, without randomness. */
function scene(side: number): model.Picture {
  const level = (i: number, j: number) =>
    0.5 + 0.2 * Math.sin(i / 3) + 0.2 * Math.cos(j / 4) * (i > j ? 1 : -1) + (Math.hypot(i - 20, j - 9) < 6 ? 0.1 : 0);
  return pictureOf(Array.from({ length: side }, (_, i) => Array.from({ length: side }, (_, j) => level(i, j))));
}

async function numberOf(make: () => tf.Tensor): Promise<number> {
  const tensor = tf.tidy(() => tf.reshape(make(), [-1]));
  return (await valuesOf(tensor))[0]!;
}

describe('gallery: filters by hand', () => {
  onConvgl();

  it('takes means of a bright square', async () => {
    const y = await planeOf(() => correlate(tf.expandDims(model.ninety(), 2), model.mean(3)));
    expect(y.map((row) => row.map(Math.round))).toEqual([
      [0, 10, 20, 30, 30, 30, 20, 10],
      [0, 20, 40, 60, 60, 60, 40, 20],
      [0, 30, 60, 90, 90, 90, 60, 30],
      [0, 30, 50, 80, 80, 90, 60, 30],
      [0, 30, 50, 80, 80, 90, 60, 30],
      [0, 20, 30, 50, 50, 60, 40, 20],
      [10, 20, 30, 30, 30, 30, 20, 10],
      [10, 10, 10, 0, 0, 0, 0, 0],
    ]);
    for (const value of y.flat()) expect(value).toBeCloseTo(Math.round(value), 4);
  });

  it('follows the formula of the Gaussian', async () => {
    const g = await valuesOf<number[][]>(tf.tidy(() => model.gaussian(5, 1.2)));
    const formula = (i: number, j: number) => Math.exp(-((i - 2) ** 2 + (j - 2) ** 2) / (2 * 1.2 ** 2));
    const sum = g.flatMap((row, i) => row.map((_, j) => formula(i, j))).reduce((a, b) => a + b);
    g.forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(formula(i, j) / sum, 6)));
  });

  it('gives the window back where it meets a single dot, turned by a correlation', async () => {
    const dot = Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => (i === 2 && j === 2 ? 1 : 0)));
    const window = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ];
    expect(await planeOf(() => convolve(pictureOf(dot), tf.tensor2d(window)))).toEqual(window);
    const turned = [...window].reverse().map((row) => [...row].reverse());
    expect(await planeOf(() => correlate(pictureOf(dot), tf.tensor2d(window)))).toEqual(turned);
  });

  it('finds L * (G * I) and (L * G) * I equal', async () => {
    const difference = await numberOf(() => {
      const twice = convolve(convolve(scene(40), model.gaussian(5, 1)), model.laplacian());
      const once = convolve(scene(40), model.laplacianOfGaussian(5, 1));
      expect(once.shape).toEqual([34, 34, 1]);
      expect(twice.shape).toEqual([34, 34, 1]);
      return tf.max(tf.abs(tf.sub(once, twice)));
    });
    expect(difference).toBeLessThan(1e-6);
    const strength = await numberOf(() => tf.max(tf.abs(convolve(scene(40), model.laplacianOfGaussian(5, 1)))));
    expect(strength).toBeGreaterThan(0.05);
  });

  it('sorts for the median, which is no convolution', async () => {
    const rows = [
      [3, 8, 1, 7],
      [6, 90, 2, 5],
      [4, 9, 0, 3],
      [1, 2, 6, 8],
    ];
    const y = await planeOf(() => model.median(pictureOf(rows), 3, 'extended'));
    const at = (i: number, j: number) => rows[Math.min(Math.max(i, 0), 3)]![Math.min(Math.max(j, 0), 3)]!;
    const sorted = (i: number, j: number) =>
      [-1, 0, 1].flatMap((di) => [-1, 0, 1].map((dj) => at(i + di, j + dj))).sort((a, b) => a - b);
    expect(y).toEqual(rows.map((row, i) => row.map((_, j) => sorted(i, j)[4]!)));
    // Medians of sums are not sums of medians.
    const [a, b] = [[[1, 0, 0]], [[0, 0, 1]]].map((row) => [...row, [0, 1, 0], [0, 0, 0]]) as [number[][], number[][]];
    const middle = async (picture: number[][]) =>
      (await planeOf(() => model.median(pictureOf(picture), 3, 'zero')))[1]![1]!;
    const both = a.map((row, i) => row.map((value, j) => value + b[i]![j]!));
    expect(await middle(both)).toBe(0);
    expect(
      await middle([
        [1, 1, 1],
        [1, 1, 0],
        [0, 0, 0],
      ]),
    ).toBe(1);
  });

  it('sharpens by a window of the sum 1', async () => {
    const window = await valuesOf<number[][]>(tf.tidy(() => model.sharpen(3)));
    expect(window[1]![1]).toBeCloseTo(2 - 1 / 9, 6);
    expect(window[0]![0]).toBeCloseTo(-1 / 9, 6);
    expect(window.flat().reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  it('has a Laplacian that is 0 on a slope and 4 on a bowl', async () => {
    const bowl = (i: number, j: number) => i * i + j * j;
    const grid = (f: (i: number, j: number) => number) =>
      [0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => f(i, j)));
    const laplace = (rows: number[][]) => planeOf(() => correlate(pictureOf(rows), model.laplacian()));
    expect((await laplace(grid((i, j) => 3 * i - 2 * j))).flat()).toEqual(Array<number>(9).fill(0));
    expect((await laplace(grid(bowl))).flat()).toEqual(Array<number>(9).fill(4));
  });

  it('has detectors that answer most to lines and edges of their own direction', async () => {
    const lines: Record<string, (i: number, j: number) => boolean> = {
      horizontalLines: (i) => i === 2,
      verticalLines: (_, j) => j === 2,
      fallingLines: (i, j) => i === j,
      risingLines: (i, j) => i + j === 4,
    };
    const side = [0, 1, 2, 3, 4];
    const names = Object.keys(lines) as ('horizontalLines' | 'verticalLines' | 'fallingLines' | 'risingLines')[];
    for (const drawn of names) {
      const rows = side.map((i) => side.map((j) => (lines[drawn]!(i, j) ? 1 : 0)));
      const answers = [];
      for (const name of names) answers.push((await planeOf(() => correlate(pictureOf(rows), model[name]())))[1]![1]);
      expect(answers)
        .withContext(drawn)
        .toEqual(names.map((name) => (name === drawn ? 6 : 0)));
    }
    const step = side.map(() => side.map((j) => (j >= 2 ? 1 : 0)));
    expect((await planeOf(() => correlate(pictureOf(step), model.verticalEdges())))[0]).toEqual([4, 4, 0]);
    expect((await planeOf(() => correlate(pictureOf(step), model.horizontalEdges()))).flat()).toEqual(
      Array<number>(9).fill(0),
    );
    expect((await planeOf(() => model.edgeStrength(pictureOf(step))))[0]).toEqual([4, 4, 0]);
  });

  it('shows each kind of border', async () => {
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ];
    const corner = async (border: model.Border) =>
      (await planeOf(() => correlate(pictureOf(rows), tf.fill([3, 3], 1), border)))[0]![0];
    expect(await corner('zero')).toBe(1 + 2 + 4 + 5);
    expect(await corner('extended')).toBe(1 + 1 + 2 + 1 + 1 + 2 + 4 + 4 + 5);
    expect(await corner('mirrored')).toBe(1 + 1 + 2 + 1 + 1 + 2 + 4 + 4 + 5);
    expect(await corner('cyclic')).toBe(45);
    const wide = async (border: model.Border) =>
      (await planeOf(() => correlate(pictureOf(rows), tf.fill([5, 5], 1), border)))[0]![0];
    // Rows 2, 1, 1, 2, 3 of columns 2, 1, 1, 2, 3.
    expect(await wide('mirrored')).toBe(24 + 9 + 9 + 24 + 39);
  });

  it('takes salt and pepper away by a median, and Gaussian noise by a Gaussian', async () => {
    const ratio = (noisy: (x: model.Picture) => model.Picture, clean: (x: model.Picture) => model.Picture) =>
      numberOf(() => model.similarity(clean(noisy(scene(48))), scene(48)));
    const same = (x: model.Picture) => x;
    const byMean = (x: model.Picture) => correlate(x, model.mean(3), 'mirrored');
    const byGaussian = (x: model.Picture) => correlate(x, model.gaussian(5, 0.9), 'mirrored');
    const byMedian = (x: model.Picture) => model.median(x, 3, 'mirrored');
    const salted = (x: model.Picture) => model.saltAndPepper(x, 0.1, 1);
    const rough = (x: model.Picture) => model.gaussianNoise(x, 0.1, 1);
    const [raw, mean, median] = [await ratio(salted, same), await ratio(salted, byMean), await ratio(salted, byMedian)];
    expect(mean).toBeGreaterThan(raw + 3);
    expect(median).toBeGreaterThan(mean + 5);
    expect(await ratio(rough, same)).toBeCloseTo(20, 0); // sigma 0.1: 10 log10(1 / 0.01)
    expect(await ratio(rough, byGaussian)).toBeGreaterThan((await ratio(rough, same)) + 5);
  });

  it('finds a pattern where it was cut out, in noise and at another brightness too', async () => {
    const place = async (change: (x: model.Picture) => model.Picture) => {
      const scores = tf.tidy(() => model.matches(change(scene(40)), tf.slice(scene(40), [13, 5, 0], [9, 9, 1])));
      const best = tf.tidy(() => tf.argMax(tf.reshape(scores, [-1])));
      const [[index], values] = [
        await valuesOf(tf.tidy(() => tf.reshape(best, [1]))),
        await valuesOf<number[][]>(scores),
      ];
      best.dispose();
      const [row, column] = [Math.floor(index! / 32), index! % 32];
      return { row, column, score: values[row]![column]! };
    };
    const clean = await place((x) => x);
    expect([clean.row, clean.column]).toEqual([13, 5]);
    expect(clean.score).toBeCloseTo(1, 3);
    const darker = await place((x) => tf.add(tf.mul(x, 0.5), 0.1));
    expect([darker.row, darker.column]).toEqual([13, 5]);
    expect(darker.score).toBeCloseTo(1, 3);
    const noisy = await place((x) => model.gaussianNoise(x, 0.05, 1));
    expect([noisy.row, noisy.column]).toEqual([13, 5]);
    expect(noisy.score).toBeGreaterThan(0.85);
  });
});
