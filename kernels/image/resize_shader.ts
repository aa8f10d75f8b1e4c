/** Samples images at rows and columns listed in a table; the gradient gathers every sample of a pixel. */
import { elementAt, texelAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { template, type DType, type Layout, type Plan } from '../../src/plan/plan';
import { eachGrain, grainHelper, grainType, load } from '../shader/vector_width';

export type Method = 'nearest' | 'bilinear';

interface ResampleParams {
  readonly method: Method;
  readonly dtype: DType;
  readonly from: DType;
  readonly whole: boolean;
  /** Dtype of the numbers of the images where each result has its own image and its own part of the table. */
  readonly boxes?: DType;
}

const NEAREST = 'return TYPE(x_load(top + int(column.x) * dims[3]));';
const BILINEAR = `int bottom = (image * size[1] + int(row.y)) * size[2] * dims[3] + c[3];
  int left = int(column.x) * dims[3];
  int right = int(column.y) * dims[3];
  TYPE topLeft = TYPE(x_load(top + left));
  TYPE bottomLeft = TYPE(x_load(bottom + left));
  TYPE upper = topLeft + (TYPE(x_load(top + right)) - topLeft) * column.z;
  TYPE lower = bottomLeft + (TYPE(x_load(bottom + right)) - bottomLeft) * column.z;
  return upper + (lower - upper) * row.z;`;

const resample = template<ResampleParams>(
  'resample',
  ({ boxes }) => (boxes ? ['x', 'taps', 'boxes'] : ['x', 'taps']),
  ({ method, dtype, from, whole, boxes }) => {
    const grains = { dtype, whole, rank: 4 };
    const type = grainType(dtype, whole);
    return shader({
      samplers: { x: from, taps: 'float32', ...(boxes ? { boxes } : {}) },
      uniforms: ['int dims[4]', 'int size[4]', ...(boxes ? ['float extrapolation'] : [])],
      outputs: [dtype],
      helpers: [
        load('x', from, whole),
        texelAt('taps', 'float32'),
        boxes ? elementAt('boxes', boxes) : '',
        grainHelper(grains),
        `${type} value(int c[4]) {
  int image = ${boxes ? 'int(boxes_at(c[0]))' : 'c[0]'};
  int first = ${boxes ? 'c[0] * (dims[1] + dims[2])' : '0'};
  ${boxes ? `if (image < 0 || image >= size[0]) return ${type}(0);` : ''}
  vec4 row = taps_texel(first + c[1]);
  vec4 column = taps_texel(first + dims[1] + c[2]);
  ${
    boxes
      ? `if (row.w == 0.0 || column.w == 0.0) return ${type}(extrapolation);
  if (isNaN(row.w) || isNaN(column.w)) return ${type}(NAN);`
      : ''
  }
  int top = (image * size[1] + int(row.x)) * size[2] * dims[3] + c[3];
  ${(method === 'nearest' ? NEAREST : BILINEAR).replaceAll('TYPE', type)}
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

/** What a resampling does beside reading its table. */
export interface Resampling {
  readonly method: Method;
  /** Dtype of the tensor that names the image of each box; the table then holds every box's own rows and columns. */
  readonly boxes?: DType;
  /** The value where a row or column of the table is zeros: outside of the image. Where its last number is NaN, so is the result. */
  readonly extrapolation?: number;
}

/**
 * The pass that samples images, [n, h, w, c], into `out`, [m, height, width, c].
 *
 * Its second input is a table of texels (low, high, fraction, 1), one for each row and then one for each column of the
 * result; its third, with boxes, the number of the image of each.
 */
export function resamplePlan({ method, boxes, extrapolation = 0 }: Resampling, x: Layout, out: Layout): Plan {
  const params = { method, dtype: out.dtype, from: x.dtype, whole: x.shape[3]! % 4 === 0, ...(boxes ? { boxes } : {}) };
  return resample(params, { uniforms: { dims: out.shape, size: x.shape, extrapolation }, outputs: [out] });
}

const ADD_NEAREST = 'sum += dy;';
// Four sums as tfjs-backend-cpu does them, so that an infinite dy times a fraction of 0 gives its NaN.
const ADD_BILINEAR = `bool left = int(column.x) == c[2];
      bool right = int(column.y) == c[2];
      if (top && left) sum += dy * ((1.0 - row.z) * (1.0 - column.z));
      if (top && right) sum += dy * ((1.0 - row.z) * column.z);
      if (bottom && left) sum += dy * (row.z * (1.0 - column.z));
      if (bottom && right) sum += dy * (row.z * column.z);`;

const resampleGrad = template<{ method: Method; from: DType; whole: boolean }>(
  'resampleGrad',
  () => ['dy', 'taps'],
  ({ method, from, whole }) => {
    const grains = { dtype: 'float32', whole, rank: 4 } as const;
    const type = grainType('float32', whole);
    return shader({
      samplers: { dy: from, taps: 'float32' },
      uniforms: ['int dims[4]', 'int size[4]'],
      outputs: ['float32'],
      helpers: [
        load('dy', from, whole),
        texelAt('taps', 'float32'),
        grainHelper(grains),
        `${type} value(int c[4]) {
  int ranges = size[1] + size[2];
  vec4 rows = taps_texel(ranges + c[1]);
  vec4 columns = taps_texel(ranges + dims[1] + c[2]);
  ${type} sum = ${type}(0);
  for (int y = int(rows.x); y < int(rows.y); y++) {
    vec4 row = taps_texel(y);
    bool top = int(row.x) == c[1];
    bool bottom = int(row.y) == c[1];
    for (int x = int(columns.x); x < int(columns.y); x++) {
      vec4 column = taps_texel(size[1] + x);
      ${type} dy = ${type}(dy_load(((c[0] * size[1] + y) * size[2] + x) * dims[3] + c[3]));
      ${method === 'nearest' ? ADD_NEAREST : ADD_BILINEAR}
    }
  }
  return sum;
}`,
      ],
      body: eachGrain(grains),
    });
  },
);

/**
 * The pass that sums, for each pixel of `out`, the parts of dy that were sampled from it.
 *
 * Its second input is the table of `resamplePlan`, followed by the first and the end of the rows, and then of the columns,
 * of dy that touch each row and column of the image.
 */
export function resampleGradPlan(method: Method, dy: Layout, out: Layout): Plan {
  return resampleGrad(
    { method, from: dy.dtype, whole: out.shape[3]! % 4 === 0 },
    { uniforms: { dims: out.shape, size: dy.shape }, outputs: [out] },
  );
}
