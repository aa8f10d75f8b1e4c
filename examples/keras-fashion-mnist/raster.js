// @ts-check
/** Fills polygons into a small grey image with antialiasing: all that the drawn clothing needs of a canvas. */

/** @typedef {readonly [x: number, y: number]} Point in pixels, y downwards */
/** @typedef {(x: number, y: number) => number} Shade grey level from 0 to 255 at a point */

/** Samples per pixel along each axis; 3x3 levels of coverage are enough for 28x28 images. */
const SAMPLES = 3;

/**
 * A generator of uniform numbers in [0, 1): mulberry32, the same sequence on every machine.
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function uniformRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A square grey image that is painted at several samples per pixel and read back at one. */
export class Raster {
  /** @param {number} side in pixels */
  constructor(side) {
    this.side = side;
    this.fine = side * SAMPLES;
    this.levels = new Float32Array(this.fine * this.fine);
  }

  /**
   * Paints the inside of a closed polygon by the even-odd rule.
   *
   * @param {readonly Point[]} outline
   * @param {Shade} shade
   */
  fill(outline, shade) {
    for (let row = 0; row < this.fine; row++) {
      const y = (row + 0.5) / SAMPLES;
      const crossings = crossingsAt(outline, y);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const first = Math.max(0, Math.ceil((crossings[i] ?? 0) * SAMPLES - 0.5));
        const end = Math.min(this.fine, Math.ceil((crossings[i + 1] ?? 0) * SAMPLES - 0.5));
        for (let column = first; column < end; column++) {
          this.levels[row * this.fine + column] = shade((column + 0.5) / SAMPLES, y);
        }
      }
    }
  }

  /**
   * Paints a line of constant width along points.
   *
   * @param {readonly Point[]} path
   * @param {number} width in pixels
   * @param {Shade} shade
   */
  stroke(path, width, shade) {
    for (let i = 0; i + 1 < path.length; i++) {
      const [x0, y0] = /** @type {Point} */ (path[i]);
      const [x1, y1] = /** @type {Point} */ (path[i + 1]);
      const length = Math.hypot(x1 - x0, y1 - y0) || 1;
      const along = /** @type {const} */ ([((x1 - x0) / length) * width * 0.5, ((y1 - y0) / length) * width * 0.5]);
      const [ax, ay] = along;
      // Half a width longer at both ends, so that segments join without a notch.
      this.fill(
        [
          [x0 - ax - ay, y0 - ay + ax],
          [x1 + ax - ay, y1 + ay + ax],
          [x1 + ax + ay, y1 + ay - ax],
          [x0 - ax + ay, y0 - ay - ax],
        ],
        shade,
      );
    }
  }

  /**
   * The image at one grey level per pixel: the mean over its samples, plus what `noise` adds where anything is painted.
   *
   * @param {() => number} noise
   * @returns {Uint8Array} side x side
   */
  pixels(noise) {
    const result = new Uint8Array(this.side * this.side);
    for (let i = 0; i < result.length; i++) {
      const top = Math.floor(i / this.side) * SAMPLES;
      const left = (i % this.side) * SAMPLES;
      let sum = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const row = top + Math.floor(sample / SAMPLES);
        sum += this.levels[row * this.fine + left + (sample % SAMPLES)] ?? 0;
      }
      const mean = sum / (SAMPLES * SAMPLES);
      result[i] = mean === 0 ? 0 : Math.max(0, Math.min(255, Math.round(mean + noise())));
    }
    return result;
  }
}

/**
 * Rounds a closed polygon: a Catmull-Rom curve through its points, four segments for each side.
 *
 * @param {readonly Point[]} outline
 * @returns {Point[]}
 */
export function rounded(outline) {
  const count = outline.length;
  const at = (/** @type {number} */ i) => /** @type {Point} */ (outline[(i + count) % count]);
  return outline.flatMap((_, i) => {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    return [0, 0.25, 0.5, 0.75].map((t) => {
      const blend = (/** @type {0 | 1} */ axis) =>
        0.5 *
        (2 * b[axis] +
          (c[axis] - a[axis]) * t +
          (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis]) * t * t +
          (3 * b[axis] - a[axis] - 3 * c[axis] + d[axis]) * t * t * t);
      return /** @type {Point} */ ([blend(0), blend(1)]);
    });
  });
}

/**
 * The full outline of a garment that is the same on both sides, from the points of its right half, top to bottom.
 *
 * @param {readonly Point[]} half x counted from the middle
 * @param {number} [centre]
 * @returns {Point[]}
 */
export function mirrored(half, centre = 14) {
  const right = half.map(([x, y]) => /** @type {Point} */ ([centre + x, y]));
  const left = half.map(([x, y]) => /** @type {Point} */ ([centre - x, y])).reverse();
  return [...right, ...left];
}

/**
 * @param {readonly Point[]} outline
 * @param {number} y
 * @returns {number[]} ascending
 */
function crossingsAt(outline, y) {
  const crossings = [];
  for (let i = 0; i < outline.length; i++) {
    const [x0, y0] = /** @type {Point} */ (outline[i]);
    const [x1, y1] = /** @type {Point} */ (outline[(i + 1) % outline.length]);
    if (y0 <= y !== y1 <= y) {
      crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
  }
  return crossings.sort((a, b) => a - b);
}
