/** Rotation and projective transforms of images: each output pixel computes its source position. */
import {
  backend_util,
  RotateWithOffset,
  Transform,
  type KernelConfig,
  type RotateWithOffsetAttrs,
  type RotateWithOffsetInputs,
  type TransformAttrs,
  type TransformInputs,
} from '@tensorflow/tfjs-core';
import { texelAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { defineKernel, KernelError } from '../../src/kernel/define_kernel';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { eachGrain, grainHelper, grainType, load } from '../shader/vector_width';

/** 30 bits after the point, in two integers of 15 bits more each: rotations then hit the same pixel as in float64. */
const FIXED = 2 ** 15;

/** A number as its multiples of 2^-15 and the rest's of 2^-30. */
function fixedPoint(x: number): [number, number] {
  const high = Math.round(x * FIXED);
  return [high, Math.round((x * FIXED - high) * FIXED)];
}

interface ImageParams {
  readonly dtype: DType;
  readonly whole: boolean;
}

const rotate = template<ImageParams>(
  'rotate',
  () => ['x'],
  ({ dtype, whole }) => {
    const grains = { dtype, whole, rank: 4 };
    const type = grainType(dtype, whole);
    const fill = whole ? `${type}(fill[0], fill[1], fill[2], fill[3])` : `${type}(fill[min(c[3], 3)])`;
    return shader({
      samplers: { x: dtype },
      uniforms: ['int dims[4]', 'float fill[4]', 'ivec2 cosine', 'ivec2 sine', 'ivec2 shiftX', 'ivec2 shiftY'],
      outputs: [dtype],
      helpers: [
        load('x', dtype, whole),
        grainHelper(grains),
        'int rounded(ivec2 fixedPoint) { return (fixedPoint.x + (fixedPoint.y >> 15) + 16384) >> 15; }',
        `${type} value(int c[4]) {
  int x = rounded(c[2] * cosine - c[1] * sine + shiftX);
  int y = rounded(c[2] * sine + c[1] * cosine + shiftY);
  if (x < 0 || x >= dims[2] || y < 0 || y >= dims[1]) return ${fill};
  return x_load(((c[0] * dims[1] + y) * dims[2] + x) * dims[3] + c[3]);
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

/** The pass that rotates images around a point; what turns in from outside is `fillValue`, with an opaque fourth channel. */
export function rotatePlan({ radians, fillValue, center }: RotateWithOffsetAttrs, out: Layout): Plan {
  const [, height, width, channels] = out.shape as [number, number, number, number];
  const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const fill = typeof fillValue === 'number' ? new Array<number>(4).fill(fillValue) : [...fillValue, 255];
  const uniforms = {
    dims: out.shape,
    fill,
    cosine: fixedPoint(cos),
    sine: fixedPoint(sin),
    shiftX: fixedPoint(centerX - centerX * cos + centerY * sin),
    shiftY: fixedPoint(centerY - centerX * sin - centerY * cos),
  };
  const whole = channels % 4 === 0 && (channels === 4 || typeof fillValue === 'number');
  return rotate({ dtype: out.dtype, whole }, { uniforms, outputs: [out] });
}

type FillMode = TransformAttrs['fillMode'];

/** GLSL of the coordinate inside an image of `size` pixels that stands for the coordinate `x`, any number. */
const reflections = {
  constant: 'x',
  nearest: 'clamp(x, 0.0, size - 1.0)',
  wrap: `clamp(x < 0.0 ? x + size * (trunc(-x / (size - 1.0)) + 1.0) : x > size - 1.0 ? x - size * trunc(x / (size - 1.0)) : x, 0.0, size - 1.0)`,
  reflect: 'clamp(mirrored(x, size), 0.0, size - 1.0)',
} satisfies Record<FillMode, string>;

const MIRRORED = `float mirrored(float x, float size) {
  float both = 2.0 * size;
  if (x < 0.0) {
    x += both * trunc(-x / both);
    return x < -size ? x + both : -x - 1.0;
  }
  if (x <= size - 1.0) return x;
  x -= both * trunc(x / both);
  return x >= size ? both - x - 1.0 : x;
}`;

const NEAREST = (type: string) =>
  `return ${type}(pixel(c, floor(y) + step(0.5, fract(y)), floor(x) + step(0.5, fract(x))));`;
const BILINEAR = (type: string, dtype: DType) =>
  `float top = floor(y);
  float left = floor(x);
  vec2 after = vec2(x - left, y - top);
  vec2 before = vec2(left + 1.0 - x, top + 1.0 - y);
  SUM upper = before.x * SUM(pixel(c, top, left)) + after.x * SUM(pixel(c, top, left + 1.0));
  SUM lower = before.x * SUM(pixel(c, top + 1.0, left)) + after.x * SUM(pixel(c, top + 1.0, left + 1.0));
  return ${type}(before.y * upper + after.y * lower);`.replaceAll(
    'SUM',
    dtype === 'float32' ? type : type.replace('ivec4', 'vec4').replace('int', 'float'),
  );

interface TransformParams extends ImageParams {
  readonly interpolation: TransformAttrs['interpolation'];
  readonly fillMode: FillMode;
}

const transform = template<TransformParams>(
  'transform',
  () => ['x', 'transforms'],
  ({ dtype, whole, interpolation, fillMode }) => {
    const grains = { dtype, whole, rank: 4 };
    const type = grainType(dtype, whole);
    return shader({
      samplers: { x: dtype, transforms: 'float32' },
      uniforms: ['int dims[4]', 'int size[4]', 'int transformCount', 'float fill'],
      outputs: [dtype],
      helpers: [
        load('x', dtype, whole),
        texelAt('transforms', 'float32'),
        grainHelper(grains),
        MIRRORED,
        // An image of one pixel has that pixel everywhere.
        `float reflected(float x, float size) { return ${fillMode === 'constant' ? 'x' : `isNaN(x) ? x : size <= 1.0 ? 0.0 : ${reflections[fillMode]}`}; }
bool inside(float y, float x) { return !isNaN(x) && !isNaN(y) && y >= 0.0 && x >= 0.0 && y < float(size[1]) && x < float(size[2]); }
${type} pixel(int c[4], float y, float x) {
  return inside(y, x) ? x_load(((c[0] * size[1] + int(y)) * size[2] + int(x)) * dims[3] + c[3]) : ${type}(fill);
}`,
        `${type} value(int c[4]) {
  int t = transformCount == 1 ? 0 : c[0] * 2;
  vec4 a = transforms_texel(t);
  vec4 b = transforms_texel(t + 1);
  vec2 at = vec2(c[2], c[1]);
  float projection = b.z * at.x + b.w * at.y + 1.0;
  if (projection == 0.0) return ${type}(fill);
  float x = reflected((a.x * at.x + a.y * at.y + a.z) / projection, float(size[2]));
  float y = reflected((a.w * at.x + b.x * at.y + b.y) / projection, float(size[1]));
  ${interpolation === 'nearest' ? NEAREST(type) : BILINEAR(type, dtype)}
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

/** The pass that warps images by the projective transforms of its second input: one for all, or one for each. */
export function transformPlan(attrs: TransformAttrs, x: Layout, transformCount: number, out: Layout): Plan {
  const { interpolation, fillMode, fillValue } = attrs;
  const params = { dtype: x.dtype, whole: x.shape[3]! % 4 === 0, interpolation, fillMode };
  return transform(params, {
    uniforms: { dims: out.shape, size: x.shape, transformCount, fill: fillValue },
    outputs: [out],
  });
}

export const imageKernels: readonly KernelConfig[] = [
  defineKernel<RotateWithOffsetInputs, RotateWithOffsetAttrs>(RotateWithOffset, (ctx, { image }, attrs) =>
    ctx.run(rotatePlan(attrs, ctx.newLayout(image.shape, ctx.layout(image).dtype)), [image]),
  ),
  defineKernel<TransformInputs, TransformAttrs>(Transform, (ctx, { image, transforms }, attrs) => {
    if (!(attrs.fillMode in reflections))
      throw new KernelError(
        Transform,
        `found fillMode ${attrs.fillMode}, expected one of ${Object.keys(reflections).join(', ')}.`,
      );
    const [n, height, width, channels] = image.shape as [number, number, number, number];
    const x = ctx.layout(image);
    const out = ctx.newLayout([n, ...(attrs.outputShape ?? [height, width]), channels], x.dtype);
    return ctx.run(transformPlan(attrs, x, transforms.shape[0]!, out), [image, transforms]);
  }),
];
