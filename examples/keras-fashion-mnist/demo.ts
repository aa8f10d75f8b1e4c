/** The live page of `npm run demo`: the same training on the visitor's own GPU, with everything shown as it happens. */
import * as tf from '@tensorflow/tfjs';
import { warmup } from 'tfjs-backend-convgl';
import { datasets, optimizers, utils } from 'tfjs-backend-convgl/keras';
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
import { buildModel } from './fashion_mnist';

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

type Logs = Readonly<Record<string, number | tf.Scalar>>;

/** One training run, from Start to Stop or the last epoch, as the callback of its training. */
class LiveRun extends tf.Callback {
  readonly network: tf.Sequential = buildModel();
  readonly #choice: Choice;
  readonly #shownImages: tf.Tensor;
  readonly #view: View;
  readonly #loss = new RecentMean();
  readonly #accuracy = new RecentMean();
  #epoch = 0;
  #readAt = 0;
  #stepsSinceRead = 0;
  #nextPrediction = 0;

  constructor(choice: Choice, test: datasets.Dataset[1], view: View) {
    super();
    this.#choice = choice;
    this.#shownImages = imagesOf(test[0].slice(0, SHOWN));
    this.#view = view;
  }

  dispose(): void {
    tf.dispose(this.#shownImages);
    (this.network.optimizer as tf.Optimizer | undefined)?.dispose();
    this.network.dispose();
  }

  /** Reading a loss waits for the GPU, and is done as often as the page wants to answer its user. */
  override async onBatchEnd(batch: number, logs: Logs = {}): Promise<void> {
    this.#stepsSinceRead++;
    const { samples, batchSize } = this.params as { samples: number; batchSize: number };
    const steps = Math.ceil(samples / batchSize);
    if (performance.now() - this.#readAt < READ_INTERVAL_MS && batch + 1 < steps) return;
    const [loss, accuracy] = await Promise.all([valueOf(logs['loss']), valueOf(logs['acc'])]);
    const msPerStep = (performance.now() - this.#readAt) / this.#stepsSinceRead;
    this.#show(this.#epoch + (batch + 1) / steps, this.#loss.add(loss), this.#accuracy.add(accuracy));
    showText('speed', msPerStep.toFixed(msPerStep < 100 ? 1 : 0));
    await this.#predict(false);
    await nextFrame();
    this.#stepsSinceRead = 0;
    this.#readAt = performance.now();
  }

  /** The figures are the curves' last points. */
  #show(x: number, loss: number, accuracy: number): void {
    this.#view.loss.add('training', { x, y: loss });
    this.#view.accuracy.add('training', { x, y: accuracy });
    showProgress(x / this.#choice.epochs);
    showText('loss', loss.toFixed(3));
    showText('accuracy', percent(accuracy));
    showDevice(deviceFigures());
  }

  /** The status changes once per epoch and not per step, because screen readers speak it. */
  override onEpochBegin(epoch: number): Promise<void> {
    showText('status', `Epoch ${String(epoch + 1)} of ${String(this.#choice.epochs)} on ${this.#choice.backend}…`);
    this.#epoch = epoch;
    this.#stepsSinceRead = 0;
    this.#readAt = performance.now();
    return Promise.resolve();
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    // A run that was stopped within the epoch has not been validated.
    if ('val_loss' in logs && 'val_acc' in logs) {
      const [loss, acc] = await Promise.all([valueOf(logs['val_loss']), valueOf(logs['val_acc'])]);
      this.#view.loss.add('validation', { x: epoch + 1, y: loss });
      this.#view.accuracy.add('validation', { x: epoch + 1, y: acc });
      showText('test-accuracy', percent(acc));
    }
    await this.#predict(true);
  }

  async #predict(now: boolean): Promise<void> {
    const start = performance.now();
    if (!now && start < this.#nextPrediction) return;
    const predictions = this.network.predict(this.#shownImages) as tf.Tensor;
    this.#view.predictions.show((await predictions.data()) as Float32Array);
    predictions.dispose();
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

async function valueOf(value: number | tf.Scalar | undefined): Promise<number> {
  if (typeof value === 'number') return value;
  return (await value?.data())?.[0] ?? NaN;
}

/** Images scaled to the range [0, 1] with one channel; the caller disposes them. */
function imagesOf(images: datasets.ByteTensor): tf.Tensor {
  return tf.tidy(() => tf.reshape(images.toTensor(255), [-1, 28, 28, 1]));
}

function compile(model: tf.LayersModel, { learningRate, epochs }: Choice): void {
  const optimizer = new optimizers.SGD({ learningRate, momentum: 0.9, decay: learningRate / epochs });
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
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
async function compileAhead(model: tf.LayersModel, choice: Choice): Promise<boolean> {
  if (choice.backend !== 'convgl') return true;
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
async function trainLive(run: LiveRun, choice: Choice, [train, test]: datasets.Dataset): Promise<string> {
  const { network } = run;
  const { epochs, batchSize } = choice;
  const stop = () => {
    network.stopTraining = true;
    showText('status', 'Stopping after this step…');
  };
  compile(network, choice);
  if (!(await compileAhead(network, choice))) return 'Stopped before the first step.';
  showProgress(0);
  // Compiling ahead draws random numbers, which other backends do not.
  utils.setRandomSeed(SEED);
  controls.stop.addEventListener('click', stop);
  const tensors = [train, test].flatMap(([x, y]) => [imagesOf(x), utils.toCategorical(y.values, 10)]);
  const [trainX, trainY, testX, testY] = tensors as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  try {
    const { history } = await network.fit(trainX, trainY, {
      validationData: [testX, testY],
      batchSize,
      epochs,
      callbacks: run,
    });
    const done = history['loss']?.length ?? 0;
    const accuracy = history['val_acc']?.at(-1) as number | undefined;
    const result = accuracy === undefined ? '' : ` Test accuracy ${percent(accuracy)}.`;
    return `${network.stopTraining ? 'Stopped' : 'Done'} after ${String(done)} of ${String(epochs)} epochs.${result}`;
  } finally {
    controls.stop.removeEventListener('click', stop);
    tf.dispose(tensors);
  }
}

async function train(choice: Choice, [[images, labels], test]: datasets.Dataset, view: View): Promise<void> {
  showText('status', `Starting ${choice.backend}; the first step compiles its programs…`);
  showProgress(0);
  for (const id of ['speed', 'loss', 'accuracy', 'test-accuracy', 'memory', 'programs']) showText(id, '–');
  view.loss.begin(choice.epochs);
  view.accuracy.begin(choice.epochs);
  await nextFrame();
  await useBackend(choice.backend);
  showText('renderer', `Computed by ${rendererName()}`);
  const restoreRandom = utils.setRandomSeed(SEED);
  const limited = [images.slice(0, choice.limit), labels.slice(0, choice.limit)] as const;
  const run = new LiveRun(choice, test, view);
  try {
    showText('status', await withContextWatched(trainLive(run, choice, [limited, test])));
  } finally {
    restoreRandom();
    run.dispose();
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
  // Not kept: the next server at this address may have other images.
  const data = await datasets.fashionMnist.loadData({ url: new URL('data/', location.href), cache: false });
  const count = data[0][1].length;
  controls.limit.max = String(count);
  controls.limit.value = String(Math.min(2000, count));
  const { source } = (await (await fetch('facts.json')).json()) as { source: string };
  showText('source', `${source}.`);
  await chooseBackend();
  showText('status', 'Ready: press Start.');
  const whole = { ...view, predictions: new PredictionGrid(data[1]) };
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
