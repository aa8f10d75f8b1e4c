/** On convgl, an interrupted training goes on with BackupAndRestore and ends with the bits of one that was not interrupted. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { callbacks, KerasError, optimizers, utils } from '../../keras/index';
import { ContextLostError } from '../../src/index';
import { startBackend, stopBackend } from '../device/backends';
import { BATCHES, buildModel, Interruption, train, type Trained } from './training';

const { BackupAndRestore, EarlyStopping, MemoryFolder, ReduceLROnPlateau } = callbacks;
const EPOCHS = 4;

type Make = () => tf.Optimizer;
const adam: Make = () => new optimizers.Adam({ learningRate: 0.01 });
const makers: readonly (readonly [string, Make])[] = [
  ['Adam', adam],
  ['SGD with momentum and decay', () => new optimizers.SGD({ learningRate: 0.05, momentum: 0.9, decay: 0.01 })],
  ["tfjs's SGD", () => tf.train.sgd(0.05)],
];

/** Trains until the interruption, then in what stands for a new process to the end. */
async function interrupted(at: Interruption, saveFreq: 'epoch' | number, optimizer: Make): Promise<Trained> {
  const folder = new MemoryFolder();
  const backup = (): tfl.Callback => new BackupAndRestore(folder, { saveFreq });
  await expectAsync(train({ epochs: EPOCHS, callbacks: [backup(), at], optimizer })).toBeRejectedWithError(
    'interrupted',
  );
  expect(folder.files.size).toBe(at.epoch > 0 || saveFreq !== 'epoch' ? 1 : 0);
  const trained = await train({ epochs: EPOCHS, callbacks: [backup()], optimizer });
  expect(folder.files.size).withContext('backups left').toBe(0);
  return trained;
}

describe('BackupAndRestore', () => {
  for (const [name, optimizer] of makers)
    it(`resumes bit for bit with ${name}`, async () => {
      const whole = await train({ epochs: EPOCHS, callbacks: [new BackupAndRestore(new MemoryFolder())], optimizer });
      const plain = await train({ epochs: EPOCHS, callbacks: [], optimizer });
      expect(plain).withContext('a backup changes nothing').toEqual(whole);
      for (const [epoch, batch] of [
        [1, 0],
        [3, BATCHES - 1],
      ] as const)
        expect(await interrupted(new Interruption(epoch, batch), 'epoch', optimizer))
          .withContext(`interrupted in epoch ${epoch} before batch ${batch}`)
          .toEqual(whole);
    });

  it('resumes in the middle of an epoch', async () => {
    const whole = await train({ epochs: EPOCHS, callbacks: [] });
    for (const [epoch, batch] of [
      [0, 2],
      [2, 3],
    ] as const) {
      const { history, weights } = await interrupted(new Interruption(epoch, batch), 2, adam);
      expect(weights).withContext(`weights, from epoch ${epoch} and batch ${batch}`).toEqual(whole.weights);
      expect(history).withContext(`values, from epoch ${epoch} and batch ${batch}`).toEqual(whole.history);
    }
  });

  it('brings other callbacks to the state that they had, and leaves no tensor', async () => {
    const rates: number[][] = [];
    const others = (): tfl.Callback[] => {
      rates.push([]);
      return [
        new ReduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 0.2, factor: 0.5 }),
        new EarlyStopping({ monitor: 'val_loss', mode: 'max', patience: 9, restoreBestWeights: true }),
        new callbacks.LambdaCallback({ onEpochEnd: (_, logs) => void rates.at(-1)!.push(logs['learning_rate']!) }),
      ];
    };
    const before = tf.memory().numTensors;
    const whole = await train({ epochs: EPOCHS, callbacks: others() });
    const folder = new MemoryFolder();
    const failing = [new BackupAndRestore(folder), ...others(), new Interruption(3, 2)];
    await expectAsync(train({ epochs: EPOCHS, callbacks: failing })).toBeRejectedWithError('interrupted');
    const resumed = await train({ epochs: EPOCHS, callbacks: [new BackupAndRestore(folder), ...others()] });
    expect(resumed).toEqual(whole);
    expect(rates[2]).toEqual(rates[0]);
    expect(new Set(rates[0]).size).withContext('rates').toBeGreaterThan(1);
    // An interrupted fit leaves the indices of its epoch, the sums of its logs and a holder's weights behind.
    expect(tf.memory().numTensors - before).toBeLessThan(25);
    const settled = tf.memory().numTensors;
    await train({ epochs: EPOCHS, callbacks: [new BackupAndRestore(new MemoryFolder()), ...others()] });
    expect(tf.memory().numTensors).toBe(settled);
  });

  it('keeps its backup in IndexedDB and in the file system of the page', async () => {
    const whole = await train({ epochs: 2, callbacks: [] });
    for (const place of ['indexeddb://backup-spec', 'backup-spec/inner']) {
      const failing = [new BackupAndRestore(place), new Interruption(1, 1)];
      await expectAsync(train({ epochs: 2, callbacks: failing })).toBeRejectedWithError('interrupted');
      expect(await train({ epochs: 2, callbacks: [new BackupAndRestore(place)] }))
        .withContext(place)
        .toEqual(whole);
    }
  });

  it('goes on once a lost context is restored', async () => {
    const whole = await train({ epochs: EPOCHS, callbacks: [] });
    const told = new Map<string, () => void>();
    const { name, backend } = await startBackend({
      smallOnCpu: true,
      onContextLost: () => told.get('lost')?.(),
      onContextRestored: () => told.get('restored')?.(),
    });
    // A lost context gives no extension.
    const loss = backend.device.context.getExtension('WEBGL_lose_context')!;
    try {
      const folder = new MemoryFolder();
      const lose = new callbacks.LambdaCallback({
        onEpochBegin: (epoch) => (epoch === 2 ? lost(loss, told) : undefined),
      });
      const failing = [new BackupAndRestore(folder), lose];
      await expectAsync(train({ epochs: EPOCHS, callbacks: failing })).toBeRejectedWithError(ContextLostError);
      const restored = new Promise<void>((resolve) => told.set('restored', resolve));
      loss.restoreContext();
      await restored;
      expect(await train({ epochs: EPOCHS, callbacks: [new BackupAndRestore(folder)] })).toEqual(whole);
    } finally {
      await stopBackend(name);
    }
  });

  it('refuses a backup of another model, and a file that is none', async () => {
    const folder = new MemoryFolder();
    const failing = [new BackupAndRestore(folder), new Interruption(1, 1)];
    await expectAsync(train({ epochs: 2, callbacks: failing })).toBeRejected();
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
    const fit = (): Promise<unknown> =>
      model.fit(tf.ones([2, 2]), tf.ones([2, 1]), { callbacks: new BackupAndRestore(folder), verbose: 0 });
    await expectAsync(fit()).toBeRejectedWithError(
      KerasError,
      /another model: weight 0 is conv\/kernel \[3, 3, 1, 4\]/,
    );
    const [[file, bytes]] = [...folder.files] as [[string, Uint8Array]];
    await folder.write(file, bytes.slice(0, -3));
    await expectAsync(fit()).toBeRejectedWithError(KerasError, /cannot be read/);
    await folder.write(file, new Uint8Array(2));
    await expectAsync(fit()).toBeRejectedWithError(KerasError, /cannot be read/);
    model.dispose();
  });
});

