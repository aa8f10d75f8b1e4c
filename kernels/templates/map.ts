/** The elementwise loop nest: one scalar expression over any number of broadcast operands, four lanes a fragment. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { coordsOf, elementAt, offsetOf, texelAt } from '../../src/glsl/accessor';
import { NUMERIC } from '../../src/glsl/numeric';
import { scalarType, shader, vectorType } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel';
import { template, type DType, type Layout, type Plan, type Uniform } from '../../src/plan';
import { broadcastStrides, collapse, sameShape, sizeOf, type Shape } from '../../src/shape';

/**
 * How an operand is read: `same`, at the fragment's own texel; `flat`, at the same flat texel of a texture of another
 * width; `uniform`, one value known on the host; `texel`, whole texels by strides; `lane`, element by element by strides.
 */
type Access = 'same' | 'flat' | 'uniform' | 'texel' | 'lane';

interface MapParams {
  /** Names of the operands in the expression, with their dtypes and access. */
  readonly operands: readonly { readonly name: string; readonly dtype: DType; readonly access: Access }[];
  /** GLSL of one output element in the operands' names and the parameters' names. */
  readonly expression: string;
  /** GLSL functions that the expression calls. */
  readonly helpers: string;
  /** Names of float uniforms in the expression: attributes such as alpha. */
  readonly attributes: readonly string[];
  readonly dtype: DType;
  /** Rank of the collapsed output where an operand is read by strides. */
  readonly rank: number;
}

const fetched = ({ operands }: MapParams) => operands.filter((o) => o.access !== 'uniform');

const map = template<MapParams>(
  'map',
  (p) => fetched(p).map((o) => o.name),
  (p) => {
    const { operands, expression, helpers, attributes, dtype, rank } = p;
    const strided = operands.filter((o) => o.access === 'texel' || o.access === 'lane');
    const lanes = strided.some((o) => o.access === 'lane');
    const out = scalarType(dtype);
    const signature = operands.map((o) => `${scalarType(o.dtype)} ${o.name}`).join(', ');
    const lane = (i: number) => `op(${operands.map((o) => (o.access === 'uniform' ? `${o.name}_value` : `${o.name}_v[${i}]`)).join(', ')})`;
    return shader({
      samplers: Object.fromEntries(fetched(p).map((o) => [o.name, o.dtype])),
      uniforms: [
        ...operands.filter((o) => o.access === 'uniform').map((o) => `${scalarType(o.dtype)} ${o.name}_value`),
        ...attributes.map((a) => `float ${a}`),
        ...(strided.length > 0 ? [`int dims[${rank}]`] : []),
        ...strided.map((o) => `int ${o.name}_strides[${rank}]`),
      ],
      outputs: [dtype],
      helpers: [
        NUMERIC,
        helpers,
        ...operands.map((o) => (o.access === 'flat' || o.access === 'texel' ? texelAt(o.name, o.dtype) : o.access === 'lane' ? elementAt(o.name, o.dtype) : '')),
        strided.length > 0 ? coordsOf(rank) : '',
        ...strided.map((o) => offsetOf(o.name, rank)),
        `${out} op(${signature}) { return ${expression}; }`,
      ],
      body: [
        ...operands.flatMap((o) => loadWhole(o)),
        ...(strided.length > 0 ? [`int c[${rank}];`, 'coordsOf(outTexel() * 4, c);'] : []),
        ...strided.filter((o) => o.access === 'texel').map((o) => `${vectorType(o.dtype)} ${o.name}_v = ${o.name}_texel(${o.name}_offset(c) >> 2);`),
        ...(lanes ? loadLanes(strided.filter((o) => o.access === 'lane')) : []),
        `out0 = ${vectorType(dtype)}(${[0, 1, 2, 3].map(lane).join(', ')});`,
      ].join('\n'),
    });
  },
);

function loadWhole({ name, dtype, access }: MapParams['operands'][number]): string[] {
  if (access === 'same') return [`${vectorType(dtype)} ${name}_v = texelFetch(${name}, ivec2(gl_FragCoord.xy), 0);`];
  if (access === 'flat') return [`${vectorType(dtype)} ${name}_v = ${name}_texel(outTexel());`];
  return [];
}

function loadLanes(operands: MapParams['operands']): string[] {
  return [
    ...operands.map((o) => `${vectorType(o.dtype)} ${o.name}_v;`),
    'for (int i = 0; i < 4; i++) {',
    '  coordsOf(outTexel() * 4 + i, c);',
    ...operands.map((o) => `  ${o.name}_v[i] = ${o.name}_at(${o.name}_offset(c));`),
    '}',
  ];
}

/** One elementwise op, ready for its operands. */
export interface ElementOp {
  /** GLSL of one output element, in the operands' names. */
  readonly expression: string;
  readonly dtype: DType;
  readonly helpers?: string;
  /** Float uniforms named in the expression. */
  readonly attributes?: Readonly<Record<string, number>>;
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
  const { dims, strides } = collapse(
    out.shape,
    names.map((n) => broadcastStrides(operands[n]!.layout.shape, out.shape)),
  );
  const uniforms: Record<string, Uniform> = { ...op.attributes };
  const accesses = names.map((name, i): Access => {
    const { layout, value } = operands[name]!;
    const access = value === undefined ? accessOf(layout, out, dims, strides[i]!) : 'uniform';
    if (access === 'uniform') uniforms[`${name}_value`] = value!;
    if (access === 'texel' || access === 'lane') uniforms[`${name}_strides`] = strides[i]!;
    return access;
  });
  const strided = accesses.some((a) => a === 'texel' || a === 'lane');
  if (strided) uniforms['dims'] = dims;
  return map(
    {
      operands: names.map((name, i) => ({ name, dtype: operands[name]!.layout.dtype, access: accesses[i]! })),
      expression: op.expression,
      helpers: op.helpers ?? '',
      attributes: Object.keys(op.attributes ?? {}),
      dtype: out.dtype,
      rank: strided ? dims.length : 0,
    },
    { uniforms, outputs: [out] },
  );
}

function accessOf(layout: Layout, out: Layout, dims: readonly number[], strides: readonly number[]): Access {
  if (sizeOf(layout.shape) === sizeOf(out.shape)) return layout.width === out.width ? 'same' : 'flat';
  const last = dims.length - 1;
  const aligned = dims[last]! % 4 === 0 && strides[last] === 1 && strides.slice(0, -1).every((s) => s % 4 === 0);
  return aligned ? 'texel' : 'lane';
}

/** Runs an elementwise op over tensors broadcast to `shape`. */
export function runMap(ctx: KernelContext, op: ElementOp, inputs: Readonly<Record<string, TensorInfo>>, shape: Shape): TensorInfo {
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
