/** The drawn stand-in for Fashion-MNIST: reproducible, balanced, varied, and different from class to class. */
import { drawGarment, drawSplit } from '../../examples/keras-fashion-mnist/drawn_clothing.js';

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
const distance = (a, b) => Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0));

describe('Drawn clothing', () => {
  it('is the same from the same seed and another from another', () => {
    expect(drawSplit(20, 1)).toEqual(drawSplit(20, 1));
    expect(drawSplit(20, 1).images).not.toEqual(drawSplit(20, 2).images);
  });

  it('only adds images when more are asked for, and every prefix is balanced', () => {
    const few = drawSplit(10, 3);
    const many = drawSplit(30, 3);
    expect(many.images.subarray(0, 7840)).toEqual(few.images);
    expect(Array.from(few.labels)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('fills a sensible part of each image and leaves the corners black', () => {
    const { images, count } = drawSplit(200, 5);
    for (let i = 0; i < count; i++) {
      const image = images.subarray(i * 784, (i + 1) * 784);
      const share = image.filter((level) => level > 0).length / 784;
      expect(share).withContext(`image ${i}`).toBeGreaterThan(0.08);
      expect(share).withContext(`image ${i}`).toBeLessThan(0.8);
      expect(image[0]).withContext(`image ${i}`).toBe(0);
    }
  });

  it('can be told apart by the nearest class mean, and not perfectly', () => {
    const train = drawSplit(500, 1);
    const test = drawSplit(200, 99);
    const means = Array.from({ length: 10 }, () => new Float64Array(784));
    train.labels.forEach((label, i) => {
      const mean = means[label];
      for (let pixel = 0; mean && pixel < 784; pixel++) {
        mean[pixel] = (mean[pixel] ?? 0) + (train.images[i * 784 + pixel] ?? 0) / 50;
      }
    });
    const right = Array.from(test.labels).filter((label, i) => {
      const image = test.images.subarray(i * 784, (i + 1) * 784);
      const distances = means.map((mean) => distance(image, mean));
      return distances.indexOf(Math.min(...distances)) === label;
    });
    expect(right.length / test.count).toBeGreaterThan(0.5);
    expect(right.length / test.count).toBeLessThan(1);
  });

  it('refuses a label that is none', () => {
    expect(() => drawGarment(10, 1)).toThrowError(RangeError, /label is 10, expected 0 to 9/);
  });
});
