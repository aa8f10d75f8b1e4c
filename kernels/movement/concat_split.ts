/** Concatenation and stacking of tensors along an axis, and splitting. */
import {
  backend_util,
  Concat,
  Pack,
  SplitV,
  Unpack,
  util,
  type ConcatAttrs,
  type ConcatInputs,
  type KernelConfig,
  type PackAttrs,
  type PackInputs,
  type SplitVAttrs,
  type SplitVInputs,
  type TensorInfo,
  type UnpackAttrs,
  type UnpackInputs,
} from '@tensorflow/tfjs-core';
import { shader } from '../../src/glsl/shader';
import { defineKernel, KernelError, keepsRange, type KernelContext, type Range } from '../../src/kernel/define_kernel';
import { template, type Copy, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { sizeOf, stridesOf, type Shape } from '../../src/plan/shape';
import { sliceOf } from './move';
import { eachGrain, grainHelper, grainType, load } from '../shader/vector_width';
import { concatOnHost } from './move_on_host';
import { moveSeries } from './move_elements';
import { copyRegions } from './copy_regions';

/** Texture units that every WebGL2 device has. */
const MAX_SAMPLERS = 16;

interface ConcatParams {
  readonly dtype: DType;
  /** Of the inputs; those that pad the list to a power of two have no elements. */
  readonly dtypes: readonly DType[];
  readonly whole: boolean;
}

const namesOf = ({ dtypes }: ConcatParams) => dtypes.map((_, j) => `x${j}`);

const concatPass = template<ConcatParams>('concat', namesOf, (p) => {
  const { dtype, dtypes, whole } = p;
  const names = namesOf(p);
  const grains = { dtype, whole, rank: 2 };
  const type = grainType(dtype, whole);
  return shader({
    samplers: Object.fromEntries(names.map((name, j) => [name, dtypes[j]!])),
    uniforms: ['int dims[2]', `int lengths[${names.length}]`],
    outputs: [dtype],
    helpers: [
      ...names.map((name, j) => load(name, dtypes[j]!, whole)),
      grainHelper(grains),
      `${type} value(int c[2]) {
  int k = c[1];
${names.map((name, j) => `  if (k < lengths[${j}]) return ${type}(${name}_load(c[0] * lengths[${j}] + k));\n  k -= lengths[${j}];`).join('\n')}
  return ${type}(0);
}`,
    ],
    body: eachGrain(grains),
  });
});

/**
 * The pass that concatenates rows: of each input `rows` rows, input j's of lengths[j] elements, side by side.
 *
 * @param lengths those of the list padded to a power of two, so that few programs serve all numbers of inputs, are 0
 */
export function concatPlan(inputs: readonly Layout[], lengths: readonly number[], rows: number, out: Layout): Plan {
  const total = lengths.reduce((sum, n) => sum + n, 0);
  // Of one row only, the last texel may be partly filled.
  const filled = lengths.filter((n) => n > 0);
  const whole = (rows === 1 ? filled.slice(0, -1) : filled).every((n) => n % 4 === 0);
  return concatPass(
    { dtype: out.dtype, dtypes: inputs.map((x) => x.dtype), whole },
    { uniforms: { dims: [rows, total], lengths }, outputs: [out] },
  );
}

/** The tensors that one pass concatenates, repeated up to a power of two. */
function padded(inputs: readonly TensorInfo[]): TensorInfo[] {
  const count = 2 ** Math.ceil(Math.log2(inputs.length));
  return [...inputs, ...new Array<TensorInfo>(count - inputs.length).fill(inputs[0]!)];
}

/** Concatenates non-empty tensors, each seen as `rows` rows, into one of `shape`. */
function concatRows(ctx: KernelContext, inputs: readonly TensorInfo[], rows: number, shape: Shape): TensorInfo {
  const lengths = inputs.map((x) => sizeOf(x.shape) / rows);
  const known = inputs.map((x) => ctx.valuesForHost(x, sizeOf(shape)));
  if (known.every((values) => values !== undefined) && inputs.every((x) => x.dtype === inputs[0]!.dtype))
    return ctx.upload(shape, inputs[0]!.dtype, concatOnHost(known, lengths, rows));
  const out = ctx.newLayout(shape, ctx.layout(inputs[0]!).dtype);
  const copied = copyAll(ctx, inputs, lengths, out);
  if (copied) return copied;
  if (inputs.length > MAX_SAMPLERS) {
    const groups: TensorInfo[] = [];
    for (let i = 0; i < inputs.length; i += MAX_SAMPLERS) {
      const group = inputs.slice(i, i + MAX_SAMPLERS);
      const length = lengths.slice(i, i + MAX_SAMPLERS).reduce((sum, n) => sum + n, 0);
      groups.push(concatRows(ctx, group, rows, [rows, length]));
    }
    return concatRows(ctx, groups, rows, shape);
  }
  if (inputs.length === 1) return ctx.view(inputs[0]!, shape);
  const list = padded(inputs);
  return ctx.run(
    concatPlan(
      list.map((x) => ctx.layout(x)),
      list.map((_, j) => lengths[j] ?? 0),
      rows,
      out,
    ),
    list,
  );
}

/** Copies rectangles, any number of inputs at once, where all of them pay. */
function copyAll(
  ctx: KernelContext,
  inputs: readonly TensorInfo[],
  lengths: readonly number[],
  out: Layout,
): TensorInfo | undefined {
  const total = lengths.reduce((sum, n) => sum + n, 0);
  const rows = sizeOf(out.shape) / total;
  const last = inputs.length - 1;
  let start = 0;
  const parts: { readonly from: TensorInfo; readonly copies: readonly Copy[] }[] = [];
  for (const [j, from] of inputs.entries()) {
    const length = lengths[j]!;
    const layout = ctx.layout(from);
    if (layout.dtype !== out.dtype || (length % 4 !== 0 && (rows > 1 || j < last))) return undefined;
    const run = Math.ceil(length / 4);
    const runs = { from: 0, to: start / 4, run, count: rows, fromStride: run, toStride: total / 4 };
    const copies = copyRegions(runs, layout.width, out.width);
    if (!copies) return undefined;
    parts.push({ from, copies });
    start += length;
  }
  return ctx.copyRegions(out, parts);
}

/** Tensors joined along an axis. */
export function concat(ctx: KernelContext, inputs: readonly TensorInfo[], axis: number): TensorInfo {
  const shapes = inputs.map((x) => x.shape);
  backend_util.assertParamsConsistent(shapes, axis);
  const shape = backend_util.computeOutShape(shapes, axis);
  const [first] = inputs as [TensorInfo];
  if (first.dtype === 'complex64') {
    const parts = inputs.map((x) => ctx.complexParts(x));
    return ctx.complex(
      concat(
        ctx,
        parts.map((p) => p.real),
        axis,
      ),
      concat(
        ctx,
        parts.map((p) => p.imag),
        axis,
      ),
    );
  }
  const filled = inputs.filter((x) => sizeOf(x.shape) > 0);
  if (filled.length === 0) return ctx.upload(shape, first.dtype, new Float32Array(0));
  return filled.length === 1
    ? ctx.view(filled[0]!, shape)
    : concatRows(ctx, filled, sizeOf(shape.slice(0, axis)), shape);
}

function pack(ctx: KernelContext, inputs: readonly TensorInfo[], axis: number): TensorInfo {
  const [first] = inputs as [TensorInfo];
  for (const x of inputs) {
    util.assertShapesMatch(first.shape, x.shape, 'All tensors passed to stack must have matching shapes');
    if (x.dtype !== first.dtype)
      throw new KernelError(Pack, `found a tensor of dtype ${x.dtype} after one of ${first.dtype}; all must match.`);
  }
  const at = axis < 0 ? axis + first.shape.length + 1 : axis;
  const shape = [...first.shape.slice(0, at), 1, ...first.shape.slice(at)];
  return concat(
    ctx,
    inputs.map((x) => ctx.view(x, shape)),
    at,
  );
}

/** `x` cut along `axis` into `count` parts of equal length, each seen as `shape`. */
function equalParts(
  ctx: KernelContext,
  x: TensorInfo,
  axis: number,
  { count, shape }: { count: number; shape: Shape },
): TensorInfo[] {
  const strides = stridesOf(x.shape);
  const length = x.shape[axis]! / count;
  const dims = x.shape.map((d, i) => (i === axis ? length : d));
  return moveSeries(ctx, x, { dims, strides, offset: 0 }, { shape, count, step: length * strides[axis]! });
}

function splitV(ctx: KernelContext, x: TensorInfo, { numOrSizeSplits, axis }: SplitVAttrs): TensorInfo[] {
  const at = util.parseAxisParam(axis, x.shape)[0]!;
  const sizes = backend_util.prepareSplitSize(
    x,
    Array.isArray(numOrSizeSplits) ? [...numOrSizeSplits] : numOrSizeSplits,
    at,
  );
  const shapeOf = (length: number) => x.shape.map((d, i) => (i === at ? length : d));
  if (sizes.every((n) => n === sizes[0]))
    return equalParts(ctx, x, at, { count: sizes.length, shape: shapeOf(sizes[0]!) });
  let start = 0;
  return sizes.map((length) => {
    const begin = x.shape.map((_, i) => (i === at ? start : 0));
    start += length;
    return sliceOf(ctx, x, { begin, size: shapeOf(length) });
  });
}

function rangeOfAll(ctx: Pick<KernelContext, 'range'>, inputs: readonly TensorInfo[]): Range {
  const ranges = inputs.map((x) => ctx.range(x));
  return [Math.min(...ranges.map(([least]) => least)), Math.max(...ranges.map(([, greatest]) => greatest))];
}

export const concatSplitKernels: readonly KernelConfig[] = [
  defineKernel<ConcatInputs, ConcatAttrs>(
    Concat,
    (ctx, inputs, { axis }) => concat(ctx, inputs, util.parseAxisParam(axis, inputs[0]!.shape)[0]!),
    { range: rangeOfAll },
  ),
  defineKernel<PackInputs, PackAttrs>(Pack, (ctx, inputs, { axis }) => pack(ctx, inputs, axis), { range: rangeOfAll }),
  defineKernel<SplitVInputs, SplitVAttrs>(SplitV, (ctx, { x }, attrs) => splitV(ctx, x, attrs), keepsRange('x')),
  defineKernel<UnpackInputs, UnpackAttrs>(
    Unpack,
    (ctx, { value }, { axis }) => {
      const at = axis < 0 ? axis + value.shape.length : axis;
      return equalParts(ctx, value, at, { count: value.shape[at]!, shape: value.shape.filter((_, i) => i !== at) });
    },
    keepsRange('value'),
  ),
];
