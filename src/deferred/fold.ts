/** The loop nest of reductions: one pass that folds elementwise expressions along one axis, or slices of it, one target each. */
import { chosen } from '../choices';
import { coordsOf, elementAt, offsetOf, texelAt } from '../glsl/accessor';
import { scalarType, shader, vectorType } from '../glsl/shader';
import { template, type DType, type Layout, type Plan, type Uniform } from '../plan';
import { collapse, sizeOf, type Shape } from '../shape';
import type { Finish } from '../entry';
import { statementsOf, substitute, type Statements } from './flatten';

/** How a tensor is read: its dtype, elements by which it advances with each dimension, and the width of its texture. */
export interface Source {
  readonly dtype: DType;
  readonly width: number;
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
  /** Whether it is the same all along the axis, and so is read before the loop. */
  readonly fixed: boolean;
  /** The first operand whose texels lie at the same places; itself, where there is none before. */
  readonly like: string;
}

interface FoldParams {
  readonly operands: readonly FoldOperand[];
  readonly grain: Grain;
  /** Number of dimensions beside the axis. */
  readonly rank: number;
  readonly dtype: DType;
  /** Texels that one turn of the loop folds where that is cheap. */
  readonly unroll: number;
  /** GLSL that computes an element of everything that is folded, as `loaded`. */
  readonly load: string;
  readonly loaded: readonly string[];
  readonly helpers: string;
  readonly fold: string;
  readonly identity: string;
  /** For each of them, what becomes of `acc`. */
  readonly finishes: readonly string[];
  readonly attributes: readonly string[];
  readonly integers: readonly string[];
}

