/** The backend in a worker, which has no document. */
import * as tf from '@tensorflow/tfjs-core';
import script from './conv_worker.ts?script';

interface Answer {
  readonly error?: string;
  readonly backend: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly draws: number;
}

describe('a worker', () => {
  it('computes a convolution on the GPU', async () => {
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    const worker = new Worker(url);
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
    worker.terminate();
    URL.revokeObjectURL(url);
    expect(answer.error).toBeUndefined();
    expect(answer.backend).toBe('convgl');
    expect(answer.shape).toEqual([1, 6, 6, 4]);
    expect(answer.draws).toBeGreaterThan(0);
    await tf.setBackend('cpu');
    const expected = tf.tidy(() =>
      tf.conv2d(tf.reshape<tf.Rank.R4>(tf.range(0, 72), [1, 6, 6, 2]), tf.ones([3, 3, 2, 4]), 1, 'same'),
    );
    expect([...answer.values]).toEqual([...expected.dataSync()]);
    expected.dispose();
    await tf.setBackend('convgl');
  });
});
