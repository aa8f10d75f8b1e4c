/** The last pass of a Winograd convolution: outputs of the products, and those by definition in which too many bits cancelled. */
import { texelAt } from '../../src/glsl/accessor';
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  type Epilogue,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import { countingOf, rowAccess, rowUniforms, rowValues, type RowParams } from '../../src/glsl/row_reader';
import { shader, split } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';
import { lineReader } from '../shader/tile_buffer';
import type { WinogradTiles } from './winograd_shader';

interface OutputParams {
  readonly tiles: RowParams;
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
  ({ transposed, epilogue, tiles }) => {
    const { type } = countingOf(tiles.access);
    const column = (at: string): string => `columnAt(layer, line, ${at}, lower, down, o4)`;
    const side = (at: string): string => `${transposed ? '~' : ''}${at} & 1`;
    return shader({
      samplers: { tiles: 'float32', x: 'float32', f: 'float32', ...epilogueSamplers(epilogue) },
      ...(tiles.layered ? { layered: 'tiles' } : {}),
      uniforms: [
        'int first, inRows, inColumns, outRows, outColumns, top, left, tileRows, tileColumns, inTexels, outTexels, lines',
        ...rowUniforms('tiles', tiles),
        ...epilogueDeclarations(epilogue),
      ],
      outputs: ['float32'],
      helpers: [
        epilogueHelper(epilogue),
        lineReader('tiles', tiles),
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
  const tiles = { dtype: 'float32', access: rowAccess(target, outTexels, true), layered: targets > 1 } as const;
  return transformOutput(
    { tiles, transposed: flipped, epilogue: epilogue?.params },
    {
      uniforms: {
        ...{ first, inRows, inColumns, outRows, outColumns, top, left, tileRows, tileColumns },
        ...{ inTexels, outTexels, lines },
        ...rowValues('tiles', target, outTexels),
        ...epilogue?.uniforms,
      },
      outputs: [out],
    },
  );
}
