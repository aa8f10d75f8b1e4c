/** Seeded values for inputs and weights: the same numbers for every backend, and fast enough for VGG-16. */
import type { Fill } from '../../test/cases/case';

/** A xorshift generator of numbers in [0, 1). */
export function generator(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

/** Uniform values in [-limit, limit). */
export function uniform(size: number, limit: number, seed: number): Float32Array {
  const next = generator(seed);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = (next() * 2 - 1) * limit;
  return values;
}

type Draw = (next: () => number) => number;

// The sum of four uniforms is close enough to a normal for timing and needs no logarithm.
const normal: Draw = (next) => (next() + next() + next() + next() - 2) * 1.7320508;

const DRAWS: Readonly<Record<Fill, Draw>> = {
  normal,
  uniform: (next) => next() * 2 - 1,
  positive: (next) => 0.1 + next() * 1.9,
  unit: (next) => (next() * 2 - 1) * 0.99,
  ties: (next) => Math.floor(next() * 4),
  int: (next) => Math.floor(next() * 201) - 100,
  wide: (next) => Math.floor(next() * 4294967296) - 2147483648,
  bool: (next) => (next() < 0.5 ? 0 : 1),
  special: normal, // NaN and infinities are for the tests; here they would only make results incomparable
};

/** Values for an input of a case. */
export function filled(size: number, fill: Fill, seed: number): Float32Array {
  const draw = DRAWS[fill];
  const next = generator(seed);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = draw(next);
  return values;
}
