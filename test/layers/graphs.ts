/** Graph models: a frozen network, and the control flow of both versions of TensorFlow. */
import { attribute, floats, ints, node, type Graph, type GraphNode } from './graph';

const { bool, func, int, ints: list, text, type } = attribute;

const wave = (size: number): number[] => Array.from({ length: size }, (_, i) => Math.sin(i * 1.7));
const WINDOW = { padding: text('SAME'), data_format: text('NHWC') };

const network: Graph = {
  inputs: { x: floats([2, 6, 5, 2], wave(120)) },
  outputs: ['softmax', 'pool'],
  atOnce: true,
  constants: {
    filter: floats([3, 3, 2, 4], wave(72)),
    bias: floats([4], [0.1, -0.1, 0.2, 0]),
    flat: ints([2], [2, -1]),
    weights: floats([36, 3], wave(108)),
  },
  nodes: [
    node('conv', 'Conv2D', ['x', 'filter'], { ...WINDOW, strides: list([1, 1, 1, 1]), dilations: list([1, 1, 1, 1]) }),
    node('biased', 'BiasAdd', ['conv', 'bias'], { data_format: text('NHWC') }),
    node('relu', 'Relu', ['biased']),
    node('pool', 'MaxPool', ['relu'], { ...WINDOW, ksize: list([1, 2, 2, 1]), strides: list([1, 2, 2, 1]) }),
    node('flattened', 'Reshape', ['pool', 'flat']),
    node('product', 'MatMul', ['flattened', 'weights'], { transpose_a: bool(false), transpose_b: bool(false) }),
    node('softmax', 'Softmax', ['product']),
  ],
};

/** What sums to less than a limit goes one way, the rest another; `nodes` take it from `less` to `merged`. */
const chosenBySum = (x: number, nodes: readonly GraphNode[]): Graph => ({
  inputs: {
    x: floats(
      [7, 30],
      wave(210).map((v) => v + x),
    ),
  },
  outputs: ['merged'],
  constants: { axes: ints([2], [0, 1]), limit: floats([], [10]), two: floats([], [2]) },
  nodes: [
    node('sum', 'Sum', ['x', 'axes'], { keep_dims: bool(false) }),
    node('less', 'Less', ['sum', 'limit']),
    ...nodes,
  ],
});

/** Squares what sums to less than a limit, and doubles the rest. */
const branch = (x: number): Graph =>
  chosenBySum(x, [
    node('switch', 'Switch', ['x', 'less']),
    node('square', 'Square', ['switch:1']),
    node('double', 'Mul', ['switch:0', 'two']),
    node('merged', 'Merge', ['square', 'double'], { N: int(2) }),
  ]);

/** A loop variable of a frame: what enters, merges, is tested, and exits. */
function variable(name: string, start: string, next: string): GraphNode[] {
  return [
    node(`${name}_enter`, 'Enter', [start], { frame_name: text('loop'), is_constant: bool(false) }),
    node(name, 'Merge', [`${name}_enter`, `${name}_next`], { N: int(2) }),
    node(`${name}_switch`, 'Switch', [name, 'go']),
    node(`${name}_next`, 'NextIteration', [next]),
    node(`${name}_exit`, 'Exit', [`${name}_switch`]),
  ];
}

/** Multiplies a matrix with itself and shrinks it, five times, keeping the sum of each in an array. */
const loop: Graph = {
  inputs: { x: floats([12, 12], wave(144)) },
  outputs: ['x_loop_exit', 'sums'],
  constants: {
    zero: ints([], [0]),
    one: ints([], [1]),
    times: ints([], [5]),
    all: ints([5], [0, 1, 2, 3, 4]),
    shrink: floats([], [0.2]),
    axes: ints([2], [0, 1]),
  },
  nodes: [
    node('array', 'TensorArrayV3', ['times'], {
      dtype: type('DT_FLOAT'),
      element_shape: attribute.shape([]),
      dynamic_size: bool(false),
      clear_after_read: bool(false),
      identical_element_shapes: bool(true),
      tensor_array_name: text('sums'),
    }),
    ...variable('i', 'zero', 'plus'),
    ...variable('x_loop', 'x', 'shrunk'),
    ...variable('flow', 'array:1', 'written'),
    node('test', 'Less', ['i', 'times']),
    node('go', 'LoopCond', ['test']),
    node('plus', 'Add', ['i_switch:1', 'one']),
    node('product', 'MatMul', ['x_loop_switch:1', 'x_loop_switch:1'], {
      transpose_a: bool(false),
      transpose_b: bool(true),
    }),
    node('shrunk', 'Mul', ['product', 'shrink']),
    node('sum', 'Sum', ['shrunk', 'axes'], { keep_dims: bool(false) }),
    node('written', 'TensorArrayWriteV3', ['array', 'i_switch:1', 'sum', 'flow_switch:1']),
    node('sums', 'TensorArrayGatherV3', ['array', 'all', 'flow_exit'], {
      dtype: type('DT_FLOAT'),
      element_shape: attribute.shape([]),
    }),
  ],
};

