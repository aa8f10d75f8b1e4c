/** Loop nest of the direct convolution: each fragment computes a tile of vertically adjacent output rows, one render target each. */
import { texelAt } from '../../src/glsl/accessor';
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  readsWhole,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import { shader, split } from '../../src/glsl/shader';
import { template } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';

/**
 * How x is addressed, by what its texture rows hold in whole: `rows` of the image, `pixels`, or only `texels`, if a pixel has more
 * channels than a texture is wide.
 */
type Access = 'rows' | 'pixels' | 'texels';

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
  readonly access: Access;
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

interface FilterParams {
  readonly form: FilterForm;
  /** Whether the last tap comes first. */
  readonly flipped: boolean;
  /** What a row of the texture holds in whole: `runs`; one input channel of a tap, a `row`; or neither. */
  readonly access: 'runs' | 'row' | 'texels';
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
        'int rowTapStride, xRuns, filterRuns, filterRun',
        `int rowFirst[${p.rowPhases}], rowBase[${p.rowPhases}], columnFirst[${p.columnPhases}], columnBase[${p.columnPhases}]`,
        'vec2 xScale, filterScale',
        ...(readsWhole(p.epilogue) ? ['int outRows'] : []),
        ...epilogueDeclarations(p.epilogue),
      ],
      outputs: indices(p.rows).map(() => 'float32' as const),
      helpers: [
        epilogueHelper(p.epilogue),
        p.access === 'texels' ? texelAt('x', 'float32') : '',
        p.filter.access === 'texels' ? texelAt('weights', 'float32') : '',
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
  if (!epilogue) return indices(rows).map((r) => `out${r} = acc${r};`);
  const row = (r: number): string => `(t * outRows + (tile * ${rows} + ${r}) * ${rowPhases} + phase)`;
  const place = (r: number): string => (readsWhole(epilogue) ? `(${row(r)} * outColumns + ow) * outTexels + o4` : '0');
  return ['epilogueAt(o4);', ...indices(rows).map((r) => `out${r} = epilogue(acc${r}, ${place(r)});`)];
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
  if (p.access !== 'rows') return head;
  return `${head} int line${d} = rowOf(row${d}, xRuns); float u${d} = float((row${d} - line${d} * xRuns) * inColumns * inTexels) * xScale.x, v${d} = (float(line${d}) + 0.5) * xScale.y;`;
}

/** Where input column ix of row y0 + d lies, if that does not follow from the row's place. */
function pixelPosition({ access }: DirectParams, d: number): string {
  if (access === 'rows') return '';
  const pixel = `row${d} * inColumns + ix`;
  if (access === 'texels') return `int p${d} = max(${pixel}, 0) * inTexels;`;
  return `int p${d} = ${pixel}, line${d} = rowOf(p${d}, xRuns); float u${d} = float((p${d} - line${d} * xRuns) * inTexels) * xScale.x, v${d} = (float(line${d}) + 0.5) * xScale.y;`;
}

/** Where the filter's texels for this output channel group, row tap and column begin: a flat index, or `at`, in texture coordinates. */
function filterPosition({ filter }: DirectParams, k: number): string {
  const { form, flipped, access } = filter;
  const row = flipped ? `(filterRows - 1 - tap${k + 1})` : `tap${k + 1}`;
  const column = flipped ? '(filterColumns - 1 - kw)' : 'kw';
  const tap = `${row} * filterColumns + ${column}`;
  const run = form === 'packed' ? `o4 * filterRows * filterColumns + ${tap}` : tap;
  const within = { packed: '0', straight: 'o4', transposed: '4 * o4 * inTexels' }[form];
  const head = `int tap${k + 1} = firstTap + (tap0 + ${k}) * rowTapStride; int f${k} = ${run};`;
  const at = (x: string, y: string) => `vec2 at${k} = (vec2(${x}, ${y}) + 0.5) * filterScale;`;
  if (access === 'texels') return `${head} f${k} = f${k} * filterRun + ${within};`;
  if (access === 'row')
    return `${head} ${form === 'transposed' ? at('0', `f${k} * filterRun + 4 * o4`) : at('o4', `f${k} * filterRun`)}`;
  return `${head} int fLine${k} = rowOf(f${k}, filterRuns); ${at(`(f${k} - fLine${k} * filterRuns) * filterRun + ${within}`, `fLine${k}`)}`;
}

/** How far from there the texel of lane j is: of the input channels 4 * c and on, or of the output channels where the filter is transposed. */
function filterStep({ filter: { form, access } }: DirectParams, j: number): string {
  if (access === 'row') {
    const [x, y] = form === 'transposed' ? ['c', `${j}`] : ['0', `4 * c + ${j}`];
    return `vec2 step${j} = vec2(${x}, ${y}) * filterScale;`;
  }
  const x = { packed: `4 * c + ${j}`, straight: `(4 * c + ${j}) * outTexels`, transposed: `${j} * inTexels + c` }[form];
  return access === 'texels' ? `int step${j} = ${x};` : `float step${j} = float(${x}) * filterScale.x;`;
}

function weight({ filter: { access } }: DirectParams, k: number, j: number): string {
  if (access === 'texels') return `weights_texel(f${k} + step${j})`;
  return `texture(weights, ${access === 'row' ? `at${k} + step${j}` : `vec2(at${k}.x + step${j}, at${k}.y)`})`;
}

/** Where the input's texel c of column ix lies in a row or pixel, in texture coordinates. */
function pixelStep({ access }: DirectParams): string {
  if (access === 'texels') return '';
  return `float step = (float(${access === 'rows' ? 'ix * inTexels + c' : 'c'}) + 0.5) * xScale.x;`;
}

function loadRow({ access }: DirectParams, d: number): string {
  const texel = access === 'texels' ? `x_texel(p${d} + c)` : `texture(x, vec2(u${d} + step, v${d}))`;
  // A select: SwiftShader takes a conditional expression for a branch, which costs a fifth of the whole.
  return `vec4 x${d} = mix(vec4(0.0), ${texel}, ok${d});`;
}

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
    ${offsets.map((d) => loadRow(p, d)).join('\n    ')}
    ${indices(4)
      .map((j) => filterStep(p, j))
      .join('\n    ')}
    ${taps.join('\n    ')}
  } while (++c < inTexels);`;
}

/** A product for each lane: of a channel with its own filter, or, in turn, of all channels with that of the only output channel. */
function laneStep(p: DirectParams, offsets: readonly number[]): string {
  const only = p.channels === 'only';
  const taps = indices(p.taps).map((k) => {
    const flat = p.filter.access === 'texels';
    const place = flat ? `f${k}${only ? ' + c' : ''}` : `at${k}${only ? ' + vec2(float(c) * filterScale.x, 0.0)' : ''}`;
    const texel = `vec4 w = ${flat ? `weights_texel(${place})` : `texture(weights, ${place})`};`;
    const sums = indices(p.rows).map((r) => `acc${r} += x${r * p.step + k * p.tapStep} * w;`);
    return guarded(p, k, [texel, ...sums].join(' '));
  });
  const step = `${pixelStep(p)}
  ${offsets.map((d) => loadRow(p, d)).join('\n  ')}
  ${taps.join('\n  ')}`;
  return only ? `int c = 0;\n  do {\n  ${step}\n  } while (++c < inTexels);` : `int c = o4;\n  ${step}`;
}
