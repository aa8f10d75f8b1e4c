/** The third panel: a pattern is cut out of the picture and looked for in it. */
import { useState } from 'preact/hooks';
import type { Connection } from '../../framework/connection';
import { Controls, Slider } from '../../framework/controls';
import { Picture } from '../../framework/picture';
import { useResult } from '../../framework/tasks';
import type { FilterTasks, Place } from './worker';

const START: Place = { row: 0.42, column: 0.97, size: 32, noise: 0.1 };
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

interface FindingProps {
  readonly connection: Connection<FilterTasks>;
  readonly version: number;
}

/** Nothing to ask before there is a picture. */
export function FindingPanel({ connection, version }: FindingProps) {
  return (
    <section class="panel" aria-labelledby="finding-title">
      <h2 id="finding-title">Find the pattern</h2>
      {version > 0 ? <Finding {...{ connection, version }} /> : null}
    </section>
  );
}

function Finding({ connection, version }: FindingProps) {
  const [place, move] = useState(START);
  const shown = useResult(connection, 'find', place, `${version} ${JSON.stringify(place)}`);
  const found = shown && 'result' in shown ? shown.result : undefined;
  const set = (change: Partial<Place>) => move({ ...place, ...change });
  return (
    <>
      <Controls label="Pattern">
        <Slider
          label="From the top"
          value={place.row}
          min={0}
          max={1}
          step={0.01}
          text={percent(place.row)}
          onChange={(row) => set({ row })}
        />
        <Slider
          label="From the left"
          value={place.column}
          min={0}
          max={1}
          step={0.01}
          text={percent(place.column)}
          onChange={(column) => set({ column })}
        />
        <Slider
          label="Side"
          value={place.size}
          min={12}
          max={64}
          step={4}
          text={`${place.size} pixels`}
          onChange={(size) => set({ size })}
        />
        <Slider label="Noise" value={place.noise} min={0} max={0.5} step={0.05} onChange={(noise) => set({ noise })} />
      </Controls>
      <div class="pictures two">
        <Picture pixels={found?.pattern} label="The pattern that was cut out" caption="The pattern, cut out" />
        <Picture
          pixels={found?.map}
          label="How well it fits at each place: the brighter, the better"
          caption="How well it fits at each place"
        />
      </div>
      <p role="status">
        {found
          ? `Cut out at row ${found.corner[0]}, column ${found.corner[1]}; fits best at row ${found.found[0]}, column ${found.found[1]}, to ${percent(found.score)}.`
          : ''}
      </p>
    </>
  );
}
