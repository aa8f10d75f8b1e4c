/** Loss and accuracy over the epochs as line charts, for the picture of a run and for the live page. */
import {
  Chart,
  type ChartConfiguration,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Title,
} from 'chart.js';
import { FAINT_INK, FONT, INK, Sheet } from './sheet';

Chart.register(Legend, LinearScale, LineController, LineElement, PointElement, Title);

export interface Point {
  /** Epochs done. */
  readonly x: number;
  readonly y: number;
}

export interface CurveColours {
  readonly ink: string;
  readonly faint: string;
  readonly grid: string;
  readonly training: string;
  readonly validation: string;
}

export interface Curves {
  readonly title: string;
  readonly training: readonly Point[];
  readonly validation: readonly Point[];
  readonly epochs: readonly [first: number, last: number];
  /** The top of the y axis, where it is known. */
  readonly most?: number;
  /** Whether the training curve has many points in each epoch, and so no dots. */
  readonly live?: boolean;
}

/** Blue and orange: told apart by nearly everybody, and in grey by their lightness. */
const PRINT: CurveColours = {
  ink: INK,
  faint: FAINT_INK,
  grid: '#e4e7ee',
  training: '#1f6feb',
  validation: '#d9730d',
};

/** More points than this are drawn as a bare line. */
const MOST_DOTS = 40;
/** In pixels; dots on the edge of the chart are drawn whole. */
const DOT = 3;

/** A chart of a training and a validation curve. */
export function curveChart(curves: Curves, colours: CurveColours = PRINT): ChartConfiguration<'line', Point[]> {
  const font = { family: FONT, size: 13 };
  const axis = { grid: { color: colours.grid }, border: { color: colours.grid } };
  const ticks = { color: colours.faint, font };
  const [first, last] = curves.epochs;
  return {
    type: 'line',
    data: {
      datasets: (['training', 'validation'] as const).map((label) => ({
        label,
        data: [...curves[label]],
        borderColor: colours[label],
        backgroundColor: colours[label],
        borderWidth: 2,
        pointRadius: (curves.live && label === 'training') || curves[label].length > MOST_DOTS ? 0 : DOT,
        clip: 2 * DOT,
      })),
    },
    options: {
      animation: false,
      parsing: false,
      maintainAspectRatio: false,
      plugins: {
        title: { display: true, text: curves.title, color: colours.ink, font: { ...font, size: 15 } },
        legend: { labels: { color: colours.ink, font, boxWidth: 24, boxHeight: 2 } },
      },
      scales: {
        x: {
          ...axis,
          type: 'linear',
          min: first,
          // A single epoch still needs an axis of some length.
          max: Math.max(last, first + 1),
          title: { display: true, text: 'epoch', color: colours.faint, font },
          ticks: { ...ticks, precision: 0 },
        },
        y: { ...axis, beginAtZero: true, ...(curves.most === undefined ? {} : { max: curves.most }), ticks },
      },
    },
  };
}

/** Two charts side by side: loss, and accuracy. */
export function drawCurves(history: Readonly<Record<string, readonly number[]>>): HTMLCanvasElement {
  const epochs = history['loss']?.length ?? 0;
  const size = { width: 560, height: 400 };
  const title = `Training over ${String(epochs)} epoch${epochs === 1 ? '' : 's'}`;
  const sheet = new Sheet(2 * size.width + 72, size.height + 84, title);
  const points = (key: string) => (history[key] ?? []).map((y, i) => ({ x: i + 1, y }));
  const both = [
    { title: 'Loss', training: points('loss'), validation: points('val_loss'), epochs: [1, epochs] },
    { title: 'Accuracy', training: points('acc'), validation: points('val_acc'), epochs: [1, epochs], most: 1 },
  ] as const;
  both.forEach((curves, i) => {
    const chart = curveChart(curves);
    Object.assign(chart.options ?? {}, { responsive: false, devicePixelRatio: 2 });
    const canvas = document.createElement('canvas');
    canvas.width = size.width;
    canvas.height = size.height;
    const drawn = new Chart(canvas, chart);
    sheet.context.drawImage(canvas, 24 + i * (size.width + 24), 60, size.width, size.height);
    drawn.destroy();
  });
  return sheet.canvas;
}
