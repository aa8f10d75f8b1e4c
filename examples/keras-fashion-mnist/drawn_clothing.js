// @ts-check
/** Draws ten kinds of clothing as 28x28 grey images from a seed: a stand-in for Fashion-MNIST without network. */
import { Raster, rounded, uniformRandom } from './raster.js';

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

/**
 * The full outline of a garment that is the same on both sides, from the points of its right half, top to bottom.
 *
 * @param {readonly Point[]} half x counted from the middle
 * @returns {Point[]}
 */
function mirrored(half) {
  const right = half.map(([x, y]) => /** @type {Point} */ ([CENTRE + x, y]));
  const left = half.map(([x, y]) => /** @type {Point} */ ([CENTRE - x, y])).reverse();
  return [...right, ...left];
}

/**
 * Something with sleeves, worn on the upper body.
 *
 * @param {Pen} pen
 * @param {{ sleeve: 'short' | 'long', hem: number, neck: number }} cut `neck` is the depth of the neckline in pixels
 */
function top({ between, fill }, { sleeve, hem, neck }) {
  const body = between(5.2, 6.8);
  const shoulder = between(5.6, 6.8);
  const armpit = between(9, 10.5);
  const reach = between(10, 12.2);
  const cuff = between(21.5, 24.5);
  const flare = between(-0.6, 0.9);
  /** @type {Point[]} */
  const arm =
    sleeve === 'short'
      ? [
          [reach, between(8, 10)],
          [reach - 2.2, between(11, 12.5)],
        ]
      : [
          [reach - 1.2, 11],
          [reach, cuff],
          [reach - 2.6, cuff + 0.5],
          [body + 1.2, 13],
        ];
  fill(
    mirrored([
      [0, 3 + neck],
      [1.6, 2.8 + neck * 0.6],
      [2.9, 2.4],
      [shoulder, 3.8],
      ...arm,
      [body, armpit],
      [body - 0.2, 17],
      [body + flare, hem],
      [0, hem + 0.3],
    ]),
  );
}

/** @type {readonly ((pen: Pen) => void)[]} */
const GARMENTS = [tShirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankleBoot];

/** @param {Pen} pen */
function tShirt(pen) {
  top(pen, { sleeve: 'short', hem: pen.between(23, 26), neck: pen.between(0.8, 3) });
}

/** @param {Pen} pen */
function trouser({ between, fill, stroke, tone }) {
  const waist = between(3.2, 4.4);
  const hip = waist + between(0.3, 1.2);
  const crotch = between(8.5, 11);
  const foot = between(3.5, 6);
  const width = between(1.8, 2.9);
  fill(
    mirrored([
      [waist, 1.5],
      [hip, 8],
      [foot, 26.5],
      [foot - width, 26.6],
      [0.25, crotch],
    ]),
  );
  stroke(
    [
      [CENTRE - waist, 2.6],
      [CENTRE + waist, 2.6],
    ],
    0.5,
    tone * 0.6,
  );
}

/** @param {Pen} pen */
function pullover(pen) {
  const hem = pen.between(22.5, 25);
  top(pen, { sleeve: 'long', hem, neck: pen.between(0.3, 1.4) });
  if (pen.maybe(0.6)) {
    // A ribbed hem.
    pen.stroke(
      [
        [CENTRE - 5, hem - 1.2],
        [CENTRE + 5, hem - 1.2],
      ],
      0.5,
      pen.tone * 0.65,
    );
  }
}

/** @param {Pen} pen */
function dress(pen) {
  const { between } = pen;
  const shoulder = between(2.4, 4);
  const waist = between(2.2, 3.4);
  const hem = between(4, 8.2);
  const neck = between(2.2, 5);
  /** @type {Point[]} */
  const sleeve = pen.maybe(0.3)
    ? [
        [shoulder + 2.6, 8.5],
        [shoulder + 1.4, 10],
      ]
    : [];
  pen.fill(
    mirrored([
      [0, neck + 1],
      [1.3, 1.4],
      [shoulder, 1.8],
      ...sleeve,
      [waist + 0.4, 8],
      [waist, 12],
      [(waist + hem) / 2 + 0.4, 18],
      [hem, 26.6],
      [0, 27],
    ]),
  );
}

