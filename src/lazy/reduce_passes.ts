/** Runs reductions over any axes: one pass per axis, cut into slices where one pass would leave the GPU idle. */
import { tuned, reductionSlices } from '../plan/reduction_slices';
import type { Device, Texture } from '../gl/device';
import { layoutOf } from '../plan/layout';
import { collapseReduced, sizeOf, stridesOf, type Shape } from '../plan/shape';
import type { PendingReduction } from './tensor_data';
import type { ReductionKind } from '../glsl/combine';
import { memoize, withUniforms, type Layout, type Limits, type Plan } from '../plan/plan';
import { plainCode, type Code } from './code';
import type { Inlined } from './inlining';
import { finishValues, reducePlan, grainOf, type FinishText, type Nest, type Source } from './reduce_plan';

/** Turns, or texels of a row, that are worth another pass. */
const MANY_TURNS = 8;
/** Elements of a tensor that are worth it. */
const SMALL = 1 << 12;

/** Merged dimensions, which of them are still to be reduced, and how the operands lie along them. */
export interface Work {
  readonly dims: readonly number[];
  readonly reduced: readonly boolean[];
  readonly sources: readonly Source[];
}

/** One pass along one axis, and the work left on its result; none after the last pass. */
export interface Pass {
  readonly nest: Nest;
  readonly sources: readonly Source[];
  readonly left?: { readonly dims: readonly number[]; readonly axes: readonly number[] };
}

/**
 * Runs reductions of one extent, with the same combiner, together.
 *
 * @param textures of the leaves of `flat`
 */
export function runReductions(
  device: Device,
  members: readonly PendingReduction[],
  flat: Inlined,
  textures: readonly Texture[],
): Texture[] {
  const { code, leaves, values } = flat;
  const { reduction, extent, layout } = members[0]!;
  const finishes = members.map((m) => m.reduction.finish);
  const plans = plansOf({
    limits: device.limits,
    shape: extent.shape,
    axes: extent.axes,
    out: layout,
    kind: reduction.kind,
    ordered: reduction.ordered,
    code,
    sources: leaves.map(({ dtype, strides }, i) => ({ dtype, strides, width: textures[i]!.width })),
    finishes: finishes.map((f) => f && { expression: f.expression, attributes: Object.keys(f.attributes ?? {}) }),
  });
  return plans.reduce<readonly Texture[]>((from, plan, i) => {
    // The first knows the statements, the last the finishes.
    const own = { ...(i === 0 ? values : {}), ...(i === plans.length - 1 ? finishValues(finishes) : {}) };
    try {
      return device.runInto(withUniforms(plan, own), from);
    } finally {
      if (from !== textures) from.forEach((t) => device.textures.release(t));
    }
  }, textures) as Texture[];
}

/** All that the passes of reductions of one extent depend on, but for the values of uniforms in elements and finishes. */
interface ReductionParts {
  readonly limits: Limits;
  readonly shape: Shape;
  readonly axes: readonly number[];
  readonly out: Layout;
  readonly kind: ReductionKind;
  readonly ordered: boolean | undefined;
  readonly code: Code;
  readonly sources: readonly Source[];
  readonly finishes: readonly (FinishText | undefined)[];
}

/** The passes of reductions of one extent, each over what the one before gives. */
const plansOf = memoize((parts: ReductionParts): readonly Plan[] => {
  const { limits, kind, finishes } = parts;
  const { dtype } = parts.out;
  const plans: Plan[] = [];
  let { code } = parts;
  let pass = nextPass(merge(parts.shape, parts.axes, parts.sources), parts.ordered);
  for (;;) {
    const { nest, sources, left } = pass;
    const out = left ? layoutOf(left.dims, dtype, limits) : parts.out;
    plans.push(
      reducePlan({ code, sources, kind, finishes: left ? finishes.map(() => undefined) : finishes }, nest, out),
    );
    if (!left) return plans;
    // What is left are partial results.
    code = plainCode(finishes.length, dtype);
    const partial = { dtype, strides: stridesOf(left.dims), width: out.width };
    const work = merge(
      left.dims,
      left.axes,
      finishes.map(() => partial),
    );
    pass = nextPass(work);
  }
});

