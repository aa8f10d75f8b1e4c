/** Loop nest of the direct convolution: each fragment computes a tile of vertically adjacent output rows, one render target each. */
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  readsWhole,
  writeTexels,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import { rowReader, rowUniforms, type RowAccess } from '../../src/glsl/row_reader';
import { shader, split } from '../../src/glsl/shader';
import { template } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';

/**
 * Which input channels an output channel sums: `all`; its `own`, as in depthwise convolutions; or all, for the `only` output channel.
 * In that case a texel of the filter holds four input channels, and lanes are summed at the end.
 */
export type ChannelUse = 'all' | 'own' | 'only';

/** All that the text of the nest depends on. */
interface DirectParams {
  /** Render targets: output rows of a tile. */
  readonly rows: number;
  /** Filter rows unrolled; 1 loops over them, so that they do not take all registers. */
  readonly taps: number;
  readonly step: number;
  readonly tapStep: number;
  readonly rowPhases: number;
  readonly columnPhases: number;
  /** Whether x is read by rows of one pixel each, where no texture row holds a row of the image; and the access to its rows. */
  readonly pixels: boolean;
  readonly access: RowAccess;
  readonly channels: ChannelUse;
  readonly filter: FilterParams;
  readonly epilogue?: EpilogueParams | undefined;
}

/**
 * Filter layout. `packed` by `packFilter`: a run of texels for each group of four output channels and each tap. `straight`, as tfjs has
 * it: a run for each tap, input channels by output channels. `transposed`: the same for the input gradient, whose output
 * channels are the filter's input channels.
 */
export type FilterForm = 'packed' | 'straight' | 'transposed';

/** How a filter is read. */
export interface FilterRows {
  /** What its rows are: the runs of taps, or, where no texture row holds one, of single `channels` of a tap; and the access to them. */
  readonly rows: 'taps' | 'channels';
  readonly access: RowAccess;
}

interface FilterParams extends FilterRows {
  readonly form: FilterForm;
  /** Whether the last tap comes first. */
  readonly flipped: boolean;
}

/** Offsets, from a tile's first input row, of the rows that its taps read. */
function rowOffsets({ rows, taps, step, tapStep }: DirectParams): number[] {
  const offsets = new Set<number>();
  for (let r = 0; r < rows; r++) for (let i = 0; i < taps; i++) offsets.add(r * step + i * tapStep);
  return [...offsets].sort((a, b) => a - b);
}

/** The pass that convolves; `directPlan` gives its uniforms. */
export const directConvolution = template<DirectParams>(
  'direct',
  (p) => ['x', 'weights', ...Object.keys(epilogueSamplers(p.epilogue))],
  (p) =>
    shader({
      samplers: {
        x: 'float32',
        weights: 'float32',
        ...epilogueSamplers(p.epilogue),
      },
      uniforms: [
        'int inRows, inColumns, inTexels, outColumns, outTexels, tiles, filterRows, filterColumns, columnStep, columnTapStride, columnTapStep',
        `int rowTapStride${p.filter.rows === 'channels' ? ', filterChannels' : ''}`,
        `int rowFirst[${p.rowPhases}], rowBase[${p.rowPhases}], columnFirst[${p.columnPhases}], columnBase[${p.columnPhases}]`,
        ...rowUniforms('x', p),
        ...rowUniforms('weights', p.filter),
        ...(readsWhole(p.epilogue) ? ['int outRows'] : []),
        ...epilogueDeclarations(p.epilogue),
      ],
      outputs: indices(p.rows).map(() => 'float32' as const),
      helpers: [
        epilogueHelper(p.epilogue),
        rowReader('x', { dtype: 'float32', access: p.access }),
        rowReader('weights', { dtype: 'float32', access: p.filter.access }),
      ],
      body: directBody(p),
    }),
);

