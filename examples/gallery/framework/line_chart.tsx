/** Curves by chart.js in the page's colours, with their last points in words for screen readers. */
import {
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Title,
} from 'chart.js';
import { useEffect, useRef } from 'preact/hooks';
import { onThemeChange, themeColour } from './theme';

Chart.register(Legend, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, Title);

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

interface LineChartProps {
  readonly title: string;
  readonly x: string;
  readonly series: readonly Series[];
  readonly range?: { readonly x?: readonly [number, number]; readonly y?: readonly [number, number] };
  readonly logarithmic?: boolean;
}

export function LineChart({ title, x, series, range, logarithmic = false }: LineChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart<'line', Point[]>>(undefined);
  useEffect(() => {
    const draw = () => {
      chart.current?.destroy();
      if (!canvas.current) return;
      const options = optionsOf(title, x, { range, logarithmic });
      chart.current = new Chart(canvas.current, { type: 'line', data: dataOf(series), options });
    };
    draw();
    const end = onThemeChange(draw);
    return () => {
      end();
      chart.current?.destroy();
    };
  }, [title, x, JSON.stringify(range), logarithmic]);
  useEffect(() => {
    if (!chart.current) return;
    chart.current.data = dataOf(series);
    chart.current.update();
  }, [series]);
  const ends = series.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last ? [`${name} ${last.y.toPrecision(3)} at ${last.x.toFixed(1)}`] : [];
  });
  return (
    <div class="chart">
      <canvas ref={canvas} role="img" aria-label={`${title}; ${ends.join(', ') || 'nothing yet'}`} />
    </div>
  );
}

function dataOf(series: readonly Series[]) {
  return {
    datasets: series.map(({ name, points }, i) => {
      const colour = themeColour(`series-${(i % 6) + 1}`);
      return {
        label: name,
        data: [...points],
        borderColor: colour,
        backgroundColor: colour,
        borderWidth: 2,
        pointRadius: points.length > 40 ? 0 : 3,
      };
    }),
  };
}

function optionsOf(title: string, x: string, { range, logarithmic }: Pick<LineChartProps, 'range' | 'logarithmic'>) {
  const [ink, faint, line] = ['ink', 'faint', 'line'].map(themeColour);
  const axis = { grid: { color: line }, border: { color: line }, ticks: { color: faint } };
  const ends = (pair?: readonly [number, number]) => (pair ? { min: pair[0], max: pair[1] } : {});
  return {
    animation: false,
    parsing: false,
    maintainAspectRatio: false,
    plugins: {
      title: { display: true, text: title, color: ink },
      legend: { labels: { color: ink, boxWidth: 24, boxHeight: 2 } },
    },
    scales: {
      x: { ...axis, type: 'linear', ...ends(range?.x), title: { display: true, text: x, color: faint } },
      y: { ...axis, type: logarithmic ? 'logarithmic' : 'linear', ...ends(range?.y) },
    },
  } as const;
}
