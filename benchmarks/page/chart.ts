/** Draws the benchmark's pictures: how many times faster the first backend is than each peer, on a logarithmic axis. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LogarithmicScale,
  Title,
  Tooltip,
} from 'chart.js';
import type { BenchResult, SideResult } from './result';

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, LogarithmicScale, Title, Tooltip);

const COLOURS: Readonly<Record<string, string>> = {
  convgl: '#0b7a75',
  webgl: '#d1495b',
  wasm: '#6457a6',
  cpu: '#8d99ae',
};
const INK = '#22313f';
const ROW = 15;

interface Row {
  readonly label: string;
  readonly sides: Readonly<Record<string, SideResult>>;
}

/** Height of a horizontal bar chart with so many bars in a row, so that labels do not collide. */
function sized(rows: readonly Row[], bars: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = 1200;
  canvas.height = 110 + rows.length * (ROW * Math.max(1, bars) + 8);
  document.body.append(canvas);
  return canvas;
}

const powers = (value: number): boolean => [1, 2, 5].some((digit) => Math.abs(Math.log10(value / digit) % 1) < 1e-9);

/** Writes each bar's ratio at its end: a logarithmic axis is hard to read off. */
const valueLabels = {
  id: 'valueLabels',
  afterDatasetsDraw(chart: Chart): void {
    const { ctx } = chart;
    ctx.save();
    ctx.font = '11px sans-serif';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = INK;
    chart.data.datasets.forEach((dataset, i) => {
      chart.getDatasetMeta(i).data.forEach((bar, j) => {
        const value = dataset.data[j];
        if (typeof value !== 'number' || !Number.isFinite(value)) return;
        const text = `${value >= 10 ? value.toFixed(0) : value.toFixed(1)}x`;
        ctx.textAlign = value < 1 ? 'right' : 'left';
        ctx.fillText(text, bar.x + (value < 1 ? -4 : 4), bar.y);
      });
    });
    ctx.restore();
  },
};

function ratioChart(title: string, rows: readonly Row[], [first, ...peers]: readonly string[]): HTMLCanvasElement {
  const canvas = sized(rows, peers.length);
  const ratio = ({ sides }: Row, peer: string): number | null => {
    const own = sides[first ?? '']?.medianMs;
    const other = sides[peer]?.medianMs;
    return own && other ? other / own : null;
  };
  const datasets = peers.map((peer) => ({
    label: `times faster than ${peer}`,
    data: rows.map((row) => ratio(row, peer)),
    backgroundColor: COLOURS[peer] ?? INK,
    // Bars start at one: to the left of it the first backend is the slower one.
    base: 1,
    barThickness: ROW - 4,
  }));
  const values = datasets.flatMap(({ data }) => data.filter((value) => value !== null));
  new Chart(canvas, {
    type: 'bar',
    data: { labels: rows.map(({ label }) => label), datasets },
    options: {
      indexAxis: 'y',
      responsive: false,
      animation: false,
      devicePixelRatio: 2,
      layout: { padding: { right: 50, left: 8, bottom: 8 } },
      plugins: {
        title: { display: true, text: title, color: INK, font: { size: 16 } },
        legend: { position: 'top', labels: { color: INK } },
      },
      scales: {
        x: {
          type: 'logarithmic',
          min: Math.min(0.5, ...values) * 0.8,
          max: Math.max(2, ...values) * 1.3,
          ticks: { callback: (value) => (powers(Number(value)) ? `${value}x` : ''), color: INK },
          grid: { color: (context) => (context.tick?.value === 1 ? INK : '#dfe4ea') },
        },
        y: { ticks: { autoSkip: false, color: INK, font: { size: 12 } }, grid: { display: false } },
      },
    },
    plugins: [
      valueLabels,
      {
        id: 'paper',
        beforeDraw: ({ ctx, width, height }) => {
          ctx.fillStyle = '#ffffff';
          ctx.fillRect(0, 0, width, height);
        },
      },
    ],
  });
  return canvas;
}

/** Draws all pictures below the page's text; returns the names of their files. */
export function drawResult({ options, kernels = [], models = [], renderer }: BenchResult): string[] {
  const { backends } = options;
  const device = renderer.length > 70 ? `${renderer.slice(0, 70)}…` : renderer;
  const names: string[] = [];
  const add = (name: string, title: string, rows: readonly Row[]): void => {
    if (rows.length === 0 || backends.length < 2) return;
    const canvas = ratioChart(`${backends[0]}: ${title} (${device})`, rows, backends);
    canvas.id = name;
    names.push(name);
  };
  add(
    'models',
    'whole networks',
    models.map(({ model, mode, batchSize, imageSize, sides }) => ({
      label: `${model} ${mode}, batch ${batchSize}, ${imageSize}x${imageSize}`,
      sides,
    })),
  );
  add(
    'kernels',
    'single kernels',
    kernels.map(({ kernel, name, sides }) => ({ label: `${kernel} ${name}`, sides })),
  );
  return names;
}
