/** Untiles a convolution: puts the rows of its tiles into the order of the result. */
import { shader } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import { ceilDiv } from '../../src/plan/shape';
import { outputsPerPhase, type Geometry } from './geometry';
import {
  lineAccess,
  linesReader,
  linesUniforms,
  linesValues,
  placeTypes,
  type LinesParams,
} from '../shader/tile_buffer';

interface UntileRowsParams extends LinesParams {
  readonly phases: number;
  /** Whether no tile has a row too many, and there is one phase: row after row is then tile after tile. */
  readonly even: boolean;
}

const untileRows = template<UntileRowsParams>(
  'untileRows',
  () => ['tiles'],
  (p) => {
    const { layered, access, phases, even } = p;
    const { type, quotient } = placeTypes(access);
    const place =
      access === 'texels'
        ? 'int texel = outTexel(), line = divIndex(texel, tilesRun), x = texel - line * tilesRun;'
        : 'float line = floor(gl_FragCoord.y), x = floor(gl_FragCoord.x);';
    // The tiles of one phase of an image are a series; output row o is the j-th row of one.
    const phase =
      phases === 1
        ? `${type} j = o, series = image;`
        : `const ${type} phases = ${type}(${phases}); ${type} j = ${quotient}(o, phases), series = image * phases + o - j * phases;`;
    const tile = even
      ? `${type} j = line, tile = ${quotient}(line, tileRows), from = tile;`
      : `${type} image = ${quotient}(line, rows), o = line - image * rows;
${phase}
${type} tile = ${quotient}(j, tileRows), from = series * tilesPerPhase + tile;`;
    return shader({
      samplers: { tiles: 'float32' },
      ...(layered ? { layered: 'tiles' } : {}),
      uniforms: [`${type} tileRows${even ? '' : ', rows, tilesPerPhase'}`, ...linesUniforms('tiles', p)],
      outputs: ['float32'],
      helpers: [linesReader('tiles', 'float32', p)],
      body: `
${place}
${tile}
out0 = tiles_line(j - tile * tileRows, from, x);`,
    });
  },
);

/** Sets the rows of the direct convolution's targets in order. */
export function untileRowsPlan(geometry: Geometry, tiles: readonly Layout[], out: Layout): Plan {
  const phases = geometry.rows.phases.length;
  const rows = geometry.rows.output;
  const run = (out.shape[2]! * out.shape[3]!) / 4;
  const access = out.width === run ? lineAccess(tiles[0]!, run) : 'texels';
  return untileRows(
    { layered: tiles.length > 1, access, phases, even: phases === 1 && rows % tiles.length === 0 },
    {
      uniforms: {
        rows,
        tileRows: tiles.length,
        tilesPerPhase: ceilDiv(outputsPerPhase(geometry.rows), tiles.length),
        ...linesValues('tiles', tiles[0]!, run),
      },
      outputs: [out],
    },
  );
}
