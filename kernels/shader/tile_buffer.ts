/** Tile buffers, which one pass writes (often as layers of a texture array) and the next reads: their layout, and GLSL that reads them. */
import { tuningParameters, type TuningTable } from '../../src/plan/tuning';
import {
  countingOf,
  inTextureRows,
  rowAccess,
  rowReader,
  type RowAccess,
  type RowParams,
} from '../../src/glsl/row_reader';
import { vectorType } from '../../src/glsl/shader';
import { layoutOf, NARROW } from '../../src/plan/layout';
import type { DType, Layout, Limits } from '../../src/plan/plan';
import { ceilDiv, sizeOf, type Shape } from '../../src/plan/shape';

export const TILE_BUFFER_TUNING = {
  tileBufferRows: {
    unit: 'rows of a texture between two passes, at least',
    trade: 'idle processors, which take a few rows each / the second pass looks further for a line',
    value: 32,
    candidates: [1, 8, 16, 32, 64, 128],
  },
} as const satisfies TuningTable;

export const tileBufferTuning = tuningParameters(TILE_BUFFER_TUNING);

/**
 * The layout of a tile buffer with lines of `run` texels. Lines are cut into equal pieces, one above the other, until the texture has
 * enough rows for all processors of a device, which draw a few rows each, or would become too narrow.
 *
 * @throws TextureSizeError
 */
export function tileBufferLayout(shape: Shape, dtype: DType, run: number, limits: Limits): Layout {
  const lines = ceilDiv(sizeOf(shape), 4 * run);
  const enough = (width: number) =>
    width <= limits.maxTextureSize && (run / width) * lines >= tileBufferTuning.tileBufferRows;
  let width = run;
  for (let pieces = 2; !enough(width) && run / pieces >= NARROW; pieces++) if (run % pieces === 0) width = run / pieces;
  return layoutOf(shape, dtype, limits, width);
}

/** How a pass that untiles finds the row that it writes, and reads its tiles: both count in floats, or both in integers. */
export interface UntileAccess {
  readonly own: RowAccess;
  readonly tiles: RowParams;
}

/** The access of a pass from `tiles`, in lines of `run` texels, to a result in rows of `outRun`, if it writes `whole` rows. */
export function untileAccess(
  tiles: readonly [layout: Layout, run: number, targets: number],
  out: readonly [layout: Layout, run: number],
  whole = true,
): UntileAccess {
  const [{ dtype }, , targets] = tiles;
  const own = rowAccess(out[0], out[1], true);
  const access = rowAccess(tiles[0], tiles[1], true);
  const flat = !whole || !inTextureRows(own) || access === 'flat';
  const layered = targets > 1;
  return flat ? { own: 'flat', tiles: { dtype, access: 'flat', layered } } : { own, tiles: { dtype, access, layered } };
}

/** `vec4 X_line(layer, line, x)`: the texel x of a line of a layer; whole numbers of the type that `countingOf` the access says. */
export function lineReader(name: string, tiles: RowParams): string {
  const { type } = countingOf(tiles.access);
  return `${rowReader(name, tiles, { counts: type })}
${vectorType(tiles.dtype)} ${name}_line(${type} layer, ${type} line, ${type} x) {
  return ${name}_at(${tiles.layered ? 'layer, ' : ''}${name}_row(line), ${name}_column(x));
}`;
}