/** Calls of functions that take more than an instruction or two. */
const CALL = /\b(?!float\b|int\b|abs\b|min\b|max\b|mix\b|isNaN\b|isOrdered\b|eitherIsNaN\b)[A-Za-z]\w*\(/;
const MANY_STATEMENTS = 8;

/**
 * Values that one turn of the loop folds, as a tree: independent fetches, and errors that grow slower. Where a value takes
 * function calls or many operands, copies of it cost more to compile than they save.
 */
function unrolled({ load, grain, operands, unroll }: FoldParams): number {
  const moving = operands.filter((o) => !o.fixed).length;
  if (grain === 'elements') return moving > 2 ? 1 : unroll / 2;
  const heavy = CALL.test(load) || moving > 4 || load.split('\n').length > MANY_STATEMENTS;
  if (grain === 'channels') return heavy ? Math.max(1, unroll / 4) : unroll;
  return heavy ? 1 : unroll / 2;
}

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
      outputs: p.loaded.map(() => dtype),
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

/** The name of target k among several, or of the only one. */
const term = (p: FoldParams, name: string, k: number): string => (p.loaded.length === 1 ? name : `${name}.t${k}`);

/** Of every target, the GLSL of `of`. */
const each = (p: FoldParams, of: (k: number) => string): string[] => p.loaded.map((_, k) => of(k));

/** A vector of what `of` gives for its lanes. */
const lift = ({ dtype }: FoldParams, of: (lane: number) => string): string =>
  `${vectorType(dtype)}(${[0, 1, 2, 3].map(of).join(', ')})`;

/** GLSL types of an element, and of a texel, of every target. */
function typesOf(p: FoldParams): { readonly scalars: string; readonly vectors: string } {
  if (p.loaded.length > 1) return { scalars: 'Scalars', vectors: 'Vectors' };
  return { scalars: scalarType(p.dtype), vectors: vectorType(p.dtype) };
}

/** The types of several targets, and folds of them. */
function several(p: FoldParams): string {
  if (p.loaded.length === 1) return '';
  const struct = (name: string, type: string): string =>
    [
      `struct ${name} { ${each(p, (k) => `${type} t${k};`).join(' ')} };`,
      `${name} fold(${name} a, ${name} b) { return ${name}(${each(p, (k) => `fold(a.t${k}, b.t${k})`).join(', ')}); }`,
    ].join('\n');
  return [struct('Scalars', scalarType(p.dtype)), struct('Vectors', vectorType(p.dtype))].join('\n');
}

/** Every target in one value. */
function joined(p: FoldParams, type: string, of: (k: number) => string): string {
  return p.loaded.length === 1 ? of(0) : `${type}(${each(p, of).join(', ')})`;
}

/** What folds to anything else. */
const identities = (p: FoldParams): string => joined(p, 'Vectors', () => `${vectorType(p.dtype)}(${p.identity})`);

/** The GLSL type of what is read of an operand at a time. */
const readType = ({ grain }: FoldParams, { dtype }: FoldOperand): string =>
  grain === 'elements' ? scalarType(dtype) : vectorType(dtype);

/** `begin(o)`: every operand's place at result o, in `x_base`, or what is there, in `x_v`. */
function begin(p: FoldParams): string {
  const { operands, rank } = p;
  const read = (o: FoldOperand): string => {
    const at = `${o.name}_offset(c)`;
    return `${o.name}_v = ${readType(p, o)}(${o.whole ? `${o.name}_texel(${at} >> 2)` : `${o.name}_at(${at})`});`;
  };
  return [
    ...operands.map((o) => (o.fixed ? `${readType(p, o)} ${o.name}_v;` : `int ${o.name}_base;`)),
    `void begin(int o) {\n  int c[${rank}];\n  coordsOf(o, c);`,
    ...operands.map((o) => `  ${o.fixed ? read(o) : `${o.name}_base = ${o.name}_offset(c);`}`),
    '}',
  ].join('\n');
}

/** `fold` of two results and of twice four, `load` of one element, `finish` of one result. */
function elements(p: FoldParams): string {
  const scalar = scalarType(p.dtype);
  const vector = vectorType(p.dtype);
  const { scalars } = typesOf(p);
  const parameters = [...p.operands.map((o) => `${scalarType(o.dtype)} ${o.name}`), 'int index'];
  return [
    `${scalar} fold(${scalar} a, ${scalar} b) { return ${p.fold}; }`,
    `${vector} fold(${vector} a, ${vector} b) { return ${lift(p, (k) => `fold(a[${k}], b[${k}])`)}; }`,
    several(p),
    `${scalars} load(${parameters.join(', ')}) {\n  ${p.load}\n  return ${joined(p, scalars, (k) => p.loaded[k]!)};\n}`,
    ...p.finishes.map((finish, k) => `${scalar} finish${k}(${scalar} acc) { return ${finish}; }`),
  ].join('\n');
}

/** `value(r)`: what is folded at place r of the axis; by rows, in the operands' texel r. */
function value(p: FoldParams): string {
  const { scalars, vectors } = typesOf(p);
  const place = (o: FoldOperand): string => `${o.name}_base + r * ${o.name}_step`;
  if (p.grain === 'elements') {
    const values = p.operands.map((o) => (o.fixed ? `${o.name}_v` : `${o.name}_at(${place(o)})`));
    return `${scalars} value(int r) { return load(${[...values, 'r'].join(', ')}); }`;
  }
  const rows = p.grain === 'rows';
  const type = ({ dtype }: FoldOperand): string => vectorType(dtype);
  const read = (o: FoldOperand): string[] => {
    if (o.fixed) return [];
    if (!o.whole) return [`  ${type(o)} ${o.name}_v = ${type(o)}(${o.name}_at(${place(o)}));`];
    const texel = rows ? 'r' : `(${place(o)}) >> 2`;
    return [
      ...(o.like === o.name ? [`  ivec2 ${o.name}_place = placeOf(${texel}, textureSize(${o.name}, 0).x);`] : []),
      `  ${type(o)} ${o.name}_v = texelFetch(${o.name}, ${o.like}_place, 0);`,
    ];
  };
  const first = p.operands.find((o) => o.whole && !o.fixed);
  const index = (k: number): string => (rows && first ? `r * 4 + ${k} - ${first.name}_base` : 'r');
  return [
    `${vectors} value(int r) {`,
    ...p.operands.flatMap(read),
    ...[0, 1, 2, 3].map(
      (k) => `  ${scalars} e${k} = load(${[...p.operands.map((o) => `${o.name}_v[${k}]`), index(k)].join(', ')});`,
    ),
    `  return ${joined(p, vectors, (t) => lift(p, (k) => term(p, `e${k}`, t)))};`,
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
  const single = '  for (; r < end; r++) acc = fold(acc, value(r));';
  if (unroll === 1) return single;
  return `  for (; r + ${unroll} <= end; r += ${unroll}) acc = ${foldValues(unroll)};\n${single}`;
}

function channels(p: FoldParams): string {
  const { vectors } = typesOf(p);
  return `int i = outTexel() * 4;
int slice = i / size;
begin(i - slice * size);
int r = slice * chunk, end = min(r + chunk, total);
${vectors} acc = ${identities(p)};
${loops(unrolled(p))}
${each(p, (t) => `out${t} = ${lift(p, (k) => `finish${t}(${term(p, 'acc', t)}[${k}])`)};`).join('\n')}`;
}

/** In a loop, because compilers would copy `lane` four times. */
function lanes(p: FoldParams): string {
  const { scalars } = typesOf(p);
  return [
    ...each(p, (t) => `${vectorType(p.dtype)} results${t};`),
    'for (int k = 0; k < 4; k++) {',
    `  ${scalars} result = lane(outTexel() * 4 + k);`,
    ...each(p, (t) => `  results${t}[k] = ${term(p, 'result', t)};`),
    '}',
    ...each(p, (t) => `out${t} = results${t};`),
  ].join('\n');
}

/** Texels of a row at whose ends lie other elements, where all of them are folded by one copy of `value`. */
const MASKED =
  '  for (int r = first >> 2; r * 4 < end; r++) acc = fold(acc, inside(value(r), max(first - r * 4, 0), end - r * 4));';
/** The same around a loop over whole texels. */
const FIRST_TEXEL = `  int r = first >> 2, whole = end >> 2;
  if ((first & 3) != 0 && first < end) { acc = inside(value(r), first & 3, end - r * 4); r++; }`;
const LAST_TEXEL = '  for (; r * 4 < end; r++) acc = fold(acc, inside(value(r), 0, end - r * 4));';

/** `lane(i)`: the partial results with flat index i. Lanes past the end have no work. */
function lane(p: FoldParams): string {
  const { scalars, vectors } = typesOf(p);
  const finished = (of: (t: number) => string): string => joined(p, scalars, (t) => `finish${t}(${of(t)})`);
  if (p.grain === 'elements') {
    return `${scalars} lane(int i) {
  int slice = i / size;
  begin(i - slice * size);
  int r = slice * chunk, end = slice < slices ? min(r + chunk, total) : 0;
  ${scalars} acc = ${joined(p, scalars, () => `${scalarType(p.dtype)}(${p.identity})`)};
${loops(unrolled(p))}
  return ${finished((t) => term(p, 'acc', t))};
}`;
  }
  const { name } = p.operands.find((o) => o.whole && !o.fixed)!;
  const count = unrolled(p);
  const vector = vectorType(p.dtype);
  // Without branches, which take compilers long where there are many; GLSL ES selects no integers.
  const masked = (t: number): string =>
    p.dtype === 'float32'
      ? `mix(vec4(${p.identity}), ${term(p, 'v', t)}, kept)`
      : `${term(p, 'v', t)} * ${vector}(kept) + ${vector}(${p.identity}) * ${vector}(not(kept))`;
  const across = (v: string): string => `fold(fold(${v}.x, ${v}.y), fold(${v}.z, ${v}.w))`;
  // Texels at the ends of a row may hold elements of its neighbours.
  return `${vectors} inside(${vectors} v, int from, int to) {
  ivec4 at = ivec4(0, 1, 2, 3);
  bvec4 kept = bvec4(uvec4(greaterThanEqual(at, ivec4(from))) & uvec4(lessThan(at, ivec4(to))));
  return ${joined(p, vectors, masked)};
}
${scalars} lane(int i) {
  int o = i / slices;
  int slice = i - o * slices;
  begin(o);
  int first = ${name}_base + slice * chunk;
  int end = o < size ? ${name}_base + min((slice + 1) * chunk, total) : first;
  ${vectors} acc = ${identities(p)};
${
  count === 1
    ? MASKED
    : `${FIRST_TEXEL}
  for (; r + ${count} <= whole; r += ${count}) acc = ${foldValues(count)};
${LAST_TEXEL}`
}
  return ${finished((t) => across(term(p, 'acc', t)))};
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

/** Expressions that are folded alike, in one pass. */
export interface Folds {
  /** Their elements. */
  readonly elements: Statements;
  /** How x0, x1 and so on lie along the dimensions of the nest. */
  readonly sources: readonly Source[];
  readonly fold: string;
  readonly identity: string;
  /** What becomes of each result; nothing in all passes but the last. */
  readonly finishes: readonly (Finish | undefined)[];
}

/**
 * The pass that folds along one axis.
 *
 * @param out holds the results of all slices: by rows the slices of one result are neighbours, else they come one after another
 */
export function foldPlan(folds: Folds, { dims, axis, slices, chunk }: Nest, out: Layout): Plan {
  const { elements, sources, fold, identity, finishes } = folds;
  const grain = grainOf(sources, { dims, axis });
  const others = <T>(list: readonly T[]): T[] => list.filter((_, d) => d !== axis);
  const kept = collapse(
    others(dims),
    sources.map((s) => others(s.strides)),
  );
  const along = { channels: dims.length - 1, rows: axis, elements: -1 }[grain];
  const { code, values } = elements;
  const ends = finishValues(finishes);
  const uniforms: Record<string, Uniform> = {
    ...values,
    ...ends,
    dims: kept.dims,
    size: sizeOf(kept.dims),
    slices,
    chunk,
    total: dims[axis]!,
  };
  const alike = ({ width, strides }: Source): string => `${width} ${strides.join()}`;
  const operands = sources.map((source, i) => ({
    name: `x${i}`,
    dtype: source.dtype,
    whole: source.strides[along] === 1,
    fixed: source.strides[axis] === 0,
    like: `x${sources.findIndex((other) => alike(other) === alike(source))}`,
  }));
  operands.forEach(({ name }, i) => {
    uniforms[`${name}_strides`] = kept.strides[i]!;
    uniforms[`${name}_step`] = sources[i]!.strides[axis]!;
  });
  return foldAxis(
    {
      operands,
      grain,
      rank: kept.dims.length,
      dtype: out.dtype,
      unroll: chosen.reduceUnroll,
      load: statementsOf(code),
      loaded: code.results,
      helpers: code.helpers,
      fold,
      identity,
      finishes: finishes.map(finishText),
      attributes: [...code.attributes, ...Object.keys(ends)],
      integers: code.integers,
    },
    { uniforms, outputs: code.results.map(() => out) },
  );
}

/** The uniforms of finishes, each named after its place among them. */
export function finishValues(finishes: Folds['finishes']): Record<string, number> {
  const values: Record<string, number> = {};
  finishes.forEach((finish, k) => {
    for (const name in finish?.attributes) values[`${name}${k}`] = finish.attributes[name]!;
  });
  return values;
}

function finishText(finish: Finish | undefined, k: number): string {
  if (!finish) return 'acc';
  const names = Object.keys(finish.attributes ?? {}).map((name) => [name, `${name}${k}`]);
  return substitute(finish.expression, Object.fromEntries(names) as Record<string, string>);
}
