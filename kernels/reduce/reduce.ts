/** Reductions over any axes, one table entry each. */
import { All, Any, Max, Mean, Min, Prod, Sum, util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import {
  defineKernel,
  KernelError,
  realDType,
  type Compute,
  type KernelContext,
  type Extent,
  type Finish,
  type Reduction,
} from '../../src/kernel/define_kernel';
import type { DType } from '../../src/plan/plan';
import { sizeOf } from '../../src/plan/shape';
import { exactFor, exactProduct, type SmallOnCpu } from '../../src/kernel/small_on_cpu';
import type { ReductionKind } from '../../src/glsl/combine';

/** A reduction of tensors of one dtype. */
interface Row {
  readonly kind: ReductionKind;
  /** Dtype of the result by that of the input; the same unless said. */
  readonly dtype?: (from: DType) => DType;
  readonly smallOnCpu?: SmallOnCpu;
  /** The result where nothing is reduced, as tfjs-backend-cpu has it. */
  readonly empty: (dtype: DType) => number;
}

const number = (from: DType): DType => (from === 'bool' ? 'int32' : from);
const nanOrZero = (dtype: DType): number => (dtype === 'float32' ? NaN : 0);

const rows = {
  [Sum]: { kind: 'sum', dtype: number, smallOnCpu: exactFor('int32'), empty: () => 0 },
  [Prod]: { kind: 'product', dtype: number, smallOnCpu: exactProduct, empty: () => 1 },
  [Max]: { kind: 'max', smallOnCpu: exactFor('int32'), empty: nanOrZero },
  [Min]: { kind: 'min', smallOnCpu: exactFor('int32'), empty: nanOrZero },
} satisfies Record<string, Row>;

const logicalRows = { [All]: 'all', [Any]: 'any' } satisfies Record<string, ReductionKind>;

type Axes = number | number[] | null | undefined;

function extentOf({ shape }: TensorInfo, axis: Axes, keepDims = false): Extent {
  // tfjs-core takes null and undefined for all axes, though its type does not say so.
  const axes = util.parseAxisParam(axis!, shape);
  const kept = shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return { shape, axes, out: keepDims ? kept : kept.filter((_, i) => !axes.includes(i)) };
}

/** Reduces `x`; where there is nothing to reduce, the result is `empty`. */
export function reduce(
  ctx: KernelContext,
  reduction: Reduction,
  x: TensorInfo,
  { extent, empty }: { readonly extent: Extent; readonly empty: number },
): TensorInfo {
  const { dtype } = reduction.load;
  if (sizeOf(x.shape) > 0) return ctx.reduce(reduction, { x }, extent);
  const values = util.getTypedArrayFromDType(dtype, sizeOf(extent.out)).fill(empty);
  return ctx.upload(extent.out, dtype, values);
}

/** The sum of `x` over `axes`. */
export function sumOver(ctx: KernelContext, x: TensorInfo, axes: readonly number[]): TensorInfo {
  const dtype = number(realDType(Sum, x));
  return reduce(ctx, { load: { expression: 'x', kind: 'identity', dtype }, kind: 'sum' }, x, {
    extent: extentOf(x, [...axes]),
    empty: 0,
  });
}

function numeric(kernelName: string, row: Row): KernelConfig {
  return defineKernel<{ x: TensorInfo }, { axis?: Axes; reductionIndices?: Axes; keepDims?: boolean }>(
    kernelName,
    (ctx, { x }, { axis, reductionIndices, keepDims }) => {
      const from = realDType(kernelName, x);
      const dtype = row.dtype?.(from) ?? from;
      // Max alone calls its axes reductionIndices.
      const extent = extentOf(x, axis ?? reductionIndices, keepDims);
      const unchanged = dtype === from && sizeOf(extent.out) === sizeOf(x.shape) && sizeOf(x.shape) > 0;
      if (unchanged) return ctx.view(x, extent.out);
      return reduce(ctx, { load: { expression: 'x', kind: 'identity', dtype }, kind: row.kind }, x, {
        extent,
        empty: row.empty(dtype),
      });
    },
    { smallOnCpu: row.smallOnCpu },
  );
}

function logical(kernelName: string, kind: ReductionKind): KernelConfig {
  const compute: Compute<{ x: TensorInfo }, { axis?: Axes; keepDims?: boolean }> = (ctx, { x }, attrs) => {
    if (x.dtype !== 'bool') throw new KernelError(kernelName, `x is ${x.dtype} but only bool has a meaning here.`);
    const extent = extentOf(x, attrs.axis, attrs.keepDims);
    return reduce(ctx, { load: { expression: 'x', kind: 'identity', dtype: 'bool' }, kind }, x, { extent, empty: 0 });
  };
  return defineKernel(kernelName, compute, { smallOnCpu: exactFor('bool') });
}

/** The mean of `count` elements. They are scaled by a power of two first, which is exact and keeps their sum finite. */
function meanOf(count: number): Reduction {
  const exponent = Math.ceil(Math.log2(Math.max(1, count)));
  const [scale, divisor] = [2 ** -exponent, count / 2 ** exponent];
  const finish: Finish = { expression: 'acc / divisor', attributes: { divisor } };
  const load = { expression: 'opaque(scale * x)', dtype: 'float32', floats: true } as const;
  const mean = { scale, divisor };
  return { load: { ...load, attributes: { scale } }, kind: 'sum', finish, mean };
}

const mean = defineKernel<{ x: TensorInfo }, { axis?: Axes; keepDims?: boolean }>(Mean, (ctx, { x }, attrs) => {
  realDType(Mean, x);
  const extent = extentOf(x, attrs.axis, attrs.keepDims);
  const count = extent.axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  if (count === 1 && x.dtype === 'float32') return ctx.view(x, extent.out);
  return reduce(ctx, meanOf(count), x, { extent, empty: 0 });
});

export const reduceKernels: readonly KernelConfig[] = [
  ...Object.entries(rows).map(([name, row]) => numeric(name, row)),
  ...Object.entries(logicalRows).map(([name, kind]) => logical(name, kind)),
  mean,
];
