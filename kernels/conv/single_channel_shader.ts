/**
 * Loop nest of convolutions of images with one channel, which have four columns per texel. Each fragment computes four channels of
 * four adjacent columns, in one or two rows. The columns under a tap are lanes of texels that were fetched already.
 */
import { sampleTexel, selectLane } from '../../src/glsl/accessor';
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  readsWhole,
  writeTexels,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import {
  countingOf,
  ownRow,
  ownRowUniforms,
  ownRowValues,
  rowReader,
  rowUniforms,
  rowValues,
  type RowAccess,
} from '../../src/glsl/row_reader';
import { shader, split } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import { ceilDiv, indices } from '../../src/plan/shape';
import { lineReader, untileAccess, type UntileAccess } from '../shader/tile_buffer';

/** Columns of a texel. */
export const TEXEL_COLUMNS = 4;

/** The window along one axis, as it changes the text. */
export interface Taps {
  readonly size: number;
  readonly stride: number;
}

/** How a window moves along the columns. */
export interface ColumnWindow {
  readonly along: Taps;
  /** Zeros left of the first column. */
  readonly left: number;
}

interface NestParams extends ColumnWindow {
  /** Output rows of a fragment. */
  readonly rows: number;
  readonly down: Taps;
  /** Whether a row may lie outside of the image, and which of the texels of `texelsSeen`. */
  readonly guardsRows: boolean;
  readonly guarded: readonly number[];
  readonly access: RowAccess;
  /** Taps that a row of the filter's texture holds: where a tap lies is known with the text. */
  readonly filterRuns: number;
  readonly epilogue?: EpilogueParams | undefined;
}

/** The column that an output texel's lane sees through a tap, from the first column of the texel of its own place on. */
export const columnSeen = ({ along, left }: ColumnWindow, lane: number, tap: number): number =>
  lane * along.stride + tap - left;

/** The texels of an input row, from that of the output texel's own place on, that a fragment sees. */
export function texelsSeen(p: ColumnWindow): number[] {
  const first = Math.floor(columnSeen(p, 0, 0) / TEXEL_COLUMNS);
  const last = Math.floor(columnSeen(p, TEXEL_COLUMNS - 1, p.along.size - 1) / TEXEL_COLUMNS);
  return indices(last - first + 1).map((i) => first + i);
}

export const singleChannel = template<NestParams>(
  'singleChannel',
  ({ epilogue }) => ['x', 'weights', ...Object.keys(epilogueSamplers(epilogue))],
  (p) =>
    shader({
      samplers: { x: 'float32', weights: 'float32', ...epilogueSamplers(p.epilogue) },
      uniforms: [
        'int inRows, inTexels, top, tiles, quads, outTexels',
        ...rowUniforms('x', p),
        'vec2 filterScale',
        ...(readsWhole(p.epilogue) ? ['int outRows, outColumns'] : []),
        ...epilogueDeclarations(p.epilogue),
      ],
      outputs: indices(TEXEL_COLUMNS * p.rows).map(() => 'float32' as const),
      helpers: [epilogueHelper(p.epilogue), rowReader('x', { dtype: 'float32', access: p.access })],
      body: nestBody(p),
    }),
);

/** The name of texel e of input row d. */
const named = (d: number, e: number): string => `x${d}_${suffix(e)}`;
const columnOf = (e: number): string => `column_${suffix(e)}`;
const suffix = (e: number): string => (e < 0 ? `m${-e}` : `${e}`);

function nestBody(p: NestParams): string {
  const { rows, down, along, guardsRows, guarded } = p;
  const seen = texelsSeen(p);
  const texel = (d: number, e: number): string => {
    const read = `x_at(from${d}, ${columnOf(e)})`;
    const guards = [...(guardsRows ? [`row${d}`] : []), ...(guarded.includes(e) ? [named(0, e)] : [])];
    const inside = guards.map((name) => `${name}_in`).join(' && ');
    return `vec4 ${named(d, e)} = ${inside ? `mix(vec4(0.0), ${read}, bvec4(${inside}))` : read};`;
  };
  const line = (d: number): string => `
${guardsRows ? `bool row${d}_in = uint(first + ${d}) < uint(inRows);` : ''}
x_Row from${d} = x_row(t * inRows + first + ${d});
${seen.map((e) => texel(d, e)).join('\n')}`;
  return `
int t = outTexel();
${split('t', 'outTexels', 'o4')}
${split('t', 'quads', 'quad')}
${split('t', 'tiles', 'tile')}
int first = tile * ${rows * down.stride} - top, own = quad * ${along.stride};
${guarded.map((e) => `bool ${named(0, e)}_in = uint(own + ${e}) < uint(inTexels);`).join('\n')}
${seen.map((e) => `x_Column ${columnOf(e)} = x_column(own + ${e});`).join(' ')}
${indices((rows - 1) * down.stride + down.size)
  .map(line)
  .join('\n')}
float wu = (float(o4) + 0.5) * filterScale.x, wStep = float(outTexels) * filterScale.x;
${indices(rows)
  .flatMap((r) => indices(4).map((j) => `vec4 acc${r}_${j} = vec4(0.0);`))
  .join(' ')}
${indices(down.size)
  .flatMap((kh) => indices(along.size).map((kw) => products(p, kh, kw)))
  .join('\n')}
${writes(p).join('\n')}`;
}

