/** Loop nest of elementwise passes: any number of broadcast operands, four lanes per fragment, one target per result. */
import { coordsOf, elementAt, nextCoords, offsetOf, sampleTexel, texelAt } from '../glsl/accessor';
import { scalarType, shader, vectorType } from '../glsl/shader';
import { hasWord } from '../glsl/words';
import { fitsRun } from '../plan/layout';
import { memoize, template, withUniforms, type DType, type Layout, type Plan, type Uniform } from '../plan/plan';
import { collapse, sizeOf } from '../plan/shape';
import { statementsOf, type Code } from './code';
import type { Inlined } from './inlining';

/**
 * How an operand is read. At the fragment's own texel: `same`, or `flat` if the textures differ in width. `scalar`: one value for all
 * elements. `channel`: one value per channel, where texture rows hold all channels of a position. By strides: `texel` (whole texels),
 * `splat` (one element for all four lanes), `lane` (element by element).
 */
type Access = 'same' | 'flat' | 'scalar' | 'channel' | 'texel' | 'splat' | 'lane';

const STRIDED: readonly Access[] = ['texel', 'splat', 'lane'];
const LANES = ['x', 'y', 'z', 'w'];

interface MapOperand {
  readonly name: string;
  readonly dtype: DType;
  readonly access: Access;
}

interface MapParams {
  readonly operands: readonly MapOperand[];
  /** GLSL that computes one element of every result, in the names of the operands, attributes and integers, and `index`. */
  readonly statements: string;
  readonly results: readonly string[];
  readonly dtypes: readonly DType[];
  /** GLSL functions that the statements call. */
  readonly helpers: string;
  /** Names of the float uniforms in the statements: attributes such as alpha. */
  readonly attributes: readonly string[];
  /** Names of their int uniforms. */
  readonly integers: readonly string[];
  /** Rank of the collapsed output where an operand is read by strides. */
  readonly rank: number;
}

const map = template<MapParams>(
  'map',
  (p) => p.operands.map((o) => o.name),
  (p) => {
    const { operands, attributes, integers, dtypes, rank } = p;
    const strided = operands.filter((o) => STRIDED.includes(o.access));
    const lanes = strided.filter((o) => o.access === 'lane');
    const channels = operands.some((o) => o.access === 'channel');
    return shader({
      samplers: Object.fromEntries(operands.map((o) => [o.name, o.dtype])),
      uniforms: [
        ...attributes.map((a) => `float ${a}`),
        ...integers.map((i) => `int ${i}`),
        ...(operands.some((o) => o.access === 'same') ? ['vec2 outScale'] : []),
        ...(channels ? ['float channelTexels'] : []),
        ...(strided.length > 0 ? [`int dims[${rank}]`] : []),
        ...strided.map((o) => `int ${o.name}_strides[${rank}]`),
      ],
      outputs: dtypes,
      helpers: [
        p.helpers,
        ...operands.map(reader),
        strided.length > 0 ? coordsOf(rank) : '',
        lanes.length > 0 ? nextCoords(rank) : '',
        ...strided.map((o) => offsetOf(o.name, rank)),
        laneFunction(p),
      ],
      body: [
        ...(channels ? [CHANNEL] : []),
        ...operands.flatMap(loadWhole),
        ...(strided.length > 0 ? [`int c[${rank}];`, 'coordsOf(outTexel() * 4, c);'] : []),
        ...strided.flatMap(loadStrided),
        ...(lanes.length > 0 ? loadLanes(lanes) : []),
        ...results(p),
      ].join('\n'),
    });
  },
);

/** The texture coordinates of the fragment's channels in a texture of one value per channel. */
const CHANNEL = `float across = floor(gl_FragCoord.x);
vec2 channel = vec2((across - floatQuotient(across, channelTexels) * channelTexels + 0.5) / channelTexels, 0.5);`;

/** The functions that read an operand. */
function reader({ name, dtype, access }: MapOperand): string {
  if (access === 'flat' || access === 'texel') return texelAt(name, dtype);
  return access === 'lane' || access === 'splat' ? elementAt(name, dtype) : '';
}

const usesIndex = (p: MapParams): boolean => hasWord(p.statements, 'index');

/** `op`: one element of every result; the first is what it returns. */
function laneFunction(p: MapParams): string {
  const [first, ...more] = p.dtypes.map(scalarType);
  const parameters = [
    ...p.operands.map((o) => `${scalarType(o.dtype)} ${o.name}`),
    ...(usesIndex(p) ? ['int index'] : []),
    ...more.map((type, i) => `out ${type} r${i + 1}`),
  ];
  const assigned = more.map((_, i) => `  r${i + 1} = ${p.results[i + 1]};`);
  return [
    `${first} op(${parameters.join(', ')}) {`,
    `  ${p.statements}`,
    ...assigned,
    `  return ${p.results[0]};`,
    '}',
  ].join('\n');
}

function results(p: MapParams): string[] {
  const [, ...more] = p.dtypes;
  const lane = (i: number): string => {
    const values = p.operands.map((o) => (o.access === 'scalar' ? `${o.name}_value` : `${o.name}_v.${LANES[i]}`));
    const index = usesIndex(p) ? [`outTexel() * 4 + ${i}`] : [];
    return `op(${[...values, ...index, ...more.map((_, k) => `v${k + 1}.${LANES[i]}`)].join(', ')})`;
  };
  return [
    ...more.map((dtype, k) => `${vectorType(dtype)} v${k + 1};`),
    `out0 = ${vectorType(p.dtypes[0]!)}(${[0, 1, 2, 3].map(lane).join(', ')});`,
    ...more.map((_, k) => `out${k + 1} = v${k + 1};`),
  ];
}

