/** Converts images, canvases and videos to tensors, and draws tensors on canvases. */
import {
  engine,
  Draw,
  FromPixels,
  type DrawAttrs,
  type DrawInputs,
  type FromPixelsAttrs,
  type FromPixelsInputs,
  type KernelConfig,
} from '@tensorflow/tfjs-core';
import { elementAt } from '../../src/glsl/accessor';
import { shader } from '../../src/glsl/shader';
import { defineKernel, KernelError } from '../../src/kernel/define_kernel';
import { template, type Layout, type Plan } from '../../src/plan/plan';

const toBytes = template<object>(
  'pixels',
  () => ['pixels'],
  () =>
    shader({
      samplers: { pixels: 'float32' },
      uniforms: ['int channels'],
      outputs: ['int32'],
      helpers: [
        elementAt('pixels', 'float32'),
        'int byteAt(int i) { return int(pixels_at(i / channels * 4 + i % channels) * 255.0 + 0.5); }',
      ],
      body: `int i = outTexel() * 4;
out0 = ivec4(byteAt(i), byteAt(i + 1), byteAt(i + 2), byteAt(i + 3));`,
    }),
);

/** Takes the first channels of RGBA pixels in [0, 1] as bytes. @param out [height, width, channels] */
export function pixelsPlan(out: Layout): Plan {
  return toBytes({}, { uniforms: { channels: out.shape[2]! }, outputs: [out] });
}

/** What `texSubImage2D` takes, and the size that tfjs gives the tensor. */
function sourceOf(pixels: FromPixelsInputs['pixels']): { source: TexImageSource; width: number; height: number } {
  if (typeof HTMLVideoElement !== 'undefined' && pixels instanceof HTMLVideoElement) {
    return { source: pixels, width: pixels.videoWidth, height: pixels.videoHeight };
  }
  const { width, height } = pixels;
  if (typeof HTMLImageElement !== 'undefined' && pixels instanceof HTMLImageElement) {
    const scaled = pixels.naturalWidth !== width || pixels.naturalHeight !== height;
    return { source: scaled ? drawn(pixels, width, height) : pixels, width, height };
  }
  if ('data' in pixels && !(pixels instanceof ImageData)) {
    const { buffer, byteOffset, length } = pixels.data as Uint8Array<ArrayBuffer>;
    return { source: new ImageData(new Uint8ClampedArray(buffer, byteOffset, length), width, height), width, height };
  }
  return { source: pixels, width, height };
}

/** An image in the size that the page shows it in. */
function drawn(image: HTMLImageElement, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new KernelError(FromPixels, 'the browser gave no 2d context to scale an image with.');
  context.drawImage(image, 0, 0, width, height);
  return canvas;
}

const fromPixels = defineKernel<FromPixelsInputs, FromPixelsAttrs>(
  FromPixels,
  (ctx, { pixels }, { numChannels }) => {
    const { source, width, height } = sourceOf(pixels);
    const texels = ctx.uploadPixels(source, width, height);
    return ctx.run(pixelsPlan(ctx.newLayout([height, width, numChannels], 'int32')), [texels]);
  },
  { cpuFallback: false },
);

/**
 * Our own name as the context's type leaves the choice to us; a page's canvas takes pixels best as 2d. Gives no tensor:
 * tf.browser.draw drops the result, and nobody would dispose it.
 */
const draw = defineKernel<DrawInputs, DrawAttrs>(
  Draw,
  (ctx, { image }, { canvas, options }) => {
    const { contextType, ...rest } = options?.contextOptions ?? {};
    const contextOptions = { ...rest, contextType: contextType === engine().backendName ? '2d' : contextType };
    ctx.onHost(Draw, { image }, { canvas, options: { ...options, contextOptions } });
    return [];
  },
  { cpuFallback: false },
);

export const pixelKernels: readonly KernelConfig[] = [draw, fromPixels];
