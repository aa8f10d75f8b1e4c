/** Fills textures with what no kernel can mistake for values: behind a tensor's last element its texture may hold anything. */
import type { ConvglBackend } from '../../src/index';

type Textures = ConvglBackend['device']['textures'];

/** Beside each other a start and an end that are too far apart to be walked through unnoticed. */
const patterns = {
  float32: (size: number) => new Float32Array(size).fill(NaN),
  int32: (size: number) => new Int32Array(size).map((_, i) => (i % 2 === 0 ? 1 : 2 ** 31 - 1)),
  bool: (size: number) => new Uint8Array(size).fill(1),
};

/** From now on every texture that the backend takes into use is full of poison, until the function returned is called. */
export function poison({ device: { textures } }: ConvglBackend): () => void {
  const acquire: Textures['acquire'] = textures.acquire.bind(textures);
  textures.acquire = (width, height, dtype) => {
    const texture = acquire(width, height, dtype);
    textures.upload(texture, patterns[dtype](width * height * 4));
    return texture;
  };
  return () => {
    textures.acquire = acquire;
  };
}
