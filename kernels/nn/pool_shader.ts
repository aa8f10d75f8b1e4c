/** Loop nests of pooling: a reduction of each window of up to three dimensions, and the gradient. */
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';
import { ownRowValues, rowValues } from '../../src/glsl/row_reader';
import { scalarType, shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { sizeOf } from '../../src/plan/shape';
import {
  body,
  division,
  ownUniforms,
  LANES,
  runsOf,
  SIZES,
  sizes,
  typeOf,
  poolAddressingOf,
  windowReader,
  type PoolAddressing,
  type WindowReader,
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
    const { x, dtype } = params;
    const reader = windowReader('x', x, 'inSize', params);
    return shader({
      samplers: { x },
      uniforms: [...SIZES, 'int channels', 'int withBatch', ...ownUniforms(params), ...reader.uniforms],
      outputs: [dtype],
      helpers: [division(params), reader.helpers, resultFunction(params, reader)],
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
function eachElement(params: PoolParams, reader: WindowReader): string {
  const { together, unrolled, clipped, result, x } = params;
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
      x > 0 ? '' : `p = corner + ivec3(${z}, ${y}, 0); row = (n * inSize.x + p.x) * inSize.y + p.y; ${reader.find}`,
      `v = ${reader.at(`corner.z + ${x}`)};`,
      clipped
        ? `p = corner + ivec3(${z}, ${y}, ${x}); v = p == clamp(p, ivec3(0), inSize - 1) ? v : ${type}(${outside});`
        : '',
      `{ ${takeElement(params).replace(/\bplace\b/g, String(place))} }`,
    ];
    return [`int row; ivec3 p; ${reader.declare} ${type} v;`, ...taps.flatMap(tap)].join('\n');
  }
  return `for (int z = from.x; z < to.x; z++) for (int y = from.y; y < to.y; y++) {
    int row = (n * inSize.x + z) * inSize.y + y;
    ${reader.declare} ${reader.find}
    int start = ((z - corner.x) * filterSize.y + y - corner.y) * filterSize.z - corner.z;
    for (int x = from.z; x < to.z; x++) {
      int place = start + x;
      ${typeOf(x, together)} v = ${reader.at('x')};
      ${takeElement(params)}
    }
  }`;
}

function resultFunction(params: PoolParams, reader: WindowReader): string {
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
  ${eachElement(params, reader)}
  return ${value};
}`;
}

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
        ...ownRowValues('wide', out, run.output),
      },
      outputs: [out],
    },
  );
}
