/** Joins the rows of all families, and says why a kernel has none. */
import { kernelPlaces } from '../../../src/index';
import type { Rows } from '../row';
import { elementwiseRows } from './elementwise';
import { imageRows } from './image';
import { concatSplitRows } from './concat_split';
import { moveRows } from './move';
import { productRows } from './product';
import { reduceRows } from './reduce';
import { windowRows } from './window';

export const rows: Rows = {
  ...elementwiseRows,
  ...imageRows,
  ...concatSplitRows,
  ...moveRows,
  ...productRows,
  ...reduceRows,
  ...windowRows,
};

/** Kernels of our own that have no row, with the reason. */
const WITHOUT: Readonly<Record<string, string>> = {
  FromPixels: 'takes images, canvases and videos: test/kernels/pixels.spec.ts',
  Draw: 'draws on a canvas: test/kernels/pixels.spec.ts',
};

/** What the rows and the reasons have to be, and are not. Kernels on the host run tfjs-backend-cpu's own. */
export function gaps(): string[] {
  const { gpu } = kernelPlaces();
  return [
    ...gpu
      .filter((kernel) => !(kernel in rows) && !(kernel in WITHOUT))
      .map((kernel) => `${kernel} has no row in test/fuzz/rows, and no reason for that in test/fuzz/rows/index.ts`),
    ...Object.keys(rows)
      .filter((kernel) => !gpu.includes(kernel))
      .map((kernel) => `${kernel} has a row, but is no kernel of our own`),
    ...Object.keys(WITHOUT)
      .filter((kernel) => !gpu.includes(kernel) || kernel in rows)
      .map((kernel) => `${kernel} has a reason to have no row, but is no kernel of our own, or has one`),
  ];
}
