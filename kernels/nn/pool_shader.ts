/** Loop nests of pooling: a reduction of each window of up to three dimensions, and the gradient. */
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';
import { scalarType, shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { sizeOf } from '../../src/plan/shape';
import {
  body,
  division,
  elementOfWindow,
  LANES,
  rowAt,
  rowUniforms,
  rowValues,
  runsOf,
  SIZES,
  sizes,
  typeOf,
  poolAddressingOf,
  type PoolAddressing,
  type Windows,
} from './pool_addressing';

export const POOL_TUNING = {
  poolUnroll: {
    unit: 'elements of a pooling window that is unrolled, at most',
    trade: 'turns of loops / compile time',
    value: 9,
    candidates: [1, 4, 9, 25],
  },
} as const satisfies TuningTable;

const tuned = tuningParameters(POOL_TUNING);

/**
 * What a window becomes: its largest element; the mean of the elements inside the input; or where the largest is, counted
 * within the window (-1 if nothing is larger than minus infinity) or within the whole input. NaNs are never the largest.
 */
export type PoolResult = 'max' | 'mean' | 'place' | 'index';

interface PoolParams extends PoolAddressing {
  readonly result: PoolResult;
  /** Of equal elements, the last instead of the first is the largest. */
  readonly lastOfTies: boolean;
  /** The mean of no elements is NaN instead of 0. */
  readonly emptyIsNaN: boolean;
  /** The filter, where it is so small that its loops cost more than its fetches. */
  readonly unrolled?: readonly [number, number, number];
  /** Whether windows may lie partly outside of the input. */
  readonly clipped: boolean;
  readonly x: DType;
  readonly dtype: DType;
}

const pool = template<PoolParams>(
  'pool',
  () => ['x'],
  (params) => {
    const { rows, x, dtype } = params;
    return shader({
      samplers: { x },
      uniforms: [...SIZES, 'int channels', 'int withBatch', ...rowUniforms('out'), ...rowUniforms('x')],
      outputs: [dtype],
      helpers: [division(params), rows ? rowAt('x', x, params) : elementOfWindow('x', x), resultFunction(params)],
      body: body(params, 'outSize', dtype),
    });
  },
);

/** Takes the element or texel `v` of a window, at `place`, into `acc` and `at`; without branches where it is a texel. */
function takeElement({ result, lastOfTies, together, x }: PoolParams): string {
  if (result === 'mean') return 'acc += v;';
  if (together === 1) {
    const take = `${x === 'float32' ? '!isNaN(v) && ' : ''}v ${lastOfTies ? '>=' : '>'} acc`;
    return `if (${take}) { acc = v; at = place; }`;
  }
  const [bools, uints, floats] = ['b', 'u', ''].map((kind) => `${kind}vec${together}`);
  const ordered = `${bools} ordered = lessThanEqual(floatBitsToUint(v) & 0x7fffffffu, ${uints}(0x7f800000u));`;
  if (result === 'max') return `${ordered} acc = max(acc, mix(${floats}(-INFINITY), v, ordered));`;
  const beats = `${lastOfTies ? 'greaterThanEqual' : 'greaterThan'}(v, acc)`;
  return `${ordered} ${bools} take = ${bools}(${uints}(${beats}) & ${uints}(ordered)); acc = mix(acc, v, take); at = mix(at, ${floats}(place), take);`;
}

/** Every element of the window from `corner` on, taken into `acc`. */
function eachElement(params: PoolParams): string {
  const { rows, together, unrolled, clipped, result, x } = params;
  if (unrolled) {
    // Outside of the input lie NaNs, which are never the largest, or zeros.
    const outside = result === 'mean' ? '0.0' : 'NAN';
    const [depth, height, width] = unrolled;
    const taps = Array.from(
      { length: depth * height * width },
      (_, i) => [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width] as const,
    );
    const type = typeOf('float32', together);
    const tap = ([z, y, x]: readonly [number, number, number], place: number) => [
      x > 0
        ? ''
        : `p = corner + ivec3(${z}, ${y}, 0); row = (n * inSize.x + p.x) * inSize.y + p.y;${rows ? ' x_from = x_row(row);' : ''}`,
      `v = ${rows ? `x_at(x_from, (corner.z + ${x}) * channels + c)` : `x_at((row * inSize.z + corner.z + ${x}) * channels + c)`};`,
      clipped
        ? `p = corner + ivec3(${z}, ${y}, ${x}); v = p == clamp(p, ivec3(0), inSize - 1) ? v : ${type}(${outside});`
        : '',
      `{ ${takeElement(params).replace(/\bplace\b/g, String(place))} }`,
    ];
    return [`int row; ivec3 p; ${rows ? 'vec2 x_from;' : ''} ${type} v;`, ...taps.flatMap(tap)].join('\n');
  }
  return `for (int z = from.x; z < to.x; z++) for (int y = from.y; y < to.y; y++) {
    int row = (n * inSize.x + z) * inSize.y + y;
    ${rows ? 'vec2 x_from = x_row(row);' : ''}
    int start = ((z - corner.x) * filterSize.y + y - corner.y) * filterSize.z - corner.z;
    for (int x = from.z; x < to.z; x++) {
      int place = start + x;
      ${typeOf(x, together)} v = ${rows ? 'x_at(x_from, x * channels + c)' : 'x_at((row * inSize.z + x) * channels + c)'};
      ${takeElement(params)}
    }
  }`;
}

function resultFunction(params: PoolParams): string {
  const { result, emptyIsNaN, together, x, dtype } = params;
  const several = together > 1;
  const scalar = scalarType(x);
  const type = typeOf(x, together);
  const resultType = typeOf(dtype, together);
  const least = x === 'float32' ? '-INFINITY' : '(-2147483647 - 1)';
  const value = {
    max: x === 'float32' ? 'acc' : `count == 0 ? ${resultType}(0) : ${resultType}(acc)`,
    mean: `count == 0 ? ${resultType}(${emptyIsNaN && x === 'float32' ? 'NAN' : '0'}) : ${resultType}(acc / ${scalar}(count))`,
    place: `${resultType}(at)`,
    index: several
      ? `${resultType}(${LANES.slice(0, together)
          .map((l, i) => `index(n, corner, ${together} * c + ${i}, int(at${l}))`)
          .join(', ')})`
      : 'index(n, corner, c, at)',
  }[result];
  return `int index(int n, ivec3 corner, int c, int at) {
  if (at < 0) return -1;
  int row = at / filterSize.z;
  ivec3 p = corner + ivec3(row / filterSize.y, row % filterSize.y, at % filterSize.z);
  return (((withBatch * n * inSize.x + p.x) * inSize.y + p.y) * inSize.z + p.z) * channels${several ? ` * ${together}` : ''} + c;
}
${resultType} result(int n, ivec3 o, int c) {
  ivec3 corner = o * strides - pads;
  ivec3 from = max(corner, 0), to = min(corner + filterSize, inSize);
  ivec3 counts = max(to - from, 0);
  int count = counts.x * counts.y * counts.z;
  ${type} acc = ${type}(${result === 'mean' ? '0' : least});
  ${several ? (result === 'max' ? '' : `${typeOf('float32', together)} at = ${typeOf('float32', together)}(-1);`) : 'int at = -1;'}
  ${eachElement(params)}
  return ${value};
}`;
}

interface GradParams extends PoolAddressing {
  /** Whether only the windows whose `place` is the element pass their gradient on. */
  readonly atPlace: boolean;
  /** Whether no element lies in more than one window. */
  readonly disjoint: boolean;
}

const poolGrad = template<GradParams>(
  'poolGrad',
  ({ atPlace }) => (atPlace ? ['dy', 'place'] : ['dy']),
  (params) => {
    const { atPlace, rows, together, disjoint } = params;
    const several = together > 1;
    const read = (name: string) =>
      rows ? `${name}_at(${name}_from, x * channels + c)` : `${name}_at((row * outSize.z + x) * channels + c)`;
    const access = (name: string, dtype: DType) => (rows ? rowAt(name, dtype, params) : elementOfWindow(name, dtype));
    const type = typeOf('float32', together);
    const places = typeOf('int32', together);
    const row = `int row = (n * outSize.x + z) * outSize.y + y;
${rows ? `vec2 dy_from = dy_row(row); ${atPlace ? 'vec2 place_from = place_row(row);' : ''}` : ''}`;
    const step = atPlace
      ? `int own = (tap.x * filterSize.y + tap.y) * filterSize.z + tap.z;
${type} v = ${read('dy')};
${places} at = ${read('place')};
acc += ${several ? `mix(${type}(0.0), v, equal(at, ${places}(own)))` : 'at == own ? v : 0.0'};`
      : `acc += ${read('dy')};`;
    return shader({
      samplers: { dy: 'float32', ...(atPlace ? { place: 'int32' } : {}) },
      uniforms: [
        ...SIZES,
        'int channels',
        'float factor',
        ...rowUniforms('out'),
        ...rowUniforms('dy'),
        ...(atPlace ? rowUniforms('place') : []),
      ],
      outputs: ['float32'],
      helpers: [
        division(params),
        access('dy', 'float32'),
        atPlace ? access('place', 'int32') : '',
        `ivec3 quotients(ivec3 a, ivec3 b) { return ivec3(floor((vec3(a) + 0.5) / vec3(b))); }
${type} result(int n, ivec3 o, int c) {
  ivec3 last = o + pads;
  ${type} acc = ${type}(0);
  ivec3 to = quotients(last, strides);
  ${
    disjoint
      ? `{
    int z = to.x, y = to.y, x = to.z;
    ivec3 tap = last - to * strides;
    ${row}
    ${step}
    acc = to == clamp(to, ivec3(0), outSize - 1) && tap == min(tap, filterSize - 1) ? acc : ${type}(0);
  }`
      : `ivec3 from = quotients(max(last - filterSize + strides, 0), strides);
  to = min(to, outSize - 1);
  for (int z = from.x; z <= to.x; z++) for (int y = from.y; y <= to.y; y++) {
    ${row}
    for (int x = from.z; x <= to.z; x++) { ivec3 tap = last - ivec3(z, y, x) * strides; ${step} }
  }`
  }
  return acc * factor;
}`,
      ],
      body: body(params, 'inSize', 'float32'),
    });
  },
);

/** How ties and empty windows are resolved, and what indices count. */
export interface PoolOptions {
  readonly lastOfTies?: boolean;
  readonly emptyIsNaN?: boolean;
  /** Indices count across the batch. */
  readonly withBatch?: boolean;
}

/** Windows, and how they are reduced. */
export interface Pooling {
  readonly windows: Windows;
  readonly options?: PoolOptions;
}

function isClipped({ input, output, filter, strides, pads }: Windows): boolean {
  return [0, 1, 2].some((d) => pads[d] !== 0 || (output[d]! - 1) * strides[d]! + filter[d]! > input[d]!);
}

/** Reduces every window of `x`. */
export function poolPlan(result: PoolResult, { windows: w, options = {} }: Pooling, x: Layout, out: Layout): Plan {
  const { lastOfTies = false, emptyIsNaN = false, withBatch = false } = options;
  const run = runsOf(w);
  const addressing = poolAddressingOf(w, [
    [x, x.dtype === 'float32' ? run.input : 0],
    [out, run.output],
  ]);
  const unrolled = x.dtype === 'float32' && sizeOf(w.filter) <= tuned.poolUnroll ? { unrolled: w.filter } : {};
  return pool(
    {
      result,
      lastOfTies,
      emptyIsNaN,
      ...addressing,
      ...unrolled,
      clipped: 'unrolled' in unrolled && isClipped(w),
      x: x.dtype,
      dtype: out.dtype,
    },
    {
      uniforms: {
        ...sizes(w, addressing.together),
        withBatch: Number(withBatch),
        ...rowValues('x', x, run.input),
        ...rowValues('out', out, run.output),
      },
      outputs: [out],
    },
  );
}

/**
 * Hands the gradient of every window's result to the elements of the window, times `factor`; with `place`, only to the
 * element at that place.
 */
export function poolGradPlan(w: Windows, operands: { dy: Layout; place?: Layout }, out: Layout, factor = 1): Plan {
  const { dy, place } = operands;
  const run = runsOf(w);
  const addressing = poolAddressingOf(w, [
    [out, run.input],
    ...[dy, ...(place ? [place] : [])].map((l) => [l, run.output] as const),
  ]);
  const access = {
    ...rowValues('dy', dy, run.output),
    ...(place ? rowValues('place', place, run.output) : {}),
    ...rowValues('out', out, run.input),
  };
  const disjoint = w.filter.every((size, d) => size <= w.strides[d]!);
  return poolGrad(
    { atPlace: place !== undefined, disjoint, ...addressing },
    { uniforms: { ...sizes(w, addressing.together), factor, ...access }, outputs: [out] },
  );
}
