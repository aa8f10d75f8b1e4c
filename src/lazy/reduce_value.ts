/** GLSL of the elements that a reduction combines: how operands are read, and what is computed from them. */
import { fetchTexel } from '../glsl/accessor';
import { scalarType, vectorType } from '../glsl/shader';
import type { DType } from '../plan/plan';

/**
 * Which elements lie in a texel: `channels`, four results; `rows`, four neighbours along the axis; `elements`, neither, or
 * not in a whole texel.
 */
export type Grain = 'channels' | 'rows' | 'elements';

/** A tensor that a reduction reads, by the name of its sampler. */
export interface ReduceOperand {
  readonly name: string;
  readonly dtype: DType;
  /** Whether four neighbours are read as a texel; else one element serves all four, or there is only one. */
  readonly whole: boolean;
  /** Whether it is constant along the axis, and so is read before the loop. */
  readonly fixed: boolean;
  /** The first operand that is read at the same texel positions; itself, if there is none before. */
  readonly like: string;
}

/** All that the text of a reduction depends on. */
export interface ReduceParams {
  readonly operands: readonly ReduceOperand[];
  readonly grain: Grain;
  /** Number of dimensions beside the axis. */
  readonly rank: number;
  readonly dtype: DType;
  /** Texels that one iteration of the loop combines where that is cheap. */
  readonly unroll: number;
  /** GLSL that computes one element of every reduction, as `loaded`. */
  readonly load: string;
  readonly loaded: readonly string[];
  readonly helpers: string;
  readonly combine: string;
  readonly identity: string;
  /** For each of them, the final expression of `acc`. */
  readonly finishes: readonly string[];
  readonly attributes: readonly string[];
  readonly integers: readonly string[];
}

/** The name of target k among several, or of the only one. */
export const term = (p: ReduceParams, name: string, k: number): string =>
  p.loaded.length === 1 ? name : `${name}.t${k}`;

/** The GLSL of `of` for every target. */
export const each = (p: ReduceParams, of: (k: number) => string): string[] => p.loaded.map((_, k) => of(k));

/** A vector of the GLSL of `of` for its lanes. */
export const lift = ({ dtype }: ReduceParams, of: (lane: number) => string): string =>
  `${vectorType(dtype)}(${[0, 1, 2, 3].map(of).join(', ')})`;

/** GLSL types of an element, and of a texel, of every target. */
export function typesOf(p: ReduceParams): { readonly scalars: string; readonly vectors: string } {
  if (p.loaded.length > 1) return { scalars: 'Scalars', vectors: 'Vectors' };
  return { scalars: scalarType(p.dtype), vectors: vectorType(p.dtype) };
}

/** Structs of the values of several targets, and `combine`, which combines them. */
function several(p: ReduceParams): string {
  if (p.loaded.length === 1) return '';
  const struct = (name: string, type: string): string =>
    [
      `struct ${name} { ${each(p, (k) => `${type} t${k};`).join(' ')} };`,
      `${name} combine(${name} a, ${name} b) { return ${name}(${each(p, (k) => `combine(a.t${k}, b.t${k})`).join(', ')}); }`,
    ].join('\n');
  return [struct('Scalars', scalarType(p.dtype)), struct('Vectors', vectorType(p.dtype))].join('\n');
}

/** Every target in one value. */
export function joined(p: ReduceParams, type: string, of: (k: number) => string): string {
  return p.loaded.length === 1 ? of(0) : `${type}(${each(p, of).join(', ')})`;
}

/** The identity element of the combiner, for every target. */
export const identities = (p: ReduceParams): string =>
  joined(p, 'Vectors', () => `${vectorType(p.dtype)}(${p.identity})`);

/** The GLSL type of one read of an operand. */
const readType = ({ grain }: ReduceParams, { dtype }: ReduceOperand): string =>
  grain === 'elements' ? scalarType(dtype) : vectorType(dtype);

/** `begin(o)`: sets, for result o, every operand's first index `x_base`, or its value `x_v` if it is constant along the axis. */
export function begin(p: ReduceParams): string {
  const { operands, rank } = p;
  const read = (o: ReduceOperand): string => {
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

/** `combine` combines two results, or four by four; `load` computes an element; `finish` ends a result. */
export function elements(p: ReduceParams): string {
  const scalar = scalarType(p.dtype);
  const vector = vectorType(p.dtype);
  const { scalars } = typesOf(p);
  const parameters = [...p.operands.map((o) => `${scalarType(o.dtype)} ${o.name}`), 'int index'];
  return [
    `${scalar} combine(${scalar} a, ${scalar} b) { return ${p.combine}; }`,
    `${vector} combine(${vector} a, ${vector} b) { return ${lift(p, (k) => `combine(a[${k}], b[${k}])`)}; }`,
    several(p),
    `${scalars} load(${parameters.join(', ')}) {\n  ${p.load}\n  return ${joined(p, scalars, (k) => p.loaded[k]!)};\n}`,
    ...p.finishes.map((finish, k) => `${scalar} finish${k}(${scalar} acc) { return ${finish}; }`),
  ].join('\n');
}

/** `value(r)`: the elements at index r of the axis; for the grain `rows`, those in the operands' texel r. */
export function value(p: ReduceParams): string {
  const { scalars, vectors } = typesOf(p);
  const place = (o: ReduceOperand): string => `${o.name}_base + r * ${o.name}_step`;
  if (p.grain === 'elements') {
    const values = p.operands.map((o) => (o.fixed ? `${o.name}_v` : `${o.name}_at(${place(o)})`));
    return `${scalars} value(int r) { return load(${[...values, 'r'].join(', ')}); }`;
  }
  const rows = p.grain === 'rows';
  const type = ({ dtype }: ReduceOperand): string => vectorType(dtype);
  const read = (o: ReduceOperand): string[] => {
    if (o.fixed) return [];
    if (!o.whole) return [`  ${type(o)} ${o.name}_v = ${type(o)}(${o.name}_at(${place(o)}));`];
    const texel = rows ? 'r' : `(${place(o)}) >> 2`;
    return [
      ...(o.like === o.name ? [`  ivec2 ${o.name}_place = placeOf(${texel}, textureSize(${o.name}, 0).x);`] : []),
      `  ${type(o)} ${o.name}_v = ${fetchTexel(o.name, `${o.like}_place`)};`,
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
