/** Loop nest of the gradient of pooling: each element sums what the windows around it hand on. */
import { ownRowValues, rowValues } from '../../src/glsl/row_reader';
import { shader } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan/plan';
import {
  body,
  division,
  ownUniforms,
  poolAddressingOf,
  runsOf,
  SIZES,
  sizes,
  typeOf,
  windowReader,
  type PoolAddressing,
  type Windows,
} from './pool_addressing';

interface GradParams extends PoolAddressing {
  /** Whether only the windows whose `place` is the element pass their gradient on. */
  readonly atPlace: boolean;
  /** Whether no element lies in more than one window. */
  readonly disjoint: boolean;
}

const poolGrad = template<GradParams>(
  'poolGrad',
  ({ atPlace }) => (atPlace ? ['dy', 'place'] : ['dy']),
  (params) => {
    const { atPlace, together, disjoint } = params;
    const several = together > 1;
    const dy = windowReader('dy', 'float32', 'outSize', params);
    const place = atPlace ? [windowReader('place', 'int32', 'outSize', params)] : [];
    const readers = [dy, ...place];
    const type = typeOf('float32', together);
    const places = typeOf('int32', together);
    const row = `int row = (n * outSize.x + z) * outSize.y + y;
${readers.map(({ declare, find }) => `${declare} ${find}`).join(' ')}`;
    const step = atPlace
      ? `int own = (tap.x * filterSize.y + tap.y) * filterSize.z + tap.z;
${type} v = ${dy.at('x')};
${places} at = ${place.map((p) => p.at('x')).join('')};
acc += ${several ? `mix(${type}(0.0), v, equal(at, ${places}(own)))` : 'at == own ? v : 0.0'};`
      : `acc += ${dy.at('x')};`;
    return shader({
      samplers: { dy: 'float32', ...(atPlace ? { place: 'int32' } : {}) },
      uniforms: [
        ...SIZES,
        'int channels',
        'float factor',
        ...ownUniforms(params),
        ...readers.flatMap(({ uniforms }) => uniforms),
      ],
      outputs: ['float32'],
      helpers: [
        division(params),
        ...readers.map(({ helpers }) => helpers),
        `ivec3 quotients(ivec3 a, ivec3 b) { return ivec3(floor((vec3(a) + 0.5) / vec3(b))); }
${type} result(int n, ivec3 o, int c) {
  ivec3 last = o + pads;
  ${type} acc = ${type}(0);
  ivec3 to = quotients(last, strides);
  ${
    disjoint
      ? `{
    int z = to.x, y = to.y, x = to.z;
    ivec3 tap = last - to * strides;
    ${row}
    ${step}
    acc = to == clamp(to, ivec3(0), outSize - 1) && tap == min(tap, filterSize - 1) ? acc : ${type}(0);
  }`
      : `ivec3 from = quotients(max(last - filterSize + strides, 0), strides);
  to = min(to, outSize - 1);
  for (int z = from.x; z <= to.x; z++) for (int y = from.y; y <= to.y; y++) {
    ${row}
    for (int x = from.z; x <= to.z; x++) { ivec3 tap = last - ivec3(z, y, x) * strides; ${step} }
  }`
  }
  return acc * factor;
}`,
      ],
      body: body(params, 'inSize', 'float32'),
    });
  },
);

/**
 * Hands the gradient of every window's result to the elements of the window, times `factor`; with `place`, only to the
 * element at that place.
 */
export function poolGradPlan(w: Windows, operands: { dy: Layout; place?: Layout }, out: Layout, factor = 1): Plan {
  const { dy, place } = operands;
  const run = runsOf(w);
  const addressing = poolAddressingOf(w, [
    [out, run.input],
    ...[dy, ...(place ? [place] : [])].map((l) => [l, run.output] as const),
  ]);
  const access = {
    ...rowValues('dy', dy, run.output),
    ...(place ? rowValues('place', place, run.output) : {}),
    ...ownRowValues('wide', out, run.input),
  };
  const disjoint = w.filter.every((size, d) => size <= w.strides[d]!);
  return poolGrad(
    { atPlace: place !== undefined, disjoint, ...addressing },
    { uniforms: { ...sizes(w, addressing.together), factor, ...access }, outputs: [out] },
  );
}
