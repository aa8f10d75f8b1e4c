/** Very large draws, cut into bands of rows: the same values, from more draws. */
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from './backends';

describe('a draw in bands', () => {
  const backend = useBackend();

  it('writes what one draw does', () => {
    const x = tf.randomNormal<tf.Rank.R4>([2, 9, 11, 12]);
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 12, 20]);
    const compute = (): number[] =>
      tf.tidy(() => {
        const y = tf.conv2d(x, filter, 1, 'same');
        const z = tf.matMul(tf.reshape(y, [198, 20]), tf.reshape(y, [198, 20]), false, true);
        return [...y.dataSync(), ...z.dataSync()];
      });
    const { device } = backend();
    const drawsOf = (work: () => unknown): number => {
      const before = backend().stats().draws;
      work();
      return backend().stats().draws - before;
    };
    const expected = compute();
    const usual = drawsOf(compute);
    const run = device.run.bind(device);
    spyOn(device, 'run').and.callFake((plan, inputs, outputs) => run({ ...plan, fetches: 2 ** 40 }, inputs, outputs));
    expect(drawsOf(() => expect(compute()).toEqual(expected))).toBeGreaterThan(usual * 4);
    tf.dispose([x, filter]);
  });
});
