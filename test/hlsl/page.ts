/** The page's side of run.js: makes convgl, or the official backend, call what is to be recorded. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import cases from 'virtual:cases';
import { lenet5, tutorial } from '../../benchmarks/page/zoo/small';
import { mobilenet } from '../../benchmarks/page/zoo/large';
import { seedWeights } from '../../benchmarks/page/zoo/network';
import { uniform } from '../../benchmarks/page/fill';
import { configure } from '../../src/index';
import { randomOf, valuesOf } from '../cases/fill';
import { callKernel, fillInputs } from '../kernels/call';

/** The recorder's side of the page. */
interface Recorder {
  section(name: string): void;
  sizes(): [lines: number, bytes: number];
}

const recorder = (): Recorder => (globalThis as unknown as { record: Recorder }).record;

/** Calls the kernels' cases from number `from` on, until so many bytes are recorded; gives the number of the next. */
async function callCases(fit: string, from: number, limit: number): Promise<number> {
  configure({ smallOnCpu: false });
  const wanted = cases.filter(({ kernel, name, bench }) => !bench && new RegExp(fit).test(`${kernel} ${name}`));
  let i = from;
  for (; i < wanted.length && recorder().sizes()[1] < limit; i++) {
    const one = wanted[i]!;
    recorder().section(`${one.kernel} ${one.name}`);
    const random = randomOf(1, `${one.kernel} ${one.name}`);
    // A case that is refused, as some are to be, has recorded nothing.
    await callKernel(
      'convgl',
      one,
      fillInputs(one, (spec) => valuesOf(spec, random)),
    ).catch(() => undefined);
  }
  return i < wanted.length ? i : -1;
}

/** Images of a step: their number changes no program. */
const BATCH = 4;

/** Two training steps, or two predictions, of a network. */
async function stepModel(backend: string, name: string, mode: 'train' | 'predict'): Promise<void> {
  configure({ smallOnCpu: false });
  await tf.setBackend(backend);
  const network = [tutorial, lenet5, mobilenet].find((one) => one.name === name)!;
  const { imageSize, channels, classes } = network;
  const model = network.build(imageSize);
  seedWeights(model);
  model.compile({ optimizer: network.optimizer(), loss: 'categoricalCrossentropy', metrics: [...network.metrics] });
  const images = tf.tensor(uniform(BATCH * imageSize ** 2 * channels, 1, 1), [BATCH, imageSize, imageSize, channels]);
  const labels = tf.tidy(() => tf.cast(tf.oneHot(tf.range(0, BATCH, 1, 'int32'), classes), 'float32'));
  for (let step = 0; step < 2; step++) {
    if (mode === 'train') await model.trainOnBatch(images, labels);
    else tf.tidy(() => (model.predictOnBatch(images) as tf.Tensor).dataSync());
  }
  // The page ends here, and all its tensors with it.
}

Object.assign(globalThis, { callCases, stepModel });
