/** Movement as an index map: the result's coordinates, weighted by strides, give the place in the source. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { offsetOf } from '../../src/glsl/accessor';
import { scalarType, shader } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel';
import { template, type Copy, type DType, type Layout, type Plan, type Uniform } from '../../src/plan';
import { ceilDiv, sizeOf, type Shape } from '../../src/shape';
import { copiesRuns, movedOnHost } from './host_move';
import { eachGrain, grainHelper, grainType, load } from './lanes';
import { rectangles, type Runs } from './rectangles';
import { turn } from './turn';

/** Where the elements of a result come from. */
export interface IndexMap {
  /** Shape of the result, cut into as many dimensions as the map needs. */
  readonly dims: Shape;
  /** Elements by which the source advances with each dimension: 0 repeats, a negative one reverses. */
  readonly strides: readonly number[];
  /** Element of the source at coordinates 0. */
  readonly offset: number;
  /** Present where the result reaches beyond the source. */
  readonly edge?: Edge;
}

/** What lies beyond the source, which takes up `size` places from `start` on along each dimension. */
export interface Edge {
  readonly start: readonly number[];
  readonly size: readonly number[];
  /** A value; or the source mirrored, with or without its outermost element repeated. */
  readonly beyond: number | 'reflect' | 'symmetric';
}

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
  const folded = dimensions.map((d) => `c[${d}] = mirrored(c[${d}] - start[${d}], size[${d}]);`).join('\n');
  return `${offsetOf('x', rank)}
${edge === 'mirror' ? MIRRORED : ''}
int source(int c[${rank}]) {
${edge === 'mirror' ? folded : ''}
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
 * Merges dimensions along which the source moves as along one, and drops those of size 1. What is padded outermost may
 * swallow what is not padded inside it; a mirrored dimension stays alone.
 */
export function collapseMap(map: IndexMap): IndexMap {
  const { dims, strides, edge } = map;
  const start = edge?.start ?? dims.map(() => 0);
  const size = edge?.size ?? dims;
  const padded = (i: number) => start[i] !== 0 || size[i] !== dims[i];
  const merged = { dims: [] as number[], strides: [] as number[], start: [] as number[], size: [] as number[] };
  let mirrored = false;
  dims.forEach((d, i) => {
    if (d === 1 && !padded(i)) return;
    const last = merged.dims.length - 1;
    if (last >= 0 && !padded(i) && !mirrored && merged.strides[last] === strides[i]! * d) {
      merged.dims[last]! *= d;
      merged.start[last]! *= d;
      merged.size[last]! *= d;
      merged.strides[last] = strides[i]!;
    } else {
      merged.dims.push(d);
      merged.strides.push(strides[i]!);
      merged.start.push(start[i]!);
      merged.size.push(size[i]!);
      mirrored = padded(i) && typeof edge?.beyond === 'string';
    }
  });
  if (merged.dims.length === 0) return { dims: [1], strides: [0], offset: map.offset };
  const beyond = merged.dims.some((d, i) => merged.start[i] !== 0 || merged.size[i] !== d) ? edge?.beyond : undefined;
  const bounds = beyond === undefined ? {} : { edge: { start: merged.start, size: merged.size, beyond } };
  return { dims: merged.dims, strides: merged.strides, offset: map.offset, ...bounds };
}

/** Whether four neighbours of the result always are four neighbours, in one texel, of the source. */
function movesWholeTexels({ dims, strides, offset, edge }: IndexMap): boolean {
  const last = dims.length - 1;
  const inFours = (i: number) => i % 4 === 0;
  if (strides[last] !== 1 || !inFours(offset)) return false;
  // Of a single run the last texel may hold more than the result: what lies beyond a tensor's end is never read.
  if (last === 0 && !edge) return true;
  const aligned = inFours(dims[last]!) && strides.slice(0, -1).every(inFours);
  if (!edge) return aligned;
  const untouched = edge.start[last] === 0 && edge.size[last] === dims[last];
  return (
    aligned &&
    (untouched || (typeof edge.beyond === 'number' && inFours(edge.start[last]!) && inFours(edge.size[last]!)))
  );
}

/** Whether four neighbours of the result lie along one dimension, whose edge they never cross. */
function movesRows({ dims, edge }: IndexMap): boolean {
  const last = dims.length - 1;
  return dims[last]! % 4 === 0 && (!edge || (edge.start[last] === 0 && edge.size[last] === dims[last]));
}

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

/** The runs of texels that a map moves, where it moves nothing but whole texels in at most two dimensions. */
function runsOf(map: IndexMap): Runs | undefined {
  const { dims, strides, offset, edge } = map;
  if (edge || dims.length > 2 || !movesWholeTexels(map)) return undefined;
  const run = ceilDiv(dims[dims.length - 1]!, 4);
  const [count, stride] = dims.length === 1 ? [1, 0] : [dims[0]!, strides[0]!];
  return { from: offset / 4, to: 0, run, count, fromStride: stride / 4, toStride: run };
}

/** The rectangles that move what the map moves, where copying them beats a draw. */
function copiesOf(map: IndexMap, from: Layout, to: Layout): Copy[] | undefined {
  const runs = sizeOf(to.shape) > 0 ? runsOf(map) : undefined;
  return runs && rectangles(runs, from.width, to.width);
}

/** Moves the elements of `x` into a new tensor of `shape`; of a complex64 tensor, both parts. */
export function move(ctx: KernelContext, x: TensorInfo, map: IndexMap, shape: Shape): TensorInfo {
  if (x.dtype === 'complex64') {
    const { real, imag } = ctx.complexParts(x);
    return ctx.complex(move(ctx, real, map, shape), move(ctx, imag, map, shape));
  }
  const collapsed = collapseMap(map);
  const size = sizeOf(shape);
  const still =
    collapsed.dims.length === 1 &&
    (collapsed.strides[0] === 1 || size === 1) &&
    collapsed.offset === 0 &&
    !collapsed.edge;
  if (still && size === sizeOf(x.shape)) return ctx.view(x, shape);
  const values = ctx.valuesForHost(x, size, copiesRuns(collapsed));
  if (values && size > 0) return ctx.upload(shape, x.dtype, movedOnHost(values, collapsed));
  const from = ctx.layout(x);
  const out = ctx.newLayout(shape, from.dtype);
  const copies = copiesOf(collapsed, from, out);
  if (copies) return ctx.assemble(out, [{ from: x, copies }]);
  return turn(ctx, x, collapsed, shape) ?? ctx.run(movePlan(collapsed, [out]), [x]);
}

/** Tensors of equal shape that the same map reads, each `step` elements further than the one before. */
export interface Series {
  readonly shape: Shape;
  readonly count: number;
  readonly step: number;
}

/** Moves the elements of `x` into several new tensors, several a draw. */
export function moveSeries(
  ctx: KernelContext,
  x: TensorInfo,
  map: IndexMap,
  { shape, count, step }: Series,
): TensorInfo[] {
  if (x.dtype === 'complex64') {
    const { real, imag } = ctx.complexParts(x);
    const imags = moveSeries(ctx, imag, map, { shape, count, step });
    return moveSeries(ctx, real, map, { shape, count, step }).map((re, j) => ctx.complex(re, imags[j]!));
  }
  const collapsed = collapseMap(map);
  const from = ctx.layout(x);
  const out = ctx.newLayout(shape, from.dtype);
  const onHost = ctx.valuesForHost(x, count * sizeOf(shape), copiesRuns(collapsed)) !== undefined;
  const at = (j: number) => ({ ...collapsed, offset: collapsed.offset + j * step });
  const results: TensorInfo[] = [];
  while (results.length < count) {
    const next = at(results.length);
    const left = count - results.length;
    // Powers of two only: each number of targets is a program.
    const targets = 2 ** Math.floor(Math.log2(Math.min(left, ctx.limits.maxTargets)));
    if (left === 1 || onHost || copiesOf(next, from, out)) results.push(move(ctx, x, next, shape));
    else results.push(...ctx.runAll(movePlan(next, new Array<Layout>(targets).fill(out), step), [x]));
  }
  return results;
}
