/** Where texels lie: room for every element, whole runs in a row, limits kept, and a typed error beyond them. */
import { fitsRun, layoutOf, TextureSizeError, widthFor } from '../../src/plan/layout';
import type { Limits } from '../../src/plan/plan';
import { ceilDiv, sizeOf } from '../../src/plan/shape';
import { randomOf } from '../cases/fill';
import { seed } from '../page';

const limitsOf = (maxTextureSize: number): Limits => ({ maxTextureSize, maxTargets: 8 });

describe('layout', () => {
  it('has room for every element, no row too many, and keeps the limit, or names the tensor that cannot', () => {
    const random = randomOf(seed, 'layouts');
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      const max = [16, 64, 256][round % 3]!;
      const rank = Math.floor(random() * 5);
      const shape = Array.from({ length: rank }, () => Math.floor(random() ** 2 * 100));
      const texels = Math.max(1, ceilDiv(sizeOf(shape), 4));
      try {
        const { width, height } = layoutOf(shape, 'float32', limitsOf(max));
        expect(Math.max(width, height)).toBeLessThanOrEqual(max);
        expect(width * height).toBeGreaterThanOrEqual(texels);
        expect(width * (height - 1))
          .withContext(`[${shape}] as ${width} x ${height}`)
          .toBeLessThan(texels);
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(TextureSizeError);
        expect((error as Error).message).toContain(`[${shape.join(', ')}]`);
        // Whole runs may not waste so much that a tensor of half the device's texels fails.
        expect(texels)
          .withContext(`[${shape}] of ${texels} texels on ${max} x ${max}`)
          .toBeGreaterThan(max ** 2 / 2);
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('holds whole image rows of NHWC data in a texture row', () => {
    for (const shape of [
      [64, 28, 28, 32],
      [2, 7, 7, 64],
      [1, 3, 5, 4],
      [8, 14, 14, 3],
    ]) {
      const run = (shape[2]! * shape[3]!) / 4;
      const layout = layoutOf(shape, 'float32', limitsOf(4096));
      if (Number.isInteger(run)) expect(fitsRun(layout, run)).withContext(`[${shape}]`).toBeTrue();
    }
  });

  it('holds whole rows of matrices', () => {
    for (const shape of [
      [64, 512],
      [512, 12],
      [3, 4096],
    ]) {
      expect(fitsRun(layoutOf(shape, 'float32', limitsOf(4096)), shape[1]! / 4))
        .withContext(`[${shape}]`)
        .toBeTrue();
    }
  });

  it('respects the run that a kernel asks for', () => {
    const layout = layoutOf([10, 36], 'float32', limitsOf(4096), 3);
    expect(fitsRun(layout, 3)).toBeTrue();
    expect(layout.width % 3).toBe(0);
  });

  it('sets narrow rows side by side, and never less than one', () => {
    const limits = limitsOf(1024);
    expect(widthFor(4000, 1, limits)).toBe(16);
    expect(widthFor(4000, 100, limits)).toBe(100);
    expect(widthFor(3, 1, limits)).toBe(3);
    // Rows of one texel of which there are more than a texture is high.
    expect(widthFor(1024 * 40, 1, limits)).toBe(40);
  });

  it('gives an empty tensor and a scalar one texel', () => {
    for (const shape of [[], [0], [3, 0], [1], [4]]) {
      const { width, height } = layoutOf(shape, 'int32', limitsOf(64));
      expect([width, height]).withContext(`[${shape}]`).toEqual([1, 1]);
    }
  });

  it('falls back to another width where whole runs do not fit', () => {
    // 200 texels a row, and a texture is 64 wide.
    const { width, height } = layoutOf([8, 800], 'float32', limitsOf(64));
    expect(width * height).toBeGreaterThanOrEqual(1600);
    expect(Math.max(width, height)).toBeLessThanOrEqual(64);
  });
});