/** @param {Pen} pen */
function coat(pen) {
  const hem = pen.between(25, 27);
  top(pen, { sleeve: 'long', hem, neck: pen.between(1, 2.5) });
  const dark = pen.tone * pen.between(0.15, 0.45);
  const lapel = pen.between(2, 3.6);
  const closes = pen.between(9, 13);
  pen.stroke(
    [
      [CENTRE, closes - 1],
      [CENTRE, hem],
    ],
    pen.between(0.7, 1.3),
    dark,
  );
  pen.stroke(
    [
      [CENTRE - lapel, 3],
      [CENTRE, closes],
      [CENTRE + lapel, 3],
    ],
    0.7,
    dark,
  );
  if (pen.maybe(0.6)) {
    pen.stroke(
      [
        [CENTRE - 5, 17.5],
        [CENTRE - 2.5, 18],
      ],
      0.6,
      dark,
    );
    pen.stroke(
      [
        [CENTRE + 2.5, 18],
        [CENTRE + 5, 17.5],
      ],
      0.6,
      dark,
    );
  }
}

/** @param {Pen} pen */
function sandal(pen) {
  const { between, fill, stroke, tone } = pen;
  const heel = pen.maybe(0.5) ? between(3, 8) : between(0.6, 1.6);
  const ground = between(20, 22);
  const sole = ground - heel;
  const thick = between(1, 1.8);
  fill(
    rounded([
      [2, ground - 1.2],
      [8, ground - 1.4],
      [17, sole + 0.8],
      [25, sole - 0.6],
      [25.4, sole + thick],
      [17, sole + 1.2 + thick],
      [8, ground + 0.4],
      [2.4, ground],
    ]),
  );
  if (heel > 2.5) {
    fill([
      [23, sole],
      [25.4, sole],
      [25, ground + 0.4],
      [23.6, ground + 0.4],
    ]);
  }
  const straps = Math.floor(between(2, 5));
  const high = between(4.5, 8);
  for (let i = 0; i < straps; i++) {
    const x = 4.5 + (i * 16) / straps + between(-0.5, 0.5);
    const base = ground - 1 - (heel * (x - 4)) / 21;
    stroke(
      [
        [x, base],
        [x + 2.2, base - high * (0.35 + i * 0.15)],
        [x + 5, base - 0.4],
      ],
      between(0.8, 1.3),
      tone,
    );
  }
  stroke(
    [
      [24.6, sole],
      [24, sole - high],
      [20, sole - high + between(0, 2)],
    ],
    between(0.8, 1.3),
    tone,
  );
}

/** @param {Pen} pen */
function shirt(pen) {
  const hem = pen.between(24, 26.5);
  top(pen, { sleeve: pen.maybe(0.3) ? 'short' : 'long', hem, neck: 0.6 });
  const dark = pen.tone * pen.between(0.3, 0.6);
  const collar = pen.between(2.2, 3.4);
  pen.fill(
    [
      [CENTRE - collar, 2.4],
      [CENTRE, 6.6],
      [CENTRE + collar, 2.4],
      [CENTRE, 3.2],
    ],
    () => Math.min(255, pen.tone * 1.3),
  );
  for (let y = 8; y < hem - 1; y += 3) {
    pen.fill(
      [
        [CENTRE - 0.5, y],
        [CENTRE + 0.5, y],
        [CENTRE + 0.5, y + 1],
        [CENTRE - 0.5, y + 1],
      ],
      () => dark,
    );
  }
  pen.stroke(
    [
      [CENTRE, 6.6],
      [CENTRE, hem],
    ],
    0.35,
    dark,
  );
}

