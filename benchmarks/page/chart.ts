/** Draws the benchmark's pictures: how many times faster the first backend is than its peers, and how near to the limit. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  SubTitle,
  Title,
} from 'chart.js';
import { drawGrowth } from './growth_chart';
import type { BenchResult, KernelRow, SideResult } from './result';
import { captions, COLOURS, drawChart, GRID, INK, isTick } from './style';

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale);
Chart.register(LineController, LineElement, LogarithmicScale, PointElement, SubTitle, Title);

const ROW = 22;

interface Row {
  readonly label: string;
  readonly sides: Readonly<Record<string, SideResult>>;
}

interface Series {
  readonly backend: string;
  readonly label: string;
  readonly values: readonly (number | null)[];
}

interface Picture {
  readonly title: string;
  readonly subtitle: string;
  readonly labels: readonly string[];
  /** Drawn as bars. */
  readonly main: Series;
  /** Drawn as points in the same rows, so that a row stays one line high. */
  readonly others: readonly Series[];
  readonly axis: 'ratio' | 'share';
}

const FORMATS: Readonly<Record<Picture['axis'], (value: number) => string>> = {
  ratio: (value) => `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)}x`,
  share: (value) => `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)} %`,
};

/** Where a label that starts at `x` finds room: behind the points that it would cover. */
function rightOf(chart: Chart, row: number, x: number): number {
  const points = chart.data.datasets
    .map((_, i) => chart.getDatasetMeta(i).data[row]?.x ?? NaN)
    .filter((at) => Number.isFinite(at))
    .sort((a, b) => a - b);
  return points.reduce((end, at) => (at > end - 8 && at < end + 45 ? at + 4 : end), x);
}

/** Writes each bar's value at its end: a logarithmic axis is hard to read off. */
function valueLabels(format: (value: number) => string, isLeft: (value: number) => boolean) {
  return {
    id: 'valueLabels',
    afterDatasetsDraw(chart: Chart): void {
      const { ctx } = chart;
      ctx.save();
      ctx.font = 'bold 11px sans-serif';
      ctx.textBaseline = 'middle';
      ctx.fillStyle = INK;
      ctx.strokeStyle = '#ffffff';
      ctx.lineWidth = 3;
      const index = chart.data.datasets.findIndex(({ type }) => type === 'bar');
      chart.getDatasetMeta(index).data.forEach((bar, row) => {
        const value = chart.data.datasets[index]?.data[row];
        if (typeof value !== 'number') return;
        ctx.textAlign = isLeft(value) ? 'right' : 'left';
        const x = isLeft(value) ? bar.x - 5 : 5 + rightOf(chart, row, bar.x);
        // A white rim keeps the figure readable over a peer's point.
        ctx.strokeText(format(value), x, bar.y);
        ctx.fillText(format(value), x, bar.y);
      });
      ctx.restore();
    },
  };
}

function scalesOf({ axis, main, others }: Picture) {
  const values = [main, ...others].flatMap((series) => series.values).filter((value) => value !== null);
  const y = { ticks: { autoSkip: false, color: INK, font: { size: 12 } }, grid: { color: GRID } };
  if (axis === 'share') {
    const x = { min: 0, max: 100, title: { display: true, text: 'percent of the limit measured in the same run' } };
    return { x, y };
  }
  const x = {
    type: 'logarithmic' as const,
    min: Math.min(0.5, ...values) / 1.6,
    max: Math.max(2, ...values) * 1.6,
    title: { display: true, text: 'left of 1x: slower' },
    ticks: {
      callback: (value: number | string) => (isTick(Number(value)) ? `${value}x` : null),
      color: INK,
      maxRotation: 0,
    },
    grid: {
      color: ({ tick }: { tick: { value: number } }) => (tick.value === 1 ? INK : GRID),
      lineWidth: ({ tick }: { tick: { value: number } }) => (tick.value === 1 ? 2 : 1),
    },
  };
  return { x, y };
}

