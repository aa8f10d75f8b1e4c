/** The loop nest of reductions: one pass that folds the elements along one axis of an elementwise expression, or slices of them. */
import { coordsOf, elementAt, offsetOf, texelAt } from '../../src/glsl/accessor';
import { scalarType, shader, vectorType } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan, type Uniform } from '../../src/plan';
import { collapse, sizeOf, type Shape } from '../../src/shape';
import type { ElementOp } from '../../src/deferred/expression';
import type { Flat } from '../../src/deferred/flatten';

/** A GLSL expression with the values of the float uniforms that it names. */
export interface Finish {
  readonly expression: string;
  readonly attributes?: Readonly<Record<string, number>>;
}

/** What a reduction folds, and how. Expressions are scalar. */
export interface Reduction {
  /** The elements; `index` is their place along the axis. Its dtype is that of the result. */
  readonly load: ElementOp;
  /** Two partial results `a` and `b` as one; any grouping must do. */
  readonly fold: string;
  /** What folds to the other partial result. */
  readonly identity: string;
  /** What becomes of the whole, `acc`. */
  readonly finish?: Finish | undefined;
  /** Whether `load` names `index`. */
  readonly ordered?: boolean;
}

/** How a tensor is read: its dtype, and elements by which it advances with each dimension. */
export interface Source {
  readonly dtype: DType;
  readonly strides: readonly number[];
}

/** What one pass folds: dimensions, one of them the axis, cut into slices of `chunk` elements with a partial result each. */
export interface Nest {
  readonly dims: Shape;
  readonly axis: number;
  readonly slices: number;
  readonly chunk: number;
}

/**
 * Which elements lie in a texel: `channels`, four results; `rows`, four neighbours along the axis; `elements`, neither, or
 * not in a whole texel.
 */
export type Grain = 'channels' | 'rows' | 'elements';

interface FoldOperand {
  readonly name: string;
  readonly dtype: DType;
  /** Whether four neighbours are read as a texel; else one element serves all four, or there is only one. */
  readonly whole: boolean;
}

interface FoldParams {
  readonly operands: readonly FoldOperand[];
  readonly grain: Grain;
  /** Number of dimensions beside the axis. */
  readonly rank: number;
  readonly dtype: DType;
  /** GLSL that computes an element as `loaded`. */
  readonly load: string;
  readonly loaded: string;
  readonly helpers: string;
  readonly fold: string;
  readonly identity: string;
  readonly finish: string;
  readonly attributes: readonly string[];
  readonly integers: readonly string[];
}

/**
 * Values that one turn of the loop folds, as a tree: independent fetches, and errors that grow slower. Where a value takes a
 * function call, copies of it cost more to compile than they save.
 */
