/** Pads or transposes matrices to rows of whole texels, and untiles products. */
import { elementAt } from '../../src/glsl/accessor';
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  type Epilogue,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import { countingOf, ownRow, ownRowUniforms, ownRowValues, rowUniforms, rowValues } from '../../src/glsl/row_reader';
import { shader, vectorType } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { lineReader, untileAccess, type UntileAccess } from '../shader/tile_buffer';

const pitch = template<{ dtype: DType }>(
  'pitch',
  () => ['x'],
  ({ dtype }) =>
    shader({
      samplers: { x: dtype },
      uniforms: ['int rows', 'int columns', 'int run', 'int matrixStride', 'int rowStride', 'int columnStride'],
      outputs: [dtype],
      helpers: [elementAt('x', dtype)],
      body: `int t = outTexel();
int row = t / run;
int column = (t - row * run) * 4;
int matrix = row / rows;
int i = matrix * matrixStride + (row - matrix * rows) * rowStride + column * columnStride;
${vectorType(dtype)} v = ${vectorType(dtype)}(0);
int l = 0;
do if (column + l < columns) v[l] = x_at(i + l * columnStride); while (++l < 4);
out0 = v;`,
    }),
);

/** Matrices as they lie in a tensor, in elements. */
export interface MatrixStrides {
  readonly rows: number;
  readonly columns: number;
  readonly matrixStride: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Copies matrices so that each row begins a texel; the lanes that no column fills become 0. */
export function pitchPlan({ rows, columns, matrixStride, rowStride, columnStride }: MatrixStrides, out: Layout): Plan {
  const uniforms = { rows, columns, run: Math.ceil(columns / 4), matrixStride, rowStride, columnStride };
  return pitch({ dtype: out.dtype }, { uniforms, outputs: [out] });
}

interface UntileMatrixParams extends UntileAccess {
  /** Whether targets come in fours of neighbouring rows, as in form `tn`. */
  readonly quads: boolean;
  /** Whether there are several products. */
  readonly batched: boolean;
  /** Whether rows of the result are whole texels; they are where lines are found by place. */
  readonly aligned: boolean;
  readonly dtype: DType;
  readonly epilogue?: EpilogueParams | undefined;
}

const untileMatrix = template<UntileMatrixParams>(
  'untileMatrix',
  ({ epilogue }) => ['tiles', ...Object.keys(epilogueSamplers(epilogue))],
  (p) => {
    const { own, tiles, quads, batched, aligned, dtype, epilogue } = p;
    const vector = vectorType(dtype);
    const { type, quotient } = countingOf(tiles.access);
    return shader({
      samplers: { tiles: dtype, ...epilogueSamplers(epilogue) },
      ...(tiles.layered ? { layered: 'tiles' } : {}),
      uniforms: [
        `${type} n4, tileRows, sliceLines`,
        batched ? `${type} rows` : '',
        'int slices',
        aligned ? '' : 'int n',
        ...ownRowUniforms(own),
        ...rowUniforms('tiles', tiles),
        ...epilogueDeclarations(epilogue),
      ].filter((u) => u !== ''),
      outputs: [dtype],
      helpers: [
        epilogueHelper(epilogue),
        lineReader('tiles', tiles),
        `${vector} cell(${type} row, ${type} column) {
  ${epilogue ? 'epilogueAt(int(column)); int place = int(row) * int(n4) + int(column);' : ''}
  ${batched ? `${type} batch = ${quotient}(row, rows); row -= batch * rows;` : ''}
  ${type} quad = ${quads ? `${quotient}(row, ${type}(4))` : 'row'};
  ${type} layer = ${quotient}(quad, tileRows);
  ${type} line = ${batched ? 'batch * tileRows + ' : ''}quad - layer * tileRows;
  ${quads ? `layer = ${type}(4) * layer + row - ${type}(4) * quad;` : ''}
  ${vector} v = ${vector}(0);
  int s = 0;
  do { v += tiles_line(layer, line, column); line += sliceLines; } while (++s < slices);
  return ${epilogue ? 'epilogue(v, place)' : 'v'};
}`,
      ],
      body: aligned
        ? `${ownRow(own)} out0 = cell(row, column);`
        : `${vector} v;
int l = 0;
do {
  int i = outTexel() * 4 + l; int row = divIndex(i, n); int column = i - row * n;
  v[l] = cell(row, column >> 2)[column & 3];
} while (++l < 4);
out0 = v;`,
    });
  },
);

/** How tiles became rows of the targets; see `gemmPlan`. */
export interface Tiling {
  readonly targets: number;
  readonly quads: boolean;
  /** Rows and columns of one product. */
  readonly rows: number;
  readonly n: number;
  readonly tileRows: number;
  readonly batches: number;
  readonly slices: number;
  readonly epilogue?: Pick<Epilogue<unknown>, 'params' | 'uniforms'> | undefined;
}

/** Sums the slices of K and puts the rows of all targets, which lie in `tiles`, into their order. */
export function untileMatrixPlan(
  { targets, quads, rows, n, tileRows, batches, slices, epilogue }: Tiling,
  tiles: Layout,
  out: Layout,
): Plan {
  const n4 = Math.ceil(n / 4);
  const aligned = n % 4 === 0;
  const access = untileAccess([tiles, n4, targets], [out, n4], aligned);
  return untileMatrix(
    {
      ...access,
      quads,
      batched: batches > 1,
      aligned,
      dtype: out.dtype,
      epilogue: epilogue?.params,
    },
    {
      uniforms: {
        ...{ n4, tileRows, slices, sliceLines: batches * tileRows },
        ...(batches > 1 ? { rows } : {}),
        ...(aligned ? {} : { n }),
        ...ownRowValues(access.own, out, n4),
        ...rowValues('tiles', tiles, n4),
        ...epilogue?.uniforms,
      },
      outputs: [out],
    },
  );
}
