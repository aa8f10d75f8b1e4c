/** Converts volumes to images whose channels are the depth slices under a filter, and back. */
import { elementAt, texelAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { template, type Layout, type Plan } from '../../src/plan/plan';

/** How a filter moves along the depth of NDHWC data. */
export interface DepthWindow {
  readonly input: number;
  readonly output: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Slices before the first; may be negative. */
  readonly pad: number;
  /** Elements of one slice, and their channels. */
  readonly plane: number;
  readonly channels: number;
}

interface DepthParams {
  /** From data to channels, or the transpose: the sum of all channels that came from a slice. */
  readonly toChannels: boolean;
  /** Whether channels are whole texels. */
  readonly whole: boolean;
}

const TO_CHANNELS = `int tap = i % size; i /= size;
int p = i % pixels; i /= pixels;
int d = (i % outDepth) * stride - pad + tap * dilation;
int n = i / outDepth;
return d < 0 || d >= depth ? OUTSIDE : LOAD(((n * depth + d) * pixels + p) * channels + c);`;

const FROM_CHANNELS = `int p = i % pixels; i /= pixels;
int d = i % depth, n = i / depth;
TYPE sum = ZERO;
for (int tap = 0; tap < size; tap++) {
  int from = d + pad - tap * dilation, o = from / stride;
  if (from >= 0 && from == o * stride && o < outDepth) sum += LOAD((((n * outDepth + o) * pixels + p) * size + tap) * channels + c);
}
return sum;`;

const depth = template<DepthParams>(
  'packDepth',
  () => ['x'],
  ({ toChannels, whole }) => {
    const type = whole ? 'vec4' : 'float';
    const text = (toChannels ? TO_CHANNELS : FROM_CHANNELS)
      .replaceAll('TYPE', type)
      .replaceAll('ZERO', `${type}(0)`)
      .replaceAll('OUTSIDE', `${type}(padding())`)
      .replaceAll('LOAD', whole ? 'x_texel' : 'x_at');
    return shader({
      samplers: { x: 'float32' },
      uniforms: ['int depth, outDepth, size, stride, dilation, pad, pixels, channels'],
      outputs: ['float32'],
      helpers: [
        whole ? texelAt('x', 'float32') : elementAt('x', 'float32'),
        `${type} value(int i) {\nint c = i % channels; i /= channels;\n${text}\n}`,
      ],
      body: whole
        ? 'out0 = value(outTexel());'
        : 'vec4 v;\nfor (int l = 0; l < 4; l++) v[l] = value(outTexel() * 4 + l);\nout0 = v;',
    });
  },
);

function depthPlan(toChannels: boolean, w: DepthWindow, out: Layout): Plan {
  const whole = w.channels % 4 === 0;
  const uniforms = {
    depth: w.input,
    outDepth: w.output,
    size: w.size,
    stride: w.stride,
    dilation: w.dilation,
    pad: w.pad,
    pixels: w.plane / w.channels,
    channels: whole ? w.channels / 4 : w.channels,
  };
  return depth({ toChannels, whole }, { uniforms, outputs: [out] });
}

/** From [batch, depth, plane] to [batch, output depth, pixels, size * channels]; slices beyond the data are `padding()`. */
export const depthToChannelsPlan = (window: DepthWindow, out: Layout): Plan => depthPlan(true, window, out);

/** The transpose of `depthToChannelsPlan`. */
export const channelsToDepthPlan = (window: DepthWindow, out: Layout): Plan => depthPlan(false, window, out);
