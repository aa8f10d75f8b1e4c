/** Grey-scale dilation of images, and its gradients, which flow to the positions of the maxima. */
import {
  backend_util,
  Dilation2D,
  Dilation2DBackpropFilter,
  Dilation2DBackpropInput,
  type Dilation2DAttrs,
  type Dilation2DBackpropFilterInputs,
  type Dilation2DBackpropInputInputs,
  type Dilation2DInputs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { checkWindows } from '../checks';
import { elementAt } from '../../src/glsl/accessor';
import { scalarType, shader } from '../../src/glsl/shader';
import { defineKernel, KernelError, type KernelContext } from '../../src/kernel/define_kernel';
import { template, type DType, type Uniform } from '../../src/plan/plan';
import { eachGrain, grainHelper, grainType, load } from '../shader/vector_width';

/** What a search gives: the flat pixel of the source where the maximum lies, or the tap of the filter. */
type Found = 'pixel' | 'tap';

interface SearchParams {
  readonly found: Found;
  readonly dtype: DType;
  readonly filter: DType;
}

const GEOMETRY = ['int dims[4]', 'ivec2 size', 'ivec2 taps', 'ivec2 stride', 'ivec2 dilation', 'ivec2 pad'];

// What float32 rounds off a sum decides between sums that are equal without it; float64, as on cpu, sees 29 bits of it.
const FLOAT_SUM = `float v = a + b;
      float part = opaque(v - a);
      float unit = uintBitsToFloat(floatBitsToUint(v) & 0x7f800000u) * exp2(-52.0);
      float rest = unit > 0.0 ? roundEven(((a - (v - part)) + (b - part)) / unit) : 0.0;
      bool more = !isNaN(v) && (v > best || (v == best && rest > bestRest));`;
const INT_SUM = `int v = a + b;
      int rest = 0;
      bool more = v > best;`;

const X_AT = '((c[0] * size.x + y) * size.y + x) * dims[3] + c[3]';
const WEIGHT_AT = '(h * taps.y + w) * dims[3] + c[3]';

/** Loops over the taps of the window at `c` that lie in the image: at row and column `y`, `x` of it, `h`, `w` of the filter. */
const eachTap = (body: string): string => `  for (int h = 0; h < taps.x; h++) {
    int y = c[1] * stride.x - pad.x + h * dilation.x;
    if (y < 0 || y >= size.x) continue;
    for (int w = 0; w < taps.y; w++) {
      int x = c[2] * stride.y - pad.y + w * dilation.y;
      if (x < 0 || x >= size.y) continue;
      ${body}
    }
  }`;

/** tfjs-backend-cpu's starting point: nothing below it is ever found. */
const LOWEST = { float: '-9007199254740991.0', int: 'int(0x80000000u)' };

/** The maximum alone: of equal sums it does not matter which it is, and so four channels go together. */
const maximum = template<{ dtype: DType; filter: DType; whole: boolean }>(
  'dilation',
  () => ['x', 'weights'],
  ({ dtype, filter, whole }) => {
    const grains = { dtype, whole, rank: 4 } as const;
    const type = grainType(dtype, whole);
    const worst = `${type}(${LOWEST[scalarType(dtype)]})`;
    const keep = whole
      ? `bvec4 more = greaterThan(v, best);
      ${dtype === 'float32' ? 'best = mix(best, v, more);' : 'best += (v - best) * ivec4(more);'}`
      : 'best = v > best ? v : best;';
    return shader({
      samplers: { x: dtype, weights: filter },
      uniforms: GEOMETRY,
      outputs: [dtype],
      helpers: [
        load('x', dtype, whole),
        load('weights', filter, whole),
        grainHelper(grains),
        `${type} value(int c[4]) {
  ${type} best = ${worst};
${eachTap(`${type} v = x_load(${X_AT}) + ${type}(weights_load(${WEIGHT_AT}));
      ${keep}`)}
  return best;
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

/** Where the maximum is. */
const search = template<SearchParams>(
  'dilationPlace',
  () => ['x', 'weights'],
  ({ found, dtype, filter }) => {
    const scalar = scalarType(dtype);
    const grains = { dtype: 'int32', whole: false, rank: 4 } as const;
    const places = {
      pixel: ['max(first.x, 0) * size.y + max(first.y, 0)', 'y * size.y + x'],
      tap: ['0', 'h * taps.y + w'],
    };
    const [start, place] = places[found];
    return shader({
      samplers: { x: dtype, weights: filter },
      uniforms: GEOMETRY,
      outputs: ['int32'],
      helpers: [
        elementAt('x', dtype),
        elementAt('weights', filter),
        grainHelper(grains),
        `int value(int c[4]) {
  ivec2 first = ivec2(c[1], c[2]) * stride - pad;
  ${scalar} best = ${LOWEST[scalar]};
  ${scalar} bestRest = ${scalar}(0);
  int place = ${start};
${eachTap(`${scalar} a = x_at(${X_AT}), b = ${scalar}(weights_at(${WEIGHT_AT}));
      ${scalar === 'float' ? FLOAT_SUM : INT_SUM}
      if (more) { best = v; bestRest = rest; place = ${place}; }`)}
  return place;
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

const inputGradient = template<{ dtype: DType; dy: DType }>(
  'dilationInputGradient',
  () => ['dy', 'places'],
  ({ dtype, dy }) => {
    const scalar = scalarType(dtype);
    const grains = { dtype, whole: false, rank: 4 } as const;
    return shader({
      samplers: { dy, places: 'int32' },
      uniforms: ['ivec2 outSize', ...GEOMETRY],
      outputs: [dtype],
      helpers: [
        elementAt('dy', dy),
        elementAt('places', 'int32'),
        grainHelper(grains),
        // The windows that may have found this pixel: those that start at most a window's reach before it.
        `${scalar} value(int c[4]) {
  ivec2 pixel = ivec2(c[1], c[2]) + pad;
  ivec2 from = max((pixel - (taps - 1) * dilation + stride - 1) / stride, ivec2(0));
  // An empty window's place is clamped to the image's first row or column: there, windows before it count too.
  if (c[1] == 0) from.x = 0;
  if (c[2] == 0) from.y = 0;
  ivec2 to = min(pixel / stride, outSize - 1);
  int place = c[1] * dims[2] + c[2];
  ${scalar} sum = ${scalar}(0);
  for (int y = from.x; y <= to.x; y++) {
    for (int x = from.y; x <= to.y; x++) {
      int at = ((c[0] * outSize.x + y) * outSize.y + x) * dims[3] + c[3];
      if (places_at(at) == place) sum += ${scalar}(dy_at(at));
    }
  }
  return sum;
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

type Inputs = { x: TensorInfo; filter: TensorInfo };

function infoOf({ x, filter }: Inputs, { strides, pad, dilations }: Dilation2DAttrs): backend_util.Conv2DInfo {
  const shapes = [x.shape, filter.shape] as [[number, number, number, number], [number, number, number]];
  const info = backend_util.computeDilation2DInfo(...shapes, strides, pad, 'NHWC', dilations);
  checkWindows(Dilation2D, info);
  return info;
}

function geometryOf(info: backend_util.Conv2DInfo): Record<string, Uniform> {
  return {
    size: [info.inHeight, info.inWidth],
    taps: [info.filterHeight, info.filterWidth],
    stride: [info.strideHeight, info.strideWidth],
    dilation: [info.dilationHeight, info.dilationWidth],
    pad: [info.padInfo.top, info.padInfo.left],
  };
}

/** The maximum of each window. */
function dilate(ctx: KernelContext, { x, filter }: Inputs, info: backend_util.Conv2DInfo): TensorInfo {
  const dtype = ctx.layout(x).dtype;
  const out = ctx.newLayout(info.outShape, dtype);
  const params = { dtype, filter: ctx.layout(filter).dtype, whole: info.inChannels % 4 === 0 };
  const uniforms = { dims: out.shape, ...geometryOf(info) };
  return ctx.run(maximum(params, { uniforms, outputs: [out] }), [x, filter]);
}

/** Where it is. */
function find(ctx: KernelContext, found: Found, { x, filter }: Inputs, info: backend_util.Conv2DInfo): TensorInfo {
  const out = ctx.newLayout(info.outShape, 'int32');
  const binding = { uniforms: { dims: out.shape, ...geometryOf(info) }, outputs: [out] };
  const params = { found, dtype: ctx.layout(x).dtype, filter: ctx.layout(filter).dtype };
  return ctx.run(search(params, binding), [x, filter]);
}

type GradientInputs = Inputs & { dy: TensorInfo };

function checkDy(kernel: string, dy: TensorInfo, { outShape }: backend_util.Conv2DInfo): void {
  if (String(dy.shape) !== String(outShape))
    throw new KernelError(kernel, `dy has shape [${dy.shape.join(', ')}] but the result has [${outShape.join(', ')}].`);
}

function backpropInput(ctx: KernelContext, inputs: GradientInputs, attrs: Dilation2DAttrs): TensorInfo {
  const info = infoOf(inputs, attrs);
  const { x, dy } = inputs;
  checkDy(Dilation2DBackpropInput, dy, info);
  const places = find(ctx, 'pixel', inputs, info);
  const out = ctx.newLayout(x.shape, ctx.layout(x).dtype);
  const uniforms = { dims: x.shape, outSize: [info.outHeight, info.outWidth], ...geometryOf(info) };
  return ctx.run(inputGradient({ dtype: out.dtype, dy: ctx.layout(dy).dtype }, { uniforms, outputs: [out] }), [
    dy,
    places,
  ]);
}

function backpropFilter(ctx: KernelContext, inputs: GradientInputs, attrs: Dilation2DAttrs): TensorInfo {
  const info = infoOf(inputs, attrs);
  const { filter, dy } = inputs;
  checkDy(Dilation2DBackpropFilter, dy, info);
  const [n, height, width, channels] = info.outShape;
  const taps = info.filterHeight * info.filterWidth;
  const eachTap = [n, height, width, 1, channels];
  const operands = {
    dy: ctx.view(dy, eachTap),
    place: ctx.view(find(ctx, 'tap', inputs, info), eachTap),
    tap: ctx.upload(
      [taps, 1],
      'int32',
      Int32Array.from({ length: taps }, (_, i) => i),
    ),
  };
  const { dtype } = ctx.layout(dy);
  const load = { expression: `place == tap ? dy : ${scalarType(dtype)}(0)`, kind: 'selection', dtype } as const;
  const extent = { shape: [n, height, width, taps, channels], axes: [0, 1, 2], out: filter.shape };
  return ctx.reduce({ load, kind: 'sum' }, operands, extent);
}

export const dilationKernels: readonly KernelConfig[] = [
  defineKernel<Dilation2DInputs, Dilation2DAttrs>(Dilation2D, (ctx, inputs, attrs) =>
    dilate(ctx, inputs, infoOf(inputs, attrs)),
  ),
  defineKernel<Dilation2DBackpropInputInputs, Dilation2DAttrs>(Dilation2DBackpropInput, backpropInput),
  defineKernel<Dilation2DBackpropFilterInputs, Dilation2DAttrs>(Dilation2DBackpropFilter, backpropFilter),
];