/** @param {Pen} pen */
function sneaker(pen) {
  const { between, fill, stroke, tone } = pen;
  const ground = between(19.5, 21);
  const ankle = between(10, 12);
  const toe = between(14.5, 16);
  fill(
    rounded([
      [2, ground - 1],
      [2.4, toe],
      [7, toe - 1],
      [13, ankle + 1.4],
      [17, ankle],
      [19, ankle + 2],
      [23, ankle - 0.6],
      [25.6, ankle],
      [26, ground - 1],
      [14, ground - 0.6],
    ]),
  );
  const sole = between(0.4, 1) < 0.7 ? Math.min(255, tone * 1.5) : tone * 0.5;
  stroke(
    [
      [2.2, ground],
      [25.8, ground],
    ],
    between(1.2, 2.2),
    sole,
  );
  for (let i = 0; i < 3; i++) {
    stroke(
      [
        [9.5 + i * 2.2, toe - 2.2 - i * 0.6],
        [11.2 + i * 2.2, toe - 0.2 - i * 0.6],
      ],
      0.6,
      tone * 0.5,
    );
  }
  if (pen.maybe(0.5)) {
    stroke(
      [
        [13, ground - 1.4],
        [19, ankle + 4],
        [23, ankle + 3],
      ],
      between(0.8, 1.6),
      tone > 150 ? tone * 0.5 : 235,
    );
  }
}

/** @param {Pen} pen */
function bag(pen) {
  const { between, fill, stroke, tone } = pen;
  const upper = between(8.5, 12.5);
  const lower = between(22, 26);
  const width = between(9, 12.4);
  const taper = between(-1.5, 2);
  const handle = between(4, Math.min(8, width - 1.5));
  const peak = between(2, upper - 3.5);
  stroke(
    [
      [CENTRE - handle, upper + 0.5],
      [CENTRE - handle * 0.75, peak + 1.5],
      [CENTRE - handle * 0.3, peak],
      [CENTRE + handle * 0.3, peak],
      [CENTRE + handle * 0.75, peak + 1.5],
      [CENTRE + handle, upper + 0.5],
    ],
    between(0.9, 1.7),
    tone * 0.9,
  );
  fill(
    mirrored([
      [0, upper - 0.2],
      [width - taper, upper],
      [width, lower - 1],
      [width - 1, lower],
      [0, lower + 0.2],
    ]),
  );
  if (pen.maybe(0.6)) {
    const flap = upper + between(3, 6);
    stroke(
      [
        [CENTRE - width + 1, flap],
        [CENTRE + width - 1, flap],
      ],
      0.6,
      tone * 0.5,
    );
    stroke(
      [
        [CENTRE - 0.7, flap + 0.4],
        [CENTRE + 0.7, flap + 0.4],
      ],
      1.6,
      tone > 150 ? 60 : 250,
    );
  }
}

/** @param {Pen} pen */
function ankleBoot(pen) {
  const { between, fill, tone } = pen;
  const ground = between(24, 25.5);
  const shaft = between(3, 7);
  const front = between(12.5, 15);
  const instep = between(14, 16);
  const heel = pen.maybe(0.5) ? between(2, 4.5) : between(0.4, 1);
  fill(
    rounded([
      [2, ground - 0.8],
      [2.6, ground - 4],
      [8, instep + 2.5],
      [front - 0.6, instep],
      [front, shaft + 2],
      [front - 0.4, shaft],
      [25, shaft],
      [24.4, 14],
      [25.4, ground - heel - 1],
      [17, ground - heel * 0.8 - 0.4],
      [11, ground],
    ]),
  );
  fill(
    [
      [20.5, ground - heel - 1.4],
      [25.4, ground - heel - 1.4],
      [24.8, ground + 0.3],
      [21.4, ground + 0.3],
    ],
    () => tone * 0.7,
  );
  if (pen.maybe(0.5)) {
    fill(
      [
        [front + 0.6, shaft + 0.4],
        [front + 2.4, shaft + 0.4],
        [front + 2, instep + 1],
        [front + 0.8, instep + 1],
      ],
      () => tone * 0.55,
    );
  }
}
