/** Seeded values for images and weights: the same numbers for every backend, and fast enough for VGG-16. */

/** Uniform values in [-limit, limit), by a xorshift generator. */
export function uniform(size: number, limit: number, seed: number): Float32Array {
  let state = (seed * 2654435761) >>> 0 || 1;
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = ((state >>> 0) / 2147483648 - 1) * limit;
  }
  return values;
}
