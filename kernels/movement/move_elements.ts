/** Moves elements by an index map, in the cheapest way: as a view, on the host, by copying regions, in 4x4 blocks, or by a pass. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelContext } from '../../src/kernel/define_kernel';
import type { Copy, Layout } from '../../src/plan/plan';
import { ceilDiv, sizeOf, type Shape } from '../../src/plan/shape';
import { copyRegions, type Runs } from './copy_regions';
import { collapseMap, movesWholeTexels, type IndexMap } from './index_map';
import { copiesRuns, movedOnHost } from './move_on_host';
import { movePlan } from './move_shader';
import { transpose4x4 } from './transpose_4x4';

/** The runs of texels that a map moves, where it moves nothing but whole texels in at most two dimensions. */
function runsOf(map: IndexMap): Runs | undefined {
  const { dims, strides, offset, edge } = map;
  if (edge || dims.length > 2 || !movesWholeTexels(map)) return undefined;
  const run = ceilDiv(dims[dims.length - 1]!, 4);
  const [count, stride] = dims.length === 1 ? [1, 0] : [dims[0]!, strides[0]!];
  return { from: offset / 4, to: 0, run, count, fromStride: stride / 4, toStride: run };
}

/** The rectangles that move what the map moves, where copying them beats a draw. */
function copiesOf(map: IndexMap, from: Layout, to: Layout): Copy[] | undefined {
  const runs = sizeOf(to.shape) > 0 ? runsOf(map) : undefined;
  return runs && copyRegions(runs, from.width, to.width);
}

/** Moves the elements of `x` into a new tensor of `shape`; of a complex64 tensor, both parts. */
export function move(ctx: KernelContext, x: TensorInfo, map: IndexMap, shape: Shape): TensorInfo {
  if (x.dtype === 'complex64') {
    const { real, imag } = ctx.complexParts(x);
    return ctx.complex(move(ctx, real, map, shape), move(ctx, imag, map, shape));
  }
  const collapsed = collapseMap(map);
  const size = sizeOf(shape);
  const still =
    collapsed.dims.length === 1 &&
    (collapsed.strides[0] === 1 || size === 1) &&
    collapsed.offset === 0 &&
    !collapsed.edge;
  if (still && size === sizeOf(x.shape)) return ctx.view(x, shape);
  const values = ctx.valuesForHost(x, size, copiesRuns(collapsed));
  if (values && size > 0) return ctx.upload(shape, x.dtype, movedOnHost(values, collapsed));
  const from = ctx.layout(x);
  const out = ctx.newLayout(shape, from.dtype);
  const copies = copiesOf(collapsed, from, out);
  if (copies) return ctx.copyRegions(out, [{ from: x, copies }]);
  return transpose4x4(ctx, x, collapsed, shape) ?? ctx.run(movePlan(collapsed, [out]), [x]);
}

/** Tensors of equal shape that the same map reads, each `step` elements further than the one before. */
export interface Series {
  readonly shape: Shape;
  readonly count: number;
  readonly step: number;
}

/** Moves the elements of `x` into several new tensors, several a draw. */
export function moveSeries(
  ctx: KernelContext,
  x: TensorInfo,
  map: IndexMap,
  { shape, count, step }: Series,
): TensorInfo[] {
  if (x.dtype === 'complex64') {
    const { real, imag } = ctx.complexParts(x);
    const imags = moveSeries(ctx, imag, map, { shape, count, step });
    return moveSeries(ctx, real, map, { shape, count, step }).map((re, j) => ctx.complex(re, imags[j]!));
  }
  const collapsed = collapseMap(map);
  const from = ctx.layout(x);
  const out = ctx.newLayout(shape, from.dtype);
  const onHost = ctx.valuesForHost(x, count * sizeOf(shape), copiesRuns(collapsed)) !== undefined;
  const at = (j: number) => ({ ...collapsed, offset: collapsed.offset + j * step });
  const results: TensorInfo[] = [];
  while (results.length < count) {
    const next = at(results.length);
    const left = count - results.length;
    // Powers of two only: each number of targets is a program.
    const targets = 2 ** Math.floor(Math.log2(Math.min(left, ctx.limits.maxTargets)));
    if (left === 1 || onHost || copiesOf(next, from, out)) results.push(move(ctx, x, next, shape));
    else results.push(...ctx.runAll(movePlan(next, new Array<Layout>(targets).fill(out), step), [x]));
  }
  return results;
}
