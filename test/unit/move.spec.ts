/** Index maps, the rectangles that replace draws, and the tables that scattering and resizing read. */
import { tapsOf, touching } from '../../kernels/image/resize';
import { collapseMap } from '../../kernels/movement/index_map';
import { copyRegions, type Runs } from '../../kernels/movement/copy_regions';
import { updateLists } from '../../kernels/movement/scatter_shader';
import type { Copy } from '../../src/plan/plan';

/** Which source texel lands in each target texel. */
function moved(copies: readonly Copy[], fromWidth: number, toWidth: number): Map<number, number> {
  const texels = new Map<number, number>();
  for (const { x, y, width, height, toX, toY } of copies) {
    expect(x + width).toBeLessThanOrEqual(fromWidth);
    expect(toX + width).toBeLessThanOrEqual(toWidth);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const to = (toY + row) * toWidth + toX + column;
        expect(texels.has(to)).withContext(`texel ${to} written twice`).toBeFalse();
        texels.set(to, (y + row) * fromWidth + x + column);
      }
    }
  }
  return texels;
}

function expected({ from, to, run, count, fromStride, toStride }: Runs): Map<number, number> {
  const texels = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    for (let t = 0; t < run; t++) texels.set(to + i * toStride + t, from + i * fromStride + t);
  }
  return texels;
}

describe('rectangles', () => {
  const one = { count: 1, fromStride: 0, toStride: 0 };
  const cases: readonly (readonly [what: string, runs: Runs, fromWidth: number, toWidth: number])[] = [
    ['one run between equal widths', { from: 1000, to: 0, run: 50000, ...one }, 256, 256],
    ['one run that starts inside a row', { from: 1003, to: 700, run: 50000, ...one }, 256, 256],
    ['one run between other widths', { from: 512, to: 0, run: 40000, ...one }, 4096, 2048],
    ['channels of one tensor of two', { from: 0, to: 8, run: 16, count: 3000, fromStride: 16, toStride: 24 }, 64, 96],
    ['runs that touch', { from: 0, to: 3000, run: 1500, count: 5, fromStride: 1500, toStride: 1500 }, 100, 100],
    ['runs of several rows', { from: 64, to: 0, run: 2048, count: 6, fromStride: 4096, toStride: 2048 }, 64, 64],
  ];
  for (const [what, runs, fromWidth, toWidth] of cases) {
    it(`move ${what}`, () => {
      const copies = copyRegions(runs, fromWidth, toWidth);
      expect(copies).toBeDefined();
      expect(moved(copies ?? [], fromWidth, toWidth)).toEqual(expected(runs));
    });
  }

  it('are given up where they would be many or small', () => {
    expect(copyRegions({ from: 0, to: 0, run: 10, ...one }, 64, 64)).toBeUndefined();
    expect(copyRegions({ from: 0, to: 0, run: 3, count: 9000, fromStride: 3, toStride: 5 }, 64, 64)).toBeUndefined();
    expect(copyRegions({ from: 0, to: 0, run: 1 << 20, ...one }, 64, 96)).toBeUndefined();
  });
});

describe('an index map', () => {
  it('merges what moves as one, and drops dimensions of size 1', () => {
    const map = collapseMap({ dims: [2, 1, 3, 4, 5], strides: [60, 7, 20, 5, 1], offset: 3 });
    expect(map).toEqual({ dims: [120], strides: [1], offset: 3 });
  });

  it('keeps transposed dimensions apart', () => {
    const map = collapseMap({ dims: [4, 5, 2, 3], strides: [5, 1, 60, 20], offset: 0 });
    expect(map).toEqual({ dims: [20, 6], strides: [1, 20], offset: 0 });
  });

  it('lets a padded dimension swallow unpadded ones, unless it is mirrored', () => {
    const [dims, strides, start, size] = [
      [6, 3, 4],
      [12, 4, 1],
      [1, 0, 0],
      [4, 3, 4],
    ];
    expect(collapseMap({ dims, strides, offset: -12, edge: { start, size, beyond: 0 } })).toEqual({
      dims: [72],
      strides: [1],
      offset: -12,
      edge: { start: [12], size: [48], beyond: 0 },
    });
    expect(collapseMap({ dims, strides, offset: 0, edge: { start, size, beyond: 'reflect' } }).dims).toEqual([6, 12]);
  });

  it('keeps the border of a dimension of size 1', () => {
    const edge = { start: [1, 0], size: [0, 3], beyond: 2 };
    expect(collapseMap({ dims: [1, 3], strides: [3, 1], offset: -3, edge }).edge).toEqual({
      start: [3],
      size: [0],
      beyond: 2,
    });
  });
});

describe('the updates of each slice', () => {
  it('are listed in their order', () => {
    expect([...updateLists([2, 0, 2, 2], 4, false)]).toEqual([5, 6, 6, 9, 9, 1, 0, 2, 3]);
  });

  it('are the last one only, where it replaces the others', () => {
    expect([...updateLists([2, 0, 2, 2], 4, true)]).toEqual([5, 6, 6, 7, 7, 1, 3]);
  });
});

describe('the taps of a resized image', () => {
  const scaling = { from: 3, to: 6, alignCorners: false, halfPixelCenters: false };

  it('take the nearest pixel', () => {
    expect(tapsOf('nearest', scaling).map(({ low }) => low)).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('lie between two pixels, and on the last one beyond it', () => {
    expect(tapsOf('bilinear', scaling).map(({ low, high, fraction }) => [low, high, fraction])).toEqual([
      [0, 0, 0],
      [0, 1, 0.5],
      [1, 1, 0],
      [1, 2, 0.5],
      [2, 2, 0],
      [2, 2, 0.5],
    ]);
  });

  it('know which of them touch a pixel', () => {
    expect(touching(tapsOf('bilinear', scaling), 3)).toEqual([
      [0, 2],
      [1, 4],
      [3, 6],
    ]);
    expect(touching(tapsOf('nearest', { ...scaling, to: 2 }), 3)).toEqual([
      [0, 1],
      [1, 2],
      [0, 0],
    ]);
  });
});
