/** What the cases of convolutions cannot say of images of one channel: what is not finite, epilogues, and which passes serve. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase, TensorSpec } from '../cases/case';
import { randomOf } from '../cases/fill';
import { deferred, seed } from '../page';
import { useKernelsOfOurOwn } from './backends';
import type { Output } from './call';
import { compare, expectAsOnCpu, passesOf } from './harness';

type Rank4 = [number, number, number, number];

/** Values between -1/2 and 1/2, but for those given by flat index. */
function spec(shape: readonly number[], name: string, odd: Readonly<Record<number, number>> = {}): TensorSpec {
  const random = randomOf(seed, name);
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5);
  return { shape, values: Object.assign(values, odd) };
}

function tensorOf<R extends tf.Rank>(shape: tf.ShapeMap[R], name: string): tf.Tensor<R> {
  return tf.tensor<R>([...(spec(shape, name).values ?? [])], shape);
}

describe('Convolutions of images of one channel', () => {
  useKernelsOfOurOwn();

  const attrs = { strides: 1, dataFormat: 'NHWC', dilations: 1 };

  for (const [columns, pad] of [
    [12, 'same'],
    [13, 'same'],
    [12, 'valid'],
    [15, 'valid'],
  ] as const) {
    const x: Rank4 = [2, 9, columns, 1];
    const filter: Rank4 = [3, 5, 1, 4];
    const [, outRows, outColumns] = tf.backend_util.computeConv2DInfo(x, filter, 1, 1, pad).outShape;
    const at = (row: number, column: number): number => (9 + row) * columns + column;
    const name = `of ${columns} columns, ${pad}`;

    it(`spreads infinities and NaN over the outputs that see them, and no others: ${name}`, () => {
      const odd = { [at(0, 0)]: Infinity, [at(4, 6)]: NaN, [at(8, columns - 1)]: -Infinity };
      // No weight is 0.
      const inputs = { x: spec(x, 'x', odd), filter: spec(filter, 'filter') };
      return expectAsOnCpu('convgl', { kernel: 'Conv2D', name, inputs, attrs: { ...attrs, pad } });
    });

    // Six channels fill texels by pairs of columns, where there are as many.
    for (const channels of [4, 6]) {
      const atOut = (row: number, column: number): number => ((outRows + row) * outColumns + column) * channels;
      const filterGradient = (oddX: Record<number, number>, oddDy: Record<number, number>): KernelCase => ({
        kernel: 'Conv2DBackpropFilter',
        name,
        inputs: { x: spec(x, 'x', oddX), dy: spec([2, outRows, outColumns, channels], 'dy', oddDy) },
        attrs: { ...attrs, pad, filterShape: [3, 5, 1, channels] },
      });

      it(`keeps what a tap does not see out of its gradient, be it infinite: ${name}, ${channels} channels`, async () => {
        // The corners of the image are seen through some taps only.
        for (const column of [0, columns - 1]) {
          await expectAsOnCpu('convgl', filterGradient({ [at(0, column)]: Infinity }, {}));
          await expectAsOnCpu('convgl', filterGradient({ [at(8, column)]: NaN }, {}));
        }
      });

      it(`keeps an infinite gradient away from taps that see padding through it: ${name}, ${channels} channels`, async () => {
        for (const column of [0, 1, outColumns - 1])
          await expectAsOnCpu('convgl', filterGradient({}, { [atOut(0, column)]: Infinity }));
      });
    }
  }

  it('do what becomes of their result before they write it', async () => {
    const x = tensorOf<tf.Rank.R4>([3, 10, 12, 1], 'x');
    const filter = tensorOf<tf.Rank.R4>([3, 3, 1, 8], 'filter');
    const bias = tensorOf<tf.Rank.R1>([8], 'bias');
    const shortcut = tensorOf<tf.Rank.R4>([3, 10, 12, 8], 'shortcut');
    const work = (): tf.Tensor => tf.relu(tf.add(tf.add(tf.conv2d(x, filter, 1, 'same'), bias), shortcut));
    const output = async (): Promise<Output> => {
      const y = tf.tidy(work);
      const values = await y.data();
      y.dispose();
      return { shape: y.shape, dtype: y.dtype, values };
    };
    await tf.setBackend('cpu');
    const expected = await output();
    await tf.setBackend('convgl');
    compare(await output(), [expected]);
    // At once, ops have passes of their own.
    const own = deferred ? [] : ['map', 'map', 'map'];
    expect(passesOf(work).filter((name) => name !== 'relayout' && name !== 'poison')).toEqual([
      'singleChannel',
      'untileColumns',
      ...own,
    ]);
    tf.dispose([x, filter, bias, shortcut]);
  });

  it('leave to the sliding tile what they do not serve', () => {
    const passes = (filter: Rank4, strides: number, dilations: number): string[] =>
      passesOf(() =>
        tf.conv2d(tf.ones<tf.Rank.R4>([2, 40, 40, 1]), tf.ones<tf.Rank.R4>(filter), strides, 'same', 'NHWC', dilations),
      );
    expect(passes([3, 3, 1, 8], 2, 1)).toContain('singleChannel');
    expect(passes([3, 3, 1, 8], 3, 1)).toContain('direct');
    expect(passes([3, 3, 1, 8], 1, 2)).toContain('direct');
    expect(passes([9, 9, 1, 8], 1, 1)).toContain('direct');
  });
});
