/** Sets the rows of a convolution's tiles in order. */
import { layeredTexelAt, texelAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan';
import { ceilDiv } from '../../src/shape';
import { outputsPerPhase, type Geometry } from '../geometry';

const interleave = template<{ layered: boolean; phases: number; direct: boolean }>(
  'interleave',
  () => ['tiles'],
  ({ layered, phases, direct }) => {
    const texel = direct
      ? `texelFetch(tiles, ${layered ? 'ivec3(x, from, r)' : 'ivec2(x, from)'}, 0)`
      : `tiles_texel(${layered ? 'r, ' : ''}from * run + x)`;
    return shader({
      samplers: { tiles: 'float32' },
      ...(layered ? { layered: 'tiles' } : {}),
      uniforms: ['int rows, run, tileRows, tilesPerPhase'],
      outputs: ['float32'],
      helpers: direct ? [] : [(layered ? layeredTexelAt : texelAt)('tiles', 'float32')],
      body: `
${direct ? 'int row = int(gl_FragCoord.y); int x = int(gl_FragCoord.x);' : 'int texel = outTexel(); int row = texel / run; int x = texel - row * run;'}
int image = row / rows; int o = row - image * rows;
int j = o / ${phases};
int tile = j / tileRows;
int from = (image * ${phases} + o - j * ${phases}) * tilesPerPhase + tile;
int r = j - tile * tileRows;
out0 = ${texel};`,
    });
  },
);

/** Sets the rows of slide's targets in order. */
export function interleavePlan(geometry: Geometry, tiles: readonly Layout[], out: Layout): Plan {
  const phases = geometry.rows.phases.length;
  const run = (out.shape[2]! * out.shape[3]!) / 4;
  const direct = out.width === run && tiles.every((t) => t.width === run);
  const tilesPerPhase = ceilDiv(outputsPerPhase(geometry.rows), tiles.length);
  return interleave(
    { layered: tiles.length > 1, phases, direct },
    { uniforms: { rows: geometry.rows.output, run, tileRows: tiles.length, tilesPerPhase }, outputs: [out] },
  );
}
