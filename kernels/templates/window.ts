/** The loop nest of pooling: a reduction of every window of up to three dimensions, and its gradient. */
import { elementAt } from '../../src/glsl/accessor';
import { scalarType, shader, vectorType } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan, type Uniform } from '../../src/plan';

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

interface WindowParams {
  readonly result: WindowResult;
  /** Of equal elements, the last instead of the first is the largest. */
  readonly lastOfTies: boolean;
  /** The mean of no elements is NaN instead of 0. */
  readonly emptyIsNaN: boolean;
  /** Whether fragments take four channels at once, along texture rows that hold whole rows of the data. */
  readonly rows: boolean;
  readonly x: DType;
  readonly dtype: DType;
}

const SIZES = ['inSize', 'outSize', 'filterSize', 'strides', 'pads'].map((name) => `ivec3 ${name}`);

/** Exact for quotients below 2^22, and several times as fast as dividing integers. */
const SMALL_DIVISION = 'int quotient(int a, int b) { return int((float(a) + 0.5) / float(b)); }';

/** `vec4 X_row(int row, int i)`: texel i of a row of the data. */
function rowAt(name: string, dtype: DType): string {
  return `${vectorType(dtype)} ${name}_row(int row, int i) {
  int y = quotient(row, ${name}PerRow);
  return texture(${name}, (vec2((row - y * ${name}PerRow) * ${name}Run + i, y) + 0.5) / vec2(textureSize(${name}, 0)));
}`;
}

const rowUniforms = (name: string) => [`int ${name}PerRow`, `int ${name}Run`];

/** Declares batch n, position o (z, y, x) and channel c of the element with flat index `i` in data of the given size. */
const decodeElement = (i: string, size: string) => `int i = ${i}; int c = i % channels; i /= channels;
ivec3 o; o.z = i % ${size}.z; i /= ${size}.z; o.y = i % ${size}.y; i /= ${size}.y; o.x = i % ${size}.x; int n = i / ${size}.x;`;

/** The same for the fragment's texel; c counts texels of channels. */
const decodeRow = (size: string) => `int i = int(gl_FragCoord.x); int part = quotient(i, outRun); i -= part * outRun;
ivec3 o; o.z = quotient(i, channels); int c = i - o.z * channels;
int row = int(gl_FragCoord.y) * outPerRow + part;
int plane = quotient(row, ${size}.y); o.y = row - plane * ${size}.y;
int n = quotient(plane, ${size}.x); o.x = plane - n * ${size}.x;`;

/** main for a function `result(n, o, c)` of one element, or of one texel of a row. */
function body(rows: boolean, size: string, dtype: DType): string {
  if (rows) return `${decodeRow(size)}\nout0 = result(n, o, c);`;
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
      helpers: [SMALL_DIVISION, rows ? rowAt('x', x) : elementAt('x', x), windowFunction(params)],
      body: body(rows, 'outSize', dtype),
    });
  },
);

function windowFunction({ result, lastOfTies, emptyIsNaN, rows, x, dtype }: WindowParams): string {
  const scalar = scalarType(x);
  const type = rows ? vectorType(x) : scalar;
  const resultType = rows ? vectorType(dtype) : scalarType(dtype);
  const lanes = rows ? LANES : [''];
  const place = result === 'place' || result === 'index';
  const least = x === 'float32' ? '-INFINITY' : '(-2147483647 - 1)';
  const beats = `${x === 'float32' ? '!isNaN(v) && ' : ''}v ${lastOfTies ? '>=' : '>'} acc`;
  const step =
    result === 'mean'
      ? ['acc += v;']
      : lanes.flatMap((l) => [`take = beats(v${l}, acc${l});`, `acc${l} = take ? v${l} : acc${l};`, place ? `at${l} = take ? place : at${l};` : '']);
  const value = {
    max: x === 'float32' ? 'acc' : `count == 0 ? ${resultType}(0) : ${resultType}(acc)`,
    mean: `count == 0 ? ${resultType}(${emptyIsNaN && x === 'float32' ? 'NAN' : '0'}) : ${resultType}(acc / ${scalar}(count))`,
    place: 'at',
    index: rows ? `ivec4(${LANES.map((l, i) => `index(n, corner, 4 * c + ${i}, at${l})`).join(', ')})` : 'index(n, corner, c, at)',
  }[result];
  return `bool beats(${scalar} v, ${scalar} acc) { return ${beats}; }
int index(int n, ivec3 corner, int c, int at) {
  if (at < 0) return -1;
  int row = at / filterSize.z;
  ivec3 p = corner + ivec3(row / filterSize.y, row % filterSize.y, at % filterSize.z);
  int batch = withBatch * n;
  return (((batch * inSize.x + p.x) * inSize.y + p.y) * inSize.z + p.z) * channels${rows ? ' * 4' : ''} + c;
}
${resultType} result(int n, ivec3 o, int c) {
  ivec3 corner = o * strides - pads;
  ivec3 from = max(corner, 0), to = min(corner + filterSize, inSize);
  ivec3 counts = max(to - from, 0);
  int count = counts.x * counts.y * counts.z;
  ${type} acc = ${type}(${result === 'mean' ? '0' : least});
  ${place ? `${rows ? 'ivec4' : 'int'} at = ${rows ? 'ivec4(-1)' : '-1'};` : ''}
  bool take;
  for (int z = from.x; z < to.x; z++) for (int y = from.y; y < to.y; y++) {
    int row = (n * inSize.x + z) * inSize.y + y;
    int place = ((z - corner.x) * filterSize.y + y - corner.y) * filterSize.z - corner.z;
    for (int x = from.z; x < to.z; x++) {
      ${type} v = ${rows ? 'x_row(row, x * channels + c)' : 'x_at((row * inSize.z + x) * channels + c)'};
      ${step.join('\n      ').replace(/\bplace\b/g, '(place + x)')}
    }
  }
  return ${value};
}`;
}

