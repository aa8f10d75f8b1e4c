/** The elementwise loop nest: one scalar expression over any number of broadcast operands, four lanes a fragment. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { coordsOf, elementAt, nextCoords, offsetOf, texelAt } from '../../src/glsl/accessor';
import { scalarType, shader, vectorType } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel';
import { fitsRun } from '../../src/layout';
import { template, type DType, type Layout, type Plan, type Uniform } from '../../src/plan';
import { broadcastStrides, collapse, sameShape, sizeOf, type Shape } from '../../src/shape';

/**
 * How an operand is read. Of its own texel: `same`, and `flat` where the textures differ in width. One value for all:
 * `uniform`, known on the host, and `scalar`, on the GPU. One value for every channel: `channel`, where texture rows hold
 * all channels of a position. By strides: `texel`, whole texels; `splat`, one element that all four lanes share; `lane`,
 * element by element.
 */
type Access = 'same' | 'flat' | 'uniform' | 'scalar' | 'channel' | 'texel' | 'splat' | 'lane';

const STRIDED: readonly Access[] = ['texel', 'splat', 'lane'];
const LANES = ['x', 'y', 'z', 'w'];

interface MapOperand {
  readonly name: string;
  readonly dtype: DType;
  readonly access: Access;
}

interface MapParams {
  readonly operands: readonly MapOperand[];
  /** GLSL of one output element in the names of the operands, attributes and integers, and `index`. */
  readonly expression: string;
  /** GLSL functions that the expression calls. */
  readonly helpers: string;
  /** Names of the float uniforms in the expression: attributes such as alpha. */
  readonly attributes: readonly string[];
  /** Names of its int uniforms. */
  readonly integers: readonly string[];
  /** Whether operands of other dtypes are converted to float before the expression sees them. */
  readonly floats: boolean;
  readonly dtype: DType;
  /** Rank of the collapsed output where an operand is read by strides. */
  readonly rank: number;
}

const fetched = ({ operands }: MapParams) => operands.filter((o) => o.access !== 'uniform');

const map = template<MapParams>(
  'map',
  (p) => fetched(p).map((o) => o.name),
  (p) => {
    const { operands, attributes, integers, dtype, rank } = p;
    const strided = operands.filter((o) => STRIDED.includes(o.access));
    const lanes = strided.filter((o) => o.access === 'lane');
    const channels = operands.some((o) => o.access === 'channel');
    return shader({
      samplers: Object.fromEntries(fetched(p).map((o) => [o.name, o.dtype])),
      uniforms: [
        ...operands.filter((o) => o.access === 'uniform').map((o) => `${scalarType(o.dtype)} ${o.name}_value`),
        ...attributes.map((a) => `float ${a}`),
        ...integers.map((i) => `int ${i}`),
        ...(channels ? ['int channelTexels'] : []),
        ...(strided.length > 0 ? [`int dims[${rank}]`] : []),
        ...strided.map((o) => `int ${o.name}_strides[${rank}]`),
      ],
      outputs: [dtype],
      helpers: [
        p.helpers,
        ...operands.map(reader),
        strided.length > 0 ? coordsOf(rank) : '',
        lanes.length > 0 ? nextCoords(rank) : '',
        ...strided.map((o) => offsetOf(o.name, rank)),
        laneFunction(p),
      ],
      body: [
        ...(channels ? ['ivec2 channel = ivec2(int(gl_FragCoord.x) % channelTexels, 0);'] : []),
        ...operands.flatMap(loadWhole),
        ...(strided.length > 0 ? [`int c[${rank}];`, 'coordsOf(outTexel() * 4, c);'] : []),
        ...strided.flatMap(loadStrided),
        ...(lanes.length > 0 ? loadLanes(lanes) : []),
        `out0 = ${vectorType(dtype)}(${[0, 1, 2, 3].map((i) => laneCall(p, i)).join(', ')});`,
      ].join('\n'),
    });
  },
);

/** The functions that read an operand. */
function reader({ name, dtype, access }: MapOperand): string {
  if (access === 'flat' || access === 'texel') return texelAt(name, dtype);
  return access === 'lane' || access === 'splat' ? elementAt(name, dtype) : '';
}

const typeIn = (p: MapParams, o: MapOperand): string => (p.floats ? 'float' : scalarType(o.dtype));

const usesIndex = (p: MapParams): boolean => /\bindex\b/.test(p.expression);

/** `op`: one output element of the operands' elements. */
function laneFunction(p: MapParams): string {
  const parameters = [...p.operands.map((o) => `${typeIn(p, o)} ${o.name}`), ...(usesIndex(p) ? ['int index'] : [])];
  return `${scalarType(p.dtype)} op(${parameters.join(', ')}) { return ${p.expression}; }`;
}

function laneCall(p: MapParams, lane: number): string {
  const values = p.operands.map(
    (o) =>
      `${typeIn(p, o)}(${o.access === 'uniform' || o.access === 'scalar' ? `${o.name}_value` : `${o.name}_v.${LANES[lane]}`})`,
  );
  return `op(${[...values, ...(usesIndex(p) ? [`outTexel() * 4 + ${lane}`] : [])].join(', ')})`;
}

