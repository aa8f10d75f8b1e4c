/** Epilogues: GLSL that a pass applies to each element before it writes it, in place of an elementwise pass. */
import type { DType, Uniform } from '../plan/plan';
import { fetchTexel, texelAt } from './accessor';
import { scalarType, vectorType } from './shader';
import { hasWord } from './words';

/** A constant in GLSL, computed from those before it, leaves and uniforms. */
export interface Constant {
  readonly name: string;
  readonly type: 'float' | 'int';
  readonly value: string;
}

/** A tensor beside the pass's own result: an element for each `channel`, a `scalar`, or an element for each of the `whole`. */
export interface EpilogueOperand {
  readonly name: string;
  readonly dtype: DType;
  readonly access: 'channel' | 'scalar' | 'whole';
}

/** The part of an epilogue that changes a shader's text. */
export interface EpilogueParams {
  readonly operands: readonly EpilogueOperand[];
  /** Statements that depend on the channel alone; computed once for all elements that a fragment writes. */
  readonly fixed: readonly Constant[];
  /** Statements that are computed for each element. */
  readonly varying: readonly Constant[];
  /** The name that the pass's own element has in them. */
  readonly own: string;
  /** The name of the result in them. */
  readonly result: string;
  readonly helpers: string;
  /** Names of float uniforms. */
  readonly attributes: readonly string[];
  /** Names of int uniforms. */
  readonly integers: readonly string[];
}

/** An epilogue over operands of type `T`, in the order of its parameters. */
export interface Epilogue<T> {
  readonly params: EpilogueParams;
  readonly inputs: readonly T[];
  readonly uniforms: Readonly<Record<string, Uniform>>;
}

/** Samplers that an epilogue adds, in the order of its inputs. */
export function epilogueSamplers(params: EpilogueParams | undefined): Readonly<Record<string, DType>> {
  return Object.fromEntries((params?.operands ?? []).map(({ name, dtype }) => [name, dtype]));
}

/** GLSL declarations without the keyword, for the shader's list of uniforms. */
export function epilogueDeclarations(params: EpilogueParams | undefined): readonly string[] {
  if (!params) return [];
  return [...params.attributes.map((name) => `float ${name}`), ...params.integers.map((name) => `int ${name}`)];
}

/** A texel that a pass writes: GLSL of its value before the epilogue, and of its place in the result. */
export interface Written {
  readonly value: string;
  readonly place: string;
}

/** Statements that write texels of the channels `c4`, one to each target, after the epilogue if there is one. */
export function writeTexels(params: EpilogueParams | undefined, c4: string, texels: readonly Written[]): string[] {
  if (!params) return texels.map(({ value }, i) => `out${i} = ${value};`);
  const whole = readsWhole(params);
  return [
    `epilogueAt(${c4});`,
    ...texels.map(({ value, place }, i) => `out${i} = epilogue(${value}, ${whole ? place : '0'});`),
  ];
}

/** Whether the epilogue asks for the place of the texel that it is called for. */
export function readsWhole(params: EpilogueParams | undefined): boolean {
  return params?.operands.some(({ access }) => access === 'whole') ?? false;
}

/**
 * GLSL functions: `void epilogueAt(int c4)` is called once, with the texel of the four channels that the fragment writes;
 * `vec4 epilogue(vec4 v, int t)` then for each texel of them, `t` being its place in the result.
 */
export function epilogueHelper(params: EpilogueParams | undefined): string {
  if (!params) return '';
  const { operands, fixed, varying, helpers } = params;
  const steady = operands.filter(({ access }) => access !== 'whole');
  const known = [...steady.map(({ name, dtype }) => ({ name, type: scalarType(dtype) })), ...fixed];
  const carried = known.filter(({ name }) => mentions(varying, name));
  return [
    helpers,
    ...operands.filter(({ access }) => access !== 'scalar').map(({ name, dtype }) => texelAt(name, dtype)),
    ...carried.map(({ name, type }) => `${type === 'float' ? 'vec4' : 'ivec4'} ${name}_v;`),
    ...fixedPart(params, steady, carried),
    ...varyingPart(params, carried),
  ].join('\n');
}

/** A value that both parts know, for four channels. */
type Carried = Pick<Constant, 'name' | 'type'>;

/** What leaves the channel's values in globals. */
function fixedPart(
  { fixed }: EpilogueParams,
  steady: readonly EpilogueOperand[],
  carried: readonly Carried[],
): string[] {
  const results = fixed.filter((constant) => carried.includes(constant));
  const load = ({ name, dtype, access }: EpilogueOperand): string =>
    access === 'channel' ? `${name}_texel(c4)` : `${vectorType(dtype)}(${fetchTexel(name, 'ivec2(0)')}.x)`;
  const loads = steady.map((operand) => {
    const isGlobal = carried.some(({ name }) => name === operand.name);
    return `${isGlobal ? '' : `${vectorType(operand.dtype)} `}${operand.name}_v = ${load(operand)};`;
  });
  if (results.length === 0) return [functionOf('void epilogueAt', ['int c4'], loads)];
  const parameters = [
    ...steady.map(({ name, dtype }) => `${scalarType(dtype)} ${name}`),
    ...results.map(({ name, type }) => `out ${type} ${name}_`),
  ];
  const ends = results.map(({ name }) => `${name}_ = ${name};`);
  const calls = LANES.map(
    (lane) => `fixedOf(${[...steady, ...results].map(({ name }) => `${name}_v.${lane}`).join(', ')});`,
  );
  return [
    functionOf('void fixedOf', parameters, [...fixed.map(declare), ...ends]),
    functionOf('void epilogueAt', ['int c4'], [...loads, ...calls]),
  ];
}

/** What is computed for each element. */
function varyingPart({ operands, varying, own, result }: EpilogueParams, carried: readonly Carried[]): string[] {
  const wholes = operands.filter(({ access }) => access === 'whole');
  const parameters = [
    `float ${own}`,
    ...carried.map(({ name, type }) => `${type} ${name}`),
    ...wholes.map(({ name, dtype }) => `${scalarType(dtype)} ${name}`),
  ];
  const names = ['v', ...[...carried, ...wholes].map(({ name }) => `${name}_v`)];
  const calls = LANES.map((lane) => `varyingOf(${names.map((name) => `${name}.${lane}`).join(', ')})`);
  return [
    functionOf('float varyingOf', parameters, [...varying.map(declare), `return ${result};`]),
    functionOf(
      'vec4 epilogue',
      ['vec4 v', 'int t'],
      [
        ...wholes.map(({ name, dtype }) => `${vectorType(dtype)} ${name}_v = ${name}_texel(t);`),
        `return vec4(${calls.join(', ')});`,
      ],
    ),
  ];
}

const LANES = ['x', 'y', 'z', 'w'];

function functionOf(head: string, parameters: readonly string[], body: readonly string[]): string {
  return `${head}(${parameters.join(', ')}) {\n${body.map((line) => `  ${line}\n`).join('')}}`;
}

/** The declaration of a constant. */
export function declare({ type, name, value }: Constant): string {
  return `${type} ${name} = ${value};`;
}

/** Whether any of the constants is computed from one of that name. */
export function mentions(constants: readonly Constant[], name: string): boolean {
  return constants.some(({ value }) => hasWord(value, name));
}
