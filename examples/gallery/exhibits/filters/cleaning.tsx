/** The second panel: noise, and what each filter leaves of it. */
import { useState } from 'preact/hooks';
import type { Connection } from '../../framework/connection';
import { Choice, Controls, Slider } from '../../framework/controls';
import { Picture } from '../../framework/picture';
import { TaskBar } from '../../framework/task_bar';
import { useTask } from '../../framework/tasks';
import type { EventOf } from '../../framework/messages';
import type { FilterTasks } from './worker';

const NOISES = { salt: 'salt and pepper', gaussian: 'Gaussian' };

type Cleaned = EventOf<FilterTasks['clean']>;

export function CleaningPanel({
  connection,
  version,
}: {
  readonly connection: Connection<FilterTasks>;
  readonly version: number;
}) {
  const [noise, choose] = useState<keyof typeof NOISES>('salt');
  const [amount, take] = useState(0.1);
  const [cleaned, show] = useState<readonly Cleaned[]>([]);
  const running = useTask(connection, 'clean', (event) => show((before) => [...before, event]));
  const [best] = [...cleaned].sort((a, b) => b.ratio - a.ratio);
  return (
    <section class="panel" aria-labelledby="cleaning-title">
      <h2 id="cleaning-title">Which filter takes the noise away?</h2>
      <Controls label="Noise">
        <Choice label="Noise" value={noise} options={NOISES} onChange={choose} />
        <Slider
          label={noise === 'salt' ? 'Pixels lost' : 'Sigma'}
          value={amount}
          min={0.02}
          max={0.4}
          step={0.02}
          onChange={take}
        />
      </Controls>
      <TaskBar
        action="Add noise, then filter"
        running={running}
        waiting={version === 0}
        onStart={() => (show([]), running.start({ noise, amount }))}
        sentences={{
          done: best ? `Nearest to the picture without noise: ${best.name}, ${best.ratio.toFixed(1)} dB.` : '',
        }}
      />
      <div class="pictures" data-thumbnail>
        {cleaned.map(({ name, ratio, pixels }) => (
          <Picture
            key={name}
            pixels={pixels}
            label={`The picture ${name}`}
            caption={`${name}: ${ratio.toFixed(1)} dB`}
          />
        ))}
      </div>
    </section>
  );
}
