/** Addressing of pooling windows: along texture rows that hold whole image rows, by four channels if possible, else by elements. */
import { elementAt, selectLane } from '../../src/glsl/accessor';
import { MOST_IN_FLOATS } from '../../src/glsl/numeric';
import { ownRow, ownRowUniforms, rowReader, rowUniforms, type RowAccess } from '../../src/glsl/row_reader';
import { scalarType, vectorType } from '../../src/glsl/shader';
import type { DType, Layout, Uniform } from '../../src/plan/plan';

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

/** Channels that a fragment computes together. */
export type Together = 1 | 2 | 4;

/** How fragments address the data; see `poolAddressingOf`. */
export interface PoolAddressing {
  /** Whether they go along texture rows, which hold whole rows of the data. */
  readonly rows: boolean;
  /** Channels that they take at once; four make a texel. */
  readonly together: Together;
  /** Whether each of these texture rows holds just one of them. */
  readonly tall: boolean;
  /** Whether the data has depth 1. */
  readonly planar: boolean;
  /** Whether an index may be too large to be divided in floats. */
  readonly large: boolean;
}

/** Components of a texel. */
export const LANES = ['.x', '.y', '.z', '.w'] as const;

/** Uniforms of every pass over windows. */
export const SIZES = ['inSize', 'outSize', 'filterSize', 'strides', 'pads'].map((name) => `ivec3 ${name}`);

/** `int quotient(int a, int b)` for a >= 0, b > 0. */
export const division = ({ large }: PoolAddressing) =>
  `int quotient(int a, int b) { return ${large ? 'a / b' : 'int((float(a) + 0.5) / float(b))'}; }`;

/** GLSL type of the channels that are taken at once. */
export const typeOf = (dtype: DType, together: Together): string =>
  together === 1 ? scalarType(dtype) : vectorType(dtype).replace('4', String(together));

/** GLSL that returns as many of the elements of `v`, of which the first has the index `i` times that many. */
const CHOSEN: Readonly<Record<Together, (dtype: DType) => string>> = {
  1: selectLane,
  2: () => 'return (i & 1) == 0 ? v.xy : v.zw;',
  4: () => 'return v;',
};

/** How a shader reads operand X of a window: along a `row` of the data, or by elements of all of it. */
export interface WindowReader {
  readonly helpers: string;
  readonly uniforms: readonly string[];
  /** Declares the place where a row begins, and finds that of `row`; nothing where elements are read. */
  readonly declare: string;
  readonly find: string;
  /** The channels `c` that are taken at once, of column `x` of the row. */
  readonly at: (x: string) => string;
}

/** The reader of an operand whose data has the size that a uniform of the name `size` holds. */
export function windowReader(name: string, dtype: DType, size: string, addressing: PoolAddressing): WindowReader {
  const { rows, together } = addressing;
  if (!rows) {
    const at = (x: string): string => `${name}_at((row * ${size}.z + ${x}) * channels + c)`;
    return { helpers: elementAt(name, dtype), uniforms: [], declare: '', find: '', at };
  }
  const params = { dtype, access: accessOf(addressing) };
  const texel = { 1: 'i >> 2', 2: 'i >> 1', 4: 'i' }[together];
  return {
    helpers: `${rowReader(name, params)}
${typeOf(dtype, together)} ${name}_channels(${name}_Row row, int i) {
  ${vectorType(dtype)} v = ${name}_at(row, ${name}_column(${texel}));
  ${CHOSEN[together](dtype)}
}`,
    uniforms: rowUniforms(name, params),
    declare: `${name}_Row ${name}_from;`,
    find: `${name}_from = ${name}_row(row);`,
    at: (x) => `${name}_channels(${name}_from, (${x}) * channels + c)`,
  };
}

const accessOf = ({ tall }: PoolAddressing): RowAccess => (tall ? 'tall' : 'wide');

/** Uniforms that find the row that a fragment writes. */
export const ownUniforms = (addressing: PoolAddressing): string[] =>
  addressing.rows ? ownRowUniforms(accessOf(addressing)) : [];

