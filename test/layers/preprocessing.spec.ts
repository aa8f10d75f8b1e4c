/** The layers that prepare inputs give on convgl what they give on tfjs-backend-cpu. */
import * as tf from '@tensorflow/tfjs-core';
import { setRandomSeed } from '../../keras/utils/random_seed';
import { randomOf, valuesOf } from '../cases/fill';
import { useKernelsOfOurOwn } from '../kernels/backends';
import type { Output } from '../kernels/call';
import { compare } from '../kernels/harness';
import { seed } from '../page';
import { preprocessing, type DirectRow } from './rows/preprocessing';

async function run(backend: string, { title, shape, values, make }: DirectRow): Promise<Output & { left: number }> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const restore = setRandomSeed(seed);
  try {
    const x = tf.tensor(valuesOf({ shape, values }, randomOf(seed, title)), [...shape]);
    const y = make().apply(x) as tf.Tensor;
    const output = { shape: y.shape, dtype: y.dtype, values: y.dataSync<'float32'>() };
    tf.dispose([x, y]);
    return { ...output, left: tf.memory().numTensors - before };
  } finally {
    restore();
  }
}

describe('preprocessing', () => {
  useKernelsOfOurOwn();

  for (const row of preprocessing) {
    it(`${row.layer} ${row.title} of [${row.shape.join(', ')}]`, async () => {
      const expected = await run('cpu', row);
      const actual = await run('convgl', row);
      compare(actual, [expected]);
      expect(actual.left).withContext('tensors left').toBe(expected.left);
    });
  }
});
