/** Samples from categorical distributions, with the same random numbers as tfjs-backend-cpu. */
import {
  Multinomial,
  randomUniform,
  tidy,
  type KernelConfig,
  type MultinomialAttrs,
  type MultinomialInputs,
} from '@tensorflow/tfjs-core';
import { elementAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { defineKernel } from '../../src/kernel/define_kernel';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import { castTo } from '../elementwise/cast';

/** Each lane walks along its row until the sum of probabilities passes the sample's random number. */
const sample = template<{ normalized: boolean }>(
  'multinomial',
  () => ['logits', 'random'],
  ({ normalized }) =>
    shader({
      samplers: { logits: 'float32', random: 'float32' },
      uniforms: ['int events', 'int samples'],
      outputs: ['int32'],
      helpers: [
        elementAt('logits', 'float32'),
        elementAt('random', 'float32'),
        `int sampleOf(int i) {
  int row = (i / samples) * events;
  float r = random_at(i % samples), most = 0.0, total = 1.0;
  ${
    normalized
      ? ''
      : `most = logits_at(row);
  for (int e = 1; e < events; e++) most = max(most, logits_at(row + e));
  total = 0.0;
  for (int e = 0; e < events; e++) total += exp32(logits_at(row + e) - most);`
  }
  float sum = 0.0;
  for (int e = 0; e < events - 1; e++) {
    sum += ${normalized ? 'logits_at(row + e)' : 'exp32(logits_at(row + e) - most) / total'};
    if (r < sum) return e;
  }
  return events - 1;
}`,
      ],
      body: `int i = outTexel() * 4;
out0 = ivec4(sampleOf(i), sampleOf(i + 1), sampleOf(i + 2), sampleOf(i + 3));`,
    }),
);

/**
 * @param events categories of each row of logits, or of probabilities where they are normalized
 * @param out [rows, samples]
 */
export function multinomialPlan(normalized: boolean, events: number, out: Layout): Plan {
  return sample({ normalized }, { uniforms: { events, samples: out.shape[1]! }, outputs: [out] });
}

export const multinomialKernels: readonly KernelConfig[] = [
  defineKernel<MultinomialInputs, MultinomialAttrs>(Multinomial, (ctx, { logits }, attrs) => {
    const { numSamples, seed, normalized } = attrs;
    const [rows = 1, events = 1] = logits.shape;
    const numbers = tidy(() => randomUniform([numSamples], 0, 1, 'float32', seed).dataSync<'float32'>());
    const random = ctx.upload([numSamples], 'float32', numbers);
    const plan = multinomialPlan(normalized, events, ctx.newLayout([rows, numSamples], 'int32'));
    return ctx.run(plan, [castTo(ctx, logits, 'float32'), random]);
  }),
];
