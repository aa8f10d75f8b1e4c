/** Packs the channels of NHWC data into whole texels, and cuts them back. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import {
  countsInFloats,
  elementAt,
  floatTexelAt,
  floatTexelUniforms,
  floatTexelValues,
  selectLane,
} from '../../src/glsl/accessor';
import { MOST_IN_FLOATS } from '../../src/glsl/numeric';
import { inTextureRows, rowAccess } from '../../src/glsl/row_reader';
import { shader } from '../../src/glsl/shader';
import type { KernelContext } from '../../src/kernel/define_kernel';
import { template, type Layout } from '../../src/plan/plan';
import { roundUp } from '../../src/plan/shape';
import type { Axis } from './geometry';

/** `runs`: a texel's four elements are neighbours in x too, up to where the row ends; `cut`: pixels lose their last channels. */
type PackingForm = 'runs' | 'cut' | 'any';

/** Sets channels of neighbouring columns side by side. */
const packTemplate = template<{ form: PackingForm }>(
  'packChannels',
  () => ['x'],
  ({ form }) => {
    const sizes = 'columns, channels, outColumns, outChannels, valid, perTap, repeat, step, base, tapStep';
    const common = { samplers: { x: 'float32' }, outputs: ['float32'] } as const;
    if (form === 'any') {
      const helpers = [elementAt('x', 'float32')];
      return shader({ ...common, uniforms: [`int ${sizes}`], helpers, body: bodies.any });
    }
    return shader({
      ...common,
      uniforms: [`float ${sizes}, outRun, outRuns, outAlong`, ...floatTexelUniforms('x')],
      helpers: [floatTexelAt('x', 'float32'), X_AT],
      body: `${ROW}${bodies[form]}`,
    });
  },
);

/** `float x_at(float at)`: the element of x with that flat index. */
const X_AT = `float x_at(float at) {
  int i = int(at);
  vec4 v = x_texel(float(i >> 2));
  ${selectLane('float32')}
}`;

/** The row of the result, and the element of it at which the fragment's texel begins; see `rowsOf`. */
const ROW = `float across = floor(gl_FragCoord.x), down = floor(gl_FragCoord.y), part = floatQuotient(across, outRun);
float row = down * outRuns + part, at = (across - part * outRun + down * outAlong) * 4.0;`;

const bodies: Readonly<Record<PackingForm, string>> = {
  runs: `
float column = floatQuotient(at, outChannels), k = at - column * outChannels, run = columns * channels;
float e = (column * step + base) * channels + k, i = row * run + e, t = floor(i * 0.25);
int shift = int(i - t * 4.0);
vec4 a = x_texel(t), b = x_texel(t + 1.0);
vec4 v = (shift & 2) == 0 ? ((shift & 1) == 0 ? a : vec4(a.yzw, b.x)) : ((shift & 1) == 0 ? vec4(a.zw, b.xy) : vec4(a.w, b.xyz));
vec4 places = e + vec4(0.0, 1.0, 2.0, 3.0), lanes = k + vec4(0.0, 1.0, 2.0, 3.0);
out0 = mix(vec4(padding()), v, bvec4(uvec4(greaterThanEqual(places, vec4(0.0))) & uvec4(lessThan(places, vec4(run))) & uvec4(lessThan(lanes, vec4(valid)))));`,
  cut: `
float column = floatQuotient(at, outChannels), k = at - column * outChannels;
float from = (row * columns + column) * channels + k;
${['x', 'y', 'z', 'w'].map((lane) => `out0.${lane} = x_at(from); k++; from += k == outChannels ? channels - outChannels + 1.0 : 1.0; k = k == outChannels ? 0.0 : k;`).join('\n')}`,
  any: `
int i = outTexel() * 4;
int pixel = divIndex(i, outChannels);
int k = i - pixel * outChannels;
vec4 v;
int lane = 0;
do {
  int row = divIndex(pixel, outColumns);
  int tap = divIndex(k, perTap);
  int column = (pixel - row * outColumns) * step + base + tap * tapStep;
  bool inside = k < valid && column >= 0 && column < columns;
  v[lane] = inside ? x_at((row * columns + column) * channels + divIndex(k - tap * perTap, repeat)) : padding();
  if (++k == outChannels) { k = 0; pixel++; }
} while (++lane < 4);
out0 = v;`,
};

interface ChannelPacking {
  readonly outColumns: number;
  /** Channels of the result, and how many of them hold data; the rest are zeros. */
  readonly outChannels: number;
  readonly valid: number;
  /** Consecutive channels that come from one column, and how often each input channel stands in them. */
  readonly perTap: number;
  readonly repeat: number;
  readonly step: number;
  readonly base: number;
  readonly tapStep: number;
}

