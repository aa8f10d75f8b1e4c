/** Layers that vary images: what they do to known pixels, on convgl and on tfjs-backend-cpu. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { encodeModel, layers, loadModel, utils } from '../../keras/index';

type Apply = (x: tf.Tensor, kwargs: { training: boolean }) => tf.Tensor;

const SHAPE: [number, number, number, number] = [2, 3, 3, 1];
/** Two images of 1 to 9. */
const PIXELS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Each image that a layer makes of the two. */
function changed(layer: tfl.layers.Layer, training = true): number[][] {
  return tf.tidy(() => {
    const x = tf.tensor4d([...PIXELS, ...PIXELS], SHAPE);
    const y = (layer.apply.bind(layer) as unknown as Apply)(x, { training });
    return tf.reshape(y, [2, 9]).arraySync() as number[][];
  });
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, i) =>
    expect(value)
      .withContext(`[${actual.join(', ')}]`)
      .toBeCloseTo(expected[i]!, 4),
  );
}

for (const backend of ['convgl', 'cpu']) {
  describe(`augmentation on ${backend}`, () => {
    beforeAll(() => tf.setBackend(backend));
    afterAll(() => tf.setBackend('convgl'));

    it('flips each image or not, in the directions of the mode', () => {
      const kinds = { horizontal: [3, 2, 1, 6, 5, 4, 9, 8, 7], vertical: [7, 8, 9, 4, 5, 6, 1, 2, 3] };
      for (const mode of ['horizontal', 'vertical'] as const) {
        const layer = layers.randomFlip({ mode, seed: 4 });
        const seen = Array.from({ length: 8 }, () => changed(layer))
          .flat()
          .map(String);
        expect(new Set(seen)).toEqual(new Set([String(PIXELS), String(kinds[mode])]));
      }
      const both = layers.randomFlip({ seed: 2 });
      const seen = Array.from({ length: 12 }, () => changed(both))
        .flat()
        .map(String);
      expect(new Set(seen).size).toBe(4);
    });

    it('turns counterclockwise', () => {
      const layer = layers.randomRotation({ factor: [0.25, 0.25], seed: 1 });
      changed(layer).forEach((image) => expectClose(image, [3, 6, 9, 2, 5, 8, 1, 4, 7]));
    });

    it('shifts down and right, and fills', () => {
      const third: [number, number] = [1 / 3, 1 / 3];
      const layer = layers.randomTranslation({
        heightFactor: third,
        widthFactor: 0,
        fillMode: 'constant',
        fillValue: 7,
        seed: 1,
      });
      changed(layer).forEach((image) => expectClose(image, [7, 7, 7, 1, 2, 3, 4, 5, 6]));
      const across = layers.randomTranslation({ heightFactor: 0, widthFactor: third, fillMode: 'nearest', seed: 1 });
      changed(across).forEach((image) => expectClose(image, [1, 1, 2, 4, 4, 5, 7, 7, 8]));
    });

    it('zooms about the center', () => {
      const layer = layers.randomZoom({ heightFactor: [-0.5, -0.5], widthFactor: 0, seed: 1 });
      changed(layer).forEach((image) => expectClose(image, [2.5, 3.5, 4.5, 4, 5, 6, 5.5, 6.5, 7.5]));
      const out = layers.randomZoom({ heightFactor: [1, 1], fillMode: 'constant', seed: 1 });
      changed(out).forEach((image) => expectClose(image, [0, 0, 0, 0, 5, 0, 0, 0, 0]));
    });

    it('changes the distance from the mean by one factor per image', () => {
      const [first, second] = changed(layers.randomContrast({ factor: 0.5, seed: 3 }));
      for (const image of [first!, second!]) {
        const factor = image[0]! - 5 === 0 ? 0 : (image[0]! - 5) / -4;
        expect(factor).toBeGreaterThanOrEqual(0.5);
        expect(factor).toBeLessThanOrEqual(1.5);
        expectClose(
          image,
          PIXELS.map((x) => 5 + (x - 5) * factor),
        );
      }
      expect(first).not.toEqual(second);
    });
  });
}

describe('augmentation', () => {
  const make = (): tfl.layers.Layer => layers.randomRotation({ factor: 0.4, seed: 9 });

  it('repeats by seed, and by setRandomSeed', () => {
    expect(changed(make())).toEqual(changed(make()));
    const drawn = [5, 5, 6].map((seed) => {
      const restore = utils.setRandomSeed(seed);
      const layer = layers.randomRotation({ factor: 0.4 });
      restore();
      return changed(layer);
    });
    expect(drawn[1]).toEqual(drawn[0]);
    expect(drawn[2]).not.toEqual(drawn[0]);
  });

  it('passes images on where nothing is trained, and leaves no tensor', () => {
    const before = tf.memory().numTensors;
    expect(changed(make(), false)).toEqual([PIXELS, PIXELS]);
    changed(make());
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains in a model, and is saved with it', async () => {
    const model = tfl.sequential({
      layers: [
        layers.randomFlip({ mode: 'horizontal', inputShape: [3, 3, 1] }),
        layers.randomZoom({ heightFactor: [-0.2, 0.3] }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [tf.ones(SHAPE), tf.ones([2, 1])];
    expect(await model.trainOnBatch(x, y)).toBeGreaterThanOrEqual(0);
    const loaded = await loadModel(await encodeModel(model, 'h5', { includeOptimizer: false }));
    const configs = [model, loaded].map((one) => one.layers.map((layer) => layer.getConfig()));
    expect(configs[1]).toEqual(configs[0]);
    tf.dispose([x, y]);
    [model, loaded].forEach((one) => one.dispose());
  });
});