function loadWhole({ name, dtype, access }: MapOperand): string[] {
  if (access === 'same')
    return [`${vectorType(dtype)} ${name}_v = ${sampleTexel(name, 'gl_FragCoord.xy * outScale')};`];
  if (access === 'channel') return [`${vectorType(dtype)} ${name}_v = ${sampleTexel(name, 'channel')};`];
  if (access === 'flat') return [`${vectorType(dtype)} ${name}_v = ${name}_texel(outTexel());`];
  if (access === 'scalar') return [`${scalarType(dtype)} ${name}_value = ${sampleTexel(name, 'vec2(0.5)')}.x;`];
  return [];
}

function loadStrided({ name, dtype, access }: MapOperand): string[] {
  if (access === 'texel') return [`${vectorType(dtype)} ${name}_v = ${name}_texel(${name}_offset(c) >> 2);`];
  if (access === 'splat')
    return [`${vectorType(dtype)} ${name}_v = ${vectorType(dtype)}(${name}_at(${name}_offset(c)));`];
  return [];
}

function loadLanes(operands: readonly MapOperand[]): string[] {
  const load = (lane: string) => operands.map((o) => `${o.name}_v.${lane} = ${o.name}_at(${o.name}_offset(c));`);
  return [
    ...operands.map((o) => `${vectorType(o.dtype)} ${o.name}_v;`),
    ...LANES.flatMap((lane, i) => (i === 0 ? load(lane) : ['nextCoords(c);', ...load(lane)])),
  ];
}

/** A tensor that the pass reads. */
interface MapLeaf {
  readonly name: string;
  readonly dtype: DType;
  readonly strides: readonly number[];
  /** Elements, and the width of the texture. */
  readonly size: number;
  readonly width: number;
}

/** All that a pass depends on, but for the values of the uniforms in its statements. */
interface MapParts {
  readonly code: Code;
  readonly leaves: readonly MapLeaf[];
  readonly out: Layout;
  /** Targets, of one layout. */
  readonly targets: number;
}

/**
 * The pass that computes the results of `flat`, one target each.
 *
 * @param layouts of the leaves
 * @param out of every result
 */
export function mapPlan(flat: Inlined, layouts: readonly Pick<Layout, 'shape' | 'width'>[], out: Layout): Plan {
  const leaves = flat.leaves.map(({ name, dtype, strides }, i): MapLeaf => {
    const { shape, width } = layouts[i]!;
    return { name, dtype, strides, size: sizeOf(shape), width };
  });
  return withUniforms(planOf({ code: flat.code, leaves, out, targets: flat.code.results.length }), flat.values);
}

const planOf = memoize(({ code, leaves, out, targets }: MapParts): Plan => {
  const uniforms: Record<string, Uniform> = {};
  const whole = leaves.map((leaf) => wholeAccess(leaf, out));
  const strided = leaves.filter((_, i) => whole[i] === undefined);
  const { dims, strides } = collapse(
    out.shape,
    strided.map((leaf) => leaf.strides),
  );
  if (strided.length > 0) uniforms['dims'] = dims;
  if (whole.includes('same')) uniforms['outScale'] = [1 / out.width, 1 / out.height];
  if (whole.includes('channel')) uniforms['channelTexels'] = out.shape.at(-1)! / 4;
  const operands = leaves.map((leaf, i): MapOperand => {
    const { name, dtype } = leaf;
    if (whole[i]) return { name, dtype, access: whole[i] };
    const own = strides[strided.indexOf(leaf)]!;
    uniforms[`${name}_strides`] = own;
    return { name, dtype, access: stridedAccess(dims, own) };
  });
  return map(
    {
      operands,
      statements: statementsOf(code),
      results: code.results,
      dtypes: Array<DType>(targets).fill(out.dtype),
      helpers: code.helpers,
      attributes: code.attributes,
      integers: code.integers,
      rank: strided.length > 0 ? dims.length : 0,
    },
    { uniforms, outputs: Array<Layout>(targets).fill(out) },
  );
});

/** The access that needs no strides, if one is enough. */
function wholeAccess({ strides, size, width }: MapLeaf, out: Layout): Access | undefined {
  if (size === sizeOf(out.shape)) return width === out.width ? 'same' : 'flat';
  const last = strides.length - 1;
  if (strides.slice(0, -1).some((s) => s !== 0)) return undefined;
  if (last < 0 || strides[last] === 0) return 'scalar';
  const channels = out.shape[last]!;
  const texels = channels / 4;
  return strides[last] === 1 && channels % 4 === 0 && fitsRun(out, texels) && texels === width ? 'channel' : undefined;
}

function stridedAccess(dims: readonly number[], strides: readonly number[]): Access {
  const last = dims.length - 1;
  if (dims[last]! % 4 !== 0) return 'lane';
  if (strides[last] === 0) return 'splat';
  return strides[last] === 1 && strides.slice(0, -1).every((s) => s % 4 === 0) ? 'texel' : 'lane';
}