function loadWhole({ name, dtype, access }: MapOperand): string[] {
  if (access === 'same') return [`${vectorType(dtype)} ${name}_v = texelFetch(${name}, ivec2(gl_FragCoord.xy), 0);`];
  if (access === 'channel') return [`${vectorType(dtype)} ${name}_v = texelFetch(${name}, channel, 0);`];
  if (access === 'flat') return [`${vectorType(dtype)} ${name}_v = ${name}_texel(outTexel());`];
  if (access === 'scalar') return [`${scalarType(dtype)} ${name}_value = texelFetch(${name}, ivec2(0), 0).x;`];
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

/** One elementwise op, ready for its operands. */
export interface ElementOp {
  /** GLSL of one output element, in the operands' names; `index` is its flat index. */
  readonly expression: string;
  readonly dtype: DType;
  /** GLSL functions that it calls, beside those of numeric.ts. */
  readonly helpers?: string;
  /** Float uniforms named in the expression. */
  readonly attributes?: Readonly<Record<string, number>>;
  /** Int uniforms named in the expression. */
  readonly integers?: Readonly<Record<string, number>>;
  /** Whether the expression sees all operands as floats; else each has its own type, bool as int. */
  readonly floats?: boolean;
}

/** An operand of an elementwise plan: its layout, and its value where it is one element that the host knows. */
export interface Operand {
  readonly layout: Layout;
  readonly value?: number;
}

/**
 * The pass that computes `op` over operands broadcast to the shape of `out`.
 *
 * @param operands by the names that the expression uses
 */
export function mapPlan(op: ElementOp, operands: Readonly<Record<string, Operand>>, out: Layout): Plan {
  const names = Object.keys(operands);
  const { attributes = {}, integers = {} } = op;
  const uniforms: Record<string, Uniform> = { ...attributes, ...integers };
  const size = sizeOf(out.shape);
  const whole = names.map((name) => wholeAccess(operands[name]!, out, size));
  const strided = names.filter((_, i) => whole[i] === undefined);
  const { dims, strides } = collapse(
    out.shape,
    strided.map((name) => broadcastStrides(operands[name]!.layout.shape, out.shape)),
  );
  if (strided.length > 0) uniforms['dims'] = dims;
  const access = names.map((name, i): Access => {
    if (whole[i] === 'uniform') uniforms[`${name}_value`] = operands[name]!.value!;
    if (whole[i] === 'channel') uniforms['channelTexels'] = operands[name]!.layout.shape.at(-1)! / 4;
    if (whole[i]) return whole[i];
    const own = strides[strided.indexOf(name)]!;
    uniforms[`${name}_strides`] = own;
    return stridedAccess(dims, own);
  });
  return map(
    {
      operands: names.map((name, i) => ({ name, dtype: operands[name]!.layout.dtype, access: access[i]! })),
      expression: op.expression,
      helpers: op.helpers ?? '',
      attributes: Object.keys(attributes),
      integers: Object.keys(integers),
      floats: op.floats === true && names.some((name) => operands[name]!.layout.dtype !== 'float32'),
      dtype: out.dtype,
      rank: strided.length > 0 ? dims.length : 0,
    },
    { uniforms, outputs: [out] },
  );
}

/** The access that needs no strides, if one is enough. */
function wholeAccess({ layout, value }: Operand, out: Layout, size: number): Access | undefined {
  if (value !== undefined) return 'uniform';
  const own = sizeOf(layout.shape);
  if (own === size) return layout.width === out.width ? 'same' : 'flat';
  if (own === 1) return 'scalar';
  const channels = out.shape.at(-1)!;
  const perChannel = own === channels && layout.shape.at(-1) === channels;
  const texels = channels / 4;
  return perChannel && fitsRun(out, texels) && texels <= layout.width && channels % 4 === 0 ? 'channel' : undefined;
}

function stridedAccess(dims: readonly number[], strides: readonly number[]): Access {
  const last = dims.length - 1;
  if (dims[last]! % 4 !== 0) return 'lane';
  if (strides[last] === 0) return 'splat';
  return strides[last] === 1 && strides.slice(0, -1).every((s) => s % 4 === 0) ? 'texel' : 'lane';
}

/** Runs an elementwise op over tensors broadcast to `shape`. */
export function runMap(
  ctx: KernelContext,
  op: ElementOp,
  inputs: Readonly<Record<string, TensorInfo>>,
  shape: Shape,
): TensorInfo {
  const out = ctx.newLayout(shape, op.dtype);
  const operands: Record<string, Operand> = {};
  const tensors: TensorInfo[] = [];
  for (const [name, x] of Object.entries(inputs)) {
    const value = sameShape(x.shape, shape) ? undefined : ctx.knownScalar(x);
    operands[name] = { layout: ctx.layout(x), ...(value === undefined ? {} : { value }) };
    if (value === undefined) tensors.push(x);
  }
  return ctx.run(mapPlan(op, operands, out), tensors);
}
