/** What docs/debugging.md shows of the trace of a training step: of the network of the Keras example, once nothing is new to it. */
import * as tf from '@tensorflow/tfjs-core';
import { buildModel } from '../../examples/keras-fashion-mnist/fashion_mnist';
import { registerConvgl, trace, type Trace } from '../../src/index';

const BATCH = 32;
const WARM_STEPS = 3;

/** Traces a step, on a backend of its own. */
export async function traceTrainingStep(): Promise<Trace<unknown>> {
  await tf.ready();
  const usual = tf.getBackend();
  registerConvgl('traced');
  await tf.setBackend('traced');
  const model = buildModel();
  const optimizer = tf.train.momentum(0.01, 0.9);
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const x = tf.randomUniform([BATCH, 28, 28, 1]);
  const y = tf.oneHot(tf.randomUniform([BATCH], 0, 10, 'int32'), 10);
  const step = () => trace(() => model.trainOnBatch(x, y));
  for (let i = 0; i < WARM_STEPS; i++) await step();
  const traced = await step();
  tf.dispose([x, y]);
  optimizer.dispose();
  model.dispose();
  await tf.setBackend(usual);
  tf.removeBackend('traced');
  return traced;
}

/** The steps up to the first pooling, the read of the loss, and what is below the table. */
export function excerptOf(table: string): string {
  const lines = table.split('\n');
  const rows = lines.flatMap((line, i) => (/^\d/.test(line) ? i : []));
  const end = rows.find((i) => i > lines.findIndex((line) => line.includes(' pool ')))!;
  const read = lines.findIndex((line) => line.includes(' read '));
  const before = rows[rows.indexOf(read) - 1]!;
  return [
    ...lines.slice(0, end),
    '...',
    ...lines.slice(before, read + 1),
    '...',
    ...lines.slice(lines.indexOf('')),
  ].join('\n');
}

/** A table without its times, which differ each time. */
export function untimed(table: string): string {
  return table
    .replace(/ +\d+\.\d+$/gm, '')
    .replace(/, [\d.]+ ms$/gm, '')
    .replace(/ +ms$/gm, '');
}
