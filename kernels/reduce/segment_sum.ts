/** Segment sums and bin counts. */
import {
  Bincount,
  DenseBincount,
  UnsortedSegmentSum,
  type BincountAttrs,
  type DenseBincountAttrs,
  type KernelConfig,
  type TensorInfo,
  type UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';
import { defineKernel, KernelError, realDType, type KernelContext } from '../../src/kernel/define_kernel';
import { ceilDiv, roundUp, sizeOf, type Shape } from '../../src/plan/shape';
import { segmentLookup, segmentScan, type SegmentParams } from './segment_sum_shader';
import { runSort } from './top_k_shader';

export const SEGMENT_TUNING = {
  segmentReads: {
    unit: 'reads of ids, beyond which they are sorted first',
    trade: 'sorting / reads',
    value: 1 << 18,
    candidates: [1 << 16, 1 << 18, 1 << 20, 1 << 22],
  },
  segmentFragments: {
    unit: 'fragments of the slices of sums over segments, about',
    trade: 'idle processors / partial results',
    value: 4096,
    candidates: [256, 1024, 4096, 16384],
  },
} as const satisfies TuningTable;

const tuned = tuningParameters(SEGMENT_TUNING);

/** Ids that are worth a fragment. */
const SHORTEST_SLICE = 512;

/** Ids in `batch` rows of `count`, each id with `channels` elements of `x`; where there is no `x`, an id counts 1. */
interface Elements {
  readonly ids: TensorInfo;
  readonly x?: TensorInfo;
  readonly batch: number;
  readonly count: number;
  readonly channels: number;
}

/** What is made of them: results of a shape, `segments` to a batch. */
interface Result {
  readonly segments: number;
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32';
  readonly binary?: boolean;
}

/** Whether sorting `count` ids and looking them up beats looking at all of them for each of `size` results. */
function isWorthSorting(size: number, count: number): boolean {
  const comparisons = Math.log2(count) ** 2;
  return ceilDiv(size, 4) * ceilDiv(count, 4) > tuned.segmentReads && size / 16 > 3 * comparisons;
}

/** How many slices `count` ids are cut into for `size` results, and ids in each. */
function slicesOf(size: number, count: number): { chunk: number; slices: number } {
  const busy = Math.min(tuned.segmentFragments / ceilDiv(size, 4), count / SHORTEST_SLICE);
  const chunk = busy > 1 ? roundUp(ceilDiv(count, busy), 4) : count;
  return { chunk, slices: ceilDiv(count, chunk) };
}

/** The sums of the runs that the ids of a segment form once they are sorted. */
function sumSorted(
  ctx: KernelContext,
  { ids, x, count, channels }: Elements & { readonly x: TensorInfo },
  params: SegmentParams,
  shape: Shape,
): TensorInfo {
  const { values, places } = runSort(ctx, ids, { rows: 1, size: count }, count);
  const plan = segmentLookup(
    { x: ctx.layout(x).dtype, ...params },
    { uniforms: { size: count, channels }, outputs: [ctx.newLayout(shape, params.dtype)] },
  );
  return ctx.run(plan, [values, places, x]);
}

/** The sums of what a search through all ids finds, in slices where results are few. */
function sumScanned(
  ctx: KernelContext,
  { ids, x, batch, count, channels }: Elements,
  params: SegmentParams,
  { segments, shape, dtype }: Result,
): TensorInfo {
  const size = sizeOf(shape);
  const { chunk, slices } = batch > 1 ? { chunk: count, slices: 1 } : slicesOf(size, count);
  const uniforms = { chunk, total: batch * count, segments, channels };
  const out = ctx.newLayout(slices > 1 ? [slices, size] : shape, dtype);
  const plan = segmentScan(x ? { x: ctx.layout(x).dtype, ...params } : params, { uniforms, outputs: [out] });
  const y = ctx.run(plan, x ? [ids, x] : [ids]);
  if (slices === 1) return y;
  const whole = { shape: [slices, size], axes: [0], out: shape };
  return ctx.reduce(
    { load: { expression: 'x', kind: 'identity', dtype }, kind: params.binary ? 'max' : 'sum' },
    { x: y },
    whole,
  );
}

/**
 * Ids outside of the segments belong to none. NaN stays in its segment; on cpu, which multiplies by masks, it is in all.
 *
 * @throws KernelError for ids that are not int32
 */
function sumSegments(kernel: string, ctx: KernelContext, elements: Elements, result: Result): TensorInfo {
  const { ids, x, batch, count, channels } = elements;
  const { shape, dtype, binary = false } = result;
  if (ids.dtype !== 'int32') throw new KernelError(kernel, `found ${ids.dtype} ids, expected int32.`);
  const size = sizeOf(shape);
  if (size === 0 || count === 0)
    return ctx.upload(shape, dtype, dtype === 'int32' ? new Int32Array(size) : new Float32Array(size));
  const params: SegmentParams = { whole: channels % 4 === 0, dtype, ...(binary ? { binary } : {}) };
  if (x && batch === 1 && isWorthSorting(size, count)) return sumSorted(ctx, { ...elements, x }, params, shape);
  return sumScanned(ctx, elements, params, result);
}

const unsortedSegmentSum = defineKernel<{ x: TensorInfo; segmentIds: TensorInfo }, UnsortedSegmentSumAttrs>(
  UnsortedSegmentSum,
  (ctx, { x, segmentIds: ids }, { numSegments }) => {
    realDType(UnsortedSegmentSum, x);
    const [count = 0] = ids.shape;
    if (ids.shape.length !== 1 || x.shape[0] !== count) {
      throw new KernelError(
        UnsortedSegmentSum,
        `segmentIds have shape [${ids.shape}], expected [${x.shape[0]}] for x of shape [${x.shape}].`,
      );
    }
    const channels = sizeOf(x.shape.slice(1));
    // As on cpu, whatever the dtype of x.
    return sumSegments(
      UnsortedSegmentSum,
      ctx,
      { ids, x, batch: 1, count, channels },
      { segments: numSegments, shape: [numSegments, ...x.shape.slice(1)], dtype: 'float32' },
    );
  },
);

interface CountInputs {
  readonly x: TensorInfo;
  readonly weights: TensorInfo;
}

/** What is counted: the elements of every row of a batch, or of one tensor. */
interface Counting {
  readonly size: number;
  /** Undefined where there is one row, whatever the rank. */
  readonly rows?: number | undefined;
  readonly binary?: boolean | undefined;
}

function count(
  kernel: string,
  ctx: KernelContext,
  { x, weights }: CountInputs,
  { size, rows, binary = false }: Counting,
): TensorInfo {
  const negative = ctx.range(x)[0] >= 0 ? undefined : ctx.hostValues(x).find((value) => value < 0);
  if (negative !== undefined) {
    throw new KernelError(kernel, `found ${negative} in x, expected values that are not negative.`);
  }
  const dtype = realDType(kernel, weights) === 'int32' ? 'int32' : 'float32';
  const weighted = sizeOf(weights.shape) > 0 && !binary;
  const [batch, length] = rows === undefined ? [1, sizeOf(x.shape)] : [rows, x.shape[1]!];
  const elements = { ids: x, batch, count: length, channels: 1, ...(weighted ? { x: weights } : {}) };
  const shape = rows === undefined ? [size] : [rows, size];
  return sumSegments(kernel, ctx, elements, { segments: size, shape, dtype, binary });
}

const bincount = defineKernel<CountInputs, BincountAttrs>(Bincount, (ctx, inputs, { size }) =>
  count(Bincount, ctx, inputs, { size }),
);

/** As on cpu, one row is never binary, and binary rows have no weights. */
const denseBincount = defineKernel<CountInputs, DenseBincountAttrs>(DenseBincount, (ctx, inputs, attrs) => {
  const { size, binaryOutput } = attrs;
  const { shape } = inputs.x;
  if (shape.length > 2) throw new KernelError(DenseBincount, `x has rank ${shape.length}, expected 1 or 2.`);
  return count(
    DenseBincount,
    ctx,
    inputs,
    shape.length === 2 ? { size, rows: shape[0], binary: binaryOutput } : { size },
  );
});

export const segmentKernels: readonly KernelConfig[] = [unsortedSegmentSum, bincount, denseBincount];