function datasetsOf({ main, others, axis }: Picture) {
  const shapes = ['rectRot', 'circle', 'triangle'] as const;
  return [
    ...others.map(({ backend, label, values }, i) => ({
      type: 'line' as const,
      label,
      data: [...values],
      showLine: false,
      pointStyle: shapes[i % shapes.length],
      pointRadius: 5,
      pointBackgroundColor: COLOURS[backend] ?? INK,
      pointBorderColor: '#ffffff',
      backgroundColor: COLOURS[backend] ?? INK,
    })),
    {
      type: 'bar' as const,
      label: main.label,
      data: [...main.values],
      backgroundColor: COLOURS[main.backend] ?? INK,
      // Bars of a ratio start at one.
      ...(axis === 'ratio' ? { base: 1 } : {}),
      barThickness: ROW - 9,
    },
  ];
}

function draw(id: string, picture: Picture): void {
  drawChart(id, 150 + picture.labels.length * ROW, {
    type: 'bar',
    data: { labels: [...picture.labels], datasets: datasetsOf(picture) },
    options: {
      indexAxis: 'y',
      layout: { padding: { right: 24, left: 8, bottom: 8 } },
      plugins: captions(picture.title, picture.subtitle),
      scales: scalesOf(picture),
    },
    plugins: [valueLabels(FORMATS[picture.axis], (value) => picture.axis === 'ratio' && value < 1)],
  });
}

function ratios(rows: readonly Row[], first: string, backend: string): Series {
  const values = rows.map(({ sides }) => {
    const own = sides[first]?.medianMs;
    const other = sides[backend]?.medianMs;
    return own && other ? other / own : null;
  });
  return { backend, label: `times faster than ${backend}`, values };
}

function shares(rows: readonly KernelRow[], backend: string, gflops: number): Series {
  const values = rows.map(({ sides, flops = 0 }) => {
    const ms = sides[backend]?.medianMs;
    return ms ? flops / ms / 1e4 / gflops : null;
  });
  return { backend, label: backend, values };
}

/** Draws all pictures below the page's text; returns the names of their files. */
export function drawResult(result: BenchResult): string[] {
  const { options, kernels = [], models = [], ceilings, renderer } = result;
  const [first = '', main, ...others] = options.backends;
  const subtitle = renderer.length > 130 ? `${renderer.slice(0, 130)}…` : renderer;
  const names: string[] = [];
  const addRatios = (name: string, title: string, rows: readonly Row[]): void => {
    if (rows.length === 0 || main === undefined) return;
    draw(name, {
      title: `${title}: ${first} against its peers`,
      subtitle,
      labels: rows.map(({ label }) => label),
      main: ratios(rows, first, main),
      others: others.map((backend) => ratios(rows, first, backend)),
      axis: 'ratio',
    });
    names.push(name);
  };
  const named = kernels.map((row) => ({ ...row, label: `${row.kernel} ${row.name}` }));
  const arithmetic = named.filter(({ flops }) => flops);
  const networks = models.map(({ model, mode, batchSize, imageSize, sides }) => ({
    label: `${model} ${mode}, batch ${batchSize}, ${imageSize}x${imageSize}`,
    sides,
  }));
  addRatios('models', 'Whole networks', networks);
  addRatios('kernels-arithmetic', 'Matrix products and convolutions', arithmetic);
  addRatios(
    'kernels-memory',
    'Memory-bound kernels',
    named.filter(({ flops }) => !flops),
  );
  if (ceilings && arithmetic.length > 0) {
    const limit = ceilings.multiplyAddGflops;
    draw('limits', {
      title: `Share of this device's multiply-add limit, ${limit.toPrecision(3)} GFLOP/s`,
      subtitle,
      labels: arithmetic.map(({ label }) => label),
      main: shares(arithmetic, first, limit),
      others: main === 'webgl' ? [shares(arithmetic, main, limit)] : [],
      axis: 'share',
    });
    names.push('limits');
  }
  return [...names, ...drawGrowth(result, subtitle)];
}
