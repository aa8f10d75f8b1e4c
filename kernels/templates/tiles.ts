/** Around products in tiles: pads or transposes matrices to rows of whole texels, and joins the tiles' rows into one tensor. */
import { elementAt, layeredTexelAt, texelAt } from '../../src/glsl/accessor';
import {
  epilogueDeclarations,
  epilogueHelper,
  epilogueSamplers,
  type Epilogue,
  type EpilogueParams,
} from '../../src/glsl/epilogue';
import { shader, vectorType } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan';

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
for (int l = 0; l < 4; l++) if (column + l < columns) v[l] = x_at(i + l * columnStride);
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

interface JoinParams {
  /** Whether there are several targets, the layers of an array. */
  readonly layered: boolean;
  /** Whether targets come in fours of neighbouring rows, as in form `tn`. */
  readonly quads: boolean;
  /** Whether rows of the result are whole texels. */
  readonly aligned: boolean;
  readonly dtype: DType;
  readonly epilogue?: EpilogueParams | undefined;
}

const join = template<JoinParams>(
  'joinTiles',
  ({ epilogue }) => ['tiles', ...Object.keys(epilogueSamplers(epilogue))],
  ({ layered, quads, aligned, dtype, epilogue }) => {
    const vector = vectorType(dtype);
    return shader({
      samplers: { tiles: dtype, ...epilogueSamplers(epilogue) },
      ...(layered ? { layered: 'tiles' } : {}),
      uniforms: [
        'int rows',
        'int n',
        'int n4',
        'int tileRows',
        'int slices',
        'int sliceTexels',
        ...epilogueDeclarations(epilogue),
      ],
      outputs: [dtype],
      helpers: [
        epilogueHelper(epilogue),
        (layered ? layeredTexelAt : texelAt)('tiles', dtype),
        `${vector} cell(int row, int column) {
  ${epilogue ? 'epilogueAt(column); int place = row * n4 + column;' : ''}
  int batch = rowOf(row, rows);
  row -= batch * rows;
  int lane = ${quads ? 'row & 3' : '0'};
  row = ${quads ? 'row >> 2' : 'row'};
  int r = rowOf(row, tileRows);
  int t = (batch * tileRows + row - r * tileRows) * n4 + column;
  r = ${quads ? '4 * r + lane' : 'r'};
  ${vector} v = ${vector}(0);
  for (int s = 0; s < slices; s++) v += tiles_texel(${layered ? 'r, ' : ''}t + s * sliceTexels);
  return ${epilogue ? 'epilogue(v, place)' : 'v'};
}`,
      ],
      body: aligned
        ? `int t = outTexel(); int row = rowOf(t, n4); out0 = cell(row, t - row * n4);`
        : `${vector} v;
for (int l = 0; l < 4; l++) {
  int i = outTexel() * 4 + l; int row = i / n; int column = i - row * n;
  v[l] = cell(row, column >> 2)[column & 3];
}
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

/** Sums the slices of K and puts the rows of all targets into their order. */
export function joinPlan({ targets, quads, rows, n, tileRows, batches, slices, epilogue }: Tiling, out: Layout): Plan {
  const n4 = Math.ceil(n / 4);
  return join(
    { layered: targets > 1, quads, aligned: n % 4 === 0, dtype: out.dtype, epilogue: epilogue?.params },
    {
      uniforms: { rows, n, n4, tileRows, slices, sliceTexels: batches * tileRows * n4, ...epilogue?.uniforms },
      outputs: [out],
    },
  );
}