/** Declares batch n, position o (z, y, x) and channel c of the element with flat index `i` in data of the given size. */
const decodeElement = (i: string, size: string) => `int i = ${i}, q = quotient(i, channels), c = i - q * channels;
ivec3 o; int n = quotient(q, ${size}.z); o.z = q - n * ${size}.z;
q = n; n = quotient(q, ${size}.y); o.y = q - n * ${size}.y;
q = n; n = quotient(q, ${size}.x); o.x = q - n * ${size}.x;`;

/** Declares batch n and position o without x for the fragment's texel, the i-th of a row. */
const decodeRow = (size: string, addressing: PoolAddressing) => `${ownRow(accessOf(addressing))}
int i = int(column), line = int(row);
ivec3 o; int plane = quotient(line, ${size}.y); o.y = line - plane * ${size}.y;
${addressing.planar ? 'o.x = 0; int n = plane;' : `int n = quotient(plane, ${size}.x); o.x = plane - n * ${size}.x;`}`;

/** Declares x and channel c of what is taken at once, in which channels are counted, in its row. */
const decodeColumn = (i: string) => `o.z = quotient(${i}, channels); int c = ${i} - o.z * channels;`;

/** main for a function `result(n, o, c)` of one element, or of one texel of a row. */
export function body(addressing: PoolAddressing, size: string, dtype: DType): string {
  const vector = vectorType(dtype);
  if (addressing.together === 4) return `${decodeRow(size, addressing)}\n${decodeColumn('i')}\nout0 = result(n, o, c);`;
  if (addressing.rows) {
    // Not a loop, which takes software GPUs half as long again.
    const [count, lanes] = addressing.together === 2 ? [2, ['.xy', '.zw']] : [4, LANES];
    const each = lanes.map(
      (lane, l) => `{ int e = ${count} * i + ${l}; ${decodeColumn('e')} v${lane} = result(n, o, c); }`,
    );
    return [decodeRow(size, addressing), `${vector} v;`, ...each, 'out0 = v;'].join('\n');
  }
  return `${vector} v;
int l = 0;
do {
${decodeElement('outTexel() * 4 + l', size)}
v[l] = result(n, o, c);
} while (++l < 4);
out0 = v;`;
}

/** Texels in a row of data of this width, if it is whole ones; else 0. */
function rowTexels(width: number, channels: number): number {
  return (width * channels) % 4 === 0 ? (width * channels) / 4 : 0;
}

/** How to address windows of tensors with these layouts; rows are in texels, 0 if they are not whole texels. */
export function poolAddressingOf(w: Windows, layouts: readonly (readonly [Layout, number])[]): PoolAddressing {
  const lines = w.batch * Math.max(w.input[0] * w.input[1], w.output[0] * w.output[1]);
  const rows = lines < MOST_IN_FLOATS && layouts.every(([{ width }, run]) => run > 0 && width % run === 0);
  const planar = w.input[0] === 1 && w.output[0] === 1;
  const large = layouts.some(([{ width, height }]) => 4 * width * height > MOST_IN_FLOATS);
  return {
    rows,
    together: !rows || w.channels % 2 !== 0 ? 1 : w.channels % 4 === 0 ? 4 : 2,
    tall: rows && layouts.every(([{ width }, run]) => width === run),
    planar: rows && planar,
    large: !rows && large,
  };
}

/** Values of `SIZES`, and of the channels, counted in those that are taken at once. */
export function sizes(
  { input, output, filter, strides, pads, channels }: Windows,
  together: Together,
): Record<string, Uniform> {
  return {
    inSize: input,
    outSize: output,
    filterSize: filter,
    strides,
    pads,
    channels: channels / together,
  };
}

/** The texels that rows of the input and of the output have; textures that hold such rows whole are read fastest. */
export function runsOf({ input, output, channels }: Windows): { input: number; output: number } {
  return { input: rowTexels(input[2], channels), output: rowTexels(output[2], channels) };
}
