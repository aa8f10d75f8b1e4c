/** A picture of a few or many pixels on a canvas, sharp when it is enlarged. */
import { useEffect, useRef } from 'preact/hooks';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Bytes of red, green, blue and alpha. */
  readonly data: Uint8ClampedArray;
}

interface PictureProps {
  readonly pixels: Pixels | undefined;
  /** What it shows, in words. */
  readonly label: string;
  readonly caption?: string;
}

export function Picture({ pixels, label, caption }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current || !pixels) return;
    const { width, height, data } = pixels;
    Object.assign(canvas.current, { width, height });
    canvas.current.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  }, [pixels]);
  return (
    <figure class="picture">
      <canvas ref={canvas} role="img" aria-label={label} />
      {caption === undefined ? null : <figcaption>{caption}</figcaption>}
    </figure>
  );
}
