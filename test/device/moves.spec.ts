/** Tensors that move between backends, and backends that do not start. */
import * as tf from '@tensorflow/tfjs-core';
import { registerConvgl } from '../../src/index';
import { startBackend, stopBackend } from './backends';

describe('complex64 tensors', () => {
  let second = '';
  beforeAll(async () => {
    ({ name: second } = await startBackend());
  });
  afterAll(() => stopBackend(second));

  const ways = () =>
    ['convgl', 'cpu', second].flatMap((from) => ['convgl', 'cpu', second].map((to) => [from, to] as const));

  it('move between any two backends with both parts', async () => {
    for (const [from, to] of ways()) {
      await tf.setBackend(from);
      const before = tf.memory().numTensors;
      const z = tf.tidy(() => tf.complex(tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])));
      await tf.setBackend(to);
      const results = tf.tidy((): tf.Tensor[] => [tf.add(z, z), tf.real(z), tf.mul(tf.imag(z), 2)]);
      const found = await Promise.all([...results, z].map(async (x) => Array.from(await x.data())));
      expect(found)
        .withContext(`${from} to ${to}`)
        .toEqual([
          [2, 8, 4, 10, 6, 12],
          [1, 2, 3],
          [8, 10, 12],
          [1, 4, 2, 5, 3, 6],
        ]);
      tf.dispose([results, z]);
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

describe('a backend that cannot start', () => {
  it('says why in what tfjs prints, and tfjs chooses another backend', async () => {
    const warn = spyOn(console, 'warn');
    // Not all engines begin the stack with the message.
    const error = Object.assign(new TypeError('no GPU here'), { stack: 'start@convgl.js:1:1' });
    spyOn(HTMLCanvasElement.prototype, 'getContext').and.throwError(error);
    registerConvgl('none');
    expect(await tf.setBackend('none')).toBeFalse();
    expect(warn.calls.allArgs().flat().join('\n')).toMatch(/TypeError: no GPU here\nstart@convgl/);
    await tf.setBackend('cpu');
    expect(Array.from(await tf.neg(tf.tensor1d([1])).data())).toEqual([-1]);
    tf.removeBackend('none');
    await tf.setBackend('convgl');
  });
});
