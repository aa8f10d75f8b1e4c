/** The ways to train and to evaluate a model give on convgl what they give on tfjs-backend-cpu. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { setRandomSeed } from '../../keras/utils/random_seed';
import { randomOf, valuesOf } from '../cases/fill';
import { useKernelsOfOurOwn } from '../kernels/backends';
import { compare } from '../kernels/harness';
import { seed } from '../page';

const EXAMPLES = 20;
const BATCH = 6;
const CLASSES = 3;
const SHAPE = [6, 5, 2];

/** All that a way of training reports, in order. */
type Report = number[];

interface Data {
  readonly model: tfl.LayersModel;
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

type Batch = { readonly xs: tf.Tensor; readonly ys: tf.Tensor };
type Dataset = Parameters<tfl.LayersModel['evaluateDataset']>[0];

/** What tfjs-layers asks of a tf.data dataset: an iterator, whose last result is done and empty. */
function dataset(x: tf.Tensor, y: tf.Tensor): Dataset {
  const size = Math.ceil(EXAMPLES / BATCH);
  const batch = (from: tf.Tensor, at: number): tf.Tensor =>
    tf.slice(from, at * BATCH, Math.min(BATCH, EXAMPLES - at * BATCH));
  const iterator = (): AsyncIterator<Batch> => {
    let at = 0;
    const next = (): IteratorResult<Batch> =>
      at < size ? { done: false, value: { xs: batch(x, at), ys: batch(y, at++) } } : { done: true, value: null };
    return { next: () => Promise.resolve(next()) };
  };
  return { size, iterator: () => Promise.resolve(iterator()) };
}

/** One-hot labels of all classes in turn. */
function labels(): tf.Tensor {
  const classes = Int32Array.from({ length: EXAMPLES }, (_, i) => i % CLASSES);
  return tf.tidy(() => tf.cast(tf.oneHot(classes, CLASSES), 'float32'));
}

function model(): tfl.Sequential {
  const { layers } = tfl;
  const all = tfl.sequential({
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: SHAPE }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
  all.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy', 'mse'] });
  return all;
}

function history({ history: logs }: tfl.History): Report {
  return Object.keys(logs)
    .sort()
    .flatMap((key) => logs[key] as number[]);
}

/** The numbers of scalars, which are disposed. */
function scalars(given: tf.Scalar | tf.Scalar[]): Report {
  return [given].flat().map((x) => {
    const [value] = x.dataSync();
    x.dispose();
    return value!;
  });
}

function taken(y: tf.Tensor | tf.Tensor[]): Report {
  const values = [y].flat().flatMap((t) => Array.from(t.dataSync()));
  tf.dispose(y);
  return values;
}

const FIT = { epochs: 3, batchSize: BATCH, verbose: 0 } as const;
const CLASS_WEIGHT = { 0: 0.5, 1: 2, 2: 1 };

const ways: Readonly<Record<string, (data: Data) => Promise<Report>>> = {
  fit: async ({ model, x, y }) => history(await model.fit(x, y, FIT)),
  'fit with validationData': async ({ model, x, y }) =>
    history(await model.fit(x, y, { ...FIT, validationData: [x, y] })),
  'fit with validationSplit': async ({ model, x, y }) =>
    history(await model.fit(x, y, { ...FIT, validationSplit: 0.3 })),
  'fit with classWeight': async ({ model, x, y }) =>
    history(await model.fit(x, y, { ...FIT, classWeight: CLASS_WEIGHT })),
  'fit with early stopping': async ({ model, x, y }) => {
    // No epoch is better than the first by so much.
    const callbacks = tfl.callbacks.earlyStopping({ monitor: 'loss', patience: 1, minDelta: 100 });
    const { epoch, ...rest } = await model.fit(x, y, { ...FIT, epochs: 9, callbacks });
    return [epoch.length, ...history(rest as tfl.History)];
  },
  'fit with callbacks of each batch': async ({ model, x, y }) => {
    const report: number[] = [];
    const onBatchEnd = (_batch: number, logs?: tfl.Logs): Promise<void> => {
      report.push(logs?.['loss'] ?? NaN, logs?.['acc'] ?? NaN);
      return Promise.resolve();
    };
    await model.fit(x, y, { ...FIT, callbacks: { onBatchEnd }, yieldEvery: 'batch' });
    return report;
  },
  fitDataset: async ({ model, x, y }) => history(await model.fitDataset(dataset(x, y), { epochs: 2, verbose: 0 })),
  'fitDataset with validation and classWeight': async ({ model, x, y }) =>
    history(
      await model.fitDataset(dataset(x, y), {
        epochs: 2,
        verbose: 0,
        validationData: dataset(x, y),
        classWeight: CLASS_WEIGHT,
      }),
    ),
  evaluate: ({ model, x, y }) => Promise.resolve(scalars(model.evaluate(x, y, { batchSize: BATCH }))),
  evaluateDataset: async ({ model, x, y }) => scalars(await model.evaluateDataset(dataset(x, y), {})),
  predict: ({ model, x }) => Promise.resolve(taken(model.predict(x, { batchSize: BATCH }))),
  predictOnBatch: ({ model, x }) => Promise.resolve(taken(model.predictOnBatch(x))),
  trainOnBatch: async ({ model, x, y }) => [await model.trainOnBatch(x, y), await model.trainOnBatch(x, y)].flat(2),
};

/** Runs one way on a backend, from the same weights and examples; reports, and counts what is left when all is disposed. */
async function run(backend: string, way: (data: Data) => Promise<Report>): Promise<{ report: Report; left: number[] }> {
  await tf.setBackend(backend);
  const before = [tf.memory().numTensors, tf.engine().backend.numDataIds()];
  const restore = setRandomSeed(seed);
  try {
    const data = {
      model: model(),
      x: tf.tensor(valuesOf({ shape: [EXAMPLES, ...SHAPE] }, randomOf(seed, 'x')), [EXAMPLES, ...SHAPE]),
      y: labels(),
    };
    const report = await way(data);
    report.push(...data.model.getWeights().flatMap((w) => Array.from(w.dataSync())));
    tf.dispose([data.x, data.y]);
    data.model.optimizer.dispose();
    data.model.dispose();
    const after = [tf.memory().numTensors, tf.engine().backend.numDataIds()];
    return { report, left: after.map((count, i) => count - before[i]!) };
  } finally {
    restore();
  }
}

describe('training and evaluating', () => {
  useKernelsOfOurOwn();

  for (const [name, way] of Object.entries(ways)) {
    it(name, async () => {
      const expected = await run('cpu', way);
      const actual = await run('convgl', way);
      const [output, reference] = [actual, expected].map(({ report }) => ({
        shape: [report.length],
        dtype: 'float32' as const,
        values: report,
      }));
      compare(output!, [reference!]);
      expect(actual.left).withContext('tensors and data ids left, as on cpu').toEqual(expected.left);
    });
  }

  it('refuses sampleWeight, which tfjs-layers does not have yet, and goes on', async () => {
    await tf.setBackend('convgl');
    const way = ({ model: own, x, y }: Data): Promise<Report> =>
      own.fit(x, y, { ...FIT, sampleWeight: tf.ones([EXAMPLES]) }).then(history);
    await expectAsync(run('convgl', way)).toBeRejectedWithError(/sample weight is not supported/);
    expect((await run('convgl', ways['fit']!)).report.length).toBeGreaterThan(0);
  });
});
