/** What the cases of convolutions cannot say of Winograd's algorithm: what is not finite, epilogues, and images in several turns. */
import * as tf from '@tensorflow/tfjs-core';
import { setTuning } from '../../src/plan/tuning';
import { randomOf } from '../cases/fill';
import { seed } from '../page';
import type { TensorSpec } from '../cases/case';
import { useKernelsOfOurOwn } from './backends';
import type { Output } from './call';
import { compare, expectAsOnCpu, passesOf } from './harness';

const CHANNELS = 80;
const FILTER: [number, number, number, number] = [3, 3, CHANNELS, CHANNELS];

function values(shape: readonly number[], name: string): Float32Array {
  const random = randomOf(seed, name);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5);
}

describe("Winograd's algorithm", () => {
  useKernelsOfOurOwn();
  afterEach(() => setTuning());

  const SHAPE: [number, number, number, number] = [2, 13, 12, CHANNELS];
  const at = (image: number, y: number, x: number, c: number): number =>
    ((image * SHAPE[1] + y) * SHAPE[2] + x) * CHANNELS + c;

  for (const [name, odd] of [
    ['an infinity', { [at(0, 4, 5, 3)]: Infinity }],
    ['NaN', { [at(1, 12, 11, 79)]: NaN }],
    ['infinities that cancel', { [at(0, 6, 6, 0)]: Infinity, [at(0, 7, 7, 1)]: -Infinity }],
    ['a value that dwarfs others', { [at(0, 8, 9, 11)]: 1e12 }],
    ['a sum beyond the largest float', { [at(1, 3, 3, 7)]: 3e38, [at(1, 3, 4, 7)]: 3e38 }],
  ] as const) {
    const x = Object.assign(values(SHAPE, 'x'), odd);
    // Powers of two, so that products of large values are exact and overflow alike in every order.
    const filter = values(FILTER, 'filter').map((w) => (w < 0 ? -1 : 1));

    const of = (shape: readonly number[], data: Float32Array): TensorSpec => ({ shape, values: [...data] });
    const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };

    it(`spreads ${name} over the outputs that see it, and no others`, () => {
      const inputs = { x: of(SHAPE, x), filter: of(FILTER, filter) };
      return expectAsOnCpu('convgl', { kernel: 'Conv2D', name, inputs, attrs });
    });

    it(`spreads ${name} over the inputs of whose gradient it is`, () => {
      const inputs = { dy: of(SHAPE, x), filter: of(FILTER, filter) };
      return expectAsOnCpu('convgl', {
        kernel: 'Conv2DBackpropInput',
        name,
        inputs,
        attrs: { ...attrs, inputShape: SHAPE },
      });
    });
  }

  it('computes convolutions of many channels and outputs, and no others', () => {
    const convolution = (side: number, channels: number): tf.Tensor => {
      const x = tf.zeros<tf.Rank.R4>([1, side, side, channels]);
      return tf.reshape(tf.conv2d(x, tf.zeros<tf.Rank.R4>([3, 3, channels, channels]), 1, 'same'), [-1]);
    };
    setTuning({ winogradChannels: CHANNELS });
    const passes = passesOf(() =>
      tf.concat([convolution(12, CHANNELS), convolution(12, CHANNELS - 4), convolution(5, CHANNELS)]),
    );
    expect(passes.filter((name) => name === 'winogradOutput').length).toBe(1);
    expect(passes.filter((name) => name === 'direct').length).toBe(2);
  });

  it('takes images in turns where their transforms are large, with what follows from it', () => {
    const shape: [number, number, number, number] = [4, 90, 90, CHANNELS];
    const x = tf.tensor4d(values(shape, 'x'), shape);
    const shortcut = tf.tensor4d(values(shape, 'shortcut'), shape);
    const filter = tf.tensor4d(values(FILTER, 'filter'), FILTER);
    const bias = tf.tensor1d(values([CHANNELS], 'bias'));
    const work = (): Output => {
      const y = tf.tidy(() => tf.relu(tf.add(tf.add(tf.conv2d(x, filter, 1, 'same'), bias), shortcut)));
      const output = { shape: y.shape, dtype: y.dtype, values: y.dataSync() };
      y.dispose();
      return output;
    };
    const inTurns = work();
    setTuning({ winogradChannels: 2 * CHANNELS });
    compare(inTurns, [work()]);
    tf.dispose([x, filter, shortcut, bias]);
  });
});
