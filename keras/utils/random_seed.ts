/** Seeded random numbers: for a whole script, and for one layer. */

/** Numbers in [0, 1) that follow from a state, which can be read and set. */
export interface RandomNumbers {
  (): number;
  state: number;
}

/**
 * Numbers in [0, 1) that follow from the seed (mulberry32).
 *
 * @param seed an integer; its lower 32 bits count
 */
export function randomNumbers(seed: number): RandomNumbers {
  const next = (): number => {
    const state = (next.state = (next.state + 0x6d2b79f5) >>> 0);
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  next.state = seed >>> 0;
  return next;
}

/**
 * Keras's `set_random_seed`: after it, weights, the order of batches and dropout masks are the same in every run.
 *
 * tfjs draws every random number that nobody gave a seed for from `Math.random`: initializers and dropout take one
 * number each as the seed of their own generator, and `fit` shuffles with it. All of that is host code, so the numbers
 * are also the same on every backend. A seed given to a Dropout layer would not do: it repeats one mask in every step.
 *
 * @returns a function that restores the original `Math.random`
 */
export function setRandomSeed(seed: number): () => void {
  const original = Math.random;
  Math.random = randomNumbers(seed);
  return () => {
    Math.random = original;
  };
}
