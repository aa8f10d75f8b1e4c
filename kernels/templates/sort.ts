/** Sorting by merges of ever longer runs, and binary search in what is sorted. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementAt } from '../../src/glsl/accessor';
import { scalarType, shader } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel';
import { template, type DType } from '../../src/plan';
import { ceilDiv } from '../../src/shape';

/** Writes `lane(i)`, one int32 or float result, in a loop, because compilers would copy it four times. */
const perLane = (type: 'vec4' | 'ivec4'): string => `${type} results;
for (int k = 0; k < 4; k++) results[k] = lane(outTexel() * 4 + k);
out0 = results;`;

/**
 * Merges runs by pairs. A result at place s of two runs takes i elements of the first and s - i of the second; i is found
 * by bisection. Only places are moved, and a run keeps no more of them than are asked for.
 */
const mergeRuns = template<{ dtype: DType; first: boolean }>(
  'merge',
  ({ first }) => (first ? ['x'] : ['x', 'places']),
  ({ dtype, first }) =>
    shader({
      samplers: { x: dtype, ...(first ? {} : { places: 'int32' as const }) },
      uniforms: ['size', 'span', 'runs', 'kept', 'outRuns', 'outKept'].map((u) => `int ${u}`),
      outputs: ['int32'],
      helpers: [
        elementAt('x', dtype),
        first
          ? 'int place(int row, int run, int i) { return run * span + i; }'
          : `${elementAt('places', 'int32')}
int place(int row, int run, int i) { return places_at((row * runs + run) * kept + i); }`,
        `${scalarType(dtype)} key(int row, int run, int i) { return x_at(row * size + place(row, run, i)); }`,
        `int lane(int o) {
  int pair = o / outKept, s = o - pair * outKept;
  int row = pair / outRuns, run = 2 * (pair - row * outRuns);
  int a = clamp(size - run * span, 0, kept), b = clamp(size - (run + 1) * span, 0, kept);
  int low = max(0, s - b), high = min(s, a);
  while (low < high) {
    int i = (low + high) >> 1;
    if (key(row, run, i) >= key(row, run + 1, s - 1 - i)) low = i + 1; else high = i;
  }
  bool ofFirst = low < a;
  if (ofFirst && s - low < b) ofFirst = key(row, run, low) >= key(row, run + 1, s - low);
  return ofFirst ? place(row, run, low) : place(row, run + 1, s - low);
}`,
      ],
      body: perLane('ivec4'),
    }),
);

const pick = template<{ dtype: DType }>(
  'pick',
  () => ['x', 'places'],
  ({ dtype }) =>
    shader({
      samplers: { x: dtype, places: 'int32' },
      uniforms: ['int size', 'int kept'],
      outputs: [dtype],
      helpers: [
        elementAt('x', dtype),
        elementAt('places', 'int32'),
        `${scalarType(dtype)} lane(int o) { return x_at(o / kept * size + places_at(o)); }`,
      ],
      body: perLane(dtype === 'float32' ? 'vec4' : 'ivec4'),
    }),
);

/** Rows sorted from the largest element on, equal ones in the order in which they were: values, and where they came from. */
export interface Sorted {
  readonly values: TensorInfo;
  readonly places: TensorInfo;
}

/**
 * The `kept` largest elements of every row.
 *
 * @param x rows, each of `size` elements
 */
export function runSort(
  ctx: KernelContext,
  x: TensorInfo,
  { rows, size }: { rows: number; size: number },
  kept: number,
): Sorted {
  const { dtype } = ctx.layout(x);
  let places: TensorInfo | undefined;
  for (let span = 1; !places || span < size; span *= 2) {
    const runs = ceilDiv(size, span);
    const sizes = {
      size,
      span,
      runs,
      kept: Math.min(span, kept),
      outRuns: ceilDiv(runs, 2),
      outKept: Math.min(2 * span, kept),
    };
    const out = ctx.newLayout([rows, sizes.outRuns * sizes.outKept], 'int32');
    const plan = mergeRuns({ dtype, first: !places }, { uniforms: sizes, outputs: [out] });
    const merged = ctx.run(plan, places ? [x, places] : [x]);
    if (places) ctx.release(places);
    places = merged;
  }
  const picked = pick({ dtype }, { uniforms: { size, kept }, outputs: [ctx.newLayout([rows, kept], dtype)] });
  return { values: ctx.run(picked, [x, places]), places };
}

/** The number of elements of a sorted row that are less than a value, or not greater. */
export const search = template<{ dtype: DType; side: 'left' | 'right' }>(
  'search',
  () => ['sorted', 'values'],
  ({ dtype, side }) => {
    const scalar = scalarType(dtype);
    const ordered = dtype === 'float32' ? 'isOrdered(a, b) && ' : '';
    return shader({
      samplers: { sorted: dtype, values: dtype },
      uniforms: ['int size', 'int count'],
      outputs: ['int32'],
      helpers: [
        elementAt('sorted', dtype),
        elementAt('values', dtype),
        `bool before(${scalar} a, ${scalar} b) { return ${ordered}a ${side === 'left' ? '<' : '<='} b; }`,
        `int lane(int o) {
  int first = o / count * size, low = 0, high = size;
  ${scalar} value = values_at(o);
  while (low < high) {
    int i = (low + high) >> 1;
    if (before(sorted_at(first + i), value)) low = i + 1; else high = i;
  }
  return low;
}`,
      ],
      body: perLane('ivec4'),
    });
  },
);