/** How rows lie in a texture: texels of one, how many a texture row holds, and by how many texels of one that leads on. */
interface Rows {
  readonly outRun: number;
  readonly outRuns: number;
  readonly outAlong: number;
}

/** The rows of the result, if they lie whole in texture rows; all of a small one may be one row where pixels stay where they are. */
function rowsOf(out: Layout, by: ChannelPacking, inPlace: boolean): Rows | undefined {
  const outRun = (by.outColumns * by.outChannels) / 4;
  if (inTextureRows(rowAccess(out, outRun))) return { outRun, outRuns: out.width / outRun, outAlong: 0 };
  const small = 4 * out.width * out.height < MOST_IN_FLOATS;
  return inPlace && small ? { outRun: out.width, outRuns: 0, outAlong: out.width } : undefined;
}

function pack(ctx: KernelContext, x: TensorInfo, by: ChannelPacking): TensorInfo {
  return ctx.cachedForm(x, 'channels', by, packedForm);
}

/** Whether neighbouring channels of the result are neighbours in data of so many channels, too. */
function isDense(by: ChannelPacking, channels: number): boolean {
  return by.repeat === 1 && by.perTap === channels && (by.tapStep === 1 || by.valid === channels);
}

/** Whether pixels stay where they are and lose their last channels. */
function isCut(by: ChannelPacking, columns: number): boolean {
  const inPlace = by.outColumns === columns && by.step === 1 && by.base === 0 && by.repeat === 1;
  return inPlace && by.valid === by.perTap && by.valid === by.outChannels;
}

function packedForm(ctx: KernelContext, x: TensorInfo, by: ChannelPacking): TensorInfo {
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const out = ctx.newLayout([batch, rows, by.outColumns, by.outChannels], 'float32');
  const from = ctx.layout(x);
  const cut = isCut(by, columns);
  const inRows = countsInFloats(from) ? rowsOf(out, by, cut) : undefined;
  const runs = by.outChannels % 4 === 0 && isDense(by, channels) && inRows?.outAlong === 0;
  const form = runs ? 'runs' : cut && inRows ? 'cut' : 'any';
  const uniforms = { columns, channels, ...by, ...inRows, ...floatTexelValues('x', from) };
  return ctx.run(packTemplate({ form }, { uniforms, outputs: [out] }), [x]);
}

/** NHWC data with `channels` channels, each input channel `repeat` times in a row, cut off or filled up with zeros. */
export function packChannels(ctx: KernelContext, x: TensorInfo, channels: number, repeat = 1): TensorInfo {
  const given = x.shape[3]! * repeat;
  if (given === channels && repeat === 1) return x;
  const valid = Math.min(given, channels);
  return pack(ctx, x, {
    outColumns: x.shape[2]!,
    outChannels: channels,
    valid,
    perTap: valid,
    repeat,
    step: 1,
    base: 0,
    tapStep: 0,
  });
}

/**
 * Data whose channels do not fill texels, with the columns under each filter column side by side as channels, and `padding()` beside the data: a filter of
 * one column then does the work of `axis.size` columns, and few zeros are multiplied. For a forward axis.
 */
export function columnsToChannels(ctx: KernelContext, x: TensorInfo, axis: Axis): TensorInfo {
  const channels = x.shape[3]!;
  const valid = axis.size * channels;
  return pack(ctx, x, {
    outColumns: axis.output,
    outChannels: roundUp(valid, 4),
    valid,
    perTap: channels,
    repeat: 1,
    step: axis.step,
    base: axis.phases[0]!.base,
    tapStep: axis.tapStep,
  });
}

const sumTemplate = template<object>(
  'sumRepeated',
  () => ['x'],
  () =>
    shader({
      samplers: { x: 'float32' },
      uniforms: ['int repeat'],
      outputs: ['float32'],
      helpers: [elementAt('x', 'float32')],
      body: `
vec4 v = vec4(0.0);
int from = outTexel() * 4 * repeat;
for (int lane = 0; lane < 4; lane++) for (int r = 0; r < repeat; r++) v[lane] += x_at(from++);
out0 = v;`,
    }),
);

/** The transpose of `withChannels`' repetition: sums the neighbours that came from one of `channels` channels. */
export function sumRepeated(ctx: KernelContext, x: TensorInfo, channels: number): TensorInfo {
  const repeat = x.shape[3]! / channels;
  if (repeat === 1) return x;
  const out = ctx.newLayout([...x.shape.slice(0, 3), channels], 'float32');
  return ctx.run(sumTemplate({}, { uniforms: { repeat }, outputs: [out] }), [x]);
}
