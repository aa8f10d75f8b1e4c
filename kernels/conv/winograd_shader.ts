/**
 * Transforms of data, filter and products of a Winograd convolution F(2x2, 3x3), whose tiles of two by two outputs take 16 multiplications
 * in place of 36. The transforms are those of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (arXiv:1509.09308, 4.1).
 *
 * Along each axis a tile has four points: two at the ends, 0 and 3, and two in the middle, 1 and 2. A pass has a target for each
 * column of points; the rows of points stand in it one after the other, the ends first.
 */
import { texelAt } from '../../src/glsl/accessor';
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  type Epilogue,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import { shader, split } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';
import {
  lineAccess,
  linesReader,
  linesUniforms,
  linesValues,
  placeTypes,
  type LineAccess,
  type LinesParams,
} from '../shader/tile_buffer';

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

const transformInput = template<object>(
  'winogradInput',
  () => ['x'],
  () =>
    shader({
      samplers: { x: 'float32' },
      uniforms: [
        'int first, inRows, inColumns, top, left, step, tileRows, tileColumns, tiles, inTexels, xRuns',
        'vec2 xScale',
      ],
      outputs: TARGETS,
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
float along = float(x0 * inTexels + c4) + 0.5, run = float(inColumns * inTexels), next = float(step * inTexels) * xScale.x;
${['a', 'b']
  .map(
    (r) => `bool has_${r} = uint(y${r}) < uint(inRows);
int row_${r} = image * inRows + y${r}, line_${r} = rowOf(row_${r}, xRuns);
vec2 ${r} = vec2(float(row_${r} - line_${r} * xRuns) * run + along, float(line_${r}) + 0.5) * xScale;`,
  )
  .join('\n')}
${indices(POINTS)
  .map((j) => {
    const texel = (r: string): string =>
      `mix(vec4(0.0), texture(x, vec2(${r}.x + ${j}.0 * next, ${r}.y)), bvec4(has${j} && has_${r}))`;
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
  return transformInput(
    {},
    {
      uniforms: {
        ...{ first, inRows, inColumns, tileRows, tileColumns, tiles, inTexels },
        ...(flipped ? { top: top + POINTS - 1, left: left + POINTS - 1, step: -1 } : { top, left, step: 1 }),
        xRuns: Math.floor(x.width / (inColumns * inTexels)),
        xScale: [1 / x.width, 1 / x.height],
      },
      outputs: TARGETS.map(() => target),
    },
  );
}

const transformFilter = template<{ access: LineAccess }>(
  'winogradFilter',
  () => ['f'],
  ({ access }) => {
    const { type } = placeTypes(access);
    const tap = (i: number, j: number): string => `f_line(${type}(0), ${type}(${3 * i + j}), ${type}(at))`;
    return shader({
      samplers: { f: 'float32' },
      uniforms: ['int taps', ...linesUniforms('f', { layered: false, access })],
      outputs: TARGETS,
      helpers: [linesReader('f', 'float32', { layered: false, access })],
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
  const access = lineAccess(f, taps);
  const uniforms = { taps, ...linesValues('f', f, taps) };
  return transformFilter({ access }, { uniforms, outputs: TARGETS.map(() => target) });
}

interface OutputParams extends LinesParams {
  /** Whether the filter is flipped and transposed; tiles are mirrored then. */
  readonly transposed: boolean;
  readonly epilogue?: EpilogueParams | undefined;
}

/** Four terms of the sum that defines the output: k counts taps and texels of input channels. */
const terms = (transposed: boolean): string => `
int tap = rowOf(k, inTexels), c4 = k - tap * inTexels, kh = tap / 3, kw = tap - kh * 3;
int iy = oy + top + kh, ix = ox + left + kw;
vec4 p = x_texel(((t * inRows + iy) * inColumns + ix) * inTexels + c4);
${
  transposed
    ? `int at = ((8 - tap) * outTexels + o4) * 4 * inTexels + c4;
vec4 product = vec4(${indices(4)
        .map((l) => `dot(p, f_texel(at + ${l} * inTexels))`)
        .join(', ')});`
    : `int at = (tap * inTexels + c4) * 4 * outTexels + o4;
vec4 product = ${[...'xyzw'].map((lane, l) => `p.${lane} * f_texel(at + ${l} * outTexels)`).join(' + ')};`
}
v += mix(vec4(0.0), product, bvec4(uint(iy) < uint(inRows) && uint(ix) < uint(inColumns)));`;

/**
 * Points mix pixels that an output does not see. Where these are not finite, or so large that as many bits cancel, the output is
 * summed as it is defined: an error of 2^-24 of them stays below a hundredth of the output.
 */
const CANCELLED_BITS = 16;

const transformOutput = template<OutputParams>(
  'winogradOutput',
  ({ epilogue }) => ['tiles', 'x', 'f', ...Object.keys(epilogueSamplers(epilogue))],
  ({ transposed, epilogue, ...lines }) => {
    const { type } = placeTypes(lines.access);
    const column = (at: string): string => `columnAt(layer, line, ${at}, lower, down, o4)`;
    const side = (at: string): string => `${transposed ? '~' : ''}${at} & 1`;
    return shader({
      samplers: { tiles: 'float32', x: 'float32', f: 'float32', ...epilogueSamplers(epilogue) },
      ...(lines.layered ? { layered: 'tiles' } : {}),
      uniforms: [
        'int first, inRows, inColumns, outRows, outColumns, top, left, tileRows, tileColumns, inTexels, outTexels, lines',
        ...linesUniforms('tiles', lines),
        ...epilogueDeclarations(epilogue),
      ],
      outputs: ['float32'],
      helpers: [
        epilogueHelper(epilogue),
        linesReader('tiles', 'float32', lines),
        texelAt('x', 'float32'),
        texelAt('f', 'float32'),
        `vec4 size = vec4(0.0);
vec4 pointAt(int layer, int line, int point, int o4) {
  vec4 v = tiles_line(${type}(layer), ${type}(line + point * lines), ${type}(o4));
  size += abs(v);
  return v;
}
vec4 columnAt(int layer, int line, int column, int end, float sign, int o4) {
  return pointAt(layer, line, column + 2, o4) + sign * (pointAt(layer, line, column + 3, o4) + pointAt(layer, line, column + end, o4));
}`,
      ],
      body: `
int t = outTexel();
${split('t', 'outTexels', 'o4')}
${split('t', 'outColumns', 'ox')}
${split('t', 'outRows', 'oy')}
int tile = (t * tileRows + (oy >> 1)) * tileColumns + (ox >> 1), layer = rowOf(tile, lines), line = tile - layer * lines;
int lower = ${side('oy')}, right = ${side('ox')};
float down = 1.0 - 2.0 * float(lower), across = 1.0 - 2.0 * float(right);
t += first;
vec4 v = ${column('4')} + across * (${column('8')} + ${column('right * 12')});
bool trusted = all(lessThan(floatBitsToInt(size) & 0x7fffffff, ivec4(0x7f800000))) && all(greaterThanEqual(abs(v) * ${2 ** CANCELLED_BITS}.0, size));
int terms = trusted ? 0 : 9 * inTexels;
v = mix(vec4(0.0), v, bvec4(trusted));
for (int k = 0; k < terms; k++) {${terms(transposed)}
}
${epilogue ? 'epilogueAt(o4); out0 = epilogue(v, ((t * outRows + oy) * outColumns + ox) * outTexels + o4);' : 'out0 = v;'}`,
    });
  },
);

/** What the last pass of a Winograd convolution reads and does. */
export interface WinogradOutput {
  readonly by: WinogradTiles;
  /** The products: layers, their layout, and how many tiles stand in one for each point. */
  readonly targets: number;
  readonly target: Layout;
  readonly lines: number;
  readonly inTexels: number;
  readonly outTexels: number;
  readonly epilogue?: Epilogue<unknown> | undefined;
}

/** The pass that makes outputs of the products; its inputs are these, the data, the filter and those of the epilogue. */
export function winogradOutputPlan(pass: WinogradOutput, out: Layout): Plan {
  const { by, target, targets, lines, inTexels, outTexels, epilogue } = pass;
  const { first, inRows, inColumns, outRows, outColumns, top, left, tileRows, tileColumns, flipped } = by;
  return transformOutput(
    { layered: targets > 1, access: lineAccess(target, outTexels), transposed: flipped, epilogue: epilogue?.params },
    {
      uniforms: {
        ...{ first, inRows, inColumns, outRows, outColumns, top, left, tileRows, tileColumns },
        ...{ inTexels, outTexels, lines },
        ...linesValues('tiles', target, outTexels),
        ...epilogue?.uniforms,
      },
      outputs: [out],
    },
  );
}
