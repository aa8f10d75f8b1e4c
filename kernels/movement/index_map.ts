/** Index maps: dimensions, strides and an offset that give the source element of each result element. */
import type { Shape } from '../../src/plan/shape';

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
export function movesWholeTexels({ dims, strides, offset, edge }: IndexMap): boolean {
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
export function movesRows({ dims, edge }: IndexMap): boolean {
  const last = dims.length - 1;
  return dims[last]! % 4 === 0 && (!edge || (edge.start[last] === 0 && edge.size[last] === dims[last]));
}
