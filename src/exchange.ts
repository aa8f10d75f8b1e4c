/** The passes that hand tensors to GL code of the caller's and take them from it. */
import { elementAt, texelAt } from './glsl/accessor';
import { shader } from './glsl/shader';
import { template, type DType, type Layout, type Plan } from './plan';

const toFloats = template<{ dtype: DType }>(
  'toFloats',
  () => ['x'],
  ({ dtype }) =>
    shader({
      samplers: { x: dtype },
      outputs: ['float32'],
      helpers: [texelAt('x', dtype)],
      body: 'out0 = vec4(x_texel(outTexel()));',
    }),
);

/** Copies a tensor, texel by texel in flat order, as floats to the layout `to`. */
export function toFloatsPlan(dtype: DType, to: Layout): Plan {
  return toFloats({ dtype }, { outputs: [to] });
}

const fromChannels = template<{ channels: string; dtype: DType }>(
  'fromChannels',
  () => ['x'],
  ({ channels, dtype }) => {
    const lanes = [0, 1, 2, 3].map((lane) => `value(outTexel() * 4 + ${lane})`);
    const places = [...channels].map((channel) => 'RGBA'.indexOf(channel));
    return shader({
      samplers: { x: 'float32' },
      outputs: [dtype],
      helpers: [
        elementAt('x', 'float32'),
        `const int channels[${places.length}] = int[${places.length}](${places.join(', ')});
float value(int i) { return x_at(i / ${places.length} * 4 + channels[i % ${places.length}]); }`,
      ],
      body: `vec4 v = vec4(${lanes.join(', ')});
out0 = ${dtype === 'float32' ? 'v' : 'ivec4(toInt(v.x), toInt(v.y), toInt(v.z), toInt(v.w))'};`,
    });
  },
);

/** Gathers the named channels of a float texture, pixel by pixel and row by row, as the elements of `to`. */
export function fromChannelsPlan(channels: string, to: Layout): Plan {
  return fromChannels({ channels, dtype: to.dtype }, { outputs: [to] });
}
