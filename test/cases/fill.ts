/** Values for a case's inputs: the fills that cases name, from a seed. */
import { util, type DataType, type TypedArray } from '@tensorflow/tfjs-core';
import type { Fill, TensorSpec } from './case';

/** A source of numbers in [0, 1) that a seed determines. */
export type Random = () => number;

/** One value of every kind that a float kernel may treat specially. */
const SPECIAL_VALUES = [NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-40, 1, -1, 1e38, -1e38];

/** Integers at which arithmetic wraps or changes its sign. */
const EXTREME_INTEGERS = [-(2 ** 31), 2 ** 31 - 1, -(2 ** 31) + 1, 0, -1, 1, 2, -2, 3, 2 ** 24 + 1, 2 ** 16];

/** Mulberry32. The name keeps two cases of one run apart, so that a case has the same inputs however few others run. */
export function randomOf(seed: number, name: string): Random {
  let state = seed;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 0x5bd1e995) + 0x6d2b79f5;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal, by Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function special(random: Random): number {
  const at = Math.floor(random() * SPECIAL_VALUES.length * 2);
  return SPECIAL_VALUES[at] ?? normal(random);
}

function extreme(random: Random): number {
  return EXTREME_INTEGERS[Math.floor(random() * EXTREME_INTEGERS.length * 2)] ?? fills.wide(random);
}

function nonfinite(random: Random): number {
  return [NaN, Infinity, -Infinity][Math.floor(random() * 30)] ?? normal(random);
}

const fills = {
  normal,
  uniform: (random) => 2 * random() - 1,
  positive: (random) => 0.1 + 1.9 * random(),
  unit: (random) => 0.99 * (2 * random() - 1),
  ties: (random) => Math.floor(random() * 7) - 3,
  int: (random) => Math.floor(random() * 201) - 100,
  wide: (random) => Math.floor((random() - 0.5) * 2 ** 32),
  extremes: extreme,
  magnitudes: (random) => (random() < 0.5 ? -1 : 1) * 10 ** (random() * 75 - 37),
  bool: (random) => Math.floor(random() * 2),
  nonfinite,
  special,
} satisfies Record<Fill, (random: Random) => number>;

/** The fill of a tensor that names none. */
function defaultFill(dtype: DataType): Fill {
  return dtype === 'int32' ? 'int' : dtype === 'bool' ? 'bool' : 'normal';
}

/** The values of an input: its own, or as its fill says. */
export function valuesOf(
  { shape, dtype = 'float32', fill = defaultFill(dtype), values }: TensorSpec,
  random: Random,
): TypedArray {
  const numbers = values ?? Array.from({ length: util.sizeFromShape([...shape]) }, () => fills[fill](random));
  return dtype === 'int32'
    ? Int32Array.from(numbers)
    : dtype === 'bool'
      ? Uint8Array.from(numbers)
      : Float32Array.from(numbers);
}
