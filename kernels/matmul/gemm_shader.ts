/** Loop nest of matrix products: each fragment accumulates a tile of R rows by four columns, one render target per row. */
import { coordsOf, offsetOf } from '../../src/glsl/accessor';
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  readsWhole,
  writeTexels,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import { rowReader, rowUniforms, type RowParams } from '../../src/glsl/row_reader';
import { scalarType, shader, split, vectorType } from '../../src/glsl/shader';
import { template, type DType } from '../../src/plan/plan';
import { indices } from '../../src/plan/shape';

/**
 * Which operands lie with K along their rows: `nn` a only, `nt` both (a dot product of texels), `tn` none (an outer
 * product of texels). The fourth is made of the others by a transpose.
 */
export type GemmForm = 'nn' | 'nt' | 'tn';

export interface GemmParams {
  readonly form: GemmForm;
  /** Render targets: rows that a fragment computes. */
  readonly targets: number;
  /** Texels of K that one round of the loop takes. */
  readonly unroll: number;
  /** Whether K need be no multiple of that. */
  readonly rest: boolean;
  readonly a: RowParams;
  readonly b: RowParams;
  readonly dtype: DType;
  /** Rank of the collapsed batch dimensions; 0 for one product. */
  readonly batchRank: number;
  readonly epilogue?: EpilogueParams | undefined;
}

const INNER_PRODUCT = {
  vec4: '#define inner dot',
  ivec4: 'int inner(ivec4 x, ivec4 y) { ivec4 p = x * y; return p.x + p.y + p.z + p.w; }',
} as const;

/** The pass; `gemmPlan` gives its uniforms. */
export const gemm = template<GemmParams>(
  'gemm',
  ({ epilogue }) => ['a', 'b', ...Object.keys(epilogueSamplers(epilogue))],
  ({ form, targets, unroll, rest, a, b, dtype, batchRank, epilogue }) => {
    const batched = batchRank > 0;
    const vector = vectorType(dtype);
    const acc = indices(targets).map((r) => `c${r}`);
    const tile = { form, targets, unroll, vector };
    return shader({
      samplers: { a: a.dtype, b: b.dtype, ...epilogueSamplers(epilogue) },
      uniforms: [
        ...['k', 'n4', 'tileRows', 'batches', 'sliceK', 'aRows', 'bRows'].map((name) => `int ${name}`),
        ...rowUniforms('a', a),
        ...rowUniforms('b', b),
        ...(batched ? [`int dims[${batchRank}]`, `int a_strides[${batchRank}]`, `int b_strides[${batchRank}]`] : []),
        ...(readsWhole(epilogue) ? ['int m'] : []),
        ...epilogueDeclarations(epilogue),
      ],
      outputs: acc.map(() => dtype),
      helpers: [
        ...(batched ? [coordsOf(batchRank), offsetOf('a', batchRank), offsetOf('b', batchRank)] : []),
        rowReader('a', a, { to: dtype }),
        rowReader('b', b, { to: dtype }),
        INNER_PRODUCT[vector],
        // Software GPUs go through memory for a component whose index varies.
        `${scalarType(dtype)} lane(${vector} v, int l) { return (l & 2) == 0 ? ((l & 1) == 0 ? v.x : v.y) : ((l & 1) == 0 ? v.z : v.w); }`,
        epilogueHelper(epilogue),
      ],
      body: [
        'int t = outTexel();',
        split('t', 'n4', 'column'),
        split('t', 'tileRows', 'row'),
        split('t', 'batches', 'batch'),
        'int start = t * sliceK;',
        'int end = min(k, start + sliceK);',
        batched ? `int coords[${batchRank}]; coordsOf(batch, coords);` : '',
        `int aBase = ${batched ? 'a_offset(coords) * aRows' : '0'};`,
        `int bBase = ${batched ? 'b_offset(coords) * bRows' : '0'};`,
        ...placesOfTile(tile),
        `${vector} ${acc.map((c) => `${c} = ${vector}(0)`).join(', ')};`,
        ...mainLoop(tile),
        ...(rest ? restLoop(tile) : []),
        ...writes(tile, epilogue),
      ].join('\n'),
    });
  },
);

interface Tile {
  readonly form: GemmForm;
  readonly targets: number;
  readonly unroll: number;
  readonly vector: 'vec4' | 'ivec4';
}

