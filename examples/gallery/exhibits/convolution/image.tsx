/** The second panel: a window over a picture of up to three channels, with one or two filters. */
import { useState } from 'preact/hooks';
import type { Connection } from '../../framework/connection';
import { Choice, Controls, Slider } from '../../framework/controls';
import { type Mark, Matrix, numberText } from '../../framework/matrix';
import { usePlayer } from '../../framework/player';
import { TaskBar } from '../../framework/task_bar';
import { useResult } from '../../framework/tasks';
import { samePadding, type Sliding, reach } from './model';
import { markUnder, SlidingControls } from './sliding';
import type { ConvolutionTasks } from './worker';

type Rows = readonly (readonly number[])[];

const PICTURES: Record<string, (i: number, j: number, side: number) => number> = {
  square: (i, j, side) => (Math.min(i, j) >= 2 && Math.max(i, j) < side - 1 ? 9 : 0),
  diagonal: (i, j) => (Math.abs(i - j) < 1 ? 9 : 0),
  ramp: (_, j) => j,
  dot: (i, j, side) => (i === Math.floor(side / 2) && j === Math.floor(side / 2) ? 9 : 0),
};
const PICTURE_NAMES = { square: 'a square', diagonal: 'a diagonal', ramp: 'a ramp', dot: 'a dot' };

const KERNELS: Record<string, Rows> = {
  sobel: [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ],
  laplacian: [
    [0, 1, 0],
    [1, -4, 1],
    [0, 1, 0],
  ],
  mean: [
    [0.25, 0.25],
    [0.25, 0.25],
  ],
  one: [[2]],
};
const KERNEL_NAMES = {
  sobel: '3 × 3, vertical edges',
  laplacian: '3 × 3, Laplacian',
  mean: '2 × 2, mean',
  one: '1 × 1, doubling',
};

const STEP_MS = 150;

const transposed = (rows: Rows) => rows[0]!.map((_, i) => rows.map((row) => row[i]!));

/** [side, side, channels]: each channel is the one before it, turned and weaker. */
function pictureOf(name: string, side: number, channels: number): number[][][] {
  const level = PICTURES[name]!;
  const value = (i: number, j: number, c: number) => (c % 2 === 0 ? level(i, j, side) : level(j, i, side)) - 2 * c;
  return range(side).map((i) => range(side).map((j) => range(channels).map((c) => Math.max(0, value(i, j, c)))));
}

/** [k, k, channels, filters]: the second filter is the first, turned. */
function weightsOf(kernel: Rows, channels: number, filters: number): number[][][][] {
  const both = [kernel, transposed(kernel)];
  return kernel.map((row, i) =>
    row.map((_, j) => range(channels).map(() => range(filters).map((f) => both[f]![i]![j]!))),
  );
}

const range = (length: number) => Array.from({ length }, (_, i) => i);

const plane = (values: readonly (readonly (readonly number[])[])[], c: number) =>
  values.map((row) => row.map((channels) => channels[c]!));

interface Chosen {
  readonly picture: string;
  readonly side: number;
  readonly channels: number;
  readonly kernel: string;
  readonly filters: number;
  readonly sliding: Sliding;
}

const START: Chosen = {
  picture: 'square',
  side: 7,
  channels: 1,
  kernel: 'sobel',
  filters: 1,
  sliding: { stride: 1, dilation: 1, padding: 'valid', border: 'zero' },
};

export function ImagePanel({ connection }: { readonly connection: Connection<ConvolutionTasks> }) {
  const [chosen, choose] = useState(START);
  const { picture, side, channels, kernel, filters, sliding } = chosen;
  const input = { x: pictureOf(picture, side, channels), w: weightsOf(KERNELS[kernel]!, channels, filters), sliding };
  const shown = useResult(connection, 'image', input);
  const result = shown && 'result' in shown ? shown : undefined;
  const rows = result?.result.y.length ?? 0;
  const columns = result?.result.y[0]?.length ?? 0;
  const player = usePlayer(rows * columns, STEP_MS);
  const [row, column] = [Math.floor(player.position / (columns || 1)), player.position % (columns || 1)];
  return (
    <section class="panel" aria-labelledby="image-title">
      <h2 id="image-title">Over a picture</h2>
      <ImageControls chosen={chosen} onChange={(change) => choose({ ...chosen, ...change })} />
      {result ? <Steps {...{ ...result, position: player.position }} /> : null}
      <Controls label="Position in the result">
        <Slider
          label="Output"
          value={player.position}
          min={0}
          max={Math.max(0, rows * columns - 1)}
          text={`row ${row + 1}, column ${column + 1}`}
          onChange={player.moveTo}
        />
      </Controls>
      <TaskBar
        action="Slide over the picture"
        main={false}
        running={player}
        waiting={!result}
        onStart={player.start}
        sentences={{ running: 'Sliding…', done: `${rows} × ${columns} outputs for each of ${filters} filters.` }}
      />
    </section>
  );
}

