/** Exchanges tensors with an application's own GL code, as copies. */
import type { DataToGPUOptions, DataType, KernelBackend } from '@tensorflow/tfjs-core';
import { gpuDType } from '../lazy/tensor_data';
import type { Device, Texture } from '../gl/device';
import { elementAt, texelAt } from '../glsl/accessor';
import { scalarType, shader, vectorType } from '../glsl/shader';
import { layoutOf } from '../plan/layout';
import { template, type DType, type Layout, type Plan } from '../plan/plan';
import { sizeOf, type Shape } from '../plan/shape';

/** A texture or a buffer of the caller's. */
export type GPUValues = Parameters<KernelBackend['createTensorFromGPUData']>[0];

/** Options of `tensor.dataToGPU()` on convgl. */
export interface ConvglGPUOptions extends DataToGPUOptions {
  /** Of the texture: float32 as on other backends, or int32, which is exact beyond 2^24. Default: float32. */
  readonly dtype?: 'float32' | 'int32';
}

/** A texture that was written, and what it holds. */
interface Copied<D extends DType> {
  readonly texture: Texture;
  readonly layout: Layout & { readonly dtype: D };
}

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
function toTexturePlan(from: DType, to: Layout): Plan {
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
function fromChannelsPlan(channels: string, from: DType, to: Layout): Plan {
  return fromChannels({ channels, from, to: to.dtype }, { outputs: [to] });
}

/**
 * A copy of a tensor's texture, four elements a texel, row by row.
 *
 * @throws Error where customTexShape, [height, width], does not hold the tensor
 */
export function copyToTexture(
  device: Device,
  { texture: from, shape }: { readonly texture: Texture; readonly shape: Shape },
  { customTexShape, dtype = 'float32' }: ConvglGPUOptions,
): Copied<'float32' | 'int32'> {
  const [height, width] = customTexShape ?? [from.height, from.width];
  const longest = device.limits.maxTextureSize;
  if (height * width * 4 < sizeOf(shape) || Math.max(height, width) > longest) {
    throw new Error(
      `dataToGPU: found customTexShape [${height}, ${width}], expected one that holds the ${sizeOf(shape)} elements of ` +
        `shape [${shape.join(', ')}], four a texel, with sides of at most ${longest}.`,
    );
  }
  const layout = { shape, dtype, width, height };
  const [texture] = device.runInto(toTexturePlan(from.dtype, layout), [from]);
  device.share();
  return { texture: texture!, layout };
}

/**
 * The named channels of a texture of the device's context, as a tensor's elements.
 *
 * @throws Error for a buffer, and a texture of another context, of unsigned integers, or with too few elements
 */
export function copyFromTexture(
  device: Device,
  values: GPUValues,
  { shape, dtype }: { readonly shape: Shape; readonly dtype: DataType },
): Copied<DType> {
  if (!('texture' in values)) throw new Error('tf.tensor: found a WebGPU buffer, expected a WebGL texture.');
  const { texture: given, height, width, channels = 'RGBA' } = values;
  const found = height * width * channels.length;
  if (found < sizeOf(shape)) {
    throw new Error(
      `tf.tensor: found ${found} elements in channels ${channels} of a texture of ${width} x ${height} texels, ` +
        `expected ${sizeOf(shape)} for the shape [${shape.join(', ')}].`,
    );
  }
  device.share();
  const layout = layoutOf(shape, gpuDType(dtype), device.limits);
  const foreign = { handle: given, width, height };
  return { texture: device.runOnForeign(foreign, (from) => fromChannelsPlan(channels, from, layout)), layout };
}
