/** Builds graph models of tfjs-converter by hand: nodes, constants and functions as TensorFlow's graph format has them. */
import * as tf from '@tensorflow/tfjs-core';

type Attribute = Readonly<Record<string, unknown>>;

/** One node; inputs are names of nodes, with `:1` behind for an output that is not the first. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** A constant's shape and values. */
export interface Constant {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** A function that If and While call. */
export interface GraphFunction {
  readonly name: string;
  /** Names of the arguments and their types. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The nodes whose values it returns. */
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
}

/** A whole graph: what it takes, computes and gives. */
export interface Graph {
  readonly inputs: Readonly<Record<string, Constant>>;
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
  /** By name. */
  readonly constants?: Readonly<Record<string, Constant>>;
  readonly functions?: readonly GraphFunction[];
  /** Whether it has no control flow, so that it runs without waiting. */
  readonly atOnce?: boolean;
}

/** Attributes as the format spells them. */
export const attribute = {
  float: (f: number): Attribute => ({ f }),
  int: (i: number): Attribute => ({ i: String(i) }),
  bool: (b: boolean): Attribute => ({ b }),
  text: (s: string): Attribute => ({ s: btoa(s) }),
  ints: (values: readonly number[]): Attribute => ({ list: { i: values.map(String) } }),
  type: (type: string): Attribute => ({ type }),
  shape: (shape: readonly number[]): Attribute => ({ shape: { dim: shape.map((size) => ({ size: String(size) })) } }),
  func: (name: string): Attribute => ({ func: { name } }),
};

export function node(
  name: string,
  op: string,
  input: readonly string[] = [],
  attr: Readonly<Record<string, Attribute>> = {},
): GraphNode {
  return { name, op, input, attr: { T: attribute.type('DT_FLOAT'), ...attr } };
}

export function floats(shape: readonly number[], values: readonly number[]): Constant {
  return { shape, values, dtype: 'float32' };
}

export function ints(shape: readonly number[], values: readonly number[]): Constant {
  return { shape, values, dtype: 'int32' };
}

const TYPES = { float32: 'DT_FLOAT', int32: 'DT_INT32' } as const;

function placeholder([name, { dtype, shape }]: [string, Constant]): GraphNode {
  const { type, shape: shapeOf } = attribute;
  return { name, op: 'Placeholder', input: [], attr: { dtype: type(TYPES[dtype]), shape: shapeOf(shape) } };
}

function constantNode([name, { dtype }]: [string, Constant]): GraphNode {
  return { name, op: 'Const', input: [], attr: { dtype: attribute.type(TYPES[dtype]) } };
}

/** The function as the library of a graph has it; the constants it uses are nodes of its own. */
function definition({ name, inputs, outputs, nodes }: GraphFunction, constants: readonly GraphNode[]): object {
  const used = constants.filter((constant) => nodes.some(({ input }) => input.includes(constant.name)));
  return {
    signature: {
      name,
      inputArg: Object.entries(inputs).map(([arg, type]) => ({ name: arg, type })),
      outputArg: outputs.map((_, i) => ({ name: `result${i}`, type: 'DT_FLOAT' })),
    },
    nodeDef: [...used, ...nodes],
    ret: Object.fromEntries(outputs.map((output, i) => [`result${i}`, `${output}:0`])),
  };
}

/** Where tfjs-converter loads a graph from. */
export function handlerOf({ inputs, nodes, constants = {}, functions = [] }: Graph): tf.io.IOHandler {
  const constantNodes = Object.entries(constants).map(constantNode);
  const entries = Object.entries(constants);
  const bytes = entries.flatMap(([, { dtype, values }]) => [
    ...new Uint8Array((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  ]);
  return tf.io.fromMemory({
    format: 'graph-model',
    modelTopology: {
      node: [...Object.entries(inputs).map(placeholder), ...constantNodes, ...nodes],
      library: { function: functions.map((f) => definition(f, constantNodes)) },
      versions: { producer: 1 },
    },
    weightSpecs: entries.map(([name, { dtype, shape }]) => ({ name, dtype, shape: [...shape] })),
    weightData: Uint8Array.from(bytes).buffer,
  });
}
