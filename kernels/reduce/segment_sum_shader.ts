/** Segment sums as a gather: each result searches the elements of its segment. */
import { elementAt, texelAt } from '../../src/glsl/accessor';
import { scalarType, shader, vectorType } from '../../src/glsl/shader';
import { template, type DType } from '../../src/plan/plan';
import { load } from '../shader/vector_width';

/** What is summed. */
export interface SegmentParams {
  /** Dtype of the elements; without one, every element counts 1. */
  readonly x?: DType;
  /** Whether texels of four channels are read; else single elements. */
  readonly whole: boolean;
  /** Dtype of the results. */
  readonly dtype: DType;
  /** Whether a segment's result is 1 where it has any element. */
  readonly binary?: boolean;
}

const samplers = ({ x }: SegmentParams): Record<string, DType> => (x ? { ids: 'int32', x } : { ids: 'int32' });

/**
 * Looks at all ids of a batch. Uniforms: `chunk`, ids in a batch; `total`, in all; `segments` and `channels`, results of a
 * batch. Ids are read four at a time, and elements only where one of the fragment's four results is theirs.
 */
export const segmentScan = template<SegmentParams>(
  'segments',
  (p) => Object.keys(samplers(p)),
  (p) => {
    const { x, whole, dtype, binary = false } = p;
    const type = vectorType(dtype);
    const sum = (k: number): string => {
      const element = x
        ? `${scalarType(dtype)}(x_at((t * 4 + j) * channels + channel[${k}]))`
        : `${scalarType(dtype)}(1)`;
      return `if (mine[${k}]) acc[${k}] ${binary ? '= ' : '+= '}${element};`;
    };
    const sums = whole
      ? `acc += ${type}(x_load((t * 4 + j) * channels + channel.x));`
      : [0, 1, 2, 3].map(sum).join('\n      ');
    return shader({
      samplers: samplers(p),
      uniforms: ['chunk', 'total', 'segments', 'channels'].map((u) => `int ${u}`),
      outputs: [dtype],
      helpers: [texelAt('ids', 'int32'), x ? (whole ? load('x', x, true) : elementAt('x', x)) : ''],
      body: `ivec4 o = ivec4(outTexel() * 4) + ivec4(0, 1, 2, 3);
ivec4 q = o / channels, channel = o - q * channels;
ivec4 batch = q / segments, segment = q - batch * segments;
${type} acc = ${type}(0);
for (int b = batch.x; b <= batch.w; b++) {
  ivec4 own = ivec4(equal(batch, ivec4(b))) * (segment + 1) - 1;
  int first = b * chunk, end = min(first + chunk, total);
  for (int t = first >> 2; t * 4 < end; t++) {
    ivec4 id = ids_texel(t);
    for (int j = 0; j < 4; j++) {
      bvec4 mine = equal(own, ivec4(id[j]));
      if (id[j] < 0 || t * 4 + j < first || t * 4 + j >= end || !any(mine)) continue;
      ${sums}
    }
  }
}
out0 = acc;`,
    });
  },
);

/**
 * Looks up the run of a segment's ids among the sorted ones. Uniforms: `size`, the number of ids; `channels`. `order` says
 * where the sorted ids came from.
 */
export const segmentLookup = template<SegmentParams & { readonly x: DType }>(
  'sortedSegments',
  () => ['ids', 'order', 'x'],
  ({ x, whole, dtype }) => {
    const type = whole ? vectorType(dtype) : scalarType(dtype);
    return shader({
      samplers: { ids: 'int32', order: 'int32', x },
      uniforms: ['int size', 'int channels'],
      outputs: [dtype],
      helpers: [
        elementAt('ids', 'int32'),
        elementAt('order', 'int32'),
        load('x', x, whole),
        `${type} value(int o) {
  int segment = o / channels, channel = o - segment * channels;
  int low = 0, high = size;
  while (low < high) {
    int i = (low + high) >> 1;
    if (ids_at(i) > segment) low = i + 1; else high = i;
  }
  ${type} acc = ${type}(0);
  for (; low < size && ids_at(low) == segment; low++) acc += ${type}(x_load(order_at(low) * channels + channel));
  return acc;
}`,
      ],
      body: whole
        ? 'out0 = value(outTexel() * 4);'
        : `${vectorType(dtype)} results;
for (int k = 0; k < 4; k++) results[k] = value(outTexel() * 4 + k);
out0 = results;`,
    });
  },
);
