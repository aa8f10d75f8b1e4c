/** Plans reductions along one axis, or slices of it: the grain, and how each operand is read. */
import { tuned } from '../plan/reduction_slices';
import type { Finish } from './tensor_data';
import type { DType, Layout, Plan, Uniform } from '../plan/plan';
import { collapse, sizeOf, type Shape } from '../plan/shape';
import { combinerOf, type ReductionKind } from '../glsl/combine';
import { substitute } from '../glsl/words';
import { statementsOf, type Code } from './code';
import { reduceAxis } from './reduce_loop';
import type { ReduceParams, Grain } from './reduce_value';

/** How a tensor is read: its dtype, elements by which it advances with each dimension, and the width of its texture. */
export interface Source {
  readonly dtype: DType;
  readonly width: number;
  readonly strides: readonly number[];
}

/** What one pass reduces: dimensions, one of which is the axis, cut into slices of `chunk` elements. Each slice gives a partial result. */
export interface Nest {
  readonly dims: Shape;
  readonly axis: number;
  readonly slices: number;
  readonly chunk: number;
}

/** The coarsest grain in which all sources can be read, and which of them by texels. */
export function grainOf(sources: readonly Source[], { dims, axis }: Pick<Nest, 'dims' | 'axis'>): Grain {
  const last = dims.length - 1;
  const inFours = (s: Source, except: number): boolean =>
    s.strides.every((stride, d) => d === except || stride % 4 === 0);
  if (axis !== last && dims[last]! % 4 === 0) {
    if (sources.every((s) => s.strides[last] === 0 || (s.strides[last] === 1 && inFours(s, last)))) return 'channels';
  }
  // Rows need not start with a texel, but then all of them must start alike.
  const along = sources.filter((s) => s.strides[axis] !== 0);
  const alike = along.every(
    (s) => s.strides[axis] === 1 && s.strides.every((stride, d) => stride === along[0]!.strides[d]),
  );
  return along.length > 0 && alike ? 'rows' : 'elements';
}

/** The text of a finish, and the names of its uniforms. */
export interface FinishText {
  readonly expression: string;
  readonly attributes: readonly string[];
}

/** Expressions that one pass reduces by the same combiner. */
export interface Reductions {
  /** Their elements. */
  readonly code: Code;
  /** How x0, x1 and so on are read along the dimensions of the nest. */
  readonly sources: readonly Source[];
  readonly kind: ReductionKind;
  /** The final expression of each result; only the last pass has any. */
  readonly finishes: readonly (FinishText | undefined)[];
}

/**
 * The pass that reduces along one axis, without the values of the uniforms in its elements and finishes.
 *
 * @param out holds the results of all slices: for the grain `rows` the slices of one result are adjacent, else results of one slice are
 */
export function reducePlan(reductions: Reductions, nest: Nest, out: Layout): Plan {
  const { params, uniforms } = nestOf(reductions, nest, out.dtype);
  const fetches = nest.chunk * reductions.sources.length * (params.grain === 'elements' ? 4 : 1);
  return reduceAxis(params, { uniforms, outputs: params.loaded.map(() => out), fetches });
}

/** The text of a nest, and the values of its uniforms. */
export function nestOf(
  { code, sources, kind, finishes }: Reductions,
  { dims, axis, slices, chunk }: Nest,
  dtype: DType,
): { readonly params: ReduceParams; readonly uniforms: Readonly<Record<string, Uniform>> } {
  const grain = grainOf(sources, { dims, axis });
  const others = <T>(list: readonly T[]): T[] => list.filter((_, d) => d !== axis);
  const kept = collapse(
    others(dims),
    sources.map((s) => others(s.strides)),
  );
  const along = { channels: dims.length - 1, rows: axis, elements: -1 }[grain];
  const uniforms: Record<string, Uniform> = {
    dims: kept.dims,
    size: sizeOf(kept.dims),
    slices,
    chunk,
    total: dims[axis]!,
  };
  const alike = ({ width, strides }: Source): string => `${width} ${strides.join()}`;
  const operands = sources.map((source, i) => ({
    name: `x${i}`,
    dtype: source.dtype,
    whole: source.strides[along] === 1,
    fixed: source.strides[axis] === 0,
    like: `x${sources.findIndex((other) => alike(other) === alike(source))}`,
  }));
  operands.forEach(({ name }, i) => {
    uniforms[`${name}_strides`] = kept.strides[i]!;
    uniforms[`${name}_step`] = sources[i]!.strides[axis]!;
  });
  const params = {
    operands,
    grain,
    rank: kept.dims.length,
    dtype,
    unroll: tuned.reduceUnroll,
    load: statementsOf(code),
    loaded: code.results,
    helpers: code.helpers,
    ...combinerOf(kind, dtype),
    finishes: finishes.map(finishText),
    attributes: [...code.attributes, ...finishes.flatMap((f, k) => (f?.attributes ?? []).map((name) => `${name}${k}`))],
    integers: code.integers,
  };
  return { params, uniforms };
}

/** The values of the uniforms in finishes, each with the index of its finish appended to its name. */
export function finishValues(finishes: readonly (Finish | undefined)[]): Record<string, number> {
  const values: Record<string, number> = {};
  finishes.forEach((finish, k) => {
    for (const name in finish?.attributes) values[`${name}${k}`] = finish.attributes[name]!;
  });
  return values;
}

function finishText(finish: FinishText | undefined, k: number): string {
  if (!finish) return 'acc';
  const names = finish.attributes.map((name) => [name, `${name}${k}`]);
  return substitute(finish.expression, Object.fromEntries(names) as Record<string, string>);
}
