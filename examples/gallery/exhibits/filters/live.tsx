/** The first panel: a filter over the visitor's picture, drawn scene or webcam, as the controls move. */
import { useRef, useState } from 'preact/hooks';
import type { Connection } from '../../framework/connection';
import { Check, Choice, Controls, Slider } from '../../framework/controls';
import { Matrix } from '../../framework/matrix';
import { Picture, type Pixels } from '../../framework/picture';
import { PictureSource } from '../../framework/picture_source';
import { useResult } from '../../framework/tasks';
import { BELLS, type Filter, FILTERS, SIZED } from './filter_names';
import type { Border } from './model';
import type { FilterTasks, Noise, Settings } from './worker';

const SIDE = 192;

const START: Settings = {
  filter: 'gaussian',
  size: 7,
  sigma: 2,
  border: 'zero',
  flipped: false,
  noise: 'none',
  amount: 0.1,
};

const BORDERS: Record<Border, string> = { zero: 'black', extended: 'extended', mirrored: 'mirrored', cyclic: 'cyclic' };
const NOISES: Record<Noise, string> = { none: 'none', gaussian: 'Gaussian', salt: 'salt and pepper' };
/** Medians of more are slow, and look no different. */
const MOST = { median: 5 } as Partial<Record<Filter, number>>;

interface LiveProps {
  readonly connection: Connection<FilterTasks>;
  /** How many pictures the worker was given; 0 until the first. */
  readonly version: number;
  readonly onPicture: () => void;
}

export function LivePanel({ connection, version, onPicture }: LiveProps) {
  const [settings, choose] = useState(START);
  const shown = useResult(connection, 'filter', settings, `${version} ${JSON.stringify(settings)}`);
  const result = shown && 'result' in shown ? shown.result : undefined;
  const perSecond = usePerSecond(result);
  const send = async (pixels: Pixels) => {
    await connection.run('setPicture', pixels).result;
    onPicture();
  };
  const name = FILTERS[settings.filter];
  return (
    <section class="panel" aria-labelledby="live-title">
      <h2 id="live-title">Filter a picture</h2>
      <Controls label="Picture">
        <PictureSource side={SIDE} onPicture={send} />
      </Controls>
      <FilterControls settings={settings} onChange={(change) => choose({ ...settings, ...change })} />
      <div class="pictures two">
        <Picture pixels={result?.before} label="The picture before the filter" caption="Before" />
        <Picture pixels={result?.after} label={`The picture after the filter: ${name}`} caption={`After: ${name}`} />
      </div>
      {result?.weights ? (
        <Matrix small caption="The window's weights" rows={result.weights} scale={strongest(result.weights)} />
      ) : null}
      <p class="faint">
        {result ? `${result.milliseconds.toFixed(0)} ms for this picture` : 'Starting…'}
        {perSecond > 1 ? `, ${perSecond.toFixed(0)} pictures a second` : ''}
      </p>
    </section>
  );
}

const strongest = (rows: readonly (readonly number[])[]) => Math.max(...rows.flat().map(Math.abs));

/** How many results came in the last second. */
function usePerSecond(result: unknown): number {
  const times = useRef<{ last: unknown; at: number[] }>({ last: undefined, at: [] });
  const now = performance.now();
  if (result !== times.current.last) {
    times.current = { last: result, at: [...times.current.at.filter((at) => now - at < 1000), now] };
  }
  return times.current.at.length;
}

interface FilterControlsProps {
  readonly settings: Settings;
  readonly onChange: (change: Partial<Settings>) => void;
}

function FilterControls({
  settings: { filter, size, sigma, border, flipped, noise, amount },
  onChange,
}: FilterControlsProps) {
  const most = MOST[filter] ?? 15;
  return (
    <Controls label="Filter">
      <Choice
        label="Filter"
        value={filter}
        options={FILTERS}
        onChange={(value) => onChange({ filter: value, size: Math.min(size, MOST[value] ?? 15) })}
      />
      {SIZED.includes(filter) ? (
        <Slider
          label="Window"
          value={size}
          min={3}
          max={most}
          step={2}
          text={`${size} × ${size}`}
          onChange={(value) => onChange({ size: value })}
        />
      ) : null}
      {BELLS.includes(filter) ? (
        <Slider
          label="Sigma"
          value={sigma}
          min={0.5}
          max={5}
          step={0.1}
          onChange={(value) => onChange({ sigma: value })}
        />
      ) : null}
      <Choice
        label="Beyond the border"
        value={border}
        options={BORDERS}
        onChange={(value) => onChange({ border: value })}
      />
      <Choice label="Noise" value={noise} options={NOISES} onChange={(value) => onChange({ noise: value })} />
      {noise === 'none' ? null : (
        <Slider
          label={noise === 'salt' ? 'Pixels lost' : 'Sigma of the noise'}
          value={amount}
          min={0.02}
          max={0.4}
          step={0.02}
          onChange={(value) => onChange({ amount: value })}
        />
      )}
      <Check
        label="Turn the window (a convolution)"
        checked={flipped}
        onChange={(value) => onChange({ flipped: value })}
      />
    </Controls>
  );
}
