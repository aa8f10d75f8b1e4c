/** Loss and accuracy over the epochs as line charts, for the picture of a run and for the live page. */
import {
  CategoryScale,
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

Chart.register(CategoryScale, Legend, LinearScale, LineController, LineElement, PointElement, Title);

export const TRAINING_COLOUR = '#1f6feb';
export const VALIDATION_COLOUR = '#d9730d';

export interface Curve {
  readonly label: string;
  readonly colour: string;
  readonly values: readonly number[];
}

export interface ChartColours {
  readonly ink: string;
  readonly faint: string;
  readonly grid: string;
}

const PRINT: ChartColours = { ink: INK, faint: FAINT_INK, grid: '#e4e7ee' };

/** A chart of curves over x values that are shown as they are. */
export function curveChart(
  title: string,
  labels: readonly (string | number)[],
  curves: readonly Curve[],
  colours: ChartColours = PRINT,
): ChartConfiguration<'line', number[]> {
  const font = { family: FONT, size: 13 };
  const scale = { grid: { color: colours.grid }, ticks: { color: colours.faint, font } };
  return {
    type: 'line',
    data: {
      labels: [...labels],
      datasets: curves.map(({ label, colour, values }) => ({
        label,
        data: [...values],
        borderColor: colour,
        backgroundColor: colour,
        borderWidth: 2,
        pointRadius: values.length > 30 ? 0 : 3,
        tension: 0,
      })),
    },
    options: {
      animation: false,
      plugins: {
        title: { display: true, text: title, color: colours.ink, font: { ...font, size: 15 } },
        legend: { labels: { color: colours.ink, font, boxWidth: 24, boxHeight: 2 } },
      },
      scales: {
        x: { ...scale, title: { display: true, text: 'epoch', color: colours.faint, font } },
        y: { ...scale, beginAtZero: true },
      },
    },
  };
}

/** Two charts side by side: loss, and accuracy. */
export function drawCurves(history: Readonly<Record<string, readonly number[]>>): HTMLCanvasElement {
  const epochs = history['loss']?.length ?? 0;
  const size = { width: 560, height: 400 };
  const sheet = new Sheet(2 * size.width + 72, size.height + 84, `Training over ${String(epochs)} epochs`);
  const labels = Array.from({ length: epochs }, (_, i) => i + 1);
  [
    { title: 'Loss', training: 'loss', validation: 'val_loss' },
    { title: 'Accuracy', training: 'acc', validation: 'val_acc' },
  ].forEach(({ title, training, validation }, i) => {
    const chart = curveChart(title, labels, [
      { label: 'training', colour: TRAINING_COLOUR, values: history[training] ?? [] },
      { label: 'validation', colour: VALIDATION_COLOUR, values: history[validation] ?? [] },
    ]);
    if (chart.options) Object.assign(chart.options, { responsive: false, devicePixelRatio: 2 });
    const canvas = document.createElement('canvas');
    canvas.width = size.width;
    canvas.height = size.height;
    const drawn = new Chart(canvas, chart);
    sheet.context.drawImage(canvas, 24 + i * (size.width + 24), 60, size.width, size.height);
    drawn.destroy();
  });
  return sheet.canvas;
}
