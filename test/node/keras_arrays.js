/** Numbers as they are kept beside files of Keras: float32 in base64, with a shape. */

/** @typedef {{ shape: number[], values: string }} StoredNumbers */

/**
 * @param {StoredNumbers} stored
 * @returns {Float32Array}
 */
export function numbersOf({ values }) {
  const bytes = Uint8Array.from(Buffer.from(values, 'base64'));
  return new Float32Array(bytes.buffer);
}

/**
 * @param {{ shape: number[], dataSync(): ArrayLike<number> }} tensor
 * @returns {StoredNumbers}
 */
export function stored(tensor) {
  const values = Float32Array.from(tensor.dataSync());
  return { shape: tensor.shape, values: Buffer.from(values.buffer).toString('base64') };
}

/**
 * Why numbers differ by more than a tolerance, or nothing.
 *
 * @param {StoredNumbers[]} actual
 * @param {StoredNumbers[]} expected
 * @param {number} tolerance
 * @returns {string | undefined}
 */
export function difference(actual, expected, tolerance) {
  const shapes = (/** @type {StoredNumbers[]} */ all) => JSON.stringify(all.map(({ shape }) => shape));
  if (shapes(actual) !== shapes(expected)) return `shapes ${shapes(actual)}, expected ${shapes(expected)}`;
  const worst = actual.map((one, i) => {
    const [a, b] = [numbersOf(one), numbersOf(/** @type {StoredNumbers} */ (expected[i]))];
    return a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? NaN))), 0);
  });
  const failed = worst.findIndex((error) => !(error <= tolerance));
  return failed < 0 ? undefined : `array ${failed} is off by ${worst[failed]}`;
}

/** What Keras trains on in its files: 4 samples, with their classes. */
export const trainingData = (/** @type {any} */ tf) => ({
  x: tf.tensor(
    Float32Array.from({ length: 12 }, (_, i) => (2 * i) / 11 - 1),
    [4, 3],
  ),
  y: tf.tensor2d([
    [1, 0],
    [0, 1],
    [0, 1],
    [1, 0],
  ]),
});

/**
 * A step of training on that, and the weights after it, layer by layer.
 *
 * @param {any} tf
 * @param {any} model
 */
export async function trainStep(tf, model) {
  const { x, y } = trainingData(tf);
  const [loss] = await model.trainOnBatch(x, y);
  tf.dispose([x, y]);
  return { loss, weights: weightsOf(model) };
}

/**
 * @param {any} model
 * @returns {StoredNumbers[]} in Keras's order: layer by layer
 */
export const weightsOf = (model) =>
  model.layers.flatMap((/** @type {any} */ layer) =>
    layer.weights.map((/** @type {any} */ weight) => stored(weight.read())),
  );