/** Loops test at their end: a software GPU goes through the body of a `for` once more than it runs, with no lane active. */
function directBody(p: DirectParams): string {
  const offsets = rowOffsets(p);
  const looped = tapLoop(p);
  return `
int t = outTexel();
${split('t', 'outTexels', 'o4')}
${split('t', 'outColumns', 'ow')}
${split('t', 'tiles', 'tile')}
${split('t', p.rowPhases, 'phase')}
int image = t * inRows;
int x0 = ow;
${split('x0', p.columnPhases, 'columnPhase')}
x0 = x0 * columnStep + columnBase[columnPhase];
int firstColumn = columnFirst[columnPhase];
int tapsHere = rowOf(filterColumns - firstColumn + columnTapStride - 1, columnTapStride);
int iBegin = rowOf(max(columnTapStep - 1 - x0, 0), columnTapStep);
int iEnd = min(tapsHere, inColumns > x0 ? rowOf(inColumns - 1 - x0, columnTapStep) + 1 : 0);
int y0 = tile * ${p.rows * p.step} + rowBase[phase];
int firstTap = rowFirst[phase];
${indices(p.rows)
  .map((r) => `vec4 acc${r} = vec4(0.0);`)
  .join('\n')}
${looped.open}
${offsets.map((d) => rowPosition(p, d)).join('\n')}
if (iBegin < iEnd) {
int i = iBegin;
do {
  int ix = x0 + i * columnTapStep;
  int kw = firstColumn + i * columnTapStride;
  ${offsets.map((d) => pixelPosition(p, d)).join('\n  ')}
  ${indices(p.taps)
    .map((k) => filterPosition(p, k))
    .join('\n  ')}
  ${p.channels === 'all' ? channelLoop(p, offsets) : laneStep(p, offsets)}
} while (++i < iEnd);
}
${looped.close}
${
  p.channels === 'only'
    ? indices(p.rows)
        .map((r) => `acc${r} = vec4(dot(acc${r}, vec4(1.0)), 0.0, 0.0, 0.0);`)
        .join(' ')
    : ''
}
${writes(p).join('\n')}`;
}

/** Writes the sums, after the epilogue. */
function writes({ rows, rowPhases, epilogue }: DirectParams): string[] {
  const row = (r: number): string => `(t * outRows + (tile * ${rows} + ${r}) * ${rowPhases} + phase)`;
  const place = (r: number): string => `(${row(r)} * outColumns + ow) * outTexels + o4`;
  return writeTexels(
    epilogue,
    'o4',
    indices(rows).map((r) => ({ value: `acc${r}`, place: place(r) })),
  );
}

/** Filters that are not unrolled get a loop over their rows around everything. */
function tapLoop(p: DirectParams): { open: string; close: string } {
  if (p.taps > 1) return { open: 'const int tap0 = 0;', close: '' };
  return {
    open: `for (int tap0 = 0; firstTap + tap0 * rowTapStride < filterRows; tap0++) {`,
    close: '}',
  };
}

/** Where input row y0 + d lies, and whether it exists. */
function rowPosition(p: DirectParams, d: number): string {
  const y = `y0 + tap0 * ${p.tapStep} + ${d}`;
  const head = `bvec4 ok${d} = bvec4(uint(${y}) < uint(inRows)); int row${d} = image + ${y};`;
  if (p.pixels) return head;
  return `${head} x_Row from${d} = x_row(${p.access === 'flat' ? `max(row${d}, 0)` : `row${d}`});`;
}

/** Where input column ix of row y0 + d lies, if that does not follow from the row's place. */
function pixelPosition({ pixels }: DirectParams, d: number): string {
  return pixels ? `x_Row from${d} = x_row(row${d} * inColumns + ix);` : '';
}

/** The row of the filter for this row tap and column, or the first where channels have rows of their own. */
function filterPosition({ filter }: DirectParams, k: number): string {
  const { form, flipped, rows } = filter;
  const row = flipped ? `(filterRows - 1 - tap${k + 1})` : `tap${k + 1}`;
  const column = flipped ? '(filterColumns - 1 - kw)' : 'kw';
  const tap = `${row} * filterColumns + ${column}`;
  const run = form === 'packed' ? `o4 * filterRows * filterColumns + ${tap}` : tap;
  const head = `int tap${k + 1} = firstTap + (tap0 + ${k}) * rowTapStride;`;
  return rows === 'taps'
    ? `${head} weights_Row at${k} = weights_row(${run});`
    : `${head} int at${k} = (${run}) * filterChannels;`;
}