async function lost(loss: WEBGL_lose_context, told: Map<string, () => void>): Promise<void> {
  const event = new Promise<void>((resolve) => told.set('lost', resolve));
  loss.loseContext();
  await event;
  // The browser allows to restore it once the event has been dispatched to all.
  await new Promise((resolve) => setTimeout(resolve));
}

describe('a model with an optimizer of Keras', () => {
  it('is saved and loaded with the state, and trains on with the same bits', async () => {
    const restore = utils.setRandomSeed(2);
    const model = buildModel();
    model.compile({ optimizer: new optimizers.AdamW({ clipNorm: 1 }), loss: 'categoricalCrossentropy' });
    const [x, y] = [tf.randomUniform([6, 8, 8, 1], 0, 1, 'float32', 4), tf.oneHot([0, 1, 2, 0, 1, 2], 3)];
    for (let i = 0; i < 3; i++) await model.trainOnBatch(x, y);
    let artifacts: tf.io.ModelArtifacts = {};
    await model.save(
      tf.io.withSaveHandler((saved) => {
        artifacts = saved;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
      }),
      { includeOptimizer: true },
    );
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(artifacts));
    expect(loaded.optimizer).toBeInstanceOf(optimizers.AdamW);
    expect(loaded.optimizer.iterations).toBe(3);
    const state = await loaded.optimizer.getWeights();
    expect(state[1]!.name).toMatch(/kernel.*\/momentum$/);
    const losses = async (trained: tfl.LayersModel): Promise<unknown[]> => {
      utils.setRandomSeed(3);
      return [await trained.trainOnBatch(x, y), await trained.trainOnBatch(x, y)];
    };
    expect(await losses(loaded)).toEqual(await losses(model));
    restore();
    tf.dispose([x, y]);
  });
});
