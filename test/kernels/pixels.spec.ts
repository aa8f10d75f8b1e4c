/** Images of every kind made into tensors, and tensors drawn on canvases. */
import * as tf from '@tensorflow/tfjs-core';
import { useKernelsOfOurOwn } from './backends';

const [WIDTH, HEIGHT] = [7, 5];

/** Opaque, since a canvas rounds the colours of translucent pixels. */
function picture(): ImageData {
  const data = Uint8ClampedArray.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
  return new ImageData(data, WIDTH, HEIGHT);
}

function canvasOf(image: ImageData): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

async function imageElementOf(image: ImageData): Promise<HTMLImageElement> {
  const element = new Image();
  element.src = canvasOf(image).toDataURL();
  await element.decode();
  return element;
}

function offscreenOf(image: ImageData): OffscreenCanvas {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

function channelsOf({ data }: ImageData, channels: number): number[] {
  return Array.from(data).filter((_, i) => i % 4 < channels);
}

describe('FromPixels', () => {
  useKernelsOfOurOwn();
  const sources = {
    ImageData: (image: ImageData) => image,
    'pixel data': ({ data, width, height }: ImageData) => ({ data: new Uint8Array(data), width, height }),
    'a canvas': canvasOf,
    'an OffscreenCanvas': (image: ImageData) => offscreenOf(image) as unknown as HTMLCanvasElement,
    'an ImageBitmap': (image: ImageData) => createImageBitmap(image),
    'an image element': imageElementOf,
  };
  for (const [name, source] of Object.entries(sources)) {
    for (const channels of [1, 2, 3, 4]) {
      it(`takes ${channels} channels of ${name}`, async () => {
        const image = picture();
        const pixels = await source(image);
        const before = tf.memory().numTensors;
        const y = tf.browser.fromPixels(pixels, channels);
        expect(y.shape).toEqual([HEIGHT, WIDTH, channels]);
        expect(y.dtype).toBe('int32');
        expect(Array.from(await y.data())).toEqual(channelsOf(image, channels));
        y.dispose();
        expect(tf.memory().numTensors).toBe(before);
      });
    }
  }

  it('keeps translucent pixels of ImageData as they are', async () => {
    const image = new ImageData(Uint8ClampedArray.from([255, 3, 128, 1, 10, 20, 30, 0]), 2, 1);
    expect(Array.from(await tf.browser.fromPixels(image, 4).data())).toEqual([255, 3, 128, 1, 10, 20, 30, 0]);
  });

  it('takes an image element in the size that the page shows', () => {
    const canvas = canvasOf(picture());
    const image = new Image(3, 2);
    image.src = canvas.toDataURL();
    return image.decode().then(() => expect(tf.browser.fromPixels(image).shape).toEqual([2, 3, 3]));
  });
});

describe('Draw', () => {
  useKernelsOfOurOwn();
  for (const contextType of [undefined, '2d', 'convgl']) {
    it(`draws on a canvas of type ${contextType ?? 'unsaid'}`, () => {
      const image = picture();
      const canvas = document.createElement('canvas');
      const x = tf.tensor3d(channelsOf(image, 3), [HEIGHT, WIDTH, 3], 'int32');
      tf.browser.draw(x, canvas, contextType ? { contextOptions: { contextType } } : {});
      expect(Array.from(canvas.getContext('2d')!.getImageData(0, 0, WIDTH, HEIGHT).data)).toEqual(
        Array.from(image.data),
      );
      x.dispose();
    });
  }
});
