/** GLSL of the loop nest of reductions: the loop along the axis, and the lanes of the results. */
import { coordsOf, elementAt, offsetOf, texelAt } from '../glsl/accessor';
import { callCost } from '../glsl/numeric';
import { scalarType, shader, vectorType, type ShaderParts } from '../glsl/shader';
import { wordsOf } from '../glsl/words';
import { template } from '../plan/plan';
import {
  begin,
  each,
  elements,
  identities,
  joined,
  lift,
  term,
  typesOf,
  value,
  type ReduceParams,
} from './reduce_value';

const MANY_STATEMENTS = 8;

/**
 * Values that one iteration of the loop combines, as a tree: independent fetches, and errors that grow slower. Where a value takes
 * function calls or many operands, copies of it cost more to compile than they save.
 */
function unrolled({ load, grain, operands, unroll }: ReduceParams): number {
  const moving = operands.filter((o) => !o.fixed).length;
  if (grain === 'elements') return moving > 2 ? 1 : unroll / 2;
  const heavy = callCost(wordsOf(load)) > 0 || moving > 4 || load.split('\n').length > MANY_STATEMENTS;
  if (grain === 'channels') return heavy ? Math.max(1, unroll / 4) : unroll;
  return heavy ? 1 : unroll / 2;
}

/** The pass that reduces along one axis. */
export const reduceAxis = template<ReduceParams>('reduce', samplersOf, (p) =>
  nestShader(p, {
    outputs: p.loaded.map(() => p.dtype),
    helpers: [p.grain === 'channels' ? '' : lane(p)],
    body: p.grain === 'channels' ? channels(p) : lanes(p),
  }),
);

/** The names of the operands' samplers. */
export function samplersOf(p: ReduceParams): string[] {
  return p.operands.map((o) => o.name);
}

/** The shader of a pass over the elements along one axis, which `begin` and `value` give to its body. */
export function nestShader(
  p: ReduceParams,
  { uniforms = [], outputs, helpers = [], body }: Omit<ShaderParts, 'samplers'>,
): string {
  const { operands, rank } = p;
  const names = samplersOf(p);
  return shader({
    samplers: Object.fromEntries(operands.map((o) => [o.name, o.dtype])),
    uniforms: [
      ...[`dims[${rank}]`, 'size', 'slices', 'chunk', 'total'].map((u) => `int ${u}`),
      ...names.flatMap((name) => [`int ${name}_strides[${rank}]`, `int ${name}_step`]),
      ...p.attributes.map((a) => `float ${a}`),
      ...p.integers.map((i) => `int ${i}`),
      ...uniforms,
    ],
    outputs,
    helpers: [
      p.helpers,
      ...operands.map((o) => (o.whole ? texelAt(o.name, o.dtype) : elementAt(o.name, o.dtype))),
      coordsOf(rank),
      ...names.map((name) => offsetOf(name, rank)),
      begin(p),
      elements(p),
      value(p),
      ...helpers,
    ],
    body,
  });
}

/** Combines terms pairwise. */
function tree(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const half = terms.length / 2;
  return `combine(${tree(terms.slice(0, half))}, ${tree(terms.slice(half))})`;
}

/** acc combined with `count` values from r on. */
function combineValues(count: number): string {
  return `combine(acc, ${tree(Array.from({ length: count }, (_, k) => `value(r + ${k})`))})`;
}

/** Combines acc with value(r) for r up to `end`. */
function loops(unroll: number): string {
  const single = '  for (; r < end; r++) acc = combine(acc, value(r));';
  if (unroll === 1) return single;
  return `  for (; r + ${unroll} <= end; r += ${unroll}) acc = ${combineValues(unroll)};\n${single}`;
}

/** The slice of the axis that a fragment goes through, by channels. */
export const SLICE = `int i = outTexel() * 4;
int slice = i / size;
begin(i - slice * size);
int r = slice * chunk, end = min(r + chunk, total);`;

function channels(p: ReduceParams): string {
  const { vectors } = typesOf(p);
  return `${SLICE}
${vectors} acc = ${identities(p)};
${loops(unrolled(p))}
${each(p, (t) => `out${t} = ${lift(p, (k) => `finish${t}(${term(p, 'acc', t)}[${k}])`)};`).join('\n')}`;
}

/** In a loop, because compilers would copy `lane` four times. */
function lanes(p: ReduceParams): string {
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

/** Texels of a row at whose ends lie other elements, where all of them are combined by one copy of `value`. */
const MASKED =
  '  for (int r = first >> 2; r * 4 < end; r++) acc = combine(acc, inside(value(r), max(first - r * 4, 0), end - r * 4));';
/** The same around a loop over whole texels. */
const FIRST_TEXEL = `  int r = first >> 2, whole = end >> 2;
  if ((first & 3) != 0 && first < end) { acc = inside(value(r), first & 3, end - r * 4); r++; }`;
const LAST_TEXEL = '  for (; r * 4 < end; r++) acc = combine(acc, inside(value(r), 0, end - r * 4));';

/** `lane(i)`: the partial results with flat index i. Lanes past the end have no work. */
function lane(p: ReduceParams): string {
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
  const across = (v: string): string => `combine(combine(${v}.x, ${v}.y), combine(${v}.z, ${v}.w))`;
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
  for (; r + ${count} <= whole; r += ${count}) acc = ${combineValues(count)};
${LAST_TEXEL}`
}
  return ${finished((t) => across(term(p, 'acc', t)))};
}`;
}
