// @ts-check
/** Draws ten kinds of clothing as 28x28 grey images from a seed: a stand-in for Fashion-MNIST without network. */
import { coat, dress, pullover, shirt, trouser, tShirt } from './clothes.js';
import { Raster, uniformRandom } from './raster.js';
import { ankleBoot, bag, sandal, sneaker } from './shoes_and_bags.js';

const SIDE = 28;
const CENTRE = SIDE / 2;

/** @typedef {import('./raster.js').Point} Point */
/** @typedef {import('./raster.js').Shade} Shade */

/**
 * What one garment is drawn with.
 *
 * @typedef {object} Pen
 * @property {(low: number, high: number) => number} between a uniform number
 * @property {(chance: number) => boolean} maybe
 * @property {(outline: readonly Point[], shade?: Shade) => void} fill in the fabric, or in a shade of its own
 * @property {(path: readonly Point[], width: number, level: number) => void} stroke
 * @property {number} tone the fabric's mean grey level
 */

/** In label order. */
/** @type {readonly ((pen: Pen) => void)[]} */
const GARMENTS = [tShirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankleBoot];

/**
 * Draws `count` images; labels go round 0 to 9, so that any prefix is balanced.
 *
 * @param {number} count
 * @param {number} seed the same seed draws the same images, and a larger count only adds to them
 * @returns {{ images: Uint8Array, labels: Uint8Array, count: number }}
 */
export function drawSplit(count, seed) {
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = i % GARMENTS.length;
    images.set(drawGarment(i % GARMENTS.length, seed + Math.imul(i, 0x85ebca6b)), i * SIDE * SIDE);
  }
  return { images, labels, count };
}

/**
 * Draws one image.
 *
 * @param {number} label
 * @param {number} seed
 * @returns {Uint8Array} 28 x 28
 */
export function drawGarment(label, seed) {
  const garment = GARMENTS[label];
  if (!garment) {
    throw new RangeError(`drawGarment: label is ${label}, expected 0 to ${GARMENTS.length - 1}.`);
  }
  const random = uniformRandom(seed);
  const between = (/** @type {number} */ low, /** @type {number} */ high) => low + (high - low) * random();
  const maybe = (/** @type {number} */ chance) => random() < chance;
  const raster = new Raster(SIDE);
  const place = placement(between);
  const tone = between(90, 235);
  const fabric = texture({ between, maybe }, tone);
  garment({
    between,
    maybe,
    tone,
    fill: (outline, shade = fabric) => raster.fill(outline.map(place), shade),
    stroke: (path, width, level) => raster.stroke(path.map(place), width, () => level),
  });
  const grain = between(2, 14);
  return raster.pixels(() => between(-grain, grain));
}

/**
 * A small turn, stretch and shift about the middle of the image.
 *
 * @param {Pen['between']} between
 * @returns {(point: Point) => Point}
 */
function placement(between) {
  const angle = between(-0.06, 0.06);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [scaleX, scaleY] = [between(0.88, 1.06), between(0.9, 1.03)];
  const [shiftX, shiftY] = [between(-1, 1), between(-0.8, 0.8)];
  return ([x, y]) => {
    const [u, v] = [(x - CENTRE) * scaleX, (y - CENTRE) * scaleY];
    return [CENTRE + shiftX + u * cos - v * sin, CENTRE + shiftY + u * sin + v * cos];
  };
}

/**
 * A fabric: plain, striped across or along, checked, or with a print on the chest; always lit a little from one side.
 *
 * @param {Pick<Pen, 'between' | 'maybe'>} pen
 * @param {number} tone
 * @returns {Shade}
 */
function texture({ between, maybe }, tone) {
  const light = between(-2, 2);
  const contrast = maybe(0.45) ? between(15, 70) : 0;
  const period = between(2.2, 5);
  const phase = between(0, period);
  const [across, along] = maybe(0.5) ? [1, 0] : maybe(0.6) ? [0, 1] : [1, 1];
  const stripe = (/** @type {number} */ position) => ((position + phase) % period < period / 2 ? 1 : -1);
  const print = maybe(0.2) ? between(-80, 80) : 0;
  return (x, y) => {
    const stripes = contrast * 0.5 * (across * stripe(y) + along * stripe(x));
    const onChest = Math.abs(x - CENTRE) < 3 && Math.abs(y - 12) < 3;
    const level = tone + light * (x - CENTRE) + stripes + (onChest ? print : 0);
    return Math.max(25, Math.min(255, level));
  };
}
