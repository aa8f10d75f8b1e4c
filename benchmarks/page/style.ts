/** What the benchmark's pictures have in common: the backends' colours, the paper, and the canvas. */
import { Chart, type ChartConfiguration } from 'chart.js';

export const COLOURS: Readonly<Record<string, string>> = {
  convgl: '#0b7a75',
  webgl: '#d1495b',
  wasm: '#6457a6',
  cpu: '#6c7a89',
};
export const INK = '#22313f';
export const GRID = '#dfe4ea';

const paper = {
  id: 'paper',
  beforeDraw: ({ ctx, width, height }: Chart): void => {
    ctx.fillStyle = '#ffffff';
    ctx.fillRect(0, 0, width, height);
  },
};

/** Whether a logarithmic axis names the value. */
export const isTick = (value: number): boolean =>
  [1, 2, 5].some((digit) => Math.abs(Math.log10(value / digit) - Math.round(Math.log10(value / digit))) < 1e-9);

/** The plugins' options of a picture with a title. */
export function captions(title: string, subtitle: string) {
  return {
    title: { display: true, text: title, color: INK, font: { size: 16 } },
    subtitle: { display: true, text: subtitle, color: INK, padding: { bottom: 6 } },
    legend: { position: 'top' as const, labels: { color: INK, usePointStyle: true } },
  };
}

/** Draws a picture on a new canvas below the page's text; the canvas's id names the picture's file. */
export function drawChart(id: string, height: number, config: object): void {
  const canvas = document.createElement('canvas');
  canvas.id = id;
  canvas.width = 1100;
  canvas.height = height;
  document.body.append(canvas);
  const { options, plugins = [], ...rest } = config as ChartConfiguration;
  const common = { responsive: false, animation: false as const, devicePixelRatio: 2 };
  new Chart(canvas, { ...rest, options: { ...options, ...common }, plugins: [...plugins, paper] });
}
