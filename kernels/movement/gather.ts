/** Gathers slices of a tensor at indices that another tensor holds. */
import {
  backend_util,
  GatherNd,
  GatherV2,
  util,
  type GatherNdInputs,
  type GatherV2Attrs,
  type GatherV2Inputs,
  type KernelConfig,
  type TensorInfo,
  type TypedArray,
} from '@tensorflow/tfjs-core';
import { elementAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { defineKernel, KernelError, keepsRange, type KernelContext } from '../../src/kernel/define_kernel';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { sizeOf } from '../../src/plan/shape';
import { eachGrain, grainHelper, grainType, load } from '../shader/vector_width';

interface GatherParams {
  readonly dtype: DType;
  readonly indexDtype: DType;
  readonly whole: boolean;
  /** Numbers that make up one index. */
  readonly indexRank: number;
}

const gatherSlices = template<GatherParams>(
  'gather',
  () => ['x', 'indices'],
  ({ dtype, indexDtype, whole, indexRank }) => {
    const grains = { dtype, whole, rank: 4 };
    const type = grainType(dtype, whole);
    return shader({
      samplers: { x: dtype, indices: indexDtype },
      uniforms: ['int dims[4]', 'int places', `int strides[${indexRank}]`],
      outputs: [dtype],
      helpers: [
        load('x', dtype, whole),
        elementAt('indices', indexDtype),
        grainHelper(grains),
        `${type} value(int c[4]) {
  int first = (c[0] * dims[2] + c[2]) * ${indexRank};
  int place = 0;
  for (int d = 0; d < ${indexRank}; d++) place += int(indices_at(first + d)) * strides[d];
  if (place < 0 || place >= places) return ${type}(0);
  return x_load(((c[0] * dims[1] + c[1]) * places + place) * dims[3] + c[3]);
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

/** What a gather reads: `x` as [batch, outer, places, slice] and, in each batch, `count` indices of places. */
export interface Gather {
  readonly batch: number;
  readonly outer: number;
  readonly places: number;
  readonly slice: number;
  readonly count: number;
  /** Places by which the index moves with each of its numbers. */
  readonly strides: readonly number[];
}

/** The pass that gathers into [batch, outer, count, slice]; an index out of range gives zeros. */
export function gatherPlan(
  { batch, outer, places, slice, count, strides }: Gather,
  x: Layout,
  indices: Layout,
  out: Layout,
): Plan {
  return gatherSlices(
    { dtype: x.dtype, indexDtype: indices.dtype, whole: slice % 4 === 0, indexRank: strides.length },
    { uniforms: { dims: [batch, outer, count, slice], places, strides }, outputs: [out] },
  );
}

/** Slices of `x`, or of both parts of a complex64 one. */
function gather(
  ctx: KernelContext,
  x: TensorInfo,
  indices: TensorInfo,
  { spec, shape }: { spec: Gather; shape: readonly number[] },
): TensorInfo {
  if (x.dtype === 'complex64') {
    const { real, imag } = ctx.complexParts(x);
    return ctx.complex(gather(ctx, real, indices, { spec, shape }), gather(ctx, imag, indices, { spec, shape }));
  }
  const size = sizeOf(shape);
  const values = ctx.valuesForHost(x, size);
  const places = values && ctx.valuesForHost(indices, sizeOf(indices.shape));
  if (places && size > 0) return ctx.upload(shape, x.dtype, gatheredOnHost(values, places, spec));
  const from = ctx.layout(x);
  return ctx.run(gatherPlan(spec, from, ctx.layout(indices), ctx.newLayout(shape, from.dtype)), [x, indices]);
}

function gatherV2(
  ctx: KernelContext,
  { x, indices }: { x: TensorInfo; indices: TensorInfo },
  attrs: GatherV2Attrs,
): TensorInfo {
  const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!;
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = backend_util.segment_util.collectGatherOpShapeInfo(
    x,
    indices,
    axis,
    attrs.batchDims ?? 0,
  );
  const wrong = firstOutOfRange(ctx, indices, [1], dimSize);
  if (wrong) throw new KernelError(GatherV2, `the index value ${wrong[0]} is not in [0, ${dimSize - 1}]`);
  const count = sizeOf(indices.shape) / batchSize;
  const spec = { batch: batchSize, outer: outerSize, places: dimSize, slice: sliceSize, count, strides: [1] };
  return gather(ctx, x, indices, { spec, shape: outputShape });
}

function gatherNd(ctx: KernelContext, { params, indices }: { params: TensorInfo; indices: TensorInfo }): TensorInfo {
  const [shape, count, slice, strides] = backend_util.prepareAndValidate(params, indices);
  const places = sizeOf(params.shape) / slice;
  const wrong = firstOutOfRange(ctx, indices, strides, places);
  if (wrong)
    throw new KernelError(GatherNd, `Invalid indices: ${wrong.join()} does not index into ${params.shape.join()}`);
  return gather(ctx, params, indices, { spec: { batch: 1, outer: 1, places, slice, count, strides }, shape });
}

/** The same for values that the host has. */
function gatheredOnHost(values: TypedArray, indices: TypedArray, spec: Gather): TypedArray {
  const { batch, outer, places, slice, count, strides } = spec;
  const rank = strides.length;
  const result = new (values.constructor as new (size: number) => TypedArray)(batch * outer * count * slice);
  for (let i = 0, at = 0; i < batch * outer; i++) {
    for (let k = 0; k < count; k++, at += slice) {
      const first = (Math.floor(i / outer) * count + k) * rank;
      const place = strides.reduce((sum, stride, d) => sum + Math.trunc(indices[first + d]!) * stride, 0);
      const from = (i * places + place) * slice;
      result.set(values.subarray(from, from + slice), at);
    }
  }
  return result;
}

/** Data ids of indices that are known to name places, by strides and number of places: values never change. */
const inRange = new WeakMap<object, Set<string>>();

/** Tells of every index its place and where its numbers begin. */
function eachPlace(
  indices: ArrayLike<number>,
  strides: readonly number[],
  tell: (place: number, first: number) => void,
): void {
  const rank = strides.length;
  for (let i = 0; rank > 0 && i + rank <= indices.length; i += rank) {
    let place = 0;
    for (let d = 0; d < rank; d++) place += indices[i + d]! * strides[d]!;
    tell(place, i);
  }
}

/**
 * The first of the indices, each of as many numbers as there are strides, that names no place. Where the host does not know a range
 * of them, they are waited for, once, as there is no other way to refuse them.
 */
export function firstOutOfRange(
  ctx: KernelContext,
  indices: TensorInfo,
  strides: readonly number[],
  places: number,
): number[] | undefined {
  const [least, greatest] = ctx.range(indices);
  const reach = strides.reduce((sum, stride) => sum + stride, 0);
  if (sizeOf(indices.shape) === 0 || (least >= 0 && greatest * reach < places)) return undefined;
  const checked = inRange.get(indices.dataId) ?? new Set<string>();
  const check = `${strides.join()} ${places}`;
  if (checked.has(check)) return undefined;
  const values = ctx.hostValues(indices);
  let wrong: number[] | undefined;
  eachPlace(values, strides, (place, first) => {
    // A NaN is no place either.
    if (!(place >= 0 && place < places)) wrong ??= Array.from(values.subarray(first, first + strides.length));
  });
  if (!wrong) inRange.set(indices.dataId, checked.add(check));
  return wrong;
}

export const gatherKernels: readonly KernelConfig[] = [
  defineKernel<GatherV2Inputs, GatherV2Attrs>(GatherV2, gatherV2, keepsRange('x')),
  defineKernel<GatherNdInputs>(GatherNd, gatherNd, keepsRange('params')),
];
