/** The first panel: a window over a signal of one or two channels, with the arithmetic of the current output. */
import { useState } from 'preact/hooks';
import type { Connection } from '../../framework/connection';
import { Choice, Controls, Numbers, Slider } from '../../framework/controls';
import { Matrix, numberText } from '../../framework/matrix';
import { usePlayer } from '../../framework/player';
import { TaskBar } from '../../framework/task_bar';
import { useResult } from '../../framework/tasks';
import type { Sliding } from './model';
import { markUnder, SlidingControls } from './sliding';
import type { ConvolutionTasks } from './worker';

/** Rows are channels. */
type Channels = readonly (readonly number[])[];

interface Preset {
  readonly x: Channels;
  readonly w: Channels;
  readonly sliding: Sliding;
}

const PLAIN: Sliding = { stride: 1, dilation: 1, padding: 'valid', border: 'zero' };

const PRESETS = {
  signal: { x: [[1, 0, 2, 2, 3, 1]], w: [[3, 2, 2]], sliding: PLAIN },
  padding: { x: [[5, 4, 2, 3, 7]], w: [[1, 1, 1]], sliding: { ...PLAIN, padding: 'same', border: 'extended' } },
  uneven: {
    x: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]],
    w: [[1, 1, 1, 1, 1, 1]],
    sliding: { ...PLAIN, stride: 5, padding: 'same' },
  },
  edges: {
    x: [
      [0, 0, 0, 4, 4, 4, 4, 0],
      [1, 1, 1, 1, 3, 3, 3, 3],
    ],
    w: [
      [1, -1],
      [1, -1],
    ],
    sliding: { ...PLAIN, stride: 2 },
  },
} satisfies Record<string, Preset>;

const NAMES: Record<keyof typeof PRESETS, string> = {
  signal: 'A first signal',
  padding: 'What lies beyond the border',
  uneven: '"same" that splits unevenly',
  edges: 'Edges in two channels, stride 2',
};

const STEP_MS = 700;

/** [channels, n] to [n, channels]. */
const transposed = (rows: Channels) => rows[0]!.map((_, i) => rows.map((row) => row[i]!));

export function SignalPanel({ connection }: { readonly connection: Connection<ConvolutionTasks> }) {
  const [chosen, choose] = useState<SignalControlsProps['chosen']>({ example: 'signal', ...PRESETS.signal });
  const { x, w, sliding } = chosen;
  const input = { x: transposed(x), w: transposed(w).map((row) => row.map((weight) => [weight])), sliding };
  const shown = useResult(connection, 'signal', input);
  const result = shown && 'result' in shown ? shown : undefined;
  const y = result?.result.y.map(([value]) => value!) ?? [];
  const player = usePlayer(y.length, STEP_MS);
  return (
    <section class="panel" aria-labelledby="signal-title">
      <h2 id="signal-title">Over a signal</h2>
      <SignalControls chosen={chosen} onChange={(change) => (player.moveTo(0), choose({ ...chosen, ...change }))} />
      {result ? <Steps {...{ result: result.result, input: result.input, position: player.position }} /> : null}
      <Controls label="Position">
        <Slider
          label="Output"
          value={player.position}
          min={0}
          max={Math.max(0, y.length - 1)}
          text={`${player.position + 1} of ${y.length}`}
          onChange={player.moveTo}
        />
      </Controls>
      <TaskBar
        action="Slide"
        running={player}
        waiting={!result}
        onStart={player.start}
        sentences={{ running: 'Sliding…', done: `All ${y.length} outputs: ${y.map(numberText).join(', ')}.` }}
      />
    </section>
  );
}

type Example = keyof typeof PRESETS;

interface SignalControlsProps {
  readonly chosen: Preset & { readonly example: Example };
  readonly onChange: (change: Partial<Preset & { readonly example: Example }>) => void;
}

function SignalControls({ chosen: { example, x, w, sliding }, onChange }: SignalControlsProps) {
  const channel = (i: number) => (x.length > 1 ? `, channel ${i + 1}` : '');
  const replaced = (rows: Channels, at: number, values: readonly number[]) =>
    rows.map((row, i) => resized(i === at ? values : row, values.length));
  return (
    <Controls label="Signal and window">
      <Choice
        label="Example"
        value={example}
        options={NAMES}
        onChange={(name) => onChange({ example: name, ...PRESETS[name] })}
      />
      {x.map((row, i) => (
        <Numbers
          key={`x${i}`}
          label={`Signal${channel(i)}`}
          values={row}
          min={w[0]!.length}
          max={16}
          onChange={(values) => onChange({ x: replaced(x, i, values) })}
        />
      ))}
      {w.map((row, i) => (
        <Numbers
          key={`w${i}`}
          label={`Weights${channel(i)}`}
          values={row}
          min={1}
          max={Math.min(6, x[0]!.length)}
          onChange={(values) => onChange({ w: replaced(w, i, values) })}
        />
      ))}
      <SlidingControls sliding={sliding} onChange={(changed) => onChange({ sliding: changed })} />
    </Controls>
  );
}

/** Channels have one length. */
const resized = (row: readonly number[], length: number) => Array.from({ length }, (_, i) => row[i] ?? 0);

interface StepsProps {
  readonly result: { readonly padded: number[][]; readonly y: number[][] };
  readonly input: { readonly x: number[][]; readonly w: number[][][]; readonly sliding: Sliding };
  readonly position: number;
}

function Steps({ result: { padded, y }, input: { x, w, sliding }, position }: StepsProps) {
  const { stride, dilation, padding } = sliding;
  const start = position * stride;
  const before = padding === 'same' ? Math.floor((padded.length - x.length) / 2) : 0;
  const mark = markUnder({ start, taps: w.length, dilation }, { before, n: x.length });
  const products = w.flatMap((channels, tap) =>
    channels.map(([weight], channel) => ({ weight: weight!, value: padded[start + tap * dilation]?.[channel] ?? 0 })),
  );
  const sum = products.reduce((total, { weight, value }) => total + weight * value, 0);
  return (
    <>
      <Matrix
        caption={padded.length > x.length ? 'Signal; dashed: padding' : 'Signal'}
        rows={transposed(padded)}
        mark={(_, column) => mark(column)}
      />
      <Matrix
        caption="Weights, below what they multiply"
        rows={transposed(
          padded.map((channels, i) => w[(i - start) / dilation]?.map(([weight]) => weight!) ?? channels),
        )}
        mark={(_, column) => (mark(column) === 'window' || mark(column) === 'pad-window' ? undefined : 'gap')}
      />
      <p class="sum">
        {products.map(({ weight, value }) => `${numberText(weight)}·${numberText(value)}`).join(' + ')} ={' '}
        <strong>{numberText(sum)}</strong>
      </p>
      <Matrix
        caption="Result, computed by convgl"
        rows={[y.map(([value]) => value!)]}
        mark={(_, column) => (column === position ? 'current' : column > position ? 'later' : undefined)}
      />
    </>
  );
}
