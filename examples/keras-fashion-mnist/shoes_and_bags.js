// @ts-check
/** Outlines of sandal, sneaker, bag and ankle boot; shoes point to the left as in Fashion-MNIST. */
import { mirrored, rounded } from './raster.js';

/** @typedef {import('./raster.js').Point} Point */
/** @typedef {import('./drawn_clothing.js').Pen} Pen */

/** All images are 28 pixels wide. */
const CENTRE = 14;

/** @param {Pen} pen */
export function sandal(pen) {
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
export function sneaker(pen) {
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
export function bag(pen) {
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
export function ankleBoot(pen) {
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
