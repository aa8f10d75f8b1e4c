/** Merge sort of rows, pass by pass, and binary search. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementAt } from '../../src/glsl/accessor';
import { scalarType, shader, split, vectorType } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { template, type DType } from '../../src/plan/plan';
import { ceilDiv, sizeOf } from '../../src/plan/shape';

/** Writes `lane(i)`, one int32 result, in a loop, because compilers would copy it four times. */
const PER_LANE = `ivec4 results;
for (int k = 0; k < 4; k++) results[k] = lane(outTexel() * 4 + k);
out0 = results;`;

/** Integers in the order of the elements: 0 and -0 are equal, NaN is above all. */
const order = (dtype: DType): string =>
  dtype === 'float32'
    ? `int order(float x) {
  int i = floatBitsToInt(x);
  i = isNaN(x) ? 0x7fffffff : x == 0.0 ? 0 : i;
  return i ^ ((i >> 31) & 0x7fffffff);
}`
    : 'int order(int x) { return x; }';

/** Of results that are kept, one texel. */
const GROUP = 4;

/**
 * The largest of every slice of `chunk` candidates, in order, four a fragment: it goes through the slice once for each four that come
 * before its own and once more, and keeps the four largest of those that come after the last. Candidates are all places of a
 * row, or those that a pass before has kept; where a slice has fewer than are kept, -1 fills up.
 */
const largest = template<{ dtype: DType; first: boolean }>(
  'largest',
  ({ first }) => (first ? ['x'] : ['x', 'places']),
  ({ dtype, first }) =>
    shader({
      samplers: { x: dtype, ...(first ? {} : { places: 'int32' as const }) },
      uniforms: ['size', 'count', 'chunk', 'slices', 'groups'].map((u) => `int ${u}`),
      outputs: ['int32'],
      helpers: [
        elementAt('x', dtype),
        first ? '' : elementAt('places', 'int32'),
        order(dtype),
        `int candidate(int row, int j) { return ${first ? 'j' : 'places_at(row * count + j)'}; }`,
      ],
      body: `int row = outTexel();
${split('row', 'groups', 'group')}
${split('row', 'slices', 'slice')}
int start = slice * chunk, end = min(start + chunk, count), lastKey = 0x7fffffff, last = -1;
ivec4 keys, at;
for (int round = 0; round <= group; round++) {
  keys = ivec4(0);
  at = ivec4(-1);
  for (int j = start; j < end; j++) {
    int p = candidate(row, j), key = order(x_at(row * size + max(p, 0)));
    int open = -int(p >= 0 && (key < lastKey || (key == lastKey && j > last)));
    // Masks: of lanes that the candidate is before, and of those whose left neighbour it is before too, which they take.
    ivec4 moved = -(ivec4(greaterThan(ivec4(key), keys)) | ivec4(lessThan(at, ivec4(0)))) & open;
    ivec4 along = ivec4(0, moved.xyz);
    keys = (keys & ~moved) | (((keys.xxyz & along) | (key & ~along)) & moved);
    at = (at & ~moved) | (((at.xxyz & along) | (j & ~along)) & moved);
  }
  lastKey = at.w < 0 ? int(0x80000000u) : keys.w;
  last = at.w < 0 ? end : at.w;
}
ivec4 found;
for (int k = 0; k < 4; k++) found[k] = at[k] < 0 ? -1 : candidate(row, at[k]);
out0 = found;`,
    }),
);

/**
 * Merges runs by pairs. A result at place s of two runs takes i elements of the first and s - i of the second; i is found
 * by bisection. Only places are moved, and a run keeps no more of them than are asked for.
 */
