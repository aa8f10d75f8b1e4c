/** Loop nest of matrix products: each fragment accumulates a tile of R rows by four columns, one render target per row. */
import { tuned } from './gemm_tuning';
import { coordsOf, offsetOf } from '../../src/glsl/accessor';
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  readsWhole,
  type Epilogue,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import { scalarType, shader, split, vectorType } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import {
  operandParams,
  operandReader,
  operandUniforms,
  operandValues,
  type Matrices,
  type OperandParams,
} from './gemm_operands_shader';

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
  readonly a: OperandParams;
  readonly b: OperandParams;
  readonly dtype: DType;
  /** Rank of the collapsed batch dimensions; 0 for one product. */
  readonly batchRank: number;
  readonly epilogue?: EpilogueParams | undefined;
}

const INNER_PRODUCT = {
  vec4: '#define inner dot',
  ivec4: 'int inner(ivec4 x, ivec4 y) { ivec4 p = x * y; return p.x + p.y + p.z + p.w; }',
} as const;

const gemm = template<GemmParams>(
  'gemm',
  ({ epilogue }) => ['a', 'b', ...Object.keys(epilogueSamplers(epilogue))],
  ({ form, targets, unroll, rest, a, b, dtype, batchRank, epilogue }) => {
    const batched = batchRank > 0;
    const vector = vectorType(dtype);
    const acc = Array.from({ length: targets }, (_, r) => `c${r}`);
    const tile = { form, targets, unroll, vector };
    return shader({
      samplers: { a: a.dtype, b: b.dtype, ...epilogueSamplers(epilogue) },
      uniforms: [
        ...['k', 'n4', 'tileRows', 'batches', 'sliceK', 'aRows', 'bRows'].map((name) => `int ${name}`),
        ...operandUniforms('a', a),
        ...operandUniforms('b', b),
        ...(batched ? [`int dims[${batchRank}]`, `int a_strides[${batchRank}]`, `int b_strides[${batchRank}]`] : []),
        ...(readsWhole(epilogue) ? ['int m'] : []),
        ...epilogueDeclarations(epilogue),
      ],
      outputs: acc.map(() => dtype),
      helpers: [
        ...(batched ? [coordsOf(batchRank), offsetOf('a', batchRank), offsetOf('b', batchRank)] : []),
        operandReader('a', a, dtype),
        operandReader('b', b, dtype),
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
  const rows = Array.from({ length: targets }, (_, r) => r);
  if (!epilogue) return rows.map((r) => `out${r} = c${r};`);
  const row = (r: number): string =>
    form === 'tn' ? `4 * (row + ${r >> 2} * tileRows) + ${r & 3}` : `row + ${r} * tileRows`;
  const place = (r: number): string => (readsWhole(epilogue) ? `(batch * m + ${row(r)}) * n4 + column` : '0');
  return ['epilogueAt(column);', ...rows.map((r) => `out${r} = epilogue(c${r}, ${place(r)});`)];
}

const LANES = ['x', 'y', 'z', 'w'] as const;

/** The halves of the texels' places that stay the same while the loop runs over k. */
function placesOfTile({ form, targets }: Tile): string[] {
  const column = 'b_Column b0 = b_column(column);';
  const rows = Array.from({ length: targets }, (_, r) => `a_Row a${r} = a_row(aBase + row + ${r} * tileRows);`);
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
    ...Array.from({ length: targets }, (_, r) => `x = a_at(a${r}, i); c${r} += ${products[form]};`),
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
  const rows = Array.from({ length: targets }, (_, r) => `c${r} += lane(a_at(a${r}, i), kk) * y;`);
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

/** Broadcast batch dimensions: for each of `dims`, by how many matrices either operand moves along it. */
export interface Batch {
  readonly dims: readonly number[];
  readonly aStrides: readonly number[];
  readonly bStrides: readonly number[];
}

/** What one product pass computes. */
export interface GemmPass {
  readonly form: GemmForm;
  readonly a: Matrices;
  readonly b: Matrices;
  readonly k: number;
  /** Texels in a row of the result. */
  readonly n4: number;
  /** How many tiles stand on top of each other in one product. */
  readonly tileRows: number;
  readonly batch: Batch;
  /** Length of the pieces that K is cut into; each makes a result of its own, after those of all batches. */
  readonly sliceK: number;
  /** Rows of one product. */
  readonly m: number;
  readonly epilogue?: Pick<Epilogue<unknown>, 'params' | 'uniforms'> | undefined;
}

/** Elements of a small dense layer's weights, and of its batch, at most. */
const SMALL_WEIGHTS = 2 ** 16;
const SMALL_BATCH = 512;

/** Whether a product is one of a small dense layer or its gradients: a longer loop body would cost more to compile than it saves. */
function isSmallLayer({ form, m, k, n4, batch }: GemmPass): boolean {
  const [rows, weights] = form === 'tn' ? [k, m * n4 * 4] : [m, k * n4 * 4];
  return batch.dims.length === 0 && rows <= SMALL_BATCH && weights <= SMALL_WEIGHTS;
}

/**
 * How the loop goes through K: without a rest where it can, which is faster and compiles sooner. In form `tn` K is
 * often a batch, whose size should need no program of its own.
 */
function roundOf(pass: GemmPass): Pick<GemmParams, 'unroll' | 'rest'> {
  const { form, k, sliceK } = pass;
  const most = isSmallLayer(pass) ? 1 : tuned[`gemmUnroll.${form}`];
  if (form === 'tn') return { unroll: most, rest: true };
  const whole = (texels: number): boolean => k % (4 * texels) === 0 && sliceK % (4 * texels) === 0;
  return { unroll: whole(most) ? most : 1, rest: !whole(1) };
}

/**
 * The pass that computes all tiles: target r holds, for every slice of K, batch and tile, the tile's row r. Tile i consists
 * of the rows i + r * tileRows, in form `tn` of the rows 4 * (i + floor(r / 4) * tileRows) + r % 4.
 *
 * @param targets a layout for each row of the tile
 */
export function gemmPlan(pass: GemmPass, targets: readonly Layout[]): Plan {
  const { form, a, b, m, k, n4, tileRows, batch, sliceK, epilogue } = pass;
  const batches = batch.dims.reduce((product, d) => product * d, 1);
  const batched = batches > 1;
  return gemm(
    {
      form,
      targets: targets.length,
      ...roundOf(pass),
      a: operandParams(a, form === 'tn'),
      b: operandParams(b, form !== 'nt'),
      dtype: targets[0]!.dtype,
      batchRank: batched ? batch.dims.length : 0,
      epilogue: epilogue?.params,
    },
    {
      uniforms: {
        k,
        n4,
        tileRows,
        batches,
        sliceK,
        aRows: a.rows,
        bRows: b.rows,
        ...operandValues('a', a),
        ...operandValues('b', b),
        ...(batched ? { dims: batch.dims, a_strides: batch.aStrides, b_strides: batch.bStrides } : {}),
        ...(readsWhole(epilogue?.params) ? { m } : {}),
        ...epilogue?.uniforms,
      },
      outputs: targets,
      // Four rows of b, and a row of a for each target.
      fetches: Math.min(k, sliceK) * (1 + targets.length / 4),
    },
  );
}
