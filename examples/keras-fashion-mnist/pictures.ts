/** The pictures of a finished run: training curves, confusion matrix, predictions, and what the first layer sees. */
import * as tf from '@tensorflow/tfjs';
import { type ConfusionMatrix, datasets } from 'tfjs-backend-convgl/keras';
import { drawCurves } from './curves';
import { blend, CORRECT, css, FAINT_INK, INK, type Rgb, Sheet, WRONG } from './sheet';

const { CLASS_NAMES } = datasets.fashionMnist;
const CLASSES = CLASS_NAMES.length;

export interface RunResult {
  /** The test images, of shape [count, 28, 28]. */
  readonly images: datasets.ByteTensor;
  readonly labels: datasets.ByteTensor;
  readonly confusion: ConfusionMatrix;
  /** Of the test images, count x 10 in rows. */
  readonly predictions: Float32Array;
  readonly history: Readonly<Record<string, readonly number[]>>;
}

export interface Picture {
  readonly name: string;
  readonly canvas: HTMLCanvasElement;
}

export async function drawPictures(model: tf.LayersModel, result: RunResult): Promise<Picture[]> {
  return [
    { name: 'training-curves.png', canvas: drawCurves(result.history) },
    { name: 'confusion-matrix.png', canvas: drawConfusionMatrix(result) },
    { name: 'predictions.png', canvas: drawPredictions(result) },
    { name: 'first-layer.png', canvas: await drawFirstLayer(model, result.images) },
  ];
}

/** The likeliest class of one image, and how likely. */
function prediction(probabilities: Float32Array, image: number): { label: number; confidence: number } {
  const row = probabilities.subarray(image * CLASSES, (image + 1) * CLASSES);
  const confidence = Math.max(...row);
  return { label: row.indexOf(confidence), confidence };
}

const percent = (share: number, digits = 0) => `${(100 * share).toFixed(digits)} %`;

const WHITE: Rgb = [255, 255, 255];
const DEEP_BLUE: Rgb = [8, 64, 129];
const VERMILION: Rgb = [192, 57, 43];

function drawConfusionMatrix({ labels, confusion: { counts, accuracy } }: RunResult): HTMLCanvasElement {
  const right = counts.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  const cell = 52;
  const left = 150;
  const top = 150;
  const title = `Confusion matrix: ${String(right)} of ${String(labels.length)} test images right (${percent(accuracy, 1)})`;
  const sheet = new Sheet(left + CLASSES * cell + 40, top + CLASSES * cell + 40, title);
  sheet.text('predicted as', left + (CLASSES * cell) / 2, 64, { align: 'center', colour: FAINT_INK });
  sheet.text('true class', 26, top + (CLASSES * cell) / 2, { align: 'center', colour: FAINT_INK, turn: -Math.PI / 2 });
  counts.forEach((row, i) => {
    const name = CLASS_NAMES[i] ?? '';
    sheet.text(name, left - 10, top + (i + 0.5) * cell, { align: 'right' });
    sheet.text(name, left + (i + 0.4) * cell, top - 10, { turn: -Math.PI / 4 });
    const total = row.reduce((sum, count) => sum + count, 0);
    row.forEach((count, j) => {
      const share = total > 0 ? count / total : 0;
      const box = { x: left + j * cell, y: top + i * cell, width: cell, height: cell };
      sheet.fill(box, css(blend(WHITE, i === j ? DEEP_BLUE : VERMILION, share)));
      sheet.outline(box, '#d9dde5', 0.5);
      const colour = share > 0.5 ? '#ffffff' : count > 0 ? INK : '#b6bcc8';
      sheet.text(String(count), box.x + cell / 2, box.y + cell / 2, { align: 'center', colour });
    });
  });
  return sheet.canvas;
}

