/** Fills textures with what no kernel can mistake for values: behind a tensor's last element its texture may hold anything. */
import { shader, vectorType } from '../../src/glsl/shader';
import type { Backend } from '../../src/tensors/backend';
import { template, type DType } from '../../src/plan/plan';

type Textures = Backend['device']['textures'];

/** Beside each other a start and an end that are too far apart to be walked through unnoticed. */
const patterns = {
  float32: (size: number) => new Float32Array(size).fill(NaN),
  int32: (size: number) => new Int32Array(size).map((_, i) => (i % 2 === 0 ? 1 : 2 ** 31 - 1)),
  bool: (size: number) => new Uint8Array(size).fill(1),
};

/** Writes NaN, or large integers, to all layers of an array, which no upload fills. */
const fill = template<{ layers: number; dtype: DType }>(
  'poison',
  () => [],
  ({ layers, dtype }) => {
    const value = dtype === 'float32' ? 'vec4(uintBitsToFloat(0x7fc00000u))' : 'ivec4(1, 0x7fffffff, 1, 0x7fffffff)';
    const targets = Array.from({ length: layers }, (_, i) => i);
    return shader({
      samplers: {},
      outputs: targets.map(() => dtype),
      body: targets.map((i) => `out${i} = ${vectorType(dtype)}(${value});`).join('\n'),
    });
  },
);

/** From now on every texture that the backend takes into use is full of poison, until the function returned is called. */
export function poison({ device }: Backend): () => void {
  const { textures } = device;
  const acquire: Textures['acquire'] = textures.acquire.bind(textures);
  textures.acquire = (width, height, dtype, layers = 1) => {
    const texture = acquire(width, height, dtype, layers);
    const layout = { shape: [height, width * 4], dtype, width, height };
    try {
      if (layers === 1) textures.upload(texture, patterns[dtype](width * height * 4));
      else
        device.run(fill({ layers, dtype }, { outputs: Array.from({ length: layers }, () => layout) }), [], [texture]);
    } catch (error) {
      textures.release(texture);
      throw error;
    }
    return texture;
  };
  return () => {
    textures.acquire = acquire;
  };
}
