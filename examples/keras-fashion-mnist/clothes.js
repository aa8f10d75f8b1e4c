// @ts-check
/** Outlines of what is worn on the body: T-shirt, trouser, pullover, dress, coat and shirt. */
import { mirrored } from './raster.js';

/** @typedef {import('./raster.js').Point} Point */
/** @typedef {import('./drawn_clothing.js').Pen} Pen */

/** All images are 28 pixels wide. */
const CENTRE = 14;

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

/** @param {Pen} pen */
export function tShirt(pen) {
  top(pen, { sleeve: 'short', hem: pen.between(23, 26), neck: pen.between(0.8, 3) });
}

/** @param {Pen} pen */
export function trouser({ between, fill, stroke, tone }) {
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
export function pullover(pen) {
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
export function dress(pen) {
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
export function coat(pen) {
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
export function shirt(pen) {
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