/** The same branch as a call of one of two functions. */
const called = (x: number): Graph => ({
  ...chosenBySum(x, [
    node('merged', 'StatelessIf', ['less', 'x'], { then_branch: func('squares'), else_branch: func('doubles') }),
  ]),
  functions: [
    { name: 'squares', inputs: { a: 'DT_FLOAT' }, outputs: ['square'], nodes: [node('square', 'Square', ['a'])] },
    { name: 'doubles', inputs: { b: 'DT_FLOAT' }, outputs: ['double'], nodes: [node('double', 'Mul', ['b', 'two'])] },
  ],
});

/** The same loop as functions, with a list of what the body returns: tfjs-converter disposes whatever else it makes. */
const functional: Graph = {
  inputs: { x: floats([12, 12], wave(144)) },
  outputs: ['loop:1', 'stacked'],
  constants: {
    zero: ints([], [0]),
    one: ints([], [1]),
    times: ints([], [5]),
    matrix: ints([2], [12, 12]),
    shrink: floats([], [0.2]),
  },
  nodes: [
    node('empty', 'TensorListReserve', ['matrix', 'times'], { element_dtype: type('DT_FLOAT') }),
    node('loop', 'While', ['zero', 'x', 'empty'], { cond: func('goes'), body: func('steps') }),
    node('stacked', 'TensorListStack', ['loop:2', 'matrix'], { element_dtype: type('DT_FLOAT'), num_elements: int(5) }),
  ],
  functions: [
    {
      name: 'goes',
      inputs: { i: 'DT_INT32', y: 'DT_FLOAT', list: 'DT_VARIANT' },
      outputs: ['test'],
      nodes: [node('test', 'Less', ['i', 'times'])],
    },
    {
      name: 'steps',
      inputs: { j: 'DT_INT32', z: 'DT_FLOAT', kept: 'DT_VARIANT' },
      outputs: ['plus', 'shrunk', 'set'],
      nodes: [
        node('plus', 'Add', ['j', 'one']),
        node('product', 'MatMul', ['z', 'z'], { transpose_a: bool(false), transpose_b: bool(true) }),
        node('shrunk', 'Mul', ['product', 'shrink']),
        node('set', 'TensorListSetItem', ['kept', 'j', 'shrunk'], { element_dtype: type('DT_FLOAT') }),
      ],
    },
  ],
};

/** Outputs whose shapes depend on values. */
const dynamic: Graph = {
  inputs: { x: floats([9, 20], wave(180)), boxes: floats([20, 4], boxes()), scores: floats([20], wave(20)) },
  outputs: ['chosen', 'places'],
  constants: { zero: floats([], [0]), most: ints([], [6]), overlap: floats([], [0.4]), low: floats([], [-0.2]) },
  nodes: [
    node('positive', 'Greater', ['x', 'zero']),
    node('places', 'Where', ['positive']),
    node('kept', 'NonMaxSuppressionV3', ['boxes', 'scores', 'most', 'overlap', 'low']),
    node('rows', 'GatherNd', ['x', 'places']),
    node('chosen', 'Exp', ['rows']),
  ],
};

/** Boxes of which neighbours overlap. */
function boxes(): number[] {
  return Array.from({ length: 20 }, (_, i) => [i * 0.3, i * 0.2, i * 0.3 + 1, i * 0.2 + 1]).flat();
}

export const graphs: Readonly<Record<string, Graph>> = {
  'a network': network,
  'Switch and Merge, taken': branch(-1),
  'Switch and Merge, not taken': branch(1),
  'Enter, NextIteration and Exit with a TensorArray': loop,
  'If, taken': called(-1),
  'If, not taken': called(1),
  'While with a TensorList': functional,
  'shapes that depend on values': dynamic,
};
