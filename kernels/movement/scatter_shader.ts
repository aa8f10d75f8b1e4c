/** Scatter as a gather: each slice of the result searches the updates that name it, in their order. */
import { elementAt } from '../../src/glsl/accessor';
import { scalarType, shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { eachGrain, grainHelper, grainType, load } from '../shader/vector_width';

interface ScatterParams {
  readonly dtype: DType;
  readonly whole: boolean;
  /** Whether updates of the same slice add up; otherwise the last one stays. */
  readonly sum: boolean;
  /** Whether the result starts from a tensor; otherwise from one value. */
  readonly base: boolean;
  /** Whether one update serves all indices. */
  readonly scalar: boolean;
  /** Numbers that make up one index; 0 where a list names each slice's updates. */
  readonly indexRank: number;
}

const SEARCHED = (rank: number) => `for (int u = 0; u < updateCount; u++) {
    int slice = 0;
    for (int d = 0; d < ${rank}; d++) slice += indices_at(u * ${rank} + d) * strides[d];
    if (slice != c[0]) continue;
    APPLY
  }`;
/** Behind the last slice, where a texture is wider than its tensor, the list says nothing that may bound a loop. */
const LISTED = `if (c[0] >= dims[0]) return v;
  for (int n = list_at(c[0]); n < list_at(c[0] + 1); n++) {
    int u = list_at(n);
    APPLY
  }`;

const scatterSlices = template<ScatterParams>(
  'scatter',
  ({ base, indexRank }) => [indexRank > 0 ? 'indices' : 'list', 'updates', ...(base ? ['base'] : [])],
  ({ dtype, whole, sum, base, scalar, indexRank }) => {
    const grains = { dtype, whole, rank: 2 };
    const type = grainType(dtype, whole);
    const names = indexRank > 0 ? 'indices' : 'list';
    const update = scalar ? `${type}(updates_at(0))` : 'updates_load(u * dims[1] + c[1])';
    return shader({
      samplers: { [names]: 'int32', updates: dtype, ...(base ? { base: dtype } : {}) },
      uniforms: [
        'int dims[2]',
        ...(indexRank > 0 ? ['int updateCount', `int strides[${indexRank}]`] : []),
        ...(base ? [] : [`${scalarType(dtype)} initial`]),
      ],
      outputs: [dtype],
      helpers: [
        elementAt(names, 'int32'),
        scalar ? elementAt('updates', dtype) : load('updates', dtype, whole),
        base ? load('base', dtype, whole) : '',
        grainHelper(grains),
        `${type} value(int c[2]) {
  ${type} v = ${base ? 'base_load(c[0] * dims[1] + c[1])' : `${type}(initial)`};
  ${(indexRank > 0 ? SEARCHED(indexRank) : LISTED).replace('APPLY', sum ? `v += ${update};` : `v = ${update};`)}
  return v;
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

/** What a scatter writes: a result seen as `slices` slices of `slice` elements. */
export interface Scatter {
  readonly slices: number;
  readonly slice: number;
  readonly updateCount: number;
  /** Slices by which an index moves with each of its numbers. */
  readonly strides: readonly number[];
  readonly sum: boolean;
  /** The value that the result starts from; without it, it starts from a tensor, the plan's third input. */
  readonly initial?: number;
  readonly scalar: boolean;
}

/**
 * The pass that scatters updates, its second input.
 *
 * @param listed whether the first input is the list of `updateLists` instead of the indices
 */
export function scatterPlan(
  { slices, slice, updateCount, strides, sum, initial, scalar }: Scatter,
  listed: boolean,
  out: Layout,
): Plan {
  const indexRank = listed ? 0 : strides.length;
  return scatterSlices(
    { dtype: out.dtype, whole: slice % 4 === 0, sum, base: initial === undefined, scalar, indexRank },
    { uniforms: { dims: [slices, slice], updateCount, strides, initial: initial ?? 0 }, outputs: [out] },
  );
}

/**
 * For each slice the numbers of the updates that name it, ascending: first slices + 1 places in this same list, where the
 * numbers of each slice start, then the numbers.
 *
 * @param last whether only the last update of each slice counts
 */
export function updateLists(targets: readonly number[], slices: number, last: boolean): Int32Array {
  const counts = new Int32Array(slices + 1);
  for (const target of targets) counts[target] = last ? 1 : counts[target]! + 1;
  const total = counts.reduce((sum, n) => sum + n, 0);
  const list = new Int32Array(slices + 1 + total);
  let start = slices + 1;
  for (let i = 0; i <= slices; i++) {
    list[i] = start;
    start += counts[i]!;
  }
  const next = list.slice(0, slices);
  targets.forEach((target, u) => {
    list[next[target]!] = u;
    if (!last) next[target]!++;
  });
  return list;
}
