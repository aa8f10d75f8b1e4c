/**
 * Computes mean and variance, as batch normalization needs them, in one pass over the elements. Each slice gives its sum and its
 * squares about its own mean; the variance of the slices' means is added after (Chan, Golub and LeVeque, Algorithms for computing
 * the sample variance, 1983). A slice takes its squares about its first element. They are at most as many times the variance as the
 * slice has elements, which bounds the loss by cancellation.
 */
import type { TensorData, Extent, Operand, PendingMap, PendingReduction } from './tensor_data';
import type { Device, Texture } from '../gl/device';
import { texelAt } from '../glsl/accessor';
import { shader } from '../glsl/shader';
import { layoutOf } from '../plan/layout';
import { memoize, template, withUniforms, type Layout, type Limits, type Plan } from '../plan/plan';
import { sameShape, type Shape } from '../plan/shape';
import type { Code } from './code';
import type { Inlined } from './inlining';
import { nestOf, type Source } from './reduce_plan';
import { nestShader, samplersOf, SLICE } from './reduce_loop';
import type { ReduceParams } from './reduce_value';
import { merge, nextPass } from './reduce_passes';
import { isWhole } from './dependencies';

/** Pending reductions that the same passes can compute. */
export interface Moments {
  readonly mean: TensorData;
  readonly variance: TensorData;
}

/** The mean and the variance one of which `root` is, where the other is among those that reduce the same dimensions. */
export function momentsOf(root: TensorData, alike: Iterable<TensorData>): Moments | undefined {
  const mean = centreOf(root);
  if (mean) return { mean, variance: root };
  for (const variance of alike) if (centreOf(variance) === root) return { mean: root, variance };
  return undefined;
}

/** The mean, still pending, about which a mean of squares is taken: that of the same elements. */
function centreOf({ pending }: TensorData): TensorData | undefined {
  if (pending?.kind !== 'reduce' || !pending.reduction.mean || !leavesChannels(pending.extent)) return undefined;
  const { extent, key } = pending;
  const [a, b] = squaredDifferenceOf(pending.operands[0], extent) ?? [];
  return a && b && (centreAmong(a, b, { extent, key }) ?? centreAmong(b, a, { extent, key }));
}

/** The entry of `centre`, if it is the mean of all elements of `x`. */
function centreAmong(x: Operand, centre: Operand, { extent, key }: PendingReductionOf): TensorData | undefined {
  if (!('entry' in x) || !('entry' in centre) || centre.persistent) return undefined;
  const mean = centre.entry.pending;
  if (mean?.kind !== 'reduce' || !mean.reduction.mean || mean.key !== key || !isCentre(centre.shape, extent))
    return undefined;
  const own = mean.operands[0]!;
  return isWhole(own, mean.extent.shape) && own.entry === x.entry && isWhole(x, extent.shape)
    ? centre.entry
    : undefined;
}

type PendingReductionOf = Pick<PendingReduction, 'extent' | 'key'>;

/** Whether what is left are channels that fill texels. */
function leavesChannels({ shape, axes }: Extent): boolean {
  const last = shape.length - 1;
  return shape.length > 1 && shape[last]! % 4 === 0 && shape.every((d, i) => d === 1 || axes.includes(i) === i < last);
}

/** The two operands of whose difference this is the square, of all that is reduced; however it is written. */
function squaredDifferenceOf(operand: Operand | undefined, extent: Extent): readonly Operand[] | undefined {
  const square = mapOf(operand, extent);
  if (square?.op.kind === 'squaredDifference') return square.operands;
  const difference = mapOf(square && rootOf(square), extent);
  return difference?.op.kind === 'difference' ? difference.operands : undefined;
}

/** What is squared. */
function rootOf({ op, operands: [a, b] }: PendingMap): Operand | undefined {
  if (op.kind === 'square') return a;
  const isAlike = a && b && 'entry' in a && 'entry' in b && a.entry === b.entry && sameShape(a.shape, b.shape);
  return op.kind === 'product' && isAlike ? a : undefined;
}

/** The pending elementwise value over all that is reduced, if the operand is one. */
function mapOf(operand: Operand | undefined, { shape }: Extent): PendingMap | undefined {
  if (!operand || !isWhole(operand, shape)) return undefined;
  const { pending } = operand.entry;
  return pending?.kind === 'map' ? pending : undefined;
}

/** Whether a shape has one element along each axis, and all along the others. */
function isCentre(shape: Shape, { shape: dims, axes }: Extent): boolean {
  const lead = dims.length - shape.length;
  return dims.every((d, i) => (i < lead ? 1 : shape[i - lead]) === (axes.includes(i) ? 1 : d));
}

/** Elements of a turn. */
const TURN = [0, 1, 2, 3];

