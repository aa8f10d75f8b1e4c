/** Transposition in 4x4 blocks: a fragment reads four texels and writes one to each of four targets. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { coordsOf, offsetOf, texelAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { template, type Copy, type DType, type Layout } from '../../src/plan/plan';
import { sizeOf, type Shape } from '../../src/plan/shape';
import type { IndexMap } from './index_map';
import { copyRegions } from './copy_regions';

const TARGETS = [0, 1, 2, 3];

const transposeBlocks = template<{ dtype: DType; rank: number }>(
  'transpose4x4',
  () => ['x'],
  ({ dtype, rank }) => {
    const type = dtype === 'float32' ? 'vec4' : 'ivec4';
    return shader({
      samplers: { x: dtype },
      uniforms: [`int dims[${rank}]`, `int x_strides[${rank}]`, 'int offset'],
      outputs: TARGETS.map(() => dtype),
      helpers: [texelAt('x', dtype), coordsOf(rank), offsetOf('x', rank)],
      body: `int c[${rank}];
coordsOf(outTexel() * 4, c);
int t = (offset + x_offset(c)) >> 2;
int s = x_strides[${rank - 1}] >> 2;
${TARGETS.map((j) => `${type} row${j} = x_texel(t + ${j} * s);`).join('\n')}
${TARGETS.map((j) => `out${j} = ${type}(${TARGETS.map((k) => `row${k}[${j}]`).join(', ')});`).join('\n')}`,
    });
  },
);

/** The dimension along which the source's texels lie, where it and the last one can change places in blocks of 4x4. */
function blockDimension({ dims, strides, offset, edge }: IndexMap): number | undefined {
  const last = dims.length - 1;
  const texelDimension = strides.indexOf(1);
  const inFours = (i: number) => i % 4 === 0;
  const fits = [
    dims[texelDimension] ?? 1,
    dims[last]!,
    offset,
    ...strides.filter((_, d) => d !== texelDimension),
  ].every(inFours);
  return !edge && texelDimension >= 0 && texelDimension < last && fits ? texelDimension : undefined;
}

/** Where the targets' rows go: one after the other into the rows of the result. */
interface Untiling {
  readonly out: Layout;
  readonly part: Layout;
  /** For each target. */
  readonly copies: readonly Copy[][];
}

function untilingOf(
  ctx: KernelContext,
  shape: Shape,
  { inner, dtype }: { inner: number; dtype: DType },
): Untiling | undefined {
  const usual = ctx.newLayout(shape, dtype);
  // Four rows of the result, one from each target, fill `inner` texels; a row of its texture must hold whole fours.
  const out = usual.width % inner === 0 ? usual : ctx.newLayout(shape, dtype, inner);
  if (out.width % inner !== 0) return undefined;
  const size = sizeOf(shape);
  const part = { ...out, shape: [size / 4], width: out.width / 4 };
  const copies = TARGETS.map((j) =>
    copyRegions(
      {
        from: 0,
        to: (j * inner) / 4,
        run: inner / 4,
        count: size / (4 * inner),
        fromStride: inner / 4,
        toStride: inner,
      },
      part.width,
      out.width,
    ),
  ).filter((c) => c !== undefined);
  return copies.length === TARGETS.length ? { out, part, copies } : undefined;
}

/**
 * Moves `x` as a transposing map says, several times as fast as element by element; undefined where the map is another one,
 * or the tensor so small that copying the targets' rows into the result would not pay.
 *
 * @param map a collapsed map
 */
export function transpose4x4(ctx: KernelContext, x: TensorInfo, map: IndexMap, shape: Shape): TensorInfo | undefined {
  const texelDimension = blockDimension(map);
  if (texelDimension === undefined || ctx.limits.maxTargets < TARGETS.length || sizeOf(shape) === 0) return undefined;
  const { dtype } = ctx.layout(x);
  const untiling = untilingOf(ctx, shape, { inner: sizeOf(map.dims.slice(texelDimension + 1)), dtype });
  if (!untiling) return undefined;
  const { out, part, copies } = untiling;
  // A fragment stands for four rows, so along that dimension there are a quarter of the steps, four times as far.
  const uniforms = {
    dims: map.dims.map((d, i) => (i === texelDimension ? d / 4 : d)),
    x_strides: map.strides.map((s, i) => (i === texelDimension ? 4 : s)),
    offset: map.offset,
  };
  const plan = transposeBlocks({ dtype, rank: map.dims.length }, { uniforms, outputs: TARGETS.map(() => part) });
  const parts = ctx.runAll(plan, [x]);
  const result = ctx.copyRegions(
    out,
    parts.map((from, j) => ({ from, copies: copies[j]! })),
  );
  parts.forEach((p) => ctx.release(p));
  return result;
}