const unrolled = ({ load, grain }: FoldParams): number => (/\w\(/.test(load) ? 2 : grain === 'channels' ? 8 : 4);

const foldAxis = template<FoldParams>(
  'fold',
  (p) => p.operands.map((o) => o.name),
  (p) => {
    const { operands, dtype, rank, grain } = p;
    const names = operands.map((o) => o.name);
    return shader({
      samplers: Object.fromEntries(operands.map((o) => [o.name, o.dtype])),
      uniforms: [
        ...[`dims[${rank}]`, 'size', 'slices', 'chunk', 'total'].map((u) => `int ${u}`),
        ...names.flatMap((name) => [`int ${name}_strides[${rank}]`, `int ${name}_step`]),
        ...p.attributes.map((a) => `float ${a}`),
        ...p.integers.map((i) => `int ${i}`),
      ],
      outputs: [dtype],
      helpers: [
        p.helpers,
        ...operands.map((o) => (o.whole ? texelAt(o.name, o.dtype) : elementAt(o.name, o.dtype))),
        coordsOf(rank),
        ...names.map((name) => offsetOf(name, rank)),
        begin(p),
        elements(p),
        value(p),
        grain === 'channels' ? '' : lane(p),
      ],
      body: grain === 'channels' ? channels(p) : lanes(p),
    });
  },
);

const lift = ({ dtype }: FoldParams, of: (lane: number) => string): string =>
  `${vectorType(dtype)}(${[0, 1, 2, 3].map(of).join(', ')})`;

/** `begin(o)`: every operand's place at result o, in `x_base`. */
function begin({ operands, rank }: FoldParams): string {
  return [
    ...operands.map((o) => `int ${o.name}_base;`),
    `void begin(int o) {\n  int c[${rank}];\n  coordsOf(o, c);`,
    ...operands.map((o) => `  ${o.name}_base = ${o.name}_offset(c);`),
    '}',
  ].join('\n');
}

/** `load` of one element, `fold` of two results and of twice four, `finish` of one. */
function elements(p: FoldParams): string {
  const scalar = scalarType(p.dtype);
  const vector = vectorType(p.dtype);
  const parameters = p.operands.map((o) => `${scalarType(o.dtype)} ${o.name}`);
  return [
    `${scalar} load(${[...parameters, 'int index'].join(', ')}) {\n  ${p.load}\n  return ${p.loaded};\n}`,
    `${scalar} fold(${scalar} a, ${scalar} b) { return ${p.fold}; }`,
    `${vector} fold(${vector} a, ${vector} b) { return ${lift(p, (k) => `fold(a[${k}], b[${k}])`)}; }`,
    `${scalar} finish(${scalar} acc) { return ${p.finish}; }`,
  ].join('\n');
}

/** `value(r)`: what is folded at place r of the axis; by rows, in the operands' texel r. */
function value(p: FoldParams): string {
  const place = (o: FoldOperand): string => `${o.name}_base + r * ${o.name}_step`;
  if (p.grain === 'elements') {
    const values = p.operands.map((o) => `${o.name}_at(${place(o)})`);
    return `${scalarType(p.dtype)} value(int r) { return load(${[...values, 'r'].join(', ')}); }`;
  }
  const rows = p.grain === 'rows';
  const read = (o: FoldOperand): string =>
    o.whole
      ? `${o.name}_texel(${rows ? 'r' : `(${place(o)}) >> 2`})`
      : `${o.name}_at(${rows ? `${o.name}_base` : place(o)})`;
  const first = p.operands.find((o) => o.whole)!;
  const index = (k: number): string => (rows ? `r * 4 + ${k} - ${first.name}_base` : 'r');
  return [
    `${vectorType(p.dtype)} value(int r) {`,
    ...p.operands.map((o) => `  ${vectorType(o.dtype)} ${o.name}_v = ${vectorType(o.dtype)}(${read(o)});`),
    `  return ${lift(p, (k) => `load(${[...p.operands.map((o) => `${o.name}_v[${k}]`), index(k)].join(', ')})`)};`,
    '}',
  ].join('\n');
}

/** Folds terms pairwise. */
function tree(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const half = terms.length / 2;
  return `fold(${tree(terms.slice(0, half))}, ${tree(terms.slice(half))})`;
}

/** The fold of acc with `count` values from r on. */
function foldValues(count: number): string {
  return `fold(acc, ${tree(Array.from({ length: count }, (_, k) => `value(r + ${k})`))})`;
}

/** Folds value(r) into acc for r up to `end`. */
function loops(unroll: number): string {
  return `  for (; r + ${unroll} <= end; r += ${unroll}) acc = ${foldValues(unroll)};
  for (; r < end; r++) acc = fold(acc, value(r));`;
}

function channels(p: FoldParams): string {
  const vector = vectorType(p.dtype);
  return `int i = outTexel() * 4;
int slice = i / size;
begin(i - slice * size);
int r = slice * chunk, end = min(r + chunk, total);
${vector} acc = ${vector}(${p.identity});
${loops(unrolled(p))}
out0 = ${lift(p, (k) => `finish(acc[${k}])`)};`;
}

/** In a loop, because compilers would copy `lane` four times. */
function lanes(p: FoldParams): string {
  return `${vectorType(p.dtype)} results;
for (int k = 0; k < 4; k++) results[k] = lane(outTexel() * 4 + k);
out0 = results;`;
}

/** `lane(i)`: the partial result with flat index i. Lanes past the end have no work. */
function lane(p: FoldParams): string {
  const scalar = scalarType(p.dtype);
  if (p.grain === 'elements') {
    return `${scalar} lane(int i) {
  int slice = i / size;
  begin(i - slice * size);
  int r = slice * chunk, end = slice < slices ? min(r + chunk, total) : 0;
  ${scalar} acc = ${scalar}(${p.identity});
${loops(unrolled(p))}
  return finish(acc);
}`;
  }
  const vector = vectorType(p.dtype);
  const { name } = p.operands.find((o) => o.whole)!;
  const count = unrolled(p);
  // Texels at the ends of a row may hold elements of its neighbours.
  return `${vector} inside(${vector} v, int from, int to) {
  return ${lift(p, (k) => `${k} < from || ${k} >= to ? ${scalar}(${p.identity}) : v[${k}]`)};
}
${scalar} lane(int i) {
  int o = i / slices;
  int slice = i - o * slices;
  begin(o);
  int first = ${name}_base + slice * chunk;
  int end = o < size ? ${name}_base + min((slice + 1) * chunk, total) : first;
  ${vector} acc = ${vector}(${p.identity});
  int r = first >> 2, whole = end >> 2;
  if ((first & 3) != 0 && first < end) { acc = inside(value(r), first & 3, end - r * 4); r++; }
  for (; r + ${count} <= whole; r += ${count}) acc = ${foldValues(count)};
  for (; r * 4 < end; r++) acc = fold(acc, inside(value(r), 0, end - r * 4));
  return finish(fold(fold(acc.x, acc.y), fold(acc.z, acc.w)));
}`;
}

/** The coarsest grain in which all sources can be read, and which of them by texels. */
export function grainOf(sources: readonly Source[], { dims, axis }: Pick<Nest, 'dims' | 'axis'>): Grain {
  const last = dims.length - 1;
  const inFours = (s: Source, except: number): boolean =>
    s.strides.every((stride, d) => d === except || stride % 4 === 0);
  if (axis !== last && dims[last]! % 4 === 0) {
    if (sources.every((s) => s.strides[last] === 0 || (s.strides[last] === 1 && inFours(s, last)))) return 'channels';
  }
  // Rows need not start with a texel, but then all of them must start alike.
  const along = sources.filter((s) => s.strides[axis] !== 0);
  const alike = along.every(
    (s) => s.strides[axis] === 1 && s.strides.every((stride, d) => stride === along[0]!.strides[d]),
  );
  return along.length > 0 && alike ? 'rows' : 'elements';
}

/**
 * The pass that folds along one axis.
 *
 * @param flat the elements
 * @param sources its leaves, as they lie along the dimensions of the nest
 * @param out holds the results of all slices: by rows the slices of one result are neighbours, else they come one after another
 */
export function foldPlan(
  { flat, fold, identity, finish }: Omit<Reduction, 'load'> & { readonly flat: Flat },
  sources: readonly Source[],
  { dims, axis, slices, chunk }: Nest,
  out: Layout,
): Plan {
  const grain = grainOf(sources, { dims, axis });
  const others = <T>(list: readonly T[]): T[] => list.filter((_, d) => d !== axis);
  const kept = collapse(
    others(dims),
    sources.map((s) => others(s.strides)),
  );
  const along = { channels: dims.length - 1, rows: axis, elements: -1 }[grain];
  const attributes = { ...flat.attributes, ...finish?.attributes };
  const uniforms: Record<string, Uniform> = {
    ...attributes,
    ...flat.integers,
    dims: kept.dims,
    size: sizeOf(kept.dims),
    slices,
    chunk,
    total: dims[axis]!,
  };
  const names = flat.leaves.map((l) => l.name);
  names.forEach((name, i) => {
    uniforms[`${name}_strides`] = kept.strides[i]!;
    uniforms[`${name}_step`] = sources[i]!.strides[axis]!;
  });
  return foldAxis(
    {
      operands: names.map((name, i) => ({
        name,
        dtype: sources[i]!.dtype,
        whole: sources[i]!.strides[along] === 1,
      })),
      grain,
      rank: kept.dims.length,
      dtype: out.dtype,
      load: flat.statements,
      loaded: flat.results[0]!,
      helpers: flat.helpers,
      fold,
      identity,
      finish: finish?.expression ?? 'acc',
      attributes: Object.keys(attributes),
      integers: Object.keys(flat.integers),
    },
    { uniforms, outputs: [out] },
  );
}
