/** The page of `npm start`: runs the Keras script once and tells the terminal how it goes. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { utils } from 'tfjs-backend-convgl/keras';
import { type FashionMnist, loadData } from './dataset_page';
import { deviceFigures, rendererName, useBackend, withContextWatched } from './device';
import type { EpochLogs, RunOptions, RunReport } from './events';
import { buildModel, CLASSES, predict, trainModel } from './fashion_mnist';
import { ProgressCallback, type ProgressListener, STEPS_READ_SINGLY } from './keras';
import { loadModel, putPicture, saveModel } from './output';
import { drawPictures } from './pictures';

/** Probabilities that differ by less are the same: a loaded model may run through other programs. */
const SAME = 1e-5;
/** The summary's columns. */
const SUMMARY_WIDTHS = [44, 22, 14];

/** Figures gathered while the model trains. */
class TrainingRecord implements ProgressListener {
  readonly stepMs: number[] = [];
  readonly firstStepLosses: number[] = [];
  peakGpuBytes = 0;
  #epochMs = 0;
  #stepsBefore = 0;

  readonly #steps: number;

  constructor(steps: number) {
    this.#steps = steps;
  }

  async onEpochBegin(epoch: number): Promise<void> {
    this.#epochMs = 0;
    this.#stepsBefore = 0;
    await tellTerminal({ type: 'epochBegin', epoch, steps: this.#steps });
  }

  async onProgress(
    progress: Parameters<Required<ProgressListener>['onProgress']>[0],
    batch: { loss: number },
  ): Promise<void> {
    if (this.firstStepLosses.length < STEPS_READ_SINGLY) this.firstStepLosses.push(batch.loss);
    const done = progress.step - this.#stepsBefore;
    this.#stepsBefore = progress.step;
    this.#epochMs += done * progress.msPerStep;
    for (let i = 0; i < done; i++) this.stepMs.push(progress.msPerStep);
    this.peakGpuBytes = Math.max(this.peakGpuBytes, deviceFigures().peakGpuBytes);
    await tellTerminal({ type: 'progress', ...progress });
  }

  async onEpochEnd(epoch: number, logs: Readonly<Record<string, number>>): Promise<void> {
    const msPerStep = this.#epochMs / this.#steps;
    await tellTerminal({ type: 'epochEnd', epoch, logs: logs as unknown as EpochLogs, msPerStep });
  }
}

async function run(options: RunOptions): Promise<void> {
  await useBackend(options.backend);
  await tellTerminal({ type: 'device', backend: tf.getBackend(), renderer: rendererName() });
  const data = await loadData();
  utils.setRandomSeed(options.seed);
  const model = buildModel();
  await tellTerminal({ type: 'summary', lines: summaryLines(model) });
  await withContextWatched(trainAndReport(model, data, options));
}

/** What Keras's `model.summary()` prints, in 80 columns: tfjs's own cuts the names of layers there. */
function summaryLines(model: tfl.Sequential): string[] {
  const line = (...cells: string[]) =>
    cells
      .map((cell, i) => cell.padEnd(SUMMARY_WIDTHS[i] ?? 0))
      .join('')
      .trimEnd();
  const count = (weights: tfl.LayersModel['weights']) =>
    weights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0);
  const shape = ({ outputShape }: tfl.layers.Layer) =>
    (outputShape as (number | null)[]).map((n) => n ?? 'None').join(', ');
  const rule = '='.repeat(SUMMARY_WIDTHS.reduce((a, b) => a + b));
  const trainable = count(model.trainableWeights);
  const other = count(model.nonTrainableWeights);
  return [
    line('Layer', 'Output shape', 'Param #'),
    rule,
    ...model.layers.map((layer) => line(layer.name, `(${shape(layer)})`, String(layer.countParams()))),
    rule,
    `Total params: ${String(trainable + other)}`,
    `Trainable params: ${String(trainable)}`,
    `Non-trainable params: ${String(other)}`,
  ];
}

async function trainAndReport(model: tfl.LayersModel, data: FashionMnist, options: RunOptions): Promise<void> {
  const record = new TrainingRecord(Math.ceil(data.train.count / options.batchSize));
  const start = performance.now();
  const history = await trainModel(model, data, options, new ProgressCallback(record));
  const trainSeconds = (performance.now() - start) / 1000;
  const lastLoss = history['loss']?.at(-1) ?? NaN;
  if (!Number.isFinite(lastLoss)) {
    throw new Error(
      `The training diverged: the loss is ${String(lastLoss)}; try a smaller --lr than ${String(options.learningRate)}.`,
    );
  }
  const programsCompiled = deviceFigures().programs;

  const probabilities = await predict(model, data.test, options.batchSize);
  await saveModel(model);
  const reloaded = await predict(await loadModel(), data.test, options.batchSize);
  const reloadedDifference = probabilities.reduce(
    (most, p, i) => Math.max(most, Math.abs(p - (reloaded[i] ?? NaN))),
    0,
  );
  if (!(reloadedDifference < SAME)) {
    throw new Error(
      `The loaded model predicts otherwise than the saved one: probabilities differ by ${String(reloadedDifference)}.`,
    );
  }
  await tellTerminal({ type: 'note', text: 'Model saved, loaded again, and its predictions are the same.' });

  for (const { name, canvas } of await drawPictures(model, { data, probabilities, history })) {
    await putPicture(name, canvas);
  }
  const medianMsPerStep = median(record.stepMs);
  const report: RunReport = {
    backend: tf.getBackend(),
    renderer: rendererName(),
    history,
    firstStepLosses: record.firstStepLosses,
    firstStepMs: record.stepMs[0] ?? NaN,
    medianMsPerStep,
    imagesPerSecond: (1000 * Math.min(options.batchSize, data.train.count)) / medianMsPerStep,
    trainSeconds,
    testAccuracy: accuracy(probabilities, data.test.labels),
    testLoss: history['val_loss']?.at(-1) ?? NaN,
    programsCompiled,
    peakGpuBytes: record.peakGpuBytes,
    reloadedDifference,
  };
  await tellTerminal({ type: 'done', report });
}

function accuracy(probabilities: Float32Array, labels: Uint8Array): number {
  const correct = labels.reduce((count, label, i) => {
    const row = probabilities.subarray(i * CLASSES, (i + 1) * CLASSES);
    return count + (row.indexOf(Math.max(...row)) === label ? 1 : 0);
  }, 0);
  return correct / labels.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  try {
    await run((await (await fetch('run.json')).json()) as RunOptions);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await tellTerminal({ type: 'failed', message });
  }
}

void main();
