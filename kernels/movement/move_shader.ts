/** The pass that moves elements by an index map: whole texels, rows of four, or single elements. */
import { offsetOf } from '../../src/glsl/accessor';
import { scalarType, shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan, type Uniform } from '../../src/plan/plan';
import { eachGrain, grainHelper, grainType, load } from '../shader/vector_width';
import { movesRows, movesWholeTexels, type IndexMap } from './index_map';

/** What one step of a pass moves: a texel; four elements along one dimension; or elements one by one. */
type Grain = 'texel' | 'row' | 'element';

interface MoveParams {
  readonly dtype: DType;
  readonly rank: number;
  readonly grain: Grain;
  readonly edge: 'none' | 'fill' | 'mirror';
  /** Render targets; each reads `step` elements further than the one before. */
  readonly targets: number;
}

/** `int source(int c[rank])`: the element of x at the result's coordinates, -1 for the fill. */
function sourceOf({ rank, edge }: MoveParams): string {
  const dimensions = Array.from({ length: rank }, (_, d) => d);
  const strided = 'offset + x_offset(c)';
  const outside = dimensions.map((d) => `c[${d}] < start[${d}] || c[${d}] >= start[${d}] + size[${d}]`).join(' || ');
  const mirroring = dimensions.map((d) => `c[${d}] = mirrored(c[${d}] - start[${d}], size[${d}]);`).join('\n');
  return `${offsetOf('x', rank)}
${edge === 'mirror' ? MIRRORED : ''}
int source(int c[${rank}]) {
${edge === 'mirror' ? mirroring : ''}
  return ${edge === 'fill' ? `${outside} ? -1 : ${strided}` : strided};
}`;
}

const MIRRORED = `int mirrored(int k, int n) {
  return k < 0 ? -k - repeated : k >= n ? 2 * (n - 1) - k + repeated : k;
}`;

const moveElements = template<MoveParams>(
  'move',
  () => ['x'],
  (p) => {
    const { dtype, rank, grain, edge, targets } = p;
    const whole = grain === 'texel';
    const type = grainType(dtype, grain !== 'element');
    const read = (i: string) =>
      grain === 'row'
        ? `${type}(${['', ' + s', ' + 2 * s', ' + 3 * s'].map((by) => `x_load(${i}${by})`).join(', ')})`
        : `x_load(${i})`;
    const steps = Array.from({ length: targets }, (_, j) => (j === 0 ? 'i' : `i + ${j} * step`));
    const grains = {
      dtype,
      whole: grain !== 'element',
      rank,
      before: `int i = source(c);${grain === 'row' ? ` int s = x_strides[${rank - 1}];` : ''}`,
      values: steps.map((i) => (edge === 'fill' ? `i < 0 ? ${type}(fill) : ${read(i)}` : read(i))),
    };
    return shader({
      samplers: { x: dtype },
      uniforms: [
        ...[`dims[${rank}]`, `x_strides[${rank}]`, 'offset', ...(targets > 1 ? ['step'] : [])].map((u) => `int ${u}`),
        ...(edge === 'none' ? [] : [`int start[${rank}]`, `int size[${rank}]`]),
        ...(edge === 'fill' ? [`${scalarType(dtype)} fill`] : []),
        ...(edge === 'mirror' ? ['int repeated'] : []),
      ],
      outputs: steps.map(() => dtype),
      helpers: [load('x', dtype, whole), grainHelper(grains), sourceOf(p)],
      body: eachGrain(grains),
    });
  },
);

/**
 * The pass that moves elements.
 *
 * @param map a collapsed map
 * @param outputs more than one: target j holds the map moved on by j * step elements
 */
export function movePlan(map: IndexMap, outputs: readonly Layout[], step = 0): Plan {
  const { dims, strides, offset, edge } = map;
  const uniforms: Record<string, Uniform> = { dims, x_strides: strides, offset, step };
  if (edge) Object.assign(uniforms, { start: edge.start, size: edge.size });
  if (typeof edge?.beyond === 'number') uniforms['fill'] = edge.beyond;
  else uniforms['repeated'] = edge?.beyond === 'symmetric' ? 1 : 0;
  const kind = !edge ? 'none' : typeof edge.beyond === 'number' ? 'fill' : 'mirror';
  const grain = movesWholeTexels(map) && step % 4 === 0 ? 'texel' : movesRows(map) ? 'row' : 'element';
  return moveElements(
    { dtype: outputs[0]!.dtype, rank: dims.length, grain, edge: kind, targets: outputs.length },
    { uniforms, outputs },
  );
}