interface GradParams {
  /** Whether only the windows whose `place` is the element pass their gradient on. */
  readonly atPlace: boolean;
  readonly rows: boolean;
}

const windowGradTemplate = template<GradParams>(
  'windowGrad',
  ({ atPlace }) => (atPlace ? ['dy', 'place'] : ['dy']),
  ({ atPlace, rows }) => {
    const read = (name: string) => (rows ? `${name}_row(row, x * channels + c)` : `${name}_at((row * outSize.z + x) * channels + c)`);
    const access = (name: string, dtype: DType) => (rows ? rowAt(name, dtype) : elementAt(name, dtype));
    const type = rows ? 'vec4' : 'float';
    const lanes = rows ? LANES : [''];
    return shader({
      samplers: { dy: 'float32', ...(atPlace ? { place: 'int32' } : {}) },
      uniforms: [...SIZES, 'int channels', 'float factor', ...rowUniforms('out'), ...rowUniforms('dy'), ...(atPlace ? rowUniforms('place') : [])],
      outputs: ['float32'],
      helpers: [
        SMALL_DIVISION,
        access('dy', 'float32'),
        atPlace ? access('place', 'int32') : '',
        `ivec3 quotients(ivec3 a, ivec3 b) { return ivec3(floor((vec3(a) + 0.5) / vec3(b))); }
${type} result(int n, ivec3 o, int c) {
  ivec3 last = o + pads;
  ivec3 from = quotients(max(last - filterSize + strides, 0), strides), to = min(quotients(last, strides), outSize - 1);
  ${type} acc = ${type}(0);
  for (int z = from.x; z <= to.x; z++) for (int y = from.y; y <= to.y; y++) {
    int row = (n * outSize.x + z) * outSize.y + y;
    for (int x = from.z; x <= to.z; x++) {
      ivec3 tap = last - ivec3(z, y, x) * strides;
      ${type} v = ${read('dy')};
      ${
        atPlace
          ? `int own = (tap.x * filterSize.y + tap.y) * filterSize.z + tap.z;
      ${rows ? 'ivec4' : 'int'} at = ${read('place')};
      ${lanes.map((l) => `acc${l} += at${l} == own ? v${l} : 0.0;`).join('\n      ')}`
          : 'acc += v;'
      }
    }
  }
  return acc * factor;
}`,
      ],
      body: body(rows, 'inSize', 'float32'),
    });
  },
);

/** Texels in a row of data of this width, where fragments can walk along rows; else 0. */
function rowTexels(width: number, channels: number): number {
  return channels % 4 === 0 ? (width * channels) / 4 : 0;
}

/** Above this many rows, or where texture rows do not hold whole rows of the data, elements are found one by one. */
const MAX_ROWS = 2 ** 21;

function walksRows(w: Windows, layouts: readonly (readonly [Layout, number])[]): boolean {
  const rows = w.batch * Math.max(w.input[0] * w.input[1], w.output[0] * w.output[1]);
  return rows < MAX_ROWS && layouts.every(([layout, run]) => run > 0 && layout.width % run === 0);
}

function sizes({ input, output, filter, strides, pads, channels }: Windows, rows: boolean): Record<string, Uniform> {
  return { inSize: input, outSize: output, filterSize: filter, strides, pads, channels: rows ? channels / 4 : channels };
}

function rowValues(name: string, layout: Layout, run: number): Record<string, Uniform> {
  return { [`${name}PerRow`]: layout.width / run, [`${name}Run`]: run };
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

/** Reduces every window of `x`. */
export function windowPlan(result: WindowResult, w: Windows, x: Layout, out: Layout, options: WindowOptions = {}): Plan {
  const { lastOfTies = false, emptyIsNaN = false, withBatch = false } = options;
  const run = runsOf(w);
  const rows = x.dtype === 'float32' && walksRows(w, [[x, run.input], [out, run.output]]);
  return windowTemplate(
    { result, lastOfTies, emptyIsNaN, rows, x: x.dtype, dtype: out.dtype },
    {
      uniforms: { ...sizes(w, rows), withBatch: Number(withBatch), ...rowValues('x', x, run.input), ...rowValues('out', out, run.output) },
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
  const rows = walksRows(w, [[out, run.input], ...[dy, ...(place ? [place] : [])].map((l) => [l, run.output] as const)]);
  const access = { ...rowValues('dy', dy, run.output), ...(place ? rowValues('place', place, run.output) : {}), ...rowValues('out', out, run.input) };
  return windowGradTemplate({ atPlace: place !== undefined, rows }, { uniforms: { ...sizes(w, rows), factor, ...access }, outputs: [out] });
}
