/** The passes that hand tensors to GL code of the caller's and take them from it. */
import { elementAt, texelAt } from './glsl/accessor';
import { scalarType, shader, vectorType } from './glsl/shader';
import { template, type DType, type Layout, type Plan } from './plan';

/** How the elements of a texture become those of a tensor of another kind. */
function converted(value: string, from: DType, to: DType): string {
  if (to === 'float32') return `float(${value})`;
  return from === 'float32' ? `toInt(${value})` : value;
}

const toTexture = template<{ from: DType; to: DType }>(
  'toTexture',
  () => ['x'],
  ({ from, to }) =>
    shader({
      samplers: { x: from },
      outputs: [to],
      helpers: [texelAt('x', from)],
      body: `${vectorType(from)} v = x_texel(outTexel());
out0 = ${vectorType(to)}(${[...'xyzw'].map((lane) => converted(`v.${lane}`, from, to)).join(', ')});`,
    }),
);

/** Copies a tensor of dtype `from`, texel by texel in flat order, to the layout `to`. */
export function toTexturePlan(from: DType, to: Layout): Plan {
  return toTexture({ from, to: to.dtype }, { outputs: [to] });
}

const fromChannels = template<{ channels: string; from: DType; to: DType }>(
  'fromChannels',
  () => ['x'],
  ({ channels, from, to }) => {
    const lanes = [0, 1, 2, 3].map((lane) => converted(`value(outTexel() * 4 + ${lane})`, from, to));
    const places = [...channels].map((channel) => 'RGBA'.indexOf(channel));
    return shader({
      samplers: { x: from },
      outputs: [to],
      helpers: [
        elementAt('x', from),
        `const int channels[${places.length}] = int[${places.length}](${places.join(', ')});
${scalarType(from)} value(int i) { return x_at(i / ${places.length} * 4 + channels[i % ${places.length}]); }`,
      ],
      body: `out0 = ${vectorType(to)}(${lanes.join(', ')});`,
    });
  },
);

/** Gathers the named channels of a texture of `from`, pixel by pixel and row by row, as the elements of `to`. */
export function fromChannelsPlan(channels: string, from: DType, to: Layout): Plan {
  return fromChannels({ channels, from, to: to.dtype }, { outputs: [to] });
}
