/** Arithmetic on shapes, against brute force over all elements. */
import {
  broadcastStrides,
  ceilDiv,
  collapse,
  collapseReduced,
  roundUp,
  sameShape,
  sizeOf,
  stridesOf,
  type Shape,
} from '../../src/plan/shape';
import { randomOf, type Random } from '../cases/fill';
import { seed } from '../page';

const ROUNDS = 300;

/** Every coordinate of a shape, in row-major order. */
function* coordinates(shape: Shape): Generator<number[]> {
  const [first, ...rest] = shape;
  if (first === undefined) {
    yield [];
    return;
  }
  for (let i = 0; i < first; i++) for (const others of coordinates(rest)) yield [i, ...others];
}

const dot = (a: Shape, b: Shape): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** The offset that strides give to every coordinate, in row-major order. */
const offsets = (dims: Shape, strides: Shape): number[] => [...coordinates(dims)].map((c) => dot(c, strides));

function randomShape(random: Random, maxRank: number): number[] {
  return Array.from({ length: Math.floor(random() * (maxRank + 1)) }, () => Math.floor(random() * 4) + 1);
}

describe('shape', () => {
  it('sizeOf multiplies; a scalar has one element, and a 0 none', () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([2, 3, 4])).toBe(24);
    expect(sizeOf([2, 0, 4])).toBe(0);
  });

  it('stridesOf counts elements in row-major order', () => {
    expect(stridesOf([])).toEqual([]);
    const random = randomOf(seed, 'strides');
    for (let round = 0; round < ROUNDS; round++) {
      const shape = randomShape(random, 5);
      expect(offsets(shape, stridesOf(shape)))
        .withContext(`[${shape}]`)
        .toEqual(Array.from({ length: sizeOf(shape) }, (_, i) => i));
    }
  });

  it('sameShape compares rank and dimensions', () => {
    expect(sameShape([], [])).toBeTrue();
    expect(sameShape([1], [])).toBeFalse();
    expect(sameShape([2, 3], [2, 3])).toBeTrue();
    expect(sameShape([2, 3], [3, 2])).toBeFalse();
  });

  it('broadcastStrides reads the element that broadcasting repeats', () => {
    const random = randomOf(seed, 'broadcast');
    for (let round = 0; round < ROUNDS; round++) {
      const out = randomShape(random, 5);
      const shape = out.slice(Math.floor(random() * (out.length + 1))).map((d) => (random() < 0.3 ? 1 : d));
      const own = stridesOf(shape);
      const lead = out.length - shape.length;
      const expected = [...coordinates(out)].map((c) =>
        dot(
          c.slice(lead).map((x, i) => (shape[i] === 1 ? 0 : x)),
          own,
        ),
      );
      expect(offsets(out, broadcastStrides(shape, out)))
        .withContext(`[${shape}] to [${out}]`)
        .toEqual(expected);
    }
  });

  it('collapse keeps every offset of every operand, in order, and leaves nothing to merge', () => {
    const random = randomOf(seed, 'collapse');
    for (let round = 0; round < ROUNDS; round++) {
      const dims = randomShape(random, 5);
      const operands = [0, 1].map(() => {
        const shape = dims.map((d) => (random() < 0.3 ? 1 : d));
        return broadcastStrides(shape, dims);
      });
      const result = collapse(dims, operands);
      operands.forEach((strides, i) => {
        expect(offsets(result.dims, result.strides[i]!)).toEqual(offsets(dims, strides));
      });
      const again = collapse(result.dims, result.strides);
      expect(again).toEqual(result);
      expect(result.dims.length).toBeGreaterThan(0);
      if (sizeOf(dims) > 1) expect(result.dims).not.toContain(1);
    }
  });

  it('collapse merges a dense tensor into one dimension', () => {
    expect(collapse([2, 3, 4], [[12, 4, 1]])).toEqual({ dims: [24], strides: [[1]] });
    expect(collapse([1, 1], [[1, 1]])).toEqual({ dims: [1], strides: [[0]] });
    expect(collapse([2, 3], [[0, 0]])).toEqual({ dims: [6], strides: [[0]] });
  });

  it('collapseReduced keeps reduced and kept dimensions apart, and the elements in order', () => {
    const random = randomOf(seed, 'reduced');
    for (let round = 0; round < ROUNDS; round++) {
      const dims = randomShape(random, 5);
      const axes = dims.map((_, i) => i).filter(() => random() < 0.5);
      const strides = stridesOf(dims);
      const result = collapseReduced(dims, axes, [strides]);
      expect(offsets(result.dims, result.strides[0]!)).toEqual(offsets(dims, strides));
      const reduced = result.dims.filter((_, i) => result.reduced[i]);
      expect(sizeOf(reduced))
        .withContext(`[${dims}] over [${axes}]`)
        .toBe(sizeOf(axes.map((axis) => dims[axis]!)));
      for (let i = 1; i < result.dims.length; i++) expect(result.reduced[i]).not.toBe(result.reduced[i - 1]);
    }
  });

  it('ceilDiv and roundUp round up', () => {
    expect([ceilDiv(0, 4), ceilDiv(1, 4), ceilDiv(4, 4), ceilDiv(5, 4)]).toEqual([0, 1, 1, 2]);
    expect([roundUp(0, 4), roundUp(1, 4), roundUp(4, 4), roundUp(5, 4)]).toEqual([0, 4, 4, 8]);
  });
});
