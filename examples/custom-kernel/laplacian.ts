/** A custom kernel: the Laplacian of an image, the sum of its four neighbours' differences from a pixel, with its gradient. */
import type * as tf from '@tensorflow/tfjs-core';
import { defineGLSLKernel, KernelError } from 'tfjs-backend-convgl';

const run = defineGLSLKernel({
  name: 'Example/Laplacian',
  inputs: { image: 'float32' },
  attributes: { scale: 'float' },
  output: ({ image }) => {
    if (image.shape.length !== 2) throw new KernelError('Example/Laplacian', `found the shape [${image.shape}].`);
    return { shape: image.shape };
  },
  // Beyond the border a pixel sees itself, so that nothing flows out.
  glsl: `
float neighbour(int row, int column) {
  return image_get(clamp(row, 0, dims[0] - 1), clamp(column, 0, dims[1] - 1));
}
float element(int i) {
  int c[2];
  coordsOf(i, c);
  float around = neighbour(c[0] - 1, c[1]) + neighbour(c[0] + 1, c[1]) + neighbour(c[0], c[1] - 1) + neighbour(c[0], c[1] + 1);
  return scale * (around - 4.0 * image_at(i));
}`,
  // Each pixel sees its neighbours as they see it, so the gradient is the same kernel.
  gradient: (dy, _inputs, { scale }) => ({ image: () => laplacian(dy as tf.Tensor2D, scale) }),
});

/** The Laplacian of an image of shape [height, width], times `scale`. @throws KernelError for another rank */
export function laplacian(image: tf.Tensor2D, scale = 1): tf.Tensor2D {
  return run({ image }, { scale }) as tf.Tensor2D;
}