interface ImageControlsProps {
  readonly chosen: Chosen;
  readonly onChange: (change: Partial<Chosen>) => void;
}

function ImageControls({
  chosen: { picture, side, channels, kernel, filters, sliding },
  onChange,
}: ImageControlsProps) {
  return (
    <Controls label="Picture and window">
      <Choice
        label="Picture"
        value={picture}
        options={PICTURE_NAMES}
        onChange={(value) => onChange({ picture: value })}
      />
      <Slider label="Side" value={side} min={5} max={8} onChange={(value) => onChange({ side: value })} />
      <Slider label="Channels" value={channels} min={1} max={3} onChange={(value) => onChange({ channels: value })} />
      <Choice label="Window" value={kernel} options={KERNEL_NAMES} onChange={(value) => onChange({ kernel: value })} />
      <Slider label="Filters" value={filters} min={1} max={2} onChange={(value) => onChange({ filters: value })} />
      <SlidingControls sliding={sliding} onChange={(value) => onChange({ sliding: value })} />
    </Controls>
  );
}

interface StepsProps {
  readonly result: { readonly padded: number[][][]; readonly y: number[][][] };
  readonly input: { readonly x: number[][][]; readonly w: number[][][][]; readonly sliding: Sliding };
  readonly position: number;
}

function Steps({ result: { padded, y }, input: { x, w, sliding }, position }: StepsProps) {
  const { stride, dilation, padding } = sliding;
  const columns = y[0]?.length ?? 1;
  const [row, column] = [Math.floor(position / columns), position % columns];
  const [before] = padding === 'same' ? samePadding(x.length, reach(w.length, dilation), stride) : [0];
  const axis = (at: number) => markUnder({ start: at * stride, taps: w.length, dilation }, { before, n: x.length });
  const [markRow, markColumn] = [axis(row), axis(column)];
  const mark = (i: number, j: number): Mark => {
    const marks = [markRow(i), markColumn(j)];
    const under = marks.every((one) => one === 'window' || one === 'pad-window');
    if (marks.some((one) => one === 'pad' || one === 'pad-window')) return under ? 'pad-window' : 'pad';
    return under ? 'window' : undefined;
  };
  const channels = range(x[0]![0]!.length);
  const filters = range(w[0]![0]![0]!.length);
  const at = (i: number, j: number, c: number) =>
    padded[row * stride + i * dilation]![column * stride + j * dilation]![c]!;
  return (
    <>
      <div class="matrices" data-thumbnail>
        {channels.map((c) => (
          <Matrix
            key={`x${c}`}
            small
            caption={channels.length > 1 ? `Picture, channel ${c + 1}` : 'Picture'}
            rows={plane(padded, c)}
            mark={mark}
          />
        ))}
        {filters.map((f) => (
          <Matrix
            key={`w${f}`}
            small
            caption={filters.length > 1 ? `Weights, filter ${f + 1}` : 'Weights'}
            rows={w.map((line) => line.map((taps) => taps[0]![f]!))}
          />
        ))}
        {filters.map((f) => (
          <Matrix
            key={`y${f}`}
            small
            caption={filters.length > 1 ? `Result, map ${f + 1}` : 'Result'}
            rows={plane(y, f)}
            mark={(i, j) => {
              const index = i * columns + j;
              return index === position ? 'current' : index > position ? 'later' : undefined;
            }}
          />
        ))}
      </div>
      {filters.map((f) => (
        <Sum key={f} {...{ w, at, f, channels: channels.length, name: filters.length > 1 ? `Map ${f + 1}: ` : '' }} />
      ))}
    </>
  );
}

interface SumProps {
  readonly w: number[][][][];
  readonly at: (i: number, j: number, c: number) => number;
  readonly f: number;
  readonly channels: number;
  readonly name: string;
}

/** The arithmetic of one output: a line for each channel, whose sums are added. */
function Sum({ w, at, f, channels, name }: SumProps) {
  const lines = range(channels).map((c) =>
    w
      .flatMap((line, i) => line.map((taps, j) => [taps[c]![f]!, at(i, j, c)] as const))
      .filter(([weight]) => weight !== 0),
  );
  const total = lines.flat().reduce((sum, [weight, value]) => sum + weight * value, 0);
  return (
    <p class="sum">
      {name}
      {lines.map((line, c) => (
        <span key={c}>
          {c > 0 ? ' + ' : ''}
          {channels > 1 ? '(' : ''}
          {line.map(([weight, value]) => `${numberText(weight)}·${numberText(value)}`).join(' + ')}
          {channels > 1 ? ')' : ''}
        </span>
      ))}{' '}
      = <strong>{numberText(total)}</strong>
    </p>
  );
}
