/** Indices of the largest or smallest elements along an axis; passes hand on indices only, and read the elements again. */
import { elementAt, texelAt } from '../../src/glsl/accessor';
import { scalarType, shader, split, vectorType } from '../../src/glsl/shader';
import { template, type DType } from '../../src/plan/plan';

export interface ArgMinMaxParams {
  readonly dtype: DType;
  /** An element wins where it is `>` or `<` than the best so far. */
  readonly better: '>' | '<';
  /** What nothing loses against. */
  readonly worst: string;
}

/** What both passes know of the tensor: rows of `size` places, `inner` elements apart, in slices of `chunk`. */
const EXTENT = ['int size', 'int inner', 'int slices', 'int chunk'];

/** Nothing beats NaN in the first place, as on cpu; elsewhere it beats nothing. */
const nanFirst = (dtype: DType): boolean => dtype === 'float32';

/**
 * Four results a fragment, of four elements that lie in a texel: of neighbouring axes, or, in a row, four each of every fourth place,
 * which another pass compares.
 */
export const argMinMaxOfTexels = template<ArgMinMaxParams & { row: boolean }>(
  'argMinMaxOfTexels',
  () => ['x'],
  ({ dtype, better, worst, row }) => {
    const vector = vectorType(dtype);
    const compare = better === '>' ? 'greaterThan' : 'lessThan';
    const take = dtype === 'float32' ? 'best = mix(best, v, wins);' : 'best += (v - best) * ivec4(wins);';
    return shader({
      samplers: { x: dtype },
      uniforms: EXTENT,
      outputs: ['int32'],
      helpers: [texelAt('x', dtype)],
      body: `int o = outTexel();
${split('o', 'inner', 'i')}
${split('o', 'slices', 'slice')}
int start = slice * chunk, end = min(start + chunk, size), first = o * size * inner + i;
${vector} best = ${vector}(${worst}), v;
vec4 place = vec4(0.0);
for (int r = start; r < end; r++) {
  v = x_texel(first + r * inner);
  bvec4 wins = ${compare}(v, best);
  ${take}
  place = mix(place, vec4(float(r - start)), wins);
}
out0 = start + ivec4(place);
${row ? 'out0 = out0 * 4 + ivec4(0, 1, 2, 3);' : ''}
${row || !nanFirst(dtype) ? '' : 'v = x_texel(first); out0 *= ivec4(not(bvec4(isNaN(v.x), isNaN(v.y), isNaN(v.z), isNaN(v.w))));'}`,
    });
  },
);

/** One result after the other, of all places of a row or of `count` candidates for each. */
export const argMinMaxOfElements = template<ArgMinMaxParams & { candidates: boolean }>(
  'argMinMaxOfElements',
  ({ candidates }) => (candidates ? ['x', 'places'] : ['x']),
  ({ dtype, better, worst, candidates }) =>
    shader({
      samplers: { x: dtype, ...(candidates ? { places: 'int32' as const } : {}) },
      uniforms: [...EXTENT, 'int count'],
      outputs: ['int32'],
      helpers: [
        elementAt('x', dtype),
        candidates ? elementAt('places', 'int32') : '',
        `int candidate(int o, int j, int i) { return ${candidates ? 'places_at((o * count + j) * inner + i)' : 'j'}; }`,
        `int lane(int o) {
  ${split('o', 'inner', 'i')}
  ${split('o', 'slices', 'slice')}
  int j = slice * chunk, end = min(j + chunk, count), first = o * size * inner + i;
  ${scalarType(dtype)} best = ${worst};
  int place = candidate(o, j, i);
  for (; j < end; j++) {
    int p = candidate(o, j, i);
    ${scalarType(dtype)} v = x_at(first + p * inner);
    bool wins = v ${better} best${candidates ? ' || (v == best && p < place)' : ''};
    best = wins ? v : best;
    place = wins ? p : place;
  }
  return ${nanFirst(dtype) ? 'isNaN(x_at(first)) ? 0 : place' : 'place'};
}`,
      ],
      body: `int o = outTexel() * 4;
out0 = ivec4(lane(o), lane(o + 1), lane(o + 2), lane(o + 3));`,
    }),
);
