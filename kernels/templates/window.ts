/** The loop nest of pooling: a reduction of every window of up to three dimensions, and its gradient. */
import { scalarType, shader, vectorType } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan, type Uniform } from '../../src/plan';
import { sizeOf } from '../../src/shape';

/** Windows over NDHWC data; two-dimensional data has depth 1. Triples are depth, height, width. */
export interface Windows {
  readonly batch: number;
  readonly input: readonly [number, number, number];
  readonly output: readonly [number, number, number];
  readonly channels: number;
  readonly filter: readonly [number, number, number];
  readonly strides: readonly [number, number, number];
  /** Elements before the input, which no window counts. */
  readonly pads: readonly [number, number, number];
}

/**
 * What a window becomes: its largest element; the mean of the elements inside the input; or where the largest is, counted
 * within the window (-1 if nothing is larger than minus infinity) or within the whole input. NaNs are never the largest.
 */
export type WindowResult = 'max' | 'mean' | 'place' | 'index';

/** How fragments walk over the data; see `walkOf`. */
interface Walk {
  /** Whether they take four channels at once, along texture rows that hold whole rows of the data. */
  readonly rows: boolean;
  /** Whether each of these texture rows holds just one of them. */
  readonly tall: boolean;
  /** Whether the data has depth 1. */
  readonly planar: boolean;
  /** Whether an index may be too large to be divided in floats. */
  readonly large: boolean;
}

