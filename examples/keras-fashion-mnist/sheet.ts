/** A white canvas to draw a picture on, with the text and image helpers that the pictures share. */

/** Pixels per unit of length: pictures stay sharp on a dense screen. */
const SCALE = 2;
export const FONT = '"Open Sans", "DejaVu Sans", system-ui, sans-serif';
export const INK = '#1f2430';
export const FAINT_INK = '#5d6574';
/** Blue and vermilion: told apart by nearly everybody. */
export const CORRECT = '#0b6e4f';
export const WRONG = '#c0392b';

export interface TextStyle {
  readonly size?: number;
  readonly weight?: 400 | 600;
  readonly colour?: string;
  readonly align?: CanvasTextAlign;
  /** In radians about the text's own position. */
  readonly turn?: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class Sheet {
  readonly canvas = document.createElement('canvas');
  readonly context: CanvasRenderingContext2D;

  constructor(width: number, height: number, title: string) {
    this.canvas.width = width * SCALE;
    this.canvas.height = height * SCALE;
    const context = this.canvas.getContext('2d');
    if (!context) throw new Error(`Pictures: no 2D canvas of ${String(width)}x${String(height)} in this browser.`);
    this.context = context;
    context.scale(SCALE, SCALE);
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    this.text(title, 24, 34, { size: 18, weight: 600 });
  }

  /** Writes one line, `y` its middle, and returns its width. */
  text(text: string, x: number, y: number, style: TextStyle = {}): number {
    const { size = 13, weight = 400, colour = INK, align = 'left', turn = 0 } = style;
    const { context } = this;
    context.save();
    context.translate(x, y);
    context.rotate(turn);
    context.font = `${String(weight)} ${String(size)}px ${FONT}`;
    context.fillStyle = colour;
    context.textAlign = align;
    context.textBaseline = 'middle';
    context.fillText(text, 0, 0);
    const { width } = context.measureText(text);
    context.restore();
    return width;
  }

  fill({ x, y, width, height }: Box, colour: string): void {
    this.context.fillStyle = colour;
    this.context.fillRect(x, y, width, height);
  }

  outline({ x, y, width, height }: Box, colour: string, lineWidth = 1): void {
    this.context.strokeStyle = colour;
    this.context.lineWidth = lineWidth;
    this.context.strokeRect(x, y, width, height);
  }

  /** Draws a small image with every pixel a sharp square; `colourOf` gives red, green and blue from 0 to 255. */
  pixels(box: Box, columns: number, rows: number, colourOf: (index: number) => Rgb): void {
    const image = new ImageData(columns, rows);
    for (let i = 0; i < columns * rows; i++) {
      image.data.set([...colourOf(i), 255], i * 4);
    }
    const small = document.createElement('canvas');
    small.width = columns;
    small.height = rows;
    small.getContext('2d')?.putImageData(image, 0, 0);
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(small, box.x, box.y, box.width, box.height);
  }
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** Between two colours; `t` from 0 to 1. */
export function blend(from: Rgb, to: Rgb, t: number): Rgb {
  const at = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * Math.min(1, Math.max(0, t)));
  return [at(0), at(1), at(2)];
}

export function css([red, green, blue]: Rgb): string {
  return `rgb(${String(red)} ${String(green)} ${String(blue)})`;
}
