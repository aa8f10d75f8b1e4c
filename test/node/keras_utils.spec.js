/** The namespace utils of the Keras entry: to_categorical and seeds. */
import { kerasInNode } from './keras_in_node.js';

describe('Keras utils', () => {
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
      keras: { utils },
    } = await kerasInNode());
  }, 60000);

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
});