function drawPredictions({ images, labels, predictions }: RunResult): HTMLCanvasElement {
  const columns = 8;
  const cell = { width: 136, height: 164, image: 104 };
  const shown = Math.min(columns * 4, images.length);
  const rows = Math.ceil(shown / columns);
  const sheet = new Sheet(
    48 + columns * cell.width,
    100 + rows * cell.height,
    `The first ${String(shown)} test images`,
  );
  const legend = sheet.text('green: predicted right', 24, 62, { colour: CORRECT, weight: 600 });
  sheet.text('red: predicted wrong, with the true class below', 48 + legend, 62, { colour: WRONG, weight: 600 });
  for (let i = 0; i < shown; i++) {
    const truth = labels.values[i] ?? 0;
    const { label, confidence } = prediction(predictions, i);
    const colour = label === truth ? CORRECT : WRONG;
    const x = 24 + (i % columns) * cell.width + (cell.width - cell.image) / 2;
    const y = 84 + Math.floor(i / columns) * cell.height;
    const box = { x, y, width: cell.image, height: cell.image };
    sheet.pixels(box, 28, 28, greyOf(images, i));
    sheet.outline(box, colour, 3);
    const middle = x + cell.image / 2;
    const style = { align: 'center', colour } as const;
    sheet.text(`${CLASS_NAMES[label] ?? ''} ${percent(confidence)}`, middle, y + cell.image + 16, {
      ...style,
      size: 12,
      weight: 600,
    });
    if (label !== truth) {
      sheet.text(`is: ${CLASS_NAMES[truth] ?? ''}`, middle, y + cell.image + 34, {
        align: 'center',
        size: 12,
        colour: FAINT_INK,
      });
    }
  }
  return sheet.canvas;
}

function greyOf(images: datasets.ByteTensor, image: number): (pixel: number) => Rgb {
  return (pixel) => {
    const level = images.values[image * 784 + pixel] ?? 0;
    return [level, level, level];
  };
}

/** The 3x3 filters of the first convolution, and what each makes of one test image after the relu. */
async function drawFirstLayer(model: tf.LayersModel, images: datasets.ByteTensor): Promise<HTMLCanvasElement> {
  const [filters, maps] = await Promise.all([firstFilters(model), firstFeatureMaps(model, images)]);
  const count = filters.length / 9;
  const columns = 8;
  const cell = 68;
  const rows = Math.ceil(count / columns);
  const image = 60;
  const width = 2 * columns * cell + 120;
  const sheet = new Sheet(width, 128 + rows * cell + 16, 'The first convolution');
  sheet.pixels({ x: width - 24 - image, y: 16, width: image, height: image }, 28, 28, greyOf(images, 0));
  sheet.text('the test image behind the feature maps', width - 36 - image, 46, { align: 'right', colour: FAINT_INK });
  const left = [24, columns * cell + 96] as const;
  sheet.text(`${String(count)} filters of 3x3: blue positive, red negative`, left[0], 100, { weight: 600 });
  sheet.text('their feature maps after the relu: bright is strong', left[1], 100, { weight: 600 });
  const largest = Math.max(...filters.map(Math.abs), 1e-12);
  // Each map has its own scale, but a nearly silent one stays dark.
  const faintest = 0.05 * maximumOf(maps, 0, 1);
  for (let i = 0; i < count; i++) {
    const y = 122 + Math.floor(i / columns) * cell;
    const box = (side: 0 | 1) => ({ x: left[side] + (i % columns) * cell, y, width: cell - 8, height: cell - 8 });
    sheet.pixels(box(0), 3, 3, (tap) => {
      const weight = (filters[tap * count + i] ?? 0) / largest;
      return blend(WHITE, weight > 0 ? DEEP_BLUE : VERMILION, Math.abs(weight));
    });
    sheet.outline(box(0), '#b6bcc8', 0.75);
    const peak = Math.max(maximumOf(maps, i, count), faintest);
    sheet.pixels(box(1), 28, 28, (pixel) =>
      blend([12, 14, 30], [255, 226, 140], (maps[pixel * count + i] ?? 0) / peak),
    );
  }
  return sheet.canvas;
}

function maximumOf(maps: Float32Array, channel: number, channels: number): number {
  let most = 1e-12;
  for (let i = channel; i < maps.length; i += channels) most = Math.max(most, maps[i] ?? 0);
  return most;
}

/** Shape [3, 3, 1, filters]. */
async function firstFilters(model: tf.LayersModel): Promise<Float32Array> {
  const kernel = model.layers[0]?.getWeights()[0];
  if (!kernel) throw new Error('First layer: found no weights, expected a convolution.');
  return (await kernel.data()) as Float32Array;
}

/** Of the first image, shape [28, 28, filters]. */
async function firstFeatureMaps(model: tf.LayersModel, images: datasets.ByteTensor): Promise<Float32Array> {
  const relu = model.layers[1];
  if (!relu)
    throw new Error(`First layer: found ${String(model.layers.length)} layers, expected a convolution and a relu.`);
  const head = tf.model({ inputs: model.inputs, outputs: relu.output });
  const maps = tf.tidy(() => {
    const image = tf.reshape(images.slice(0, 1).toTensor(255), [1, 28, 28, 1]);
    return head.predict(image) as tf.Tensor;
  });
  const values = (await maps.data()) as Float32Array;
  maps.dispose();
  return values;
}
