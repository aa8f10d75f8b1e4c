// @ts-check
/** Writes a data set as the four IDX files of the MNIST family, which `load_data()` reads. */

/**
 * The files by name; not compressed, whatever their published names say.
 *
 * @param {import('./dataset.js').KerasDataset} data
 * @returns {Record<string, Uint8Array>}
 */
export function datasetFiles([[trainImages, trainLabels], [testImages, testLabels]]) {
  return {
    'train-images-idx3-ubyte.gz': encodeIdx(trainImages),
    'train-labels-idx1-ubyte.gz': encodeIdx(trainLabels),
    't10k-images-idx3-ubyte.gz': encodeIdx(testImages),
    't10k-labels-idx1-ubyte.gz': encodeIdx(testLabels),
  };
}

/**
 * A header of two zeros, the type of unsigned bytes, the rank and the lengths, then the elements.
 *
 * @param {{ shape: readonly number[], values: Uint8Array }} array
 * @returns {Uint8Array}
 */
export function encodeIdx({ shape, values }) {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 | shape.length);
  shape.forEach((length, axis) => header.setUint32(4 + 4 * axis, length));
  return Buffer.concat([new Uint8Array(header.buffer), values]);
}
