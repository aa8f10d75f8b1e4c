/** Untiles a convolution: puts the rows of its tiles into the order of the result. */
import { countingOf, ownRow, ownRowUniforms, ownRowValues, rowUniforms, rowValues } from '../../src/glsl/row_reader';
import { shader } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import { ceilDiv } from '../../src/plan/shape';
import { outputsPerPhase, type Geometry } from './geometry';
import { lineReader, untileAccess, type UntileAccess } from '../shader/tile_buffer';

interface UntileRowsParams extends UntileAccess {
  readonly phases: number;
  /** Whether no tile has a row too many, and there is one phase: row after row is then tile after tile. */
  readonly even: boolean;
}

const untileRows = template<UntileRowsParams>(
  'untileRows',
  () => ['tiles'],
  ({ own, tiles, phases, even }) => {
    const { type, quotient } = countingOf(tiles.access);
    // The tiles of one phase of an image are a series; output row o is the j-th row of one.
    const phase =
      phases === 1
        ? `${type} j = o, series = image;`
        : `const ${type} phases = ${type}(${phases}); ${type} j = ${quotient}(o, phases), series = image * phases + o - j * phases;`;
    const tile = even
      ? `${type} j = row, tile = ${quotient}(row, tileRows), from = tile;`
      : `${type} image = ${quotient}(row, rows), o = row - image * rows;
${phase}
${type} tile = ${quotient}(j, tileRows), from = series * tilesPerPhase + tile;`;
    return shader({
      samplers: { tiles: 'float32' },
      ...(tiles.layered ? { layered: 'tiles' } : {}),
      uniforms: [
        `${type} tileRows${even ? '' : ', rows, tilesPerPhase'}`,
        ...ownRowUniforms(own),
        ...rowUniforms('tiles', tiles),
      ],
      outputs: ['float32'],
      helpers: [lineReader('tiles', tiles)],
      body: `
${ownRow(own)}
${tile}
out0 = tiles_line(j - tile * tileRows, from, column);`,
    });
  },
);

/** Sets the rows of the direct convolution's targets in order. */
export function untileRowsPlan(geometry: Geometry, tiles: readonly Layout[], out: Layout): Plan {
  const phases = geometry.rows.phases.length;
  const rows = geometry.rows.output;
  const run = (out.shape[2]! * out.shape[3]!) / 4;
  const access = untileAccess([tiles[0]!, run, tiles.length], [out, run]);
  return untileRows(
    {
      ...access,
      phases,
      even: phases === 1 && rows % tiles.length === 0,
    },
    {
      uniforms: {
        rows,
        tileRows: tiles.length,
        tilesPerPhase: ceilDiv(outputsPerPhase(geometry.rows), tiles.length),
        ...ownRowValues(access.own, out, run),
        ...rowValues('tiles', tiles[0]!, run),
      },
      outputs: [out],
    },
  );
}
