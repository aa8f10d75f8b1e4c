/** The live page of `npm run demo`: the same training on the visitor's own GPU, with everything shown as it happens. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { utils } from 'tfjs-backend-convgl/keras';
import { type FashionMnist, type Images, loadData } from './dataset_page';
import {
  type Choice,
  controls,
  LiveChart,
  PredictionGrid,
  readControls,
  showDevice,
  showFailure,
  SHOWN,
  showProgress,
  showRunning,
  showText,
} from './demo_view';
import { BACKENDS, deviceFigures, rendererName, useBackend, withContextWatched } from './device';
import { buildModel, predict, trainModel } from './fashion_mnist';
import { type Progress, ProgressCallback, type ProgressListener } from './keras';

const SEED = 1;
/** The page answers its user at least this often. */
const READ_INTERVAL_MS = 40;
const PREDICTION_INTERVAL_MS = 500;
/** Predictions may take this share of the time. */
const PREDICTION_SHARE = 0.1;
/** Of the new value in the smoothed training curves. */
const SMOOTHING = 0.1;

/** One training run, from Start to Stop or the last epoch. */
class LiveRun implements ProgressListener {
  readonly model: tfl.Sequential = buildModel();
  readonly #choice: Choice;
  readonly #shownImages: Images;
  readonly #view: View;
  #smooth: { loss: number; acc: number } | undefined;
  #nextPrediction = 0;

  constructor(choice: Choice, data: FashionMnist, view: View) {
    this.#choice = choice;
    this.#shownImages = firstImages(data.test, SHOWN);
    this.#view = view;
  }

  async onProgress(progress: Progress, batch: { readonly loss: number; readonly acc: number }): Promise<void> {
    const { epoch, step, steps, msPerStep } = progress;
    const before = this.#smooth ?? batch;
    const loss = before.loss + SMOOTHING * (batch.loss - before.loss);
    const acc = before.acc + SMOOTHING * (batch.acc - before.acc);
    this.#smooth = { loss, acc };
    const x = epoch + step / steps;
    this.#view.loss.add('training', { x, y: loss });
    this.#view.accuracy.add('training', { x, y: acc });
    showProgress(x / this.#choice.epochs);
    showText('speed', msPerStep.toFixed(msPerStep < 100 ? 1 : 0));
    showText('loss', progress.loss.toFixed(3));
    showText('accuracy', percent(progress.acc));
    showDevice(deviceFigures());
    await this.#predict(false);
    await nextFrame();
  }

  /** The status changes once per epoch and not per step, because screen readers speak it. */
  onEpochBegin(epoch: number): void {
    showText('status', `Epoch ${String(epoch + 1)} of ${String(this.#choice.epochs)} on ${this.#choice.backend}…`);
  }

  async onEpochEnd(epoch: number, logs: Readonly<Record<string, number>>): Promise<void> {
    const { val_loss: loss, val_acc: acc } = logs;
    // A run that was stopped within the epoch has not been validated.
    if (loss !== undefined && acc !== undefined) {
      this.#view.loss.add('validation', { x: epoch + 1, y: loss });
      this.#view.accuracy.add('validation', { x: epoch + 1, y: acc });
      showText('test-accuracy', percent(acc));
    }
    await this.#predict(true);
  }

  async #predict(now: boolean): Promise<void> {
    const start = performance.now();
    if (!now && start < this.#nextPrediction) return;
    this.#view.predictions.show(await predict(this.model, this.#shownImages, SHOWN));
    const end = performance.now();
    this.#nextPrediction = end + Math.max(PREDICTION_INTERVAL_MS, (end - start) / PREDICTION_SHARE);
  }
}

interface View {
  readonly loss: LiveChart;
  readonly accuracy: LiveChart;
  readonly predictions: PredictionGrid;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function firstImages(images: Images, count: number): Images {
  const kept = Math.min(count, images.count);
  return { count: kept, pixels: images.pixels.subarray(0, kept * 784), labels: images.labels.subarray(0, kept) };
}

/** The next frame; or soon, since a page that is not visible draws no frames and would stop training. */
function nextFrame(): Promise<void> {
  return Promise.race([tf.nextFrame(), new Promise<void>((resolve) => setTimeout(resolve, 200))]);
}

async function train(choice: Choice, data: FashionMnist, view: View): Promise<void> {
  showText('status', `Starting ${choice.backend}; the first step compiles its programs…`);
  showProgress(0);
  for (const id of ['speed', 'loss', 'accuracy', 'test-accuracy', 'memory', 'programs']) showText(id, '–');
  view.loss.begin(choice.epochs);
  view.accuracy.begin(choice.epochs);
  await nextFrame();
  await useBackend(choice.backend);
  showText('renderer', `Computed by ${rendererName()}`);
  const restoreRandom = utils.setRandomSeed(SEED);
  const used = { ...data, train: firstImages(data.train, choice.limit) };
  const run = new LiveRun(choice, used, view);
  const stop = () => {
    run.model.stopTraining = true;
    showText('status', 'Stopping after this step…');
  };
  controls.stop.addEventListener('click', stop);
  try {
    const training = trainModel(run.model, used, choice, new ProgressCallback(run, READ_INTERVAL_MS));
    const history = await withContextWatched(training);
    const epochs = history['loss']?.length ?? 0;
    const accuracy = history['val_acc']?.at(-1);
    const result = accuracy === undefined ? '' : ` Test accuracy ${percent(accuracy)}.`;
    showText(
      'status',
      `${run.model.stopTraining ? 'Stopped' : 'Done'} after ${String(epochs)} of ${String(choice.epochs)} epochs.${result}`,
    );
  } finally {
    controls.stop.removeEventListener('click', stop);
    restoreRandom();
    run.model.optimizer.dispose();
    run.model.dispose();
  }
}

async function main(): Promise<void> {
  for (const name of BACKENDS) controls.backend.add(new Option(name));
  const view = { loss: new LiveChart('loss-chart', 'Loss'), accuracy: new LiveChart('accuracy-chart', 'Accuracy', 1) };
  const data = await loadData();
  controls.limit.max = String(data.train.count);
  controls.limit.value = String(Math.min(2000, data.train.count));
  showText('source', `${data.source}.`);
  showText('status', 'Ready: press Start.');
  const whole = { ...view, predictions: new PredictionGrid(data) };
  controls.start.disabled = false;
  controls.form.addEventListener('submit', (event) => {
    event.preventDefault();
    showFailure(undefined);
    const choice = readControls();
    showRunning(true);
    train(choice, data, whole)
      .catch((error: unknown) => {
        showText('status', 'Training failed.');
        showFailure(error instanceof Error ? error.message : String(error));
      })
      .finally(() => {
        showRunning(false);
      });
  });
}

main().catch((error: unknown) => {
  showFailure(error instanceof Error ? error.message : String(error));
});