interface WindowParams extends Walk {
  readonly result: WindowResult;
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

const SIZES = ['inSize', 'outSize', 'filterSize', 'strides', 'pads'].map((name) => `ivec3 ${name}`);

/** Above this, dividends are divided as integers; below, as floats: exactly, and several times as fast. */
const MAX_DIVIDEND = 2 ** 21;

/** `int quotient(int a, int b)` for a >= 0, b > 0. */
const division = ({ large }: Walk) =>
  `int quotient(int a, int b) { return ${large ? 'a / b' : 'int((float(a) + 0.5) / float(b))'}; }`;

/** `float X_at(int i)`: the element with flat index i. */
function elementAt(name: string, dtype: DType): string {
  return `${scalarType(dtype)} ${name}_at(int i) {
  int t = i >> 2, width = textureSize(${name}, 0).x, y = quotient(t, width);
  return texelFetch(${name}, ivec2(t - y * width, y), 0)[i & 3];
}`;
}

/** `vec2 X_row(int row)`, where a row of the data begins, and `vec4 X_at(vec2 row, int i)`, its texel i. */
function rowAt(name: string, dtype: DType, { tall }: Walk): string {
  const start = tall ? 'vec2(0, row)' : `vec2((row - y * ${name}PerRow) * ${name}Run, y)`;
  return `vec2 ${name}_row(int row) { ${tall ? '' : `int y = quotient(row, ${name}PerRow);`} return ${start} + 0.5; }
${vectorType(dtype)} ${name}_at(vec2 row, int i) { return texture(${name}, vec2(row.x + float(i), row.y) * ${name}Scale); }`;
}

const rowUniforms = (name: string) => [`int ${name}PerRow`, `int ${name}Run`, `vec2 ${name}Scale`];

/** Declares batch n, position o (z, y, x) and channel c of the element with flat index `i` in data of the given size. */
const decodeElement = (i: string, size: string) => `int i = ${i}, q = quotient(i, channels), c = i - q * channels;
ivec3 o; int n = quotient(q, ${size}.z); o.z = q - n * ${size}.z;
q = n; n = quotient(q, ${size}.y); o.y = q - n * ${size}.y;
q = n; n = quotient(q, ${size}.x); o.x = q - n * ${size}.x;`;

/** The same for the fragment's texel; c counts texels of channels. */
const decodeRow = (size: string, { tall, planar }: Walk) => `int i = int(gl_FragCoord.x), row = int(gl_FragCoord.y);
${tall ? '' : 'int part = quotient(i, outRun); i -= part * outRun; row = row * outPerRow + part;'}
ivec3 o; o.z = quotient(i, channels); int c = i - o.z * channels;
int plane = quotient(row, ${size}.y); o.y = row - plane * ${size}.y;
${planar ? 'o.x = 0; int n = plane;' : `int n = quotient(plane, ${size}.x); o.x = plane - n * ${size}.x;`}`;

/** main for a function `result(n, o, c)` of one element, or of one texel of a row. */
function body(walk: Walk, size: string, dtype: DType): string {
  if (walk.rows) return `${decodeRow(size, walk)}\nout0 = result(n, o, c);`;
  return `${vectorType(dtype)} v;
for (int l = 0; l < 4; l++) {
${decodeElement('outTexel() * 4 + l', size)}
v[l] = result(n, o, c);
}
out0 = v;`;
}

const LANES = ['.x', '.y', '.z', '.w'] as const;

const windowTemplate = template<WindowParams>(
  'window',
  () => ['x'],
  (params) => {
    const { rows, x, dtype } = params;
    return shader({
      samplers: { x },
      uniforms: [...SIZES, 'int channels', 'int withBatch', ...rowUniforms('out'), ...rowUniforms('x')],
      outputs: [dtype],
      helpers: [division(params), rows ? rowAt('x', x, params) : elementAt('x', x), windowFunction(params)],
      body: body(params, 'outSize', dtype),
    });
  },
);

/** Takes the element or texel `v` of a window, at `place`, into `acc` and `at`; without branches where it is a texel. */
function foldInto({ result, lastOfTies, rows, x }: WindowParams): string {
  if (result === 'mean') return 'acc += v;';
  if (!rows) {
    const take = `${x === 'float32' ? '!isNaN(v) && ' : ''}v ${lastOfTies ? '>=' : '>'} acc`;
    return `if (${take}) { acc = v; at = place; }`;
  }
  const ordered = 'bvec4 ordered = lessThanEqual(floatBitsToUint(v) & 0x7fffffffu, uvec4(0x7f800000u));';
  if (result === 'max') return `${ordered} acc = max(acc, mix(vec4(-INFINITY), v, ordered));`;
  const beats = `${lastOfTies ? 'greaterThanEqual' : 'greaterThan'}(v, acc)`;
  return `${ordered} bvec4 take = bvec4(uvec4(${beats}) & uvec4(ordered)); acc = mix(acc, v, take); at = mix(at, vec4(place), take);`;
}

/** Every element of the window from `corner` on, taken into `acc`. */
function visitWindow(params: WindowParams): string {
  const { rows, unrolled, clipped, result, x } = params;
  if (unrolled) {
    // Outside of the input lie NaNs, which are never the largest, or zeros.
    const outside = result === 'mean' ? '0.0' : 'NAN';
    const [depth, height, width] = unrolled;
    const taps = Array.from(
      { length: depth * height * width },
      (_, i) => [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width] as const,
    );
    const type = rows ? 'vec4' : 'float';
    const tap = ([z, y, x]: readonly [number, number, number], place: number) => [
      x > 0
        ? ''
        : `p = corner + ivec3(${z}, ${y}, 0); row = (n * inSize.x + p.x) * inSize.y + p.y;${rows ? ' x_from = x_row(row);' : ''}`,
      `v = ${rows ? `x_at(x_from, (corner.z + ${x}) * channels + c)` : `x_at((row * inSize.z + corner.z + ${x}) * channels + c)`};`,
      clipped
        ? `p = corner + ivec3(${z}, ${y}, ${x}); v = p == clamp(p, ivec3(0), inSize - 1) ? v : ${type}(${outside});`
        : '',
      `{ ${foldInto(params).replace(/\bplace\b/g, String(place))} }`,
    ];
    return [`int row; ivec3 p; ${rows ? 'vec2 x_from;' : ''} ${type} v;`, ...taps.flatMap(tap)].join('\n');
  }
  return `for (int z = from.x; z < to.x; z++) for (int y = from.y; y < to.y; y++) {
    int row = (n * inSize.x + z) * inSize.y + y;
    ${rows ? 'vec2 x_from = x_row(row);' : ''}
    int start = ((z - corner.x) * filterSize.y + y - corner.y) * filterSize.z - corner.z;
    for (int x = from.z; x < to.z; x++) {
      int place = start + x;
      ${rows ? vectorType(x) : scalarType(x)} v = ${rows ? 'x_at(x_from, x * channels + c)' : 'x_at((row * inSize.z + x) * channels + c)'};
      ${foldInto(params)}
    }
  }`;
}

function windowFunction(params: WindowParams): string {
  const { result, emptyIsNaN, rows, x, dtype } = params;
  const scalar = scalarType(x);
  const type = rows ? vectorType(x) : scalar;
  const resultType = rows ? vectorType(dtype) : scalarType(dtype);
  const least = x === 'float32' ? '-INFINITY' : '(-2147483647 - 1)';
  const value = {
    max: x === 'float32' ? 'acc' : `count == 0 ? ${resultType}(0) : ${resultType}(acc)`,
    mean: `count == 0 ? ${resultType}(${emptyIsNaN && x === 'float32' ? 'NAN' : '0'}) : ${resultType}(acc / ${scalar}(count))`,
    place: `${resultType}(at)`,
    index: rows
      ? `ivec4(${LANES.map((l, i) => `index(n, corner, 4 * c + ${i}, int(at${l}))`).join(', ')})`
      : 'index(n, corner, c, at)',
  }[result];
  return `int index(int n, ivec3 corner, int c, int at) {
  if (at < 0) return -1;
  int row = at / filterSize.z;
  ivec3 p = corner + ivec3(row / filterSize.y, row % filterSize.y, at % filterSize.z);
  return (((withBatch * n * inSize.x + p.x) * inSize.y + p.y) * inSize.z + p.z) * channels${rows ? ' * 4' : ''} + c;
}
${resultType} result(int n, ivec3 o, int c) {
  ivec3 corner = o * strides - pads;
  ivec3 from = max(corner, 0), to = min(corner + filterSize, inSize);
  ivec3 counts = max(to - from, 0);
  int count = counts.x * counts.y * counts.z;
  ${type} acc = ${type}(${result === 'mean' ? '0' : least});
  ${result === 'max' && rows ? '' : rows ? 'vec4 at = vec4(-1);' : 'int at = -1;'}
  ${visitWindow(params)}
  return ${value};
}`;
}

interface GradParams extends Walk {
  /** Whether only the windows whose `place` is the element pass their gradient on. */
  readonly atPlace: boolean;
  /** Whether no element lies in more than one window. */
  readonly disjoint: boolean;
}

const windowGradTemplate = template<GradParams>(
  'windowGrad',
  ({ atPlace }) => (atPlace ? ['dy', 'place'] : ['dy']),
  (params) => {
    const { atPlace, rows, disjoint } = params;
    const read = (name: string) =>
      rows ? `${name}_at(${name}_from, x * channels + c)` : `${name}_at((row * outSize.z + x) * channels + c)`;
    const access = (name: string, dtype: DType) => (rows ? rowAt(name, dtype, params) : elementAt(name, dtype));
    const type = rows ? 'vec4' : 'float';
    const row = `int row = (n * outSize.x + z) * outSize.y + y;
${rows ? `vec2 dy_from = dy_row(row); ${atPlace ? 'vec2 place_from = place_row(row);' : ''}` : ''}`;
    const step = atPlace
      ? `int own = (tap.x * filterSize.y + tap.y) * filterSize.z + tap.z;
${type} v = ${read('dy')};
${rows ? 'ivec4' : 'int'} at = ${read('place')};
acc += ${rows ? 'mix(vec4(0.0), v, equal(at, ivec4(own)))' : 'at == own ? v : 0.0'};`
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

/** Texels in a row of data of this width, where fragments can walk along rows; else 0. */
function rowTexels(width: number, channels: number): number {
  return channels % 4 === 0 ? (width * channels) / 4 : 0;
}

function walkOf(w: Windows, layouts: readonly (readonly [Layout, number])[]): Walk {
  const lines = w.batch * Math.max(w.input[0] * w.input[1], w.output[0] * w.output[1]);
  const rows = lines < MAX_DIVIDEND && layouts.every(([{ width }, run]) => run > 0 && width % run === 0);
  const planar = w.input[0] === 1 && w.output[0] === 1;
  const large = layouts.some(([{ width, height }]) => 4 * width * height > MAX_DIVIDEND);
  return {
    rows,
    tall: rows && layouts.every(([{ width }, run]) => width === run),
    planar: rows && planar,
    large: !rows && large,
  };
}

function sizes({ input, output, filter, strides, pads, channels }: Windows, rows: boolean): Record<string, Uniform> {
  return {
    inSize: input,
    outSize: output,
    filterSize: filter,
    strides,
    pads,
    channels: rows ? channels / 4 : channels,
  };
}

function rowValues(name: string, layout: Layout, run: number): Record<string, Uniform> {
  return {
    [`${name}PerRow`]: layout.width / run,
    [`${name}Run`]: run,
    [`${name}Scale`]: [1 / layout.width, 1 / layout.height],
  };
}

/** The texels that rows of the input and of the output have; textures that hold such rows whole are read fastest. */
export function runsOf({ input, output, channels }: Windows): { input: number; output: number } {
  return { input: rowTexels(input[2], channels), output: rowTexels(output[2], channels) };
}

/** How ties and empty windows are resolved, and what indices count. */
export interface WindowOptions {
  readonly lastOfTies?: boolean;
  readonly emptyIsNaN?: boolean;
  /** Indices count across the batch. */
  readonly withBatch?: boolean;
}

/** Windows, and how they are reduced. */
export interface Pooling {
  readonly windows: Windows;
  readonly options?: WindowOptions;
}

/** Filters of up to this many elements are unrolled. */
const MAX_UNROLLED = 9;

function isClipped({ input, output, filter, strides, pads }: Windows): boolean {
  return [0, 1, 2].some((d) => pads[d] !== 0 || (output[d]! - 1) * strides[d]! + filter[d]! > input[d]!);
}

/** Reduces every window of `x`. */
export function windowPlan(result: WindowResult, { windows: w, options = {} }: Pooling, x: Layout, out: Layout): Plan {
  const { lastOfTies = false, emptyIsNaN = false, withBatch = false } = options;
  const run = runsOf(w);
  const walk = walkOf(w, [
    [x, x.dtype === 'float32' ? run.input : 0],
    [out, run.output],
  ]);
  const unrolled = x.dtype === 'float32' && sizeOf(w.filter) <= MAX_UNROLLED ? { unrolled: w.filter } : {};
  return windowTemplate(
    { result, lastOfTies, emptyIsNaN, ...walk, ...unrolled, clipped: isClipped(w), x: x.dtype, dtype: out.dtype },
    {
      uniforms: {
        ...sizes(w, walk.rows),
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
export function windowGradPlan(w: Windows, operands: { dy: Layout; place?: Layout }, out: Layout, factor = 1): Plan {
  const { dy, place } = operands;
  const run = runsOf(w);
  const walk = walkOf(w, [[out, run.input], ...[dy, ...(place ? [place] : [])].map((l) => [l, run.output] as const)]);
  const access = {
    ...rowValues('dy', dy, run.output),
    ...(place ? rowValues('place', place, run.output) : {}),
    ...rowValues('out', out, run.input),
  };
  const disjoint = w.filter.every((size, d) => size <= w.strides[d]!);
  return windowGradTemplate(
    { atPlace: place !== undefined, disjoint, ...walk },
    { uniforms: { ...sizes(w, walk.rows), factor, ...access }, outputs: [out] },
  );
}