/** The columns of the texels of four lanes j: of the input channels 4 * c + j, or output channels where the filter is transposed. */
function filterColumns({ filter: { form, rows } }: DirectParams): string {
  if (rows === 'channels') return `weights_Column column = weights_column(${form === 'transposed' ? 'c' : 'o4'});`;
  const column = {
    packed: (j: number) => `4 * c + ${j}`,
    straight: (j: number) => `(4 * c + ${j}) * outTexels + o4`,
    transposed: (j: number) => `(4 * o4 + ${j}) * inTexels + c`,
  }[form];
  return `weights_Column ${indices(4)
    .map((j) => `column${j} = weights_column(${column(j)})`)
    .join(', ')};`;
}

function weight({ filter: { form, rows } }: DirectParams, k: number, j: number): string {
  if (rows === 'taps') return `weights_at(at${k}, column${j})`;
  return `weights_at(weights_row(at${k} + 4 * ${form === 'transposed' ? 'o4' : 'c'} + ${j}), column)`;
}

/** The column of the input's texel c of column ix. */
const pixelStep = ({ pixels }: DirectParams): string =>
  `x_Column step = x_column(${pixels ? 'c' : 'ix * inTexels + c'});`;

// A select: SwiftShader takes a conditional expression for a branch, which costs a fifth of the whole.
const loadRow = (d: number): string => `vec4 x${d} = mix(vec4(0.0), x_at(from${d}, step), ok${d});`;

/** A phase may have fewer taps than the unrolled ones; skipping keeps infinities of rows it must not see out of the sum. */
function guarded(p: DirectParams, k: number, statements: string): string {
  return p.rowPhases > 1 ? `if (tap${k + 1} < filterRows) { ${statements} }` : `{ ${statements} }`;
}

function channelLoop(p: DirectParams, offsets: readonly number[]): string {
  const taps = indices(p.taps).map((k) => {
    const weights = indices(4).map((j) => `vec4 w${j} = ${weight(p, k, j)};`);
    const sums = indices(p.rows).map((r) => {
      const x = `x${r * p.step + k * p.tapStep}`;
      if (p.filter.form === 'transposed')
        return `acc${r} += vec4(dot(${x}, w0), dot(${x}, w1), dot(${x}, w2), dot(${x}, w3));`;
      return `acc${r} += ${x}.x * w0 + ${x}.y * w1 + ${x}.z * w2 + ${x}.w * w3;`;
    });
    return guarded(p, k, [...weights, ...sums].join('\n      '));
  });
  return `int c = 0;
  do {
    ${pixelStep(p)}
    ${offsets.map(loadRow).join('\n    ')}
    ${filterColumns(p)}
    ${taps.join('\n    ')}
  } while (++c < inTexels);`;
}

/** A product for each lane: of a channel with its own filter, or, in turn, of all channels with that of the only output channel. */
function laneStep(p: DirectParams, offsets: readonly number[]): string {
  const only = p.channels === 'only';
  const taps = indices(p.taps).map((k) => {
    const texel = `vec4 w = weights_at(at${k}, column);`;
    const sums = indices(p.rows).map((r) => `acc${r} += x${r * p.step + k * p.tapStep} * w;`);
    return guarded(p, k, [texel, ...sums].join(' '));
  });
  const step = `${pixelStep(p)}
  weights_Column column = weights_column(${p.filter.form === 'packed' ? '0' : 'c'});
  ${offsets.map(loadRow).join('\n  ')}
  ${taps.join('\n  ')}`;
  return only ? `int c = 0;\n  do {\n  ${step}\n  } while (++c < inTexels);` : `int c = o4;\n  ${step}`;
}