const sliceMoments = template<ReduceParams & { readonly only: boolean }>('sliceMoments', samplersOf, (p) =>
  nestShader(p, {
    uniforms: ['float scale', ...(p.only ? ['float divisor'] : [])],
    outputs: ['float32', 'float32'],
    body: `${SLICE}
float weight = scale * float(end - r);
vec4 origin = opaque(value(r)), sum = vec4(0.0), shifted = vec4(0.0), squares = vec4(0.0);
for (; r + ${TURN.length} <= end; r += ${TURN.length}) {
${TURN.map((k) => `  vec4 x${k} = value(r + ${k}), d${k} = x${k} - origin;`).join('\n')}
  sum += (x0 + x1) + (x2 + x3);
  shifted += (d0 + d1) + (d2 + d3);
  squares += (d0 * (d0 / scale) + d1 * (d1 / scale)) + (d2 * (d2 / scale) + d3 * (d3 / scale));
}
for (; r < end; r++) {
  vec4 x = value(r), d = x - origin;
  sum += x;
  shifted += d;
  squares += d * (d / scale);
}
// Squares that overflow stay infinite, and about an infinite mean there are none.
vec4 own = mix(squares, squares - shifted * (shifted / weight), lessThan(floatBitsToInt(squares), ivec4(0x7f800000)));
own = mix(own, vec4(0.0), lessThan(own, vec4(0.0)));
own = mix(vec4(NAN), own, lessThan(floatBitsToInt(shifted) & 0x7fffffff, ivec4(0x7f800000)));
out0 = sum${p.only ? ' / divisor' : ''};
out1 = own${p.only ? ' / divisor' : ''};`,
  }),
);

const joinMoments = template<object>(
  'joinMoments',
  () => ['sums', 'squares'],
  () =>
    shader({
      samplers: { sums: 'float32', squares: 'float32' },
      uniforms: ['int size, slices, chunk, total', 'float scale, divisor'],
      outputs: ['float32', 'float32'],
      helpers: ['sums', 'squares'].map((name) => texelAt(name, 'float32')),
      body: `vec4 sum = vec4(0.0), between = vec4(0.0);
int s = 0, at = outTexel();
do { sum += sums_texel(at); at += size >> 2; } while (++s < slices);
vec4 mean = sum / divisor;
s = 0;
at = outTexel();
do {
  float weight = scale * float(min(chunk, total - s * chunk));
  vec4 d = sums_texel(at) / weight - mean;
  between += squares_texel(at) + weight * d * d;
  at += size >> 2;
} while (++s < slices);
out0 = mean;
out1 = between / divisor;`,
    }),
);

/**
 * Runs the passes; undefined where elements lie otherwise than by channels.
 *
 * @param flat the elements of the mean, scaled
 * @param textures of its leaves
 */
export function runMoments(
  device: Device,
  mean: PendingReduction,
  flat: Inlined,
  textures: readonly Texture[],
): readonly Texture[] | undefined {
  const { code, leaves, values } = flat;
  if (device.limits.maxTargets < 2) return undefined;
  const { extent, layout, reduction } = mean;
  const plans = plansOf({
    limits: device.limits,
    shape: extent.shape,
    axes: extent.axes,
    out: layout,
    ...reduction.mean!,
    code,
    sources: leaves.map(({ dtype, strides }, i) => ({ dtype, strides, width: textures[i]!.width })),
  });
  const [slices, join] = plans;
  if (!slices) return undefined;
  const partial = device.runInto(withUniforms(slices, values), textures);
  if (!join) return partial;
  try {
    return device.runInto(join, partial);
  } finally {
    partial.forEach((texture) => device.textures.release(texture));
  }
}

/** All that the passes depend on, but for the values of uniforms in the elements. */
interface MomentsParts {
  readonly limits: Limits;
  readonly shape: Shape;
  readonly axes: readonly number[];
  readonly out: Layout;
  readonly scale: number;
  readonly divisor: number;
  readonly code: Code;
  readonly sources: readonly Source[];
}

const plansOf = memoize(
  ({ limits, shape, axes, out, scale, divisor, code, sources }: MomentsParts): readonly Plan[] => {
    const { nest, sources: own, left } = nextPass(merge(shape, axes, sources));
    const { slices, chunk } = nest;
    const { params, uniforms } = nestOf({ code, sources: own, kind: 'sum', finishes: [undefined] }, nest, 'float32');
    const onlySlices = nest.dims.length === 2 && (left?.axes.length ?? 0) === (slices > 1 ? 1 : 0);
    if (params.grain !== 'channels' || !onlySlices) return [];
    const partial = left ? layoutOf(left.dims, 'float32', limits) : out;
    const first = sliceMoments(
      { ...params, only: !left },
      {
        uniforms: { ...uniforms, scale, ...(left ? {} : { divisor }) },
        outputs: [partial, partial],
        fetches: chunk * own.length,
      },
    );
    if (!left) return [first];
    const join = { size: nest.dims[1]!, slices, chunk, total: nest.dims[0]!, scale, divisor };
    return [first, joinMoments({}, { uniforms: join, outputs: [out, out] })];
  },
);
