/** The callbacks of keras/ do what Keras's do, in Node on the cpu backend. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kerasInNode } from './keras_in_node.js';
import { all, eventsOf, pixelsOf } from './tfevents.js';

describe('callbacks', () => {
  /** @type {any} */
  let callbacks;
  /** @type {any} */
  let optimizers;
  /** @type {any} */
  let training;
  /** @type {any} */
  let tf;
  /** @type {any} */
  let tfl;
  /** @type {string} */
  let folder;

  beforeAll(async () => {
    const loaded = await kerasInNode();
    ({ training, tf, tfl } = loaded);
    ({ callbacks, optimizers } = loaded.keras);
  }, 60000);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'convgl-callbacks-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /**
   * Epochs with these values in place of a training's.
   *
   * @param {any} callback
   * @param {Record<string, number>[]} epochs
   * @returns {Promise<number>} epochs until the training stopped
   */
  async function told(callback, epochs, model = new Model()) {
    callback.setParams({ epochs: epochs.length, samples: 10, batchSize: 4 });
    callback.model = model;
    await callback.onTrainBegin();
    for (const [epoch, logs] of epochs.entries()) {
      await callback.onEpochBegin(epoch);
      model.epoch = epoch;
      await callback.onEpochEnd(epoch, logs);
      if (model.stopTraining) return epoch + 1;
    }
    await callback.onTrainEnd();
    return epochs.length;
  }

  /** What callbacks ask of a model. */
  class Model {
    optimizer = new optimizers.SGD({ learningRate: 1 });
    stopTraining = false;
    epoch = 0;
    weights = [];
  }

  const losses = (/** @type {number[]} */ ...values) => values.map((val_loss) => ({ val_loss }));

  describe('EarlyStopping', () => {
    it('stops after epochs without an improvement of at least minDelta', async () => {
      expect(await told(new callbacks.EarlyStopping({ patience: 2 }), losses(3, 2, 2, 2.1, 1))).toBe(4);
      expect(await told(new callbacks.EarlyStopping({ patience: 2 }), losses(3, 2, 2.1, 1, 1, 0.5))).toBe(6);
      expect(await told(new callbacks.EarlyStopping({ patience: 1, minDelta: 0.2 }), losses(3, 2.9, 1))).toBe(2);
      expect(await told(new callbacks.EarlyStopping({ patience: 2, baseline: 1 }), losses(3, 2, 2.1, 2.2))).toBe(3);
      expect(await told(new callbacks.EarlyStopping({ patience: 1, startFromEpoch: 2 }), losses(1, 2, 3, 2, 2))).toBe(
        5,
      );
    });

    it('knows that more accuracy is better, under either name', async () => {
      const accuracies = [0.5, 0.6, 0.6].map((val_acc) => ({ val_acc }));
      for (const monitor of ['val_acc', 'val_accuracy'])
        expect(await told(new callbacks.EarlyStopping({ monitor, patience: 1 }), accuracies)).toBe(3);
    });

    it('restores the weights of the best epoch', async () => {
      const seen = /** @type {number[][][]} */ ([]);
      const look = new callbacks.LambdaCallback({
        onEpochEnd: () => void seen.push(stop.model.getWeights().map((/** @type {any} */ w) => [...w.dataSync()])),
      });
      const stop = new callbacks.EarlyStopping({ monitor: 'loss', mode: 'max', patience: 2, restoreBestWeights: true });
      const { weights, history } = await training.train({ epochs: 6, callbacks: [stop, look] });
      expect(history.loss.length).toBe(3);
      expect(weights).toEqual(seen[0]);
      expect(weights).not.toEqual(seen[2]);
    });

    it('says once that there is nothing to monitor', async () => {
      const warn = spyOn(console, 'warn');
      expect(await told(new callbacks.EarlyStopping({ monitor: 'val_x' }), losses(1, 2))).toBe(2);
      expect(warn).toHaveBeenCalledOnceWith('Found no val_x to monitor, expected one of val_loss.');
    });
  });

  it('ReduceLROnPlateau reduces, waits and stops at the least rate', async () => {
    const model = new Model();
    const reduce = new callbacks.ReduceLROnPlateau({ factor: 0.5, patience: 2, cooldown: 1, minLR: 0.3 });
    const epochs = losses(1, 1, 1, 1, 1, 1, 1, 1, 1);
    await told(reduce, epochs, model);
    expect(epochs.map((logs) => /** @type {any} */ (logs).learning_rate)).toEqual([
      1, 1, 1, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3,
    ]);
  });

  it('LearningRateScheduler sets the rate of each epoch', async () => {
    const model = new Model();
    const epochs = losses(1, 1, 1);
    const halve = (/** @type {number} */ epoch, /** @type {number} */ rate) => (epoch === 0 ? rate : rate / 2);
    await told(new callbacks.LearningRateScheduler(halve), epochs, model);
    expect(epochs.map((logs) => /** @type {any} */ (logs).learning_rate)).toEqual([1, 0.5, 0.25]);
  });

  it('TerminateOnNaN stops at once', async () => {
    spyOn(console, 'warn');
    const optimizer = () => new optimizers.SGD({ learningRate: 1e30 });
    const { history } = await training.train({ epochs: 3, callbacks: [new callbacks.TerminateOnNaN()], optimizer });
    expect(history.loss.length).toBe(1);
  });

  it('ModelCheckpoint saves all, or the best, under names with values', async () => {
    const saved = /** @type {string[]} */ ([]);
    const save = (/** @type {string} */ name) => Promise.resolve(saved.push(name));
    await told(new callbacks.ModelCheckpoint('m-{epoch:03d}-{val_loss:.2f}', { save }), losses(1, 0.5));
    await told(new callbacks.ModelCheckpoint('{epoch}', { save, saveBestOnly: true }), losses(1, 2, 0.5));
    expect(saved).toEqual(['m-001-1.00', 'm-002-0.50', '1', '3']);
  });

  it('ModelCheckpoint writes .h5 files that load', async () => {
    const { keras } = await kerasInNode();
    const path = join(folder, 'best-{epoch:02d}.h5');
    await training.train({ epochs: 1, callbacks: [new callbacks.ModelCheckpoint(path)] });
    const model = await keras.loadModel(join(folder, 'best-01.h5'));
    expect(model.optimizer).toBeInstanceOf(optimizers.Adam);
    expect(model.optimizer.iterations).toBe(5);
  });

  it('CSVLogger writes a row for each epoch, and goes on in its file', async () => {
    const rows = () => readFileSync(join(folder, 'log.csv'), 'utf8').split('\n');
    const log = (/** @type {object} */ options) => new callbacks.CSVLogger('log.csv', { folder, ...options });
    await told(log({}), [
      { loss: 1, acc: 0.5 },
      { loss: 0.5, acc: 1 },
    ]);
    expect(rows()).toEqual(['epoch,accuracy,loss', '0,0.5,1', '1,1,0.5', '']);
    await told(log({ append: true }), [{ loss: 0.25, acc: 1 }]);
    expect(rows().slice(2)).toEqual(['1,1,0.5', '0,1,0.25', '']);
    await told(log({ separator: ';' }), [{ loss: 2 }]);
    expect(rows()).toEqual(['epoch;loss', '0;2', '']);
  });

  it('History has the keys of old and new scripts, and LambdaCallback numbers', async () => {
    const history = new callbacks.History();
    const batches = /** @type {any[]} */ ([]);
    const lambda = new callbacks.LambdaCallback({ onBatchEnd: (/** @type {number} */ batch, /** @type {any} */ logs) => void batches.push([batch, logs]) }); // prettier-ignore
    const before = tf.memory().numTensors;
    const trained = await training.train({ epochs: 2, callbacks: [history, lambda] });
    expect(tf.memory().numTensors).toBe(before);
    expect(history.epoch).toEqual([0, 1]);
    for (const name of ['acc', 'val_acc', 'loss', 'val_loss'])
      expect(history.history[name]).toEqual(trained.history[name]);
    expect(history.history.accuracy).toBe(history.history.acc);
    expect(history.history.val_accuracy).toBe(history.history.val_acc);
    expect(batches.length).toBe(10);
    expect(Object.keys(batches[9][1])).toEqual(['loss', 'acc']);
    expect(typeof batches[9][1].loss).toBe('number');
  });

  it('ProgbarLogger writes the line of Keras', async () => {
    let text = '';
    const output = (/** @type {string} */ part) => void (text += part);
    await training.train({ epochs: 2, callbacks: [new callbacks.ProgbarLogger({ output, interval: 0 })] });
    const [first, line = '', second] = text.split('\n');
    expect([first, second]).toEqual(['Epoch 1/2', 'Epoch 2/2']);
    const parts = line.split('\r').map((part) => part.trimEnd());
    expect(parts[2]).toMatch(/^2\/5 \[===========>\.{18}\] - ETA: \d+s - loss: \d\.\d{4} - accuracy: \d\.\d{4}$/);
    expect(parts.at(-1)).toMatch(
      /^5\/5 \[={30}\] - \d+s \d+ms\/step - loss: \d\.\d{4} - accuracy: \d\.\d{4} - val_loss: \d\.\d{4} - val_accuracy: \d\.\d{4}$/,
    );
  });

  describe('TensorBoard', () => {
    it('writes scalars, histograms, images and the graph of a run', async () => {
      const board = new callbacks.TensorBoard({ logDir: folder, histogramFreq: 2, writeImages: true, updateFreq: 2 });
      const pictures = tf.tensor4d([0, 0.2, 0.4, 0.6, 0.8, 1, 1, 0, 1, 0, 1, 0], [2, 1, 2, 3]);
      const image = new callbacks.LambdaCallback({ onEpochEnd: (/** @type {number} */ epoch) => board.image('pictures', pictures, epoch) }); // prettier-ignore
      const { history } = await training.train({ epochs: 3, callbacks: [board, image] });
      const read = (/** @type {string} */ run) => {
        const names = readdirSync(join(folder, run));
        expect(names).toEqual([jasmine.stringMatching(/^events\.out\.tfevents\.\d{10}\./)]);
        return eventsOf(readFileSync(join(folder, run, names[0] ?? '')));
      };
      const [train, validation] = [read('train'), read('validation')];
      expect(train.version).toBe('brain.Event:2');
      const series = (/** @type {any} */ file, /** @type {string} */ tag) => file.of(tag).map((/** @type {any} */ value) => [value.step, value.scalar]); // prettier-ignore
      const wanted = (/** @type {string} */ name) => history[name].map((/** @type {number} */ value, /** @type {number} */ i) => [i, Math.fround(value)]); // prettier-ignore
      expect(series(train, 'epoch_loss')).toEqual(wanted('loss'));
      expect(series(train, 'epoch_accuracy')).toEqual(wanted('acc'));
      expect(series(validation, 'epoch_loss')).toEqual(wanted('val_loss'));
      expect(series(validation, 'epoch_accuracy')).toEqual(wanted('val_acc'));
      expect(series(train, 'batch_loss').map(([step]) => step)).toEqual([2, 4, 6, 8, 10, 12, 14]);
      expect(series(train, 'epoch_learning_rate')[0][1]).toBeCloseTo(0.01);
      expect(train.of('epoch_loss')[0]?.plugin).toBe('scalars');

      const kernel = train.of('classes/kernel/histogram');
      expect(kernel.map(({ step, plugin, shape }) => [step, plugin, shape])).toEqual([
        [0, 'histograms', [30, 3]],
        [2, 'histograms', [30, 3]],
      ]);
      const counts = kernel[0]?.doubles?.filter((_, i) => i % 3 === 2) ?? [];
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(144 * 3);

      const [shown] = train.of('pictures');
      expect(shown?.plugin).toBe('images');
      const [width, height, ...pngs] = shown?.strings ?? [];
      expect([width.toString(), height.toString(), pngs.length]).toEqual(['2', '1', 2]);
      expect(pixelsOf(pngs[0])).toEqual({ width: 2, height: 1, channels: 3, levels: [0, 51, 102, 153, 204, 255] });
      expect(train.of('conv/kernel/image').length).toBe(2);
      expect(pixelsOf(train.of('conv/kernel/image')[0]?.strings[2])).toEqual(
        jasmine.objectContaining({ width: 12, height: 3 }),
      );

      const nodes = all(train.graph, 1).map((node) => [all(node, 1), all(node, 2), all(node, 3)].map(String));
      expect(nodes[1]).toEqual(['conv', 'Conv2D', 'conv_input']);
      expect(JSON.parse(train.of('keras')[0]?.strings[0].toString()).config.layers.length).toBe(6);
    });

    it('finds where values lie, whatever they are', async () => {
      const board = new callbacks.TensorBoard({ logDir: folder, histogramFreq: 1, writeGraph: false });
      const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 3, inputShape: [2] })] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      model.setWeights([tf.tensor2d([NaN, 1, 2, 3, 4, Infinity], [2, 3]), tf.tensor1d([7, 7, 7])]);
      board.setParams({});
      board.setModel(model);
      await board.onTrainBegin();
      await board.onEpochEnd(0, {});
      await board.onTrainEnd();
      const [name = ''] = readdirSync(join(folder, 'train'));
      const file = eventsOf(readFileSync(join(folder, 'train', name)));
      const [kernel, bias] = ['kernel', 'bias'].map((part) => file.of(file.tags.find((tag) => tag.includes(part)) ?? '')[0]); // prettier-ignore
      const rows = kernel?.doubles ?? [];
      expect([rows[0], rows[88], rows.filter((_, i) => i % 3 === 2).reduce((a, b) => a + b)]).toEqual([1, 4, 4]);
      expect(bias?.doubles).toEqual([6.5, 7.5, 3]);
    });
  });

  describe('BackupAndRestore', () => {
    it('resumes bit for bit at any batch, from a folder', async () => {
      const { BackupAndRestore } = callbacks;
      const whole = await training.train({ epochs: 4, callbacks: [] });
      for (const [epoch, batch, saveFreq] of [
        [0, 4, 2],
        [1, 0, 'epoch'],
        [2, 3, 2],
        [3, 4, 3],
        [3, 4, 'epoch'],
      ]) {
        const failing = [new BackupAndRestore(folder, { saveFreq }), new training.Interruption(epoch, batch)];
        await expectAsync(training.train({ epochs: 4, callbacks: failing })).toBeRejectedWithError('interrupted');
        expect(readdirSync(folder)).toEqual(['backup.convgl']);
        const resumed = await training.train({ epochs: 4, callbacks: [new BackupAndRestore(folder, { saveFreq })] });
        expect(resumed).withContext(`epoch ${epoch}, batch ${batch}, ${saveFreq}`).toEqual(whole);
        expect(readdirSync(folder)).toEqual([]);
      }
    });

    it('resumes with every optimizer, and more than once', async () => {
      const { BackupAndRestore, MemoryFolder } = callbacks;
      for (const name of ['SGD', 'Adam', 'AdamW', 'Adamax', 'Nadam', 'RMSprop', 'Adagrad', 'Adadelta']) {
        const optimizer = () => new optimizers[name]({ learningRate: 0.05, clipNorm: 0.5 });
        const whole = await training.train({ epochs: 3, callbacks: [], optimizer });
        const memory = new MemoryFolder();
        for (const [epoch, batch] of [
          [1, 2],
          [1, 4],
          [2, 3],
        ]) {
          const failing = [new BackupAndRestore(memory, { saveFreq: 3 }), new training.Interruption(epoch, batch)];
          await expectAsync(training.train({ epochs: 3, callbacks: failing, optimizer })).toBeRejected();
        }
        const last = [new BackupAndRestore(memory, { saveFreq: 3, deleteCheckpoint: false })];
        expect(await training.train({ epochs: 3, callbacks: last, optimizer }))
          .withContext(name)
          .toEqual(whole);
        // All is done: what is left is to hear the values again.
        expect(await training.train({ epochs: 3, callbacks: last, optimizer }))
          .withContext(name)
          .toEqual(whole);
      }
    });

    it('keeps values that are not numbers', async () => {
      const optimizer = () => new optimizers.SGD({ learningRate: 1e30 });
      const memory = new callbacks.MemoryFolder();
      const backup = () => new callbacks.BackupAndRestore(memory, { saveFreq: 2 });
      const whole = await training.train({ epochs: 2, callbacks: [], optimizer });
      const failing = [backup(), new training.Interruption(1, 3)];
      await expectAsync(training.train({ epochs: 2, callbacks: failing, optimizer })).toBeRejected();
      expect((await training.train({ epochs: 2, callbacks: [backup()], optimizer })).history).toEqual(whole.history);
      expect(whole.history.loss[1]).toBeNaN();
    });
  });
});
