/**
 * Random choices that are remembered, so that a case can be made again from them, and smaller ones from smaller choices: a
 * generator turns choices into a case that is valid whatever they are, and its simplest results come of small ones.
 */
import type { DataType } from '@tensorflow/tfjs-core';
import type { Fill } from '../cases/case';
import type { Random } from '../cases/fill';
import type { FuzzTensor } from './case';

/** Sides of shapes, the simplest first: around texels and the tiles of kernels, primes, and empty. */
const SIDES = [1, 2, 3, 4, 5, 8, 7, 6, 9, 12, 13, 16, 17, 31, 33];

/** Percent of tensors that have an empty side. */
const EMPTY = 3;

/** Elements of a tensor unless more are asked for; and where all are to be small. */
const MOST = 2000;
const FEW = 30;

/** Fills by which a tensor of each dtype meets what its dtype holds. */
export const EVERYTHING = {
  float32: ['normal', 'ties', 'special', 'magnitudes'],
  int32: ['ties', 'int', 'wide', 'extremes'],
  bool: ['bool'],
  complex64: ['normal', 'ties', 'special'],
} as const satisfies Record<string, readonly Fill[]>;

export type Numeric = 'float32' | 'int32' | 'bool';

export class Draw {
  /** What was chosen so far. */
  readonly choices: number[] = [];
  /** Whether all tensors are so small that they may be computed on the host. */
  small = false;
  readonly #next: (choices: number) => number;

  /** @param source a source of random choices, or the choices of an earlier draw; where they end, the smallest are taken */
  constructor(source: Random | readonly number[]) {
    this.#next =
      typeof source === 'function'
        ? (choices) => Math.floor(source() * choices)
        : (choices) => (source[this.choices.length] ?? 0) % choices;
  }

  /** A whole number in [low, high], the simplest of which is `low`. */
  int(low: number, high: number): number {
    const choice = this.#next(Math.max(1, high - low + 1));
    this.choices.push(choice);
    return low + choice;
  }

  /** One of a list, the simplest first. */
  of<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!;
  }

  /** Whether something happens; it is simpler that it does not. */
  chance(percent: number): boolean {
    return this.int(0, 99) >= 100 - percent;
  }

  /** A permutation of 0 .. n-1. */
  order(n: number): number[] {
    const left = Array.from({ length: n }, (_, i) => i);
    return Array.from({ length: n }, () => left.splice(this.int(0, left.length - 1), 1)[0]!);
  }

  /** Some of 0 .. n-1, ascending. */
  some(n: number): number[] {
    return Array.from({ length: n }, (_, i) => i).filter(() => this.chance(50));
  }

  side(most = Infinity): number {
    return Math.min(most, this.of(SIDES));
  }

  /** A shape of that rank with at most so many elements; at times with none. */
  shape(rank: number, most = MOST): number[] {
    let left = this.small ? Math.min(FEW, most) : most;
    const shape = Array.from({ length: rank }, () => {
      const side = this.side(Math.max(1, left));
      left = Math.floor(left / side);
      return side;
    });
    if (rank > 0 && this.chance(EMPTY)) shape[this.int(0, rank - 1)] = 0;
    return shape;
  }

  /** A shape of any rank in [lowest, highest]; now and then a vector or matrix longer than the side of a texture. */
  anyShape(lowest = 0, highest = 6): number[] {
    if (highest > 0 && !this.small && this.chance(2)) {
      const long = this.of([4100, 33000, 70001]);
      return lowest > 1 ? [...Array<number>(lowest - 1).fill(1), long] : this.of([[long], [long, 1].slice(0, highest)]);
    }
    return this.shape(this.int(lowest, highest));
  }

  /** A tensor with one of the fills. */
  tensor<D extends DataType>(shape: readonly number[], dtype: D, fills: readonly Fill[]): FuzzTensor {
    return { shape, dtype, fill: this.of(fills), seed: this.int(0, 2 ** 30) };
  }

  /** A tensor with any value that its dtype holds. */
  anyTensor(shape: readonly number[], dtype: keyof typeof EVERYTHING): FuzzTensor {
    return this.tensor(shape, dtype, EVERYTHING[dtype]);
  }

  /** A tensor of whole numbers in [low, high]. */
  indices(shape: readonly number[], low: number, high: number, dtype: Numeric = 'int32'): FuzzTensor {
    const size = shape.reduce((product, side) => product * side, 1);
    return { shape, dtype, values: Array.from({ length: size }, () => this.int(low, Math.max(low, high))) };
  }

  dtype(): Numeric {
    return this.of(['float32', 'int32', 'bool'] as const);
  }
}
