/** The page of `npm start`: runs the Keras script once and tells the terminal how it goes. */
import * as tf from '@tensorflow/tfjs';
import { datasets } from 'tfjs-backend-convgl/keras';
import { deviceFigures, rendererName, useBackend, withContextWatched } from './device';
import type { RunOptions, RunReport } from './events';
import { main } from './fashion_mnist';
import { OutputFolder, putPicture, saveModel } from './output';
import { drawPictures } from './pictures';
import { StepTimes } from './step_times';

/** Where the server has the data set's files. */
const DATA_FOLDER = 'data/';

async function run(options: RunOptions): Promise<RunReport> {
  await useBackend(options.backend);
  console.log(`Backend ${tf.getBackend()} on ${rendererName()}; the first step compiles its programs`);
  return withContextWatched(trainAndReport(options));
}

async function trainAndReport(options: RunOptions): Promise<RunReport> {
  const times = new StepTimes();
  const url = new URL(DATA_FOLDER, location.href);
  const { model, confusion, equal, ...trained } = await main({
    ...options,
    dataUrl: url.href,
    output: (text) => void tellTerminal({ type: 'progress', text }),
    logDir: new OutputFolder('logs'),
    moreCallbacks: [times],
  });
  const history = trained.history as Record<string, number[]>;
  const predictions = trained.predictions as Float32Array;
  const { programs: programsCompiled, peakGpuBytes } = deviceFigures();
  const lastLoss = history['loss']?.at(-1) ?? NaN;
  if (!Number.isFinite(lastLoss)) {
    throw new Error(
      `The training diverged: the loss is ${String(lastLoss)}; try a smaller --lr than ${String(options.learningRate)}.`,
    );
  }
  if (!equal) throw new Error('The model with the loaded weights predicts otherwise than the one that was saved.');

  await saveModel(model);
  const [, [images, labels]] = await datasets.fashionMnist.loadData({ url });
  for (const { name, canvas } of await drawPictures(model, { images, labels, confusion, predictions, history })) {
    await putPicture(name, canvas);
  }
  return {
    backend: tf.getBackend(),
    renderer: rendererName(),
    history,
    firstStepMs: times.firstStepMs,
    medianMsPerStep: times.median,
    imagesPerSecond: times.imagesPerSecond,
    trainSeconds: times.trainSeconds,
    testAccuracy: confusion.accuracy,
    testLoss: history['val_loss']?.at(-1) ?? NaN,
    firstPrediction: [...predictions.subarray(0, 10)],
    programsCompiled,
    peakGpuBytes,
  };
}

async function tell(): Promise<void> {
  try {
    const options = (await (await fetch('run.json')).json()) as RunOptions;
    await tellTerminal({ type: 'done', report: await run(options) });
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await tellTerminal({ type: 'failed', message });
  }
}

void tell();
