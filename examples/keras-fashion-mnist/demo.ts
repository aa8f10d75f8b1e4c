/** The live page of `npm run demo`: the same training on the visitor's own GPU, with everything shown as it happens. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { warmup } from 'tfjs-backend-convgl';
import { utils } from 'tfjs-backend-convgl/keras';
import { type FashionMnist, type Images, loadData } from './dataset_page';
import {
  type Choice,
  controls,
  leaveOut,
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
import { BackendError, BACKENDS, deviceFigures, rendererName, useBackend, withContextWatched } from './device';
import { buildModel, compileModel, predict, trainModel } from './fashion_mnist';
import { type Progress, ProgressCallback, type ProgressListener } from './keras';

const SEED = 1;
/** The page answers its user at least this often. */
const READ_INTERVAL_MS = 40;
const PREDICTION_INTERVAL_MS = 500;
/** Predictions may take this share of the time. */
const PREDICTION_SHARE = 0.1;
/** Of what is older, in the mean of the last batches, at each batch. */
const FORGETTING = 0.9;

/** The mean of the last batches, in which older ones count less and less. */
class RecentMean {
  #sum = 0;
  #weight = 0;

  add(value: number): number {
    this.#sum = FORGETTING * this.#sum + value;
    this.#weight = FORGETTING * this.#weight + 1;
    return this.#sum / this.#weight;
  }
}

/** One training run, from Start to Stop or the last epoch. */
class LiveRun implements ProgressListener {
  readonly model: tfl.Sequential = buildModel();
  readonly #choice: Choice;
  readonly #shownImages: Images;
  readonly #view: View;
  readonly #loss = new RecentMean();
  readonly #accuracy = new RecentMean();
  #nextPrediction = 0;

  constructor(choice: Choice, data: FashionMnist, view: View) {
    this.#choice = choice;
    this.#shownImages = firstImages(data.test, SHOWN);
    this.#view = view;
  }

  async onProgress(progress: Progress, batch: { readonly loss: number; readonly acc: number }): Promise<void> {
    const { epoch, step, steps, msPerStep } = progress;
    // The figures are the curves' last points.
    const loss = this.#loss.add(batch.loss);
    const accuracy = this.#accuracy.add(batch.acc);
    const x = epoch + step / steps;
    this.#view.loss.add('training', { x, y: loss });
    this.#view.accuracy.add('training', { x, y: accuracy });
    showProgress(x / this.#choice.epochs);
    showText('speed', msPerStep.toFixed(msPerStep < 100 ? 1 : 0));
    showText('loss', loss.toFixed(3));
    showText('accuracy', percent(accuracy));
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

/**
 * Compiles ahead what training takes, while the page answers; other backends compile in the first step.
 *
 * @returns false where Stop was pressed meanwhile
 */
async function compileAhead(model: tfl.Sequential, choice: Choice): Promise<boolean> {
  if (choice.backend !== 'convgl') return true;
  compileModel(model, choice);
  showText('status', 'Compiling the programs that training takes…');
  const stopped = new Promise<false>((resolve) => {
    controls.stop.addEventListener('click', () => resolve(false), { once: true });
  });
  const compiled = warmup(model, {
    batchSizes: [choice.batchSize],
    training: true,
    onProgress: ({ done, total }) => {
      showText('programs', `${String(done)} of ${String(total)}`);
      showProgress(done / total);
    },
  });
  return Promise.race([compiled.then(() => true), stopped]);
}

/** Trains until the last epoch or Stop. @returns what came out, as one sentence */
async function trainLive(run: LiveRun, choice: Choice, data: FashionMnist): Promise<string> {
  const stop = () => {
    run.model.stopTraining = true;
    showText('status', 'Stopping after this step…');
  };
  if (!(await compileAhead(run.model, choice))) return 'Stopped before the first step.';
  showProgress(0);
  // Compiling ahead draws random numbers, which other backends do not.
  utils.setRandomSeed(SEED);
  controls.stop.addEventListener('click', stop);
  try {
    const history = await trainModel(run.model, data, choice, new ProgressCallback(run, READ_INTERVAL_MS));
    const epochs = history['loss']?.length ?? 0;
    const accuracy = history['val_acc']?.at(-1);
    const result = accuracy === undefined ? '' : ` Test accuracy ${percent(accuracy)}.`;
    return `${run.model.stopTraining ? 'Stopped' : 'Done'} after ${String(epochs)} of ${String(choice.epochs)} epochs.${result}`;
  } finally {
    controls.stop.removeEventListener('click', stop);
  }
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
  try {
    showText('status', await withContextWatched(trainLive(run, choice, used)));
  } finally {
    restoreRandom();
    run.model.optimizer?.dispose();
    run.model.dispose();
  }
}

/** Chooses the first backend that starts here, and says why those before it do not. */
async function chooseBackend(): Promise<void> {
  const failed = new Map<string, string[]>();
  for (const name of BACKENDS) {
    try {
      await useBackend(name);
      controls.backend.value = name;
      break;
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      leaveOut(name);
      failed.set(error.reason, [...(failed.get(error.reason) ?? []), name]);
    }
  }
  if (failed.size === 0) return;
  const reasons = [...failed].map(([reason, names]) => `${names.join(', ')}: ${reason}`);
  showFailure(`${reasons.join(' ')} ${controls.backend.value} is chosen in place of that.`);
}

async function main(): Promise<void> {
  for (const name of BACKENDS) controls.backend.add(new Option(name));
  const view = { loss: new LiveChart('loss-chart', 'Loss'), accuracy: new LiveChart('accuracy-chart', 'Accuracy', 1) };
  const data = await loadData();
  controls.limit.max = String(data.train.count);
  controls.limit.value = String(Math.min(2000, data.train.count));
  showText('source', `${data.source}.`);
  await chooseBackend();
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
        if (error instanceof BackendError) leaveOut(choice.backend);
        showText(
          'status',
          error instanceof BackendError ? 'Choose another backend, and press Start.' : 'Training failed.',
        );
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
