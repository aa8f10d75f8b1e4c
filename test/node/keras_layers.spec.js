/** What keras/ adds to tfjs-layers beside optimizers and callbacks: layers, sample weights, pictures and tables of models. */
import { kerasInNode } from './keras_in_node.js';

describe('keras', () => {
  /** @type {any} */
  let keras;
  /** @type {any} */
  let tf;
  /** @type {any} */
  let tfl;

  beforeAll(async () => {
    ({ keras, tf, tfl } = await kerasInNode());
  }, 60000);

  const [HEIGHT, WIDTH, CHANNELS] = [4, 5, 6];
  const value = (/** @type {number} */ i) => Math.sin(3 * i) + 0.2;

  /** @typedef {(row: number, column: number, channel: number) => number} Image */

  /** @type {Image} */
  const image = (row, column, channel) => value((row * WIDTH + column) * CHANNELS + channel);
  /** @type {Image} */
  const zero = (row, column, channel) => (row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH ? 0 : image(row, column, channel)); // prettier-ignore
  const clamped = (/** @type {number} */ i, /** @type {number} */ size) => Math.min(size - 1, Math.max(0, i));
  const windowOf = (
    /** @type {Image} */ from,
    /** @type {number} */ y,
    /** @type {number} */ x,
    /** @type {number} */ c,
  ) => Math.sqrt([0, 1, 2].reduce((sum, i) => sum + [0, 1].reduce((row, j) => row + from(y + i, x + j, c) ** 2, 0), 0));

  /** @type {[title: string, name: string, args: object, shape: number[], expected: Image][]} */
  const rows = [
    ['zeros', 'Padding2D', { padding: 2 }, [8, 9], (y, x, c) => zero(y - 2, x - 2, c)],
    ['edges', 'Padding2D', { padding: [[1, 2], [0, 3]], mode: 'edge' }, [7, 8], (y, x, c) => image(clamped(y - 1, HEIGHT), clamped(x, WIDTH), c)], // prettier-ignore
    ['the other side', 'Padding2D', { padding: [4, 2], mode: 'wrap' }, [12, 9], (y, x, c) => image(y % HEIGHT, (x + 3) % WIDTH, c)], // prettier-ignore
    ['windows', 'L2NormPooling2D', { poolSize: [3, 2], strides: [1, 2] }, [2, 2], (y, x, c) => windowOf(image, y, 2 * x, c)], // prettier-ignore
    ['the same size', 'L2NormPooling2D', { poolSize: [3, 2], strides: 1, padding: 'same' }, [4, 5], (y, x, c) => windowOf(zero, y - 1, x, c)], // prettier-ignore
    [
      'channels around',
      'LocalResponseNormalization',
      { depthRadius: 2, bias: 1.5, alpha: 0.4, beta: 0.75 },
      [4, 5],
      (y, x, c) => {
        const around = [-2, -1, 0, 1, 2].map((d) => c + d).filter((d) => d >= 0 && d < CHANNELS);
        return image(y, x, c) / (1.5 + 0.4 * around.reduce((sum, d) => sum + image(y, x, d) ** 2, 0)) ** 0.75;
      },
    ],
  ];

  for (const [title, name, args, [height = 0, width = 0], expected] of rows)
    describe(`${name} of ${title}`, () => {
      const make = () => new keras.layers[name]({ ...args, inputShape: [HEIGHT, WIDTH, CHANNELS] });
      const input = () => tf.tensor4d(Array.from({ length: HEIGHT * WIDTH * CHANNELS }, (_, i) => value(i)), [1, HEIGHT, WIDTH, CHANNELS]); // prettier-ignore

      it('has the shape and the values of its definition', () => {
        const model = tfl.sequential({ layers: [make()] });
        expect(model.outputs[0].shape).toEqual([null, height, width, CHANNELS]);
        const output = model.predict(input());
        expect(output.shape).toEqual([1, height, width, CHANNELS]);
        const values = output.dataSync();
        for (let i = 0; i < values.length; i++) {
          const [y, x, c] = [Math.floor(i / CHANNELS / width), Math.floor(i / CHANNELS) % width, i % CHANNELS];
          expect(values[i])
            .withContext(`${y}, ${x}, ${c}`)
            .toBeCloseTo(expected(y, x, c), 5);
        }
      });

      it('has the gradient of a difference', () => {
        const layer = make();
        const weights = tf.randomUniform([1, height, width, CHANNELS], 0.5, 1.5, 'float32', 3);
        const loss = (/** @type {any} */ x) => tf.sum(tf.mul(layer.apply(x), weights));
        const gradient = tf.grad(loss)(input()).dataSync();
        const step = 1e-2;
        for (const at of [0, 7, 40, 77, 119]) {
          const moved = (/** @type {number} */ by) => {
            const values = input().dataSync();
            values[at] += by;
            return loss(tf.tensor4d(values, [1, HEIGHT, WIDTH, CHANNELS])).dataSync()[0];
          };
          const wanted = (moved(step) - moved(-step)) / (2 * step);
          expect(Math.abs(gradient[at] - wanted))
            .withContext(`${at}: ${gradient[at]} and ${wanted}`)
            .toBeLessThan(0.02);
        }
      });

      it('is saved and loaded', async () => {
        const model = tfl.sequential({ layers: [make()] });
        const loaded = await tfl.models.modelFromJSON(JSON.parse(model.toJSON()));
        expect(loaded.layers.at(-1)).toBeInstanceOf(keras.layers[name]);
        expect([...loaded.predict(input()).dataSync()]).toEqual([...model.predict(input()).dataSync()]);
      });
    });

  it('refuses paddings that cannot be', () => {
    const { Padding2D } = keras.layers;
    expect(() => new Padding2D({ padding: -1 })).toThrowError(keras.KerasError, /whole numbers/);
    expect(() => new Padding2D({ padding: [1, 2, 3] })).toThrowError(keras.KerasError);
    expect(() => new Padding2D({ mode: 'mirror' })).toThrowError(keras.KerasError, /zero, edge, wrap/);
    const wide = new Padding2D({ padding: 5, mode: 'wrap', inputShape: [4, 9, 1] });
    expect(() => tfl.sequential({ layers: [wide] })).toThrowError(keras.KerasError, /at most the 4/);
  });

  it('gives the gradient 0 to windows of zeros', () => {
    const layer = new keras.layers.L2NormPooling2D();
    const gradient = tf.grad((/** @type {any} */ x) => tf.sum(layer.apply(x)))(tf.zeros([1, 4, 4, 1]));
    expect([...gradient.dataSync()]).toEqual(new Array(16).fill(0));
  });

  describe('fit', () => {
    const fitted = async (/** @type {object} */ options, functional = false) => {
      const dense = tfl.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones', useBias: false });
      const input = tfl.input({ shape: [2] });
      const model = functional ? tfl.model({ inputs: input, outputs: dense.apply(input) }) : tfl.sequential({ layers: [dense] }); // prettier-ignore
      model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
      const [x, y] = [tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]), tf.tensor2d([0, 0, 0], [3, 1])];
      const before = tf.memory().numTensors;
      const { history } = await keras.fit(model, x, y, {
        batchSize: 3,
        epochs: 1,
        shuffle: false,
        verbose: 0,
        ...options,
      });
      expect(tf.memory().numTensors).toBe(before);
      return { history, weights: [...model.getWeights()[0].dataSync()] };
    };

    it('weighs samples, in the loss and in the gradient', async () => {
      for (const functional of [false, true]) {
        const { history, weights } = await fitted({ sampleWeight: [3, 0, 0.5], validationData: [tf.ones([1, 2]), tf.zeros([1, 1])] }, functional); // prettier-ignore
        expect(history.loss[0]).toBeCloseTo((3 * 1 + 0 * 1 + 0.5 * 4) / 3, 5);
        // d/dw of the mean: 2 * sum(weight * output * input) / 3.
        const [a, b] = [1 - (0.1 * 2 * (3 + 0.5 * 2)) / 3, 1 - (0.1 * 2 * (0.5 * 2)) / 3];
        expect(weights[0]).toBeCloseTo(a, 5);
        expect(weights[1]).toBeCloseTo(b, 5);
        expect(history.val_loss[0])
          .withContext('validated without weights')
          .toBeCloseTo((a + b) ** 2, 4);
      }
    });

    it('is as without weights where all are 1, and refuses others', async () => {
      expect(await fitted({ sampleWeight: [1, 1, 1] })).toEqual(await fitted({}));
      await expectAsync(fitted({ sampleWeight: [1, 1] })).toBeRejectedWithError(keras.KerasError, /sampleWeight \[2\]/);
    });

    it('takes weights of classes along', async () => {
      const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [1], activation: 'softmax', kernelInitializer: 'zeros' })] }); // prettier-ignore
      model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
      const { history } = await keras.fit(model, tf.ones([2, 1]), tf.tensor2d([1, 0, 0, 1], [2, 2]), {
        sampleWeight: [1, 10],
        classWeight: { 0: 5, 1: 2 },
        verbose: 0,
      });
      expect(history.loss[0]).toBeCloseTo((Math.LN2 * (5 + 20)) / 2, 4);
    });
  });

  /** A network with a shortcut. */
  function branched() {
    const input = tfl.input({ shape: [8, 8, 3], name: 'image' });
    const conv = tfl.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', name: 'a_convolution_with_a_long_name' }).apply(input); // prettier-ignore
    const sum = tfl.layers.add({ name: 'sum' }).apply([input, conv]);
    return tfl.model({ inputs: input, outputs: tfl.layers.flatten({ name: 'flat' }).apply(sum), name: 'branched' });
  }

  it('summary prints each cell whole within the width', () => {
    for (const lineLength of [40, 60, 100]) {
      const lines = /** @type {string[]} */ ([]);
      keras.summary(branched(), { lineLength, print: (/** @type {string} */ line) => lines.push(line) });
      expect(Math.max(...lines.map(({ length }) => length))).toBe(lineLength);
      const text = lines.join('\n');
      expect(text).toContain('Total params: 84 (336 B)');
      expect(text.replace(/[\s_]/g, '').length).toBeGreaterThan(150);
      if (lineLength === 100)
        expect(text).toMatch(/sum \(Add\) +\(None, 8, 8, 3\) +0 +image, a_convolution_with_a_long_name/);
    }
  });

  it('plotModel draws boxes that do not overlap, and their connections', async () => {
    const svg = await keras.plotModel(branched());
    const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((found) => found.slice(1).map(Number)); // prettier-ignore
    expect(boxes.length).toBe(4);
    const apart = (/** @type {number[]} */ [x = 0, y = 0, w = 0, h = 0], /** @type {number[]} */ [a = 0, b = 0, c = 0, d = 0]) => x + w <= a || a + c <= x || y + h <= b || b + d <= y; // prettier-ignore
    boxes.forEach((box, i) => boxes.slice(i + 1).forEach((other) => expect(apart(box, other)).toBeTrue()));
    expect(svg.match(/<path d="M[^"]+" fill="none"/g)?.length).toBe(4);
    expect(svg).toContain('flat: Flatten');
    expect(svg).toContain('output: (None, 192)');
    expect(await keras.plotModel(branched(), { showShapes: false, rankdir: 'LR' })).not.toContain('output:');
  });

  it('confusionMatrix counts which class was taken for which', async () => {
    const model = tfl.sequential({ layers: [tfl.layers.activation({ activation: 'softmax', inputShape: [3] })] });
    const x = tf.oneHot([0, 1, 1, 2, 2, 2], 3);
    const wanted = {
      counts: [
        [1, 1, 0],
        [0, 1, 0],
        [0, 0, 3],
      ],
      accuracy: 5 / 6,
      recall: [0.5, 1, 1],
      precision: [1, 0.5, 1],
    };
    const truth = [0, 0, 1, 2, 2, 2];
    const before = tf.memory().numTensors;
    const [oneHot, numbers] = [tf.oneHot(truth, 3), tf.tensor1d(truth, 'int32')];
    expect(await keras.confusionMatrix(model, x, oneHot)).toEqual(wanted);
    expect(await keras.confusionMatrix(model, x, numbers)).toEqual(wanted);
    tf.dispose([oneHot, numbers]);
    expect(tf.memory().numTensors).toBe(before);
    await expectAsync(keras.confusionMatrix(model, x, tf.tensor1d([0, 1]))).toBeRejectedWithError(keras.KerasError);
    await expectAsync(keras.confusionMatrix(model, x, tf.tensor1d([0, 1, 2, 3, 0, 0]))).toBeRejectedWithError(
      /class 3/,
    );
  });
});