/** What one tap adds to four columns of each row, for four channels. */
function products(p: NestParams, kh: number, kw: number): string {
  const tap = kh * p.along.size + kw;
  const [within, line] = [tap % p.filterRuns, Math.floor(tap / p.filterRuns)];
  const columns = (r: number): string => {
    const lanes = indices(TEXEL_COLUMNS).map((l) => {
      const column = columnSeen(p, l, kw);
      const e = Math.floor(column / TEXEL_COLUMNS);
      return `${named(r * p.down.stride + kh, e)}.${'xyzw'[column - e * TEXEL_COLUMNS]}`;
    });
    return `vec4(${lanes.join(', ')})`;
  };
  const sums = (r: number): string =>
    indices(4)
      .map((j) => `acc${r}_${j} += w.${'xyzw'[j]} * v;`)
      .join(' ');
  return `{ vec4 w = ${sampleTexel('weights', `vec2(wu + ${within}.0 * wStep, ${line}.5 * filterScale.y)`)};
${indices(p.rows)
  .map((r) => `{ vec4 v = ${columns(r)}; ${sums(r)} }`)
  .join(' ')} }`;
}

/** A target for each row and column: texels of four channels. */
function writes({ rows, epilogue }: NestParams): string[] {
  const texels = indices(rows).flatMap((r) =>
    indices(TEXEL_COLUMNS).map((l) => ({
      value: `vec4(${indices(4)
        .map((j) => `acc${r}_${j}.${'xyzw'[l]}`)
        .join(', ')})`,
      place: `((t * outRows + tile * ${rows} + ${r}) * outColumns + ${TEXEL_COLUMNS} * quad + ${l}) * outTexels + o4`,
    })),
  );
  return writeTexels(epilogue, 'o4', texels);
}

interface UntileColumnsParams extends UntileAccess {
  /** Output rows of a tile. */
  readonly rows: number;
  /** Elements of an output texel that are neighbours in the tiles, too: all where pixels are whole texels. */
  readonly together: 1 | 2 | 4;
}

/** GLSL that returns as many elements of `v` from its element i on, and the lanes that they become. */
const PARTS = {
  1: { type: 'float', body: selectLane('float32'), lanes: ['x', 'y', 'z', 'w'] },
  2: { type: 'vec2', body: 'return mix(v.xy, v.zw, bvec2((i & 2) != 0));', lanes: ['xy', 'zw'] },
} as const;

const untileColumns = template<UntileColumnsParams>(
  'untileColumns',
  () => ['tiles'],
  ({ own, tiles, rows, together }) => {
    const { type, quotient } = countingOf(tiles.access);
    const part = together === 4 ? undefined : PARTS[together];
    // Rows of elements, where they are no whole texels, are counted in integers.
    const inIntegers = type === 'int';
    const perPixel = part ? 'channels' : 'outTexels';
    // By a power of two: exact, and cheaper than a quotient.
    const share = (a: string, b: number): string =>
      inIntegers ? `${a} / ${b}` : `floor(${a} * ${(1 / b).toFixed(2)})`;
    const next = `k += ${type}(${together}); if (k == channels) { k = ${type}(0); x++; }${inIntegers ? ' if (x == outColumns) { x = 0; row++; }' : ''}`;
    return shader({
      samplers: { tiles: 'float32' },
      layered: 'tiles',
      uniforms: [
        `${type} outTexels`,
        ...(part ? [`${type} channels`] : []),
        ...(inIntegers ? ['int outRows, outColumns, tileRows'] : []),
        ...ownRowUniforms(own),
        ...rowUniforms('tiles', tiles),
      ],
      outputs: ['float32'],
      helpers: [
        `const ${type} LANES = ${type}(${TEXEL_COLUMNS}), ROWS = ${type}(${rows});`,
        lineReader('tiles', tiles),
        `vec4 cell(${type} row, ${type} x, ${type} o4) {
  ${inIntegers ? 'int image = rowOf(row, outRows); row -= image * outRows;' : ''}
  ${type} tile = ${share('row', rows)}, quad = ${share('x', TEXEL_COLUMNS)};
  ${type} layer = (row - tile * ROWS) * LANES + x - quad * LANES;
  return tiles_line(layer, ${inIntegers ? 'image * tileRows + ' : ''}tile, quad * outTexels + o4);
}`,
        part ? `${part.type} part(vec4 v, int i) { ${part.body} }` : '',
      ],
      body: `
${ownRow(own, part ? 4 : 1)}
${type} x = ${quotient}(column, ${perPixel}), k = column - x * ${perPixel};
${
  part
    ? part.lanes.map((to) => `out0.${to} = part(cell(row, x, ${share('k', 4)}), int(k)); ${next}`).join('\n')
    : 'out0 = cell(row, x, k);'
}`,
    });
  },
);

/** Sets what `singleChannel` wrote in order: NHWC data with its channels. */
export function untileColumnsPlan(targets: readonly Layout[], out: Layout): Plan {
  const [, outRows, outColumns, channels] = out.shape as [number, number, number, number];
  const rows = targets.length / TEXEL_COLUMNS;
  const outTexels = ceilDiv(channels, 4);
  const together = channels % 4 === 0 ? 4 : channels % 2 === 0 ? 2 : 1;
  const run = ceilDiv(outColumns, TEXEL_COLUMNS) * outTexels;
  const outRun = (outColumns * channels) / 4;
  // The last tile of an image may have a row too many.
  const access = untileAccess([targets[0]!, run, targets.length], [out, outRun], outRows % rows === 0);
  const counts = { outRows, outColumns, tileRows: ceilDiv(outRows, rows) };
  return untileColumns(
    { ...access, rows, together },
    {
      uniforms: {
        ...{ outTexels, channels, ...counts },
        ...ownRowValues(access.own, out, outRun, together === 4 ? 1 : 4),
        ...rowValues('tiles', targets[0]!, run),
      },
      outputs: [out],
    },
  );
}
