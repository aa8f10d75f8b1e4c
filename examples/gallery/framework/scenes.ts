/** Pictures drawn by program, in place of photographs: a harbour, fabrics, and a page of shapes. */
import type { Pixels } from './picture';

export const SCENES = { harbour: 'a harbour', fabrics: 'fabrics', shapes: 'shapes and letters' } as const;
export type Scene = keyof typeof SCENES;

type Context = CanvasRenderingContext2D;

/** In units of the picture's side, so that a scene looks the same at any size. */
const drawers: Record<Scene, (context: Context) => void> = { harbour, fabrics, shapes };

export function drawScene(scene: Scene, side: number): Pixels {
  const context = squareContext(side);
  context.save();
  context.scale(side, side);
  drawers[scene](context);
  context.restore();
  return context.getImageData(0, 0, side, side);
}

/** The middle of a picture or a video's frame, as a square of this side. */
export function cropSquare(source: CanvasImageSource, size: { width: number; height: number }, side: number): Pixels {
  const context = squareContext(side);
  const from = Math.min(size.width, size.height);
  const [x, y] = [(size.width - from) / 2, (size.height - from) / 2];
  context.drawImage(source, x, y, from, from, 0, 0, side, side);
  return context.getImageData(0, 0, side, side);
}

function squareContext(side: number): Context {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('The browser gives no 2D canvas.');
  return context;
}

function rect(context: Context, colour: string, [x, y, width, height]: readonly [number, number, number, number]) {
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
}

function polygon(context: Context, colour: string, points: readonly (readonly [number, number])[]) {
  context.fillStyle = colour;
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.fill();
}

function disc(context: Context, colour: string, [x, y, radius]: readonly [number, number, number]) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function harbour(context: Context): void {
  const sky = context.createLinearGradient(0, 0, 0, 0.6);
  sky.addColorStop(0, '#5b8fd6');
  sky.addColorStop(1, '#f6d9b0');
  context.fillStyle = sky;
  context.fillRect(0, 0, 1, 0.62);
  disc(context, '#fff2c4', [0.76, 0.2, 0.08]);
  polygon(context, '#6b7f86', [
    [0, 0.6],
    [0.22, 0.36],
    [0.38, 0.5],
    [0.56, 0.38],
    [0.8, 0.6],
  ]);
  rect(context, '#2f6f92', [0, 0.6, 1, 0.4]);
  for (let i = 0; i < 26; i++) {
    const y = 0.63 + 0.0145 * i;
    rect(context, i % 2 ? '#4689ac' : '#78b0c8', [((i * 37) % 71) / 90, y, 0.12 + 0.008 * i, 0.006]);
  }
  polygon(context, '#7a3b23', [
    [0.16, 0.68],
    [0.62, 0.68],
    [0.54, 0.8],
    [0.24, 0.8],
  ]);
  rect(context, '#3a2417', [0.385, 0.2, 0.014, 0.48]);
  polygon(context, '#f4f0e6', [
    [0.41, 0.22],
    [0.41, 0.64],
    [0.62, 0.64],
  ]);
  polygon(context, '#c8402f', [
    [0.375, 0.28],
    [0.375, 0.64],
    [0.2, 0.64],
  ]);
  rect(context, '#d8d3c8', [0.84, 0.34, 0.1, 0.3]);
  for (let i = 0; i < 3; i++) rect(context, '#c0392b', [0.84, 0.38 + 0.1 * i, 0.1, 0.05]);
  rect(context, '#2b2b33', [0.82, 0.31, 0.14, 0.03]);
}

function fabrics(context: Context): void {
  rect(context, '#e9e2d0', [0, 0, 1, 1]);
  for (let i = 0; i < 10; i++) rect(context, i % 2 ? '#304b7d' : '#cdd6e6', [0.05 * i, 0, 0.05, 0.5]);
  for (let i = 0; i < 8; i++) rect(context, i % 2 ? '#8c2f39' : '#f0d6c8', [0.5, 0.0625 * i, 0.5, 0.0625]);
  for (let i = 0; i < 10; i++) {
    for (let j = 0; j < 10; j++) {
      rect(context, (i + j) % 2 ? '#2f5d50' : '#d7e6cf', [0.05 * i, 0.5 + 0.05 * j, 0.05, 0.05]);
    }
  }
  rect(context, '#f3e3a7', [0.5, 0.5, 0.5, 0.5]);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) disc(context, '#7b3f8f', [0.545 + 0.083 * i, 0.545 + 0.083 * j, 0.024]);
  }
}

function shapes(context: Context): void {
  rect(context, '#f7f5ef', [0, 0, 1, 1]);
  rect(context, '#1f2430', [0.08, 0.08, 0.26, 0.2]);
  disc(context, '#c0392b', [0.56, 0.19, 0.12]);
  polygon(context, '#0b7a55', [
    [0.86, 0.06],
    [0.96, 0.3],
    [0.74, 0.3],
  ]);
  context.lineWidth = 0.012;
  context.strokeStyle = '#1f2430';
  for (let i = 0; i < 7; i++) {
    const angle = (Math.PI * i) / 6;
    context.beginPath();
    context.moveTo(0.24, 0.6);
    context.lineTo(0.24 + 0.17 * Math.cos(angle), 0.6 - 0.17 * Math.sin(angle));
    context.stroke();
  }
  context.fillStyle = '#1a5fd0';
  context.font = 'bold 0.22px sans-serif';
  context.fillText('conv', 0.45, 0.6);
  context.fillStyle = '#444';
  context.font = '0.09px serif';
  context.fillText('a window that slides', 0.1, 0.8);
  for (let i = 0; i < 12; i++) rect(context, `hsl(${30 * i} 70% 50%)`, [0.08 + 0.07 * i, 0.87, 0.07, 0.07]);
}
