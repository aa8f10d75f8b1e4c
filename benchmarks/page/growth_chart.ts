/** Draws what a pixel costs as a network's step grows: time above, texture bytes below, flat where the line is level. */
import type { BenchResult, GrowthRow, GrowthSide } from './result';
import { captions, COLOURS, drawChart, GRID, INK, isTick } from './style';

/** Figures are those of an image of this many pixels: at a side of 28, of one image. */
const PIXELS = 28 * 28;

const PANELS = [
  { axis: 'time', title: 'ms per 28x28 pixels', figure: (side: GrowthSide) => side.medianMs },
  {
    axis: 'bytes',
    title: 'peak MiB of textures per 28x28 pixels',
    figure: (side: GrowthSide) => side.peakGpuBytes && side.peakGpuBytes / 2 ** 20,
  },
] as const;

function datasets(rows: readonly GrowthRow[], axis: GrowthRow['axis']) {
  const kinds = [...new Set(rows.flatMap(({ mode, sides }) => Object.keys(sides).map((name) => `${name} ${mode}`)))];
  return PANELS.flatMap((panel) =>
    kinds.map((kind) => {
      const [name = '', mode = ''] = kind.split(' ');
      const data = rows.flatMap((row) => {
        const value = row.mode === mode ? row.sides[name] && panel.figure(row.sides[name]) : undefined;
        const x = axis === 'batch' ? row.batchSize : row.imageSize;
        return value ? [{ x, y: (value * PIXELS) / (row.batchSize * row.imageSize ** 2) }] : [];
      });
      const colour = COLOURS[name] ?? INK;
      const style = { borderColor: colour, backgroundColor: colour, pointBackgroundColor: colour };
      const dashes = mode === 'predict' ? [6, 4] : [];
      // The legend shows no dashes.
      const label = mode === 'predict' ? `${kind} (dashed)` : kind;
      return { label, data, yAxisID: panel.axis, borderWidth: 2, pointRadius: 4, borderDash: dashes, ...style };
    }),
  );
}

type Dataset = ReturnType<typeof datasets>[number];

/** The panels lie one above the other, with room between them. */
function range(all: readonly Dataset[], panel: string): { min: number; max: number } {
  const values = all.filter(({ yAxisID }) => yAxisID === panel).flatMap(({ data }) => data.map(({ y }) => y));
  return { min: Math.min(...values) / 1.5, max: Math.max(...values) * 1.5 };
}

function scales(rows: readonly GrowthRow[], axis: GrowthRow['axis']) {
  const all = datasets(rows, axis);
  const sizes = [...new Set(rows.map((row) => (axis === 'batch' ? row.batchSize : row.imageSize)))];
  const panels = PANELS.map(({ axis: id, title }, i) => [
    id,
    {
      type: 'logarithmic' as const,
      stack: 'panels',
      // Heavier panels lie above lighter ones.
      weight: PANELS.length - i,
      offset: true,
      ...range(all, id),
      title: { display: true, text: title, color: INK },
      ticks: { callback: (value: number | string) => (isTick(Number(value)) ? String(value) : null), color: INK },
      grid: { color: GRID },
    },
  ]);
  const x = {
    type: 'logarithmic' as const,
    min: Math.min(...sizes) / 1.1,
    max: Math.max(...sizes) * 1.1,
    title: { display: true, text: axis === 'batch' ? 'images in a step' : 'side of the image, pixels', color: INK },
    // Only the sizes that were run have a tick.
    afterBuildTicks: (scale: { ticks: { value: number }[] }) => (scale.ticks = sizes.map((value) => ({ value }))),
    ticks: { callback: (value: number | string) => String(value), color: INK, autoSkip: false },
    grid: { color: GRID },
  };
  return { ...(Object.fromEntries(panels) as object), x };
}

/** Draws a picture of each series; returns the names of their files. */
export function drawGrowth({ growth = [] }: BenchResult, subtitle: string): string[] {
  return (['batch', 'side'] as const).flatMap((axis) => {
    const rows = growth.filter((row) => row.axis === axis);
    const [first] = rows;
    if (!first) return [];
    const what = axis === 'batch' ? 'the batch grows' : `the image grows, ${first.batchSize} images in a step`;
    const plugins = captions(`What a pixel costs as ${what}: the tutorial's network`, subtitle);
    const labels = {
      ...plugins.legend.labels,
      pointStyle: 'line',
      pointStyleWidth: 30,
      filter: ({ datasetIndex = 0 }) => datasetIndex < seriesOf(rows),
    };
    drawChart(`growth-${axis}`, 640, {
      type: 'line',
      data: { datasets: datasets(rows, axis) },
      options: {
        layout: { padding: { right: 24, left: 8, bottom: 8 } },
        plugins: { ...plugins, legend: { ...plugins.legend, labels } },
        scales: scales(rows, axis),
      },
    });
    return [`growth-${axis}`];
  });
}

/** Both panels have the same series; the legend names them once. */
function seriesOf(rows: readonly GrowthRow[]): number {
  return datasets(rows, 'batch').length / PANELS.length;
}
