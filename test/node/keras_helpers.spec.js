/** What the Keras example adds to tfjs-layers: SGD with Keras 2's decay, to_categorical, seeds, progress. */
import { kerasInNode } from './keras_in_node.js';

describe('Keras helpers', () => {
  /** @type {any} */
  let keras;
  /** @type {any} */
  let utils;
  /** @type {any} */
  let tf;
  /** @type {any} */
  let tfl;

  beforeAll(async () => {
    ({
      tf,
      tfl,
      example: keras,
      keras: { utils },
    } = await kerasInNode());
  }, 60000);

  it('decays the learning rate as Keras 2 does', () => {
    const options = { learningRate: 0.01, decay: 0.01 / 12 };
    expect(keras.decayedLearningRate(options, 0)).toBe(0.01);
    expect(keras.decayedLearningRate(options, 276)).toBeCloseTo(0.01 / (1 + (0.01 / 12) * 276), 12);
    expect(keras.decayedLearningRate({ learningRate: 0.5 }, 1000)).toBe(0.5);
  });

  it('updates a weight by Keras 2’s formula, the momentum included', async () => {
    const options = { learningRate: 0.1, momentum: 0.9, decay: 0.5 };
    const optimizer = new keras.SGD(options);
    const weight = tf.variable(tf.tensor1d([1, -2]));
    let [w, v] = [
      [1, -2],
      [0, 0],
    ];
    for (let iteration = 0; iteration < 4; iteration++) {
      // d/dw of sum(w^2) is 2 w.
      optimizer.minimize(() => tf.sum(tf.square(weight)), false, [weight]);
      const rate = 0.1 / (1 + 0.5 * iteration);
      v = v.map((velocity, i) => 0.9 * velocity - rate * 2 * (w[i] ?? 0));
      w = w.map((value, i) => value + (v[i] ?? 0));
      const found = Array.from(await weight.data());
      found.forEach((value, i) => expect(value).toBeCloseTo(w[i] ?? NaN, 5));
    }
    expect(optimizer.iterations).toBe(4);
    const before = tf.memory().numTensors;
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before - 1);
  });

  it('makes no tensors from step to step', () => {
    const optimizer = new keras.SGD({ learningRate: 0.1, momentum: 0.9, decay: 0.1 });
    const weight = tf.variable(tf.tensor1d([1]));
    const step = () => optimizer.minimize(() => tf.sum(tf.square(weight)), false, [weight]);
    step();
    const before = tf.memory().numTensors;
    step();
    step();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('makes rows of to_categorical', async () => {
    const rows = utils.toCategorical(Uint8Array.from([2, 0]), 3);
    expect([rows.shape, rows.dtype]).toEqual([[2, 3], 'float32']);
    expect(Array.from(await rows.data())).toEqual([0, 0, 1, 1, 0, 0]);
  });

  describe('setRandomSeed', () => {
    const draw = (/** @type {number} */ seed) => {
      const restore = utils.setRandomSeed(seed);
      const weights = tfl.layers.dense({ units: 3, inputShape: [4] });
      weights.build([null, 4]);
      const order = [1, 2, 3, 4, 5, 6, 7, 8];
      tf.util.shuffle(order);
      const ones = tf.ones([1, 64]);
      const masks = [0, 1].map(() => Array.from(tf.dropout(ones, 0.5).dataSync()));
      restore();
      return { weights: Array.from(weights.getWeights()[0].dataSync()), order, masks };
    };

    it('repeats weights, order and dropout masks, and differs between seeds', () => {
      expect(draw(7)).toEqual(draw(7));
      expect(draw(7)).not.toEqual(draw(8));
    });

    it('gives each step a mask of its own', () => {
      const { masks } = draw(7);
      expect(masks[0]).not.toEqual(masks[1]);
    });

    it('gives Math.random back', () => {
      const original = Math.random;
      utils.setRandomSeed(1)();
      expect(Math.random).toBe(original);
    });
  });

  it('tells each of the first steps, the last of an epoch, and the epoch’s own means', async () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3], activation: 'softmax' })] });
    const optimizer = new keras.SGD({ learningRate: 0.1 });
    model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    /** @type {any[]} */
    const told = [];
    const listener = {
      onEpochBegin: (/** @type {number} */ epoch) => told.push(['begin', epoch]),
      onProgress: (/** @type {any} */ { step, steps, loss }) => told.push(['step', step, steps, Number.isFinite(loss)]),
      onEpochEnd: (/** @type {number} */ epoch, /** @type {any} */ logs) =>
        told.push(['end', epoch, Object.keys(logs).sort()]),
    };
    const x = tf.randomUniform([5, 3], 0, 1, 'float32', 3);
    const y = utils.toCategorical(Uint8Array.from([0, 1, 0, 1, 0]), 2);
    const { history } = await model.fit(x, y, {
      epochs: 1,
      batchSize: 2,
      validationData: [x, y],
      callbacks: new keras.ProgressCallback(listener),
      verbose: 0,
    });
    expect(told).toEqual([
      ['begin', 0],
      ['step', 1, 3, true],
      ['step', 2, 3, true],
      ['step', 3, 3, true],
      ['end', 0, ['acc', 'loss', 'val_acc', 'val_loss']],
    ]);
    expect(Object.keys(history).sort()).toEqual(['acc', 'loss', 'val_acc', 'val_loss']);
  });
});
