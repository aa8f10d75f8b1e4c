/** The plans whose GLSL is kept in golden/: one or two of every loop nest, as kernels make them. */
import type { Plan } from '../../src/plan/plan';
import type { KernelCase } from '../cases/case';
import { Recorder } from './recorder';

/** A kernel's pass whose text is kept. */
interface Golden extends Omit<KernelCase, 'name'> {
  /** Name of the pass's template, the first word of its key. */
  readonly template: string;
}

const window = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 } as const;
const product = { transposeA: false, transposeB: false } as const;
const x = { shape: [2, 14, 14, 32] } as const;
const filter = { shape: [3, 3, 32, 64] } as const;
const dy = { shape: [2, 14, 14, 64] } as const;
const oneChannel = { x: { shape: [8, 28, 28, 1] }, filter: { shape: [5, 5, 1, 6] } };
const manyChannels = { x: { shape: [1, 14, 14, 96] }, filter: { shape: [3, 3, 96, 128] } } as const;
const matrices = { a: { shape: [1, 64, 512] }, b: { shape: [1, 512, 128] } } as const;

/** By the names of their files. */
const goldens: Readonly<Record<string, Golden>> = {
  add: { template: 'map', kernel: 'Add', inputs: { a: { shape: [100] }, b: { shape: [100] } } },
  add_broadcast: { template: 'map', kernel: 'Add', inputs: { a: { shape: [5, 7, 3] }, b: { shape: [7, 1] } } },
  tanh: { template: 'map', kernel: 'Tanh', inputs: { x: { shape: [100] } } },
  floor_div_int32: {
    template: 'map',
    kernel: 'FloorDiv',
    inputs: { a: { shape: [100], dtype: 'int32' }, b: { shape: [100], dtype: 'int32' } },
  },
  transpose: { template: 'move', kernel: 'Transpose', inputs: { x: { shape: [5, 7, 9] } }, attrs: { perm: [2, 0, 1] } },
  pad: {
    template: 'move',
    kernel: 'PadV2',
    inputs: { x: { shape: [5, 7] } },
    attrs: { paddings: [[1, 1], [2, 0]], constantValue: 0 }, // prettier-ignore
  },
  sum_over_positions: {
    template: 'reduce',
    kernel: 'Sum',
    inputs: { x: { shape: [8, 20, 20, 32] } },
    attrs: { axis: [0, 1, 2], keepDims: false },
  },
  mean_of_rows: {
    template: 'reduce',
    kernel: 'Mean',
    inputs: { x: { shape: [5, 7] } },
    attrs: { axis: 1, keepDims: false },
  },
  softmax: { template: 'softmax', kernel: 'Softmax', inputs: { logits: { shape: [8, 10] } }, attrs: { dim: 1 } },
  conv2d: { template: 'direct', kernel: 'Conv2D', inputs: { x, filter }, attrs: window },
  conv2d_fused: {
    template: 'direct',
    kernel: 'FusedConv2D',
    inputs: { x, filter, bias: { shape: [64] } },
    attrs: { ...window, activation: 'relu' },
  },
  conv2d_filter_packed: {
    template: 'packFilter',
    kernel: 'Conv2D',
    inputs: { x, filter: { shape: [3, 3, 32, 63] } },
    attrs: window,
  },
  winograd_input: { template: 'winogradInput', kernel: 'Conv2D', inputs: manyChannels, attrs: window },
  winograd_filter: { template: 'winogradFilter', kernel: 'Conv2D', inputs: manyChannels, attrs: window },
  winograd_output: { template: 'winogradOutput', kernel: 'Conv2D', inputs: manyChannels, attrs: window },
  single_channel: { template: 'singleChannel', kernel: 'Conv2D', inputs: oneChannel, attrs: window },
  single_channel_in_order: { template: 'untileColumns', kernel: 'Conv2D', inputs: oneChannel, attrs: window },
  single_channel_filter_gradient: {
    template: 'singleChannelGradient',
    kernel: 'Conv2DBackpropFilter',
    inputs: { x: oneChannel.x, dy: { shape: [8, 28, 28, 6] } },
    attrs: { ...window, filterShape: [5, 5, 1, 6] },
  },
  conv2d_rows_in_order: { template: 'untileRows', kernel: 'Conv2D', inputs: { x, filter }, attrs: window },
  conv2d_input_gradient_strided: {
    template: 'direct',
    kernel: 'Conv2DBackpropInput',
    inputs: { dy: { shape: [2, 7, 7, 64] }, filter },
    attrs: { ...window, strides: 2, inputShape: [2, 14, 14, 32] },
  },
  conv2d_filter_gradient: {
    template: 'outerProducts',
    kernel: 'Conv2DBackpropFilter',
    inputs: { x, dy },
    attrs: { ...window, filterShape: [3, 3, 32, 64] },
  },
  depthwise_conv2d: {
    template: 'direct',
    kernel: 'DepthwiseConv2dNative',
    inputs: { x, filter: { shape: [3, 3, 32, 1] } },
    attrs: window,
  },
  mat_mul: { template: 'gemm', kernel: 'BatchMatMul', inputs: matrices, attrs: product },
  mat_mul_transposed: {
    template: 'gemm',
    kernel: 'BatchMatMul',
    inputs: { a: { shape: [1, 512, 64] }, b: { shape: [1, 512, 128] } },
    attrs: { ...product, transposeA: true },
  },
};

/** What a golden file holds, by its name without the extension: the key of the plan and its shader. */
export function goldenTexts(): Record<string, string> {
  const recorder = new Recorder({ maxTextureSize: 16384, maxTargets: 8 }, { deferred: true });
  const entries = Object.entries(goldens).map(([name, golden]) => {
    const { passes, outputs } = recorder.run({ ...golden, name });
    for (const { dataId } of outputs) recorder.backend.texture(dataId);
    recorder.dispose(outputs);
    const plan = passes.map((pass) => pass.plan).find(({ key }) => key.startsWith(`${golden.template} `));
    if (!plan) throw new Error(`${name}: ${golden.kernel} runs no pass of the template ${golden.template}.`);
    return [name, textOf(plan)] as const;
  });
  return Object.fromEntries(entries);
}

function textOf({ key, source }: Plan): string {
  const [version, ...rest] = source().split('\n');
  return [version, `// ${key}`, ...rest].join('\n');
}