/** Writes the sums, after the epilogue. */
function writes({ form, targets }: Tile, epilogue: EpilogueParams | undefined): string[] {
  const row = (r: number): string =>
    form === 'tn' ? `4 * (row + ${r >> 2} * tileRows) + ${r & 3}` : `row + ${r} * tileRows`;
  const texels = indices(targets).map((r) => ({ value: `c${r}`, place: `(batch * m + ${row(r)}) * n4 + column` }));
  return writeTexels(epilogue, 'column', texels);
}

const LANES = ['x', 'y', 'z', 'w'] as const;

/** The halves of the texels' places that stay the same while the loop runs over k. */
function placesOfTile({ form, targets }: Tile): string[] {
  const column = 'b_Column b0 = b_column(column);';
  const rows = indices(targets).map((r) => `a_Row a${r} = a_row(aBase + row + ${r} * tileRows);`);
  if (form === 'nn') return [...rows, column];
  if (form === 'nt') return [...rows, ...LANES.map((_, l) => `b_Row b${l} = b_row(bBase + 4 * column + ${l});`)];
  const quads = Array.from({ length: targets / 4 }, (_, j) => `a_Column a${j} = a_column(row + ${j} * tileRows);`);
  return [...quads, column];
}

/** Whole texels of k. */
function mainLoop(tile: Tile): string[] {
  const { unroll } = tile;
  const step = 4 * unroll;
  const texels = Array.from({ length: unroll }, (_, u) => oneTexel(tile, u));
  return ['int kk = start;', `for (; kk + ${step} <= end; kk += ${step}) {`, ...texels.flat(), '}'];
}

/** Four steps of k, from kk + 4 * u on. */
function oneTexel(tile: Tile, u: number): string[] {
  const { form, targets, vector } = tile;
  const steps = LANES.map((_, l) => `kk + ${4 * u + l}`);
  if (form === 'tn') return steps.flatMap((kk) => outerProduct(tile, kk));
  const places = { nn: '', nt: `b_Column j = b_column((kk >> 2) + ${u});` };
  const loads = {
    nn: steps.map((kk, l) => `y${l} = b_at(b_row(bBase + ${kk}), b0)`),
    nt: LANES.map((_, l) => `y${l} = b_at(b${l}, j)`),
  };
  const products = {
    nn: LANES.map((lane, l) => `x.${lane} * y${l}`).join(' + '),
    nt: `${vector}(${LANES.map((_, l) => `inner(x, y${l})`).join(', ')})`,
  };
  return [
    `{ a_Column i = a_column((kk >> 2) + ${u}); ${places[form]}`,
    `${vector} ${loads[form].join(', ')}, x;`,
    ...indices(targets).map((r) => `x = a_at(a${r}, i); c${r} += ${products[form]};`),
    '}',
  ];
}

/** What is left of k, element by element: lanes past its end are never multiplied. */
function restLoop(tile: Tile): string[] {
  const { form, targets, vector } = tile;
  const loop = (...body: string[]): string[] => ['for (; kk < end; kk++) {', ...body, '}'];
  if (form === 'tn') return loop(...outerProduct(tile, 'kk'));
  const y = {
    nn: 'b_at(b_row(bBase + kk), b0)',
    nt: `${vector}(${LANES.map((_, l) => `lane(b_at(b${l}, b_column(kk >> 2)), kk)`).join(', ')})`,
  };
  const rows = indices(targets).map((r) => `c${r} += lane(a_at(a${r}, i), kk) * y;`);
  return loop(`a_Column i = a_column(kk >> 2); ${vector} y = ${y[form]};`, ...rows);
}

/** One step of k in form `tn`: every texel of `a` holds four rows of the tile. */
function outerProduct({ targets, vector }: Tile, kk: string): string[] {
  const quads = Array.from({ length: targets / 4 }, (_, j) => [
    `x = a_at(i, a${j});`,
    ...LANES.map((lane, l) => `c${4 * j + l} += x.${lane} * y;`),
  ]);
  return [`{ a_Row i = a_row(aBase + ${kk}); ${vector} y = b_at(b_row(bBase + ${kk}), b0), x;`, ...quads.flat(), '}'];
}