/** Dimensions merged as far as they go. */
export function merge(dims: Shape, axes: readonly number[], sources: readonly Source[]): Work {
  const collapsed = collapseReduced(
    dims,
    axes,
    sources.map((s) => s.strides),
  );
  const merged = { ...collapsed, sources: sources.map((s, i) => ({ ...s, strides: collapsed.strides[i]! })) };
  if (merged.reduced.includes(true)) return merged;
  // Nothing to reduce but dimensions of size 1: one of them stays.
  return {
    dims: [1, ...merged.dims],
    reduced: [true, ...merged.reduced],
    sources: merged.sources.map((s) => ({ ...s, strides: [0, ...s.strides] })),
  };
}

/**
 * The next pass: along the innermost of the reduced dimensions.
 *
 * @param ordered whether the places along the axis matter, so that it cannot be rearranged
 */
export function nextPass(work: Work, ordered = false): Pass {
  const axis = work.reduced.lastIndexOf(true);
  const turns = ordered ? 1 : turnsPerTexel(work, axis);
  const { dims, sources } = turns > 1 ? withTurns(work, axis, turns) : work;
  const kept = dims.filter((_, d) => d !== axis);
  const { slices, chunk } = reductionSlices(dims[axis]!, sizeOf(kept));
  const nest = { dims, axis, slices, chunk };
  const leftDims = turns > 1 ? work.dims.map((d, i) => (i === axis ? turns : d)) : [...kept];
  const leftReduced = work.reduced.filter((_, d) => d !== axis || turns > 1);
  if (slices > 1) {
    const rows = grainOf(sources, { dims, axis }) === 'rows';
    leftDims.splice(rows ? leftDims.length : 0, 0, slices);
    leftReduced.splice(rows ? leftReduced.length : 0, 0, true);
  }
  const axes = leftDims.map((_, d) => d).filter((d) => leftReduced[d]);
  return { nest, sources, ...(axes.length > 0 ? { left: { dims: leftDims, axes } } : {}) };
}

/**
 * Three channels fill no texel, but four times three fill three: places along the axis that are reduced apart at first, so
 * that a result is a texel too. One channel is a row, which is reduced like that where it is worth another pass. 1 where
 * that does not help.
 */
function turnsPerTexel({ dims, sources }: Work, axis: number): number {
  const row = axis === dims.length - 1;
  const channels = row ? 1 : dims[axis + 1]!;
  const turns = channels % 4 === 0 ? 1 : channels % 2 === 0 ? 2 : 4;
  const length = dims[axis]!;
  if (axis < dims.length - 2 || turns === 1 || length % turns !== 0 || length < MANY_TURNS * turns) return 1;
  if (sizeOf(dims) < (row ? tuned.reduceLarge : SMALL)) return 1;
  const dense = ({ strides }: Source): boolean => strides[axis] === channels && (row || strides[axis + 1] === 1);
  const constant = ({ strides }: Source): boolean => strides[axis] === 0 && (row || strides[axis + 1] === 0);
  return sources.every((s) => dense(s) || constant(s)) ? turns : 1;
}

function withTurns({ dims, sources }: Work, axis: number, turns: number): Pick<Work, 'dims' | 'sources'> {
  const channels = (dims[axis + 1] ?? 1) * turns;
  return {
    dims: [...dims.slice(0, axis), dims[axis]! / turns, channels],
    sources: sources.map((s) => {
      const own = s.strides[axis] === 0 ? [0, 0] : [channels, 1];
      return { ...s, strides: [...s.strides.slice(0, axis), ...own] };
    }),
  };
}
