/** Chains of ops that the fuzzer draws, whose terms cancel: what roundings leave of them is no finding, and more than that is one. */
import * as tf from '@tensorflow/tfjs-core';
import { check } from '../fuzz/check';
import type { Chain } from '../fuzz/case';
import { chainOps } from '../fuzz/chain_ops';

const TERMS = [2, -1, 2, -2, -1, 1, 3, 1, 1, -2, 1, -2, 2, 1, 0, 2, 0, -3, -3, 0, -2, 3, -3];
const mean: Chain = {
  chain: [{ shape: [TERMS.length], dtype: 'float32', values: TERMS }],
  steps: [{ op: 'mean', of: [0], attrs: { axis: [0], keepDims: false } }],
};

describe('a mean of terms that cancel', () => {
  it('is 0, or what dividing them first leaves', async () => expect(await check(mean)).toBeUndefined());

  it('is wrong where it is off by more than roundings of its terms', async () => {
    const { apply } = chainOps['mean']!;
    spyOn(chainOps['mean'] as { apply: typeof apply }, 'apply').and.callFake((xs, attrs) => {
      const y = apply(xs, attrs);
      return tf.getBackend() === 'cpu' ? y.add(1e-3) : y;
    });
    expect((await check(mean))?.kind).toBe('differs');
  });
});
