/**
 * Transforms of data, filter and products of a Winograd convolution F(2x2, 3x3), whose tiles of two by two outputs take 16 multiplications
 * in place of 36. The transforms are those of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (arXiv:1509.09308, 4.1).
 *
 * Along each axis a tile has four points: two at the ends, 0 and 3, and two in the middle, 1 and 2. A pass has a target for each
 * column of points; the rows of points stand in it one after the other, the ends first.
 */
import {
  countingOf,
  rowAccess,
  rowReader,
  rowUniforms,
  rowValues,
  type RowAccess,
  type RowParams,
} from '../../src/glsl/row_reader';
import { shader, split } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';
import { lineReader } from '../shader/tile_buffer';

/** Points of a tile along one axis. */
export const POINTS = 4;

/** How images are cut into tiles of two by two outputs. */
export interface WinogradTiles {
  /** The first of the images, and how many there are. */
  readonly first: number;
  readonly images: number;
  readonly inRows: number;
  readonly inColumns: number;
  readonly outRows: number;
  readonly outColumns: number;
  /** The input row and column that the first output sees first; negative in padding. */
  readonly top: number;
  readonly left: number;
  /** Tiles along either side of an image, and those of all, filled up with some that nobody reads. */
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly tiles: number;
  /** Whether the filter is to be flipped. Its points stay, and what a tile reads and gives is mirrored. */
  readonly flipped: boolean;
}

const TARGETS = indices(POINTS).map(() => 'float32' as const);

const transformInput = template<{ access: RowAccess }>(
  'winogradInput',
  () => ['x'],
  ({ access }) =>
    shader({
      samplers: { x: 'float32' },
      uniforms: [
        'int first, inRows, inColumns, top, left, step, tileRows, tileColumns, tiles, inTexels',
        ...rowUniforms('x', { access }),
      ],
      outputs: TARGETS,
      helpers: [rowReader('x', { dtype: 'float32', access })],
      body: `
int t = outTexel();
${split('t', 'inTexels', 'c4')}
${split('t', 'tiles', 'tile')}
${split('tile', 'tileColumns', 'tx')}
${split('tile', 'tileRows', 'ty')}
int image = first + tile, y0 = ty * 2 + top, x0 = tx * 2 + left;
// The rows of points are those of the tile numbered 0 - 2, 1 - 3, 1 + 2, 2 - 1.
int ya = y0 + (t == 3 ? 2 : min(t, 1)) * step, yb = y0 + (t == 1 ? 3 : t == 3 ? 1 : 2) * step;
float sign = t == 2 ? 1.0 : -1.0;
x_Column column = x_column(x0 * inTexels + c4), next = x_step(step * inTexels);
${['a', 'b']
  .map(
    (r) => `bool has_${r} = uint(y${r}) < uint(inRows);
x_Row ${r} = x_row(image * inRows + y${r});`,
  )
  .join('\n')}
${indices(POINTS)
  .map((j) => {
    const texel = (r: string): string =>
      `mix(vec4(0.0), x_at(${r}, column + x_Column(${j}) * next), bvec4(has${j} && has_${r}))`;
    return `bool has${j} = uint(x0 + ${j} * step) < uint(inColumns);
vec4 d${j} = ${texel('a')} + sign * ${texel('b')};`;
  })
  .join('\n')}
out0 = d0 - d2;
out1 = d1 + d2;
out2 = d2 - d1;
out3 = d1 - d3;`,
    }),
);

/** The pass that transforms NHWC data, whose rows the texture's rows hold whole: in every row of points a line for each tile. */
export function winogradInputPlan(by: WinogradTiles, x: Layout, inTexels: number, target: Layout): Plan {
  const { first, inRows, inColumns, top, left, tileRows, tileColumns, tiles, flipped } = by;
  const run = inColumns * inTexels;
  return transformInput(
    { access: rowAccess(x, run) },
    {
      uniforms: {
        ...{ first, inRows, inColumns, tileRows, tileColumns, tiles, inTexels },
        ...(flipped ? { top: top + POINTS - 1, left: left + POINTS - 1, step: -1 } : { top, left, step: 1 }),
        ...rowValues('x', x, run),
      },
      outputs: TARGETS.map(() => target),
    },
  );
}

const transformFilter = template<RowParams>(
  'winogradFilter',
  () => ['f'],
  (p) => {
    const { type } = countingOf(p.access);
    const tap = (i: number, j: number): string => `f_line(${type}(0), ${type}(${3 * i + j}), ${type}(at))`;
    return shader({
      samplers: { f: 'float32' },
      uniforms: ['int taps', ...rowUniforms('f', p)],
      outputs: TARGETS,
      helpers: [lineReader('f', p)],
      body: `
int t = outTexel();
${split('t', 'taps', 'at')}
float sign = t == 2 ? 0.5 : -0.5;
bvec4 second = bvec4(t == 1), inMiddle = bvec4(t > 1);
${indices(3)
  .map(
    (j) => `vec4 ${indices(3)
      .map((i) => `f${i}${j} = ${tap(i, j)}`)
      .join(', ')};
vec4 g${j} = mix(mix(f0${j}, f2${j}, second), 0.5 * (f0${j} + f2${j}) + sign * f1${j}, inMiddle);`,
  )
  .join('\n')}
vec4 ends = 0.5 * (g0 + g2);
out0 = g0;
out1 = ends + 0.5 * g1;
out2 = ends - 0.5 * g1;
out3 = g2;`,
    });
  },
);

/** The pass that transforms a filter [3, 3, in, out] with `taps` texels for each of the nine: in every row of points a line of as many. */
export function winogradFilterPlan(taps: number, f: Layout, target: Layout): Plan {
  const uniforms = { taps, ...rowValues('f', f, taps) };
  return transformFilter(
    { dtype: 'float32', access: rowAccess(f, taps, true) },
    { uniforms, outputs: TARGETS.map(() => target) },
  );
}
