/** Every layer that tfjs-layers exports computes and trains on convgl as on tfjs-backend-cpu, from the same weights. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { convglBackend } from '../../src/index';
import { useKernelsOfOurOwn } from '../kernels/backends';
import { compareOutcomes, run, trainsAlike } from './harness';
import type { Row } from './row';
import { convolution } from './rows/convolution';
import { core } from './rows/core';
import { pooling } from './rows/pooling';
import { preprocessing } from './rows/preprocessing';
import { recurrent } from './rows/recurrent';

const rows: readonly Row[] = [...convolution, ...pooling, ...recurrent, ...core];

/** Exports of `tf.layers` that make no layer: classes to derive from, and `input`, which begins every model here. */
const OTHERS = ['Layer', 'RNN', 'RNNCell', 'input'];

describe('layers', () => {
  useKernelsOfOurOwn();

  it('have a row for everything that tfjs-layers exports', () => {
    const named = new Set<string>([...OTHERS, ...[...rows, ...preprocessing].map(({ layer }) => layer)]);
    expect(Object.keys(tfl.layers).filter((name) => !named.has(name))).toEqual([]);
    const titles = rows.map(({ layer, title, inputs }) => [layer, title, JSON.stringify(inputs)].join(' '));
    expect(titles.filter((title, i) => titles.indexOf(title) < i)).toEqual([]);
  });

  for (const row of rows) {
    it(`${row.layer} ${row.title} of ${row.inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ')}`, async () => {
      if (row.untrained)
        expect(await trainsAlike(row))
          .withContext(row.untrained)
          .toBeFalse();
      const expected = await run('cpu', row);
      await tf.setBackend('convgl');
      const { draws } = convglBackend().stats();
      const actual = await run('convgl', row, expected.initial);
      expect(convglBackend().stats().draws).withContext('draws').toBeGreaterThan(draws);
      compareOutcomes(actual, expected);
    });
  }
});
