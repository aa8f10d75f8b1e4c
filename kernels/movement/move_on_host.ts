/** Moves and concatenates elements on the host, by the same index maps as on the GPU. */
import type { TypedArray } from '@tensorflow/tfjs-core';
import { sizeOf, stridesOf } from '../../src/plan/shape';
import type { IndexMap } from './index_map';

/** A new array of the same kind. */
function arrayLike<T extends TypedArray>(values: T, size: number): T {
  return new (values.constructor as new (size: number) => T)(size);
}

/** Whether a collapsed map copies long runs of neighbours. */
export function copiesRuns({ dims, strides, edge }: IndexMap): boolean {
  return !edge && strides.at(-1) === 1 && (dims.length === 1 || dims.at(-1)! >= SHORTEST_RUN);
}

const SHORTEST_RUN = 16;

/** The elements that a collapsed map moves. */
export function movedOnHost<T extends TypedArray>(values: T, { dims, strides, offset, edge }: IndexMap): T {
  const result = arrayLike(values, sizeOf(dims));
  const run = !edge && strides.at(-1) === 1 ? dims.at(-1)! : 1;
  const steps = stridesOf(dims);
  for (let i = 0; i < result.length; i += run) {
    let place: number | undefined = offset;
    for (let d = 0; d < dims.length && place !== undefined; d++) {
      const at = edge ? within(Math.floor(i / steps[d]!) % dims[d]!, d, edge) : Math.floor(i / steps[d]!) % dims[d]!;
      place = at === undefined ? undefined : place + at * strides[d]!;
    }
    if (place === undefined) result[i] = edge!.beyond as number;
    else if (run === 1) result[i] = values[place]!;
    else result.set(values.subarray(place, place + run), i);
  }
  return result;
}

/** The coordinate that the map's strides count, mirrored where it lies beyond the edge; undefined where a value is there. */
function within(at: number, d: number, { start, size, beyond }: NonNullable<IndexMap['edge']>): number | undefined {
  const [k, n] = [at - start[d]!, size[d]!];
  if (typeof beyond === 'number') return k < 0 || k >= n ? undefined : at;
  const repeated = beyond === 'symmetric' ? 1 : 0;
  return k < 0 ? -k - repeated : k >= n ? 2 * (n - 1) - k + repeated : k;
}

/** Rows of several arrays, of each `lengths[j]` elements, side by side. */
export function concatOnHost(arrays: readonly TypedArray[], lengths: readonly number[], rows: number): TypedArray {
  const total = lengths.reduce((sum, n) => sum + n, 0);
  const result = arrayLike(arrays[0]!, total * rows);
  let start = 0;
  arrays.forEach((values, j) => {
    const length = lengths[j]!;
    for (let row = 0; row < rows; row++)
      result.set(values.subarray(row * length, (row + 1) * length), row * total + start);
    start += length;
  });
  return result;
}