const mergeRuns = template<{ dtype: DType }>(
  'merge',
  () => ['x', 'places'],
  ({ dtype }) =>
    shader({
      samplers: { x: dtype, places: 'int32' },
      uniforms: ['size', 'span', 'runs', 'kept', 'outRuns', 'outKept'].map((u) => `int ${u}`),
      outputs: ['int32'],
      helpers: [
        elementAt('x', dtype),
        elementAt('places', 'int32'),
        order(dtype),
        `int place(int row, int run, int i) { return places_at((row * runs + run) * kept + i); }
int key(int row, int run, int i) { return order(x_at(row * size + place(row, run, i))); }`,
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
      body: PER_LANE,
    }),
);

/** The first `kept` of `found` places of each row, and the elements there. */
const pick = template<{ dtype: DType }>(
  'pick',
  () => ['x', 'places'],
  ({ dtype }) =>
    shader({
      samplers: { x: dtype, places: 'int32' },
      uniforms: ['int size', 'int kept', 'int found'],
      outputs: [dtype, 'int32'],
      helpers: [
        elementAt('x', dtype),
        elementAt('places', 'int32'),
        `${scalarType(dtype)} lane(int o, out int place) {
  int row = divIndex(o, kept);
  place = places_at(o + row * (found - kept));
  return x_at(row * size + place);
}`,
      ],
      body: `${vectorType(dtype)} values;
ivec4 places;
for (int k = 0; k < 4; k++) { int place; values[k] = lane(outTexel() * 4 + k, place); places[k] = place; }
out0 = values;
out1 = places;`,
    }),
);

/** Rows sorted from the largest element on, equal ones in the order in which they were: values, and where they came from. */
export interface Sorted {
  readonly values: TensorInfo;
  readonly places: TensorInfo;
}

/** At most so many are found by going through all again and again; more by sorting runs of as many and merging them. */
const FEW = 16;
/** A pass keeps at most one in so many. */
const KEPT = 8;
/** Candidates of a slice, at least, where more are than are kept. */
const SLICE = 32;

/** Rows of `size` elements each. */
interface Rows {
  readonly rows: number;
  readonly size: number;
}

/** Places of the largest of every row, at least `kept` of them. */
function runLargest(ctx: KernelContext, x: TensorInfo, { rows, size }: Rows, kept: number): TensorInfo {
  const { dtype } = ctx.layout(x);
  const groups = ceilDiv(kept, GROUP);
  const chunk = Math.max(SLICE, KEPT * groups * GROUP);
  let places: TensorInfo | undefined;
  let count = size;
  do {
    const slices = ceilDiv(count, chunk);
    const plan = largest(
      { dtype, first: !places },
      {
        uniforms: { size, count, chunk, slices, groups },
        outputs: [ctx.newLayout([rows * slices, groups * GROUP], 'int32')],
      },
    );
    const next = ctx.run(plan, places ? [x, places] : [x]);
    if (places) ctx.release(places);
    [places, count] = [next, slices * groups * GROUP];
  } while (count > groups * GROUP);
  return places;
}

/** The same by runs that are merged. */
function runMerges(ctx: KernelContext, x: TensorInfo, { rows, size }: Rows, kept: number): TensorInfo {
  const { dtype } = ctx.layout(x);
  let runs = ceilDiv(size, FEW);
  const uniforms = { size, count: size, chunk: FEW, slices: runs, groups: FEW / GROUP };
  const outputs = [ctx.newLayout([rows * runs, FEW], 'int32')];
  let places = ctx.run(largest({ dtype, first: true }, { uniforms, outputs }), [x]);
  for (let span = FEW; runs > 1; span *= 2) {
    const outRuns = ceilDiv(runs, 2);
    const outKept = Math.min(2 * span, kept);
    const sizes = { size, span, runs, kept: Math.min(span, kept), outRuns, outKept };
    const out = ctx.newLayout([rows * outRuns, outKept], 'int32');
    const merged = ctx.run(mergeRuns({ dtype }, { uniforms: sizes, outputs: [out] }), [x, places]);
    ctx.release(places);
    [places, runs] = [merged, outRuns];
  }
  return places;
}

/**
 * The `kept` largest elements of every row.
 *
 * @param x rows, each of `size` elements
 */
export function runSort(ctx: KernelContext, x: TensorInfo, rows: Rows, kept: number): Sorted {
  const found = (kept <= FEW ? runLargest : runMerges)(ctx, x, rows, kept);
  const shape = [rows.rows, kept];
  const outputs = [ctx.newLayout(shape, ctx.layout(x).dtype), ctx.newLayout(shape, 'int32')];
  const uniforms = { size: rows.size, kept, found: sizeOf(found.shape) / rows.rows };
  const [values, places] = ctx.runAll(pick({ dtype: ctx.layout(x).dtype }, { uniforms, outputs }), [x, found]);
  return { values: values!, places: places! };
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
      body: PER_LANE,
    });
  },
);
