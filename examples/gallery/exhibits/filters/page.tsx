/** The exhibit's page: filters over a picture, against noise, in search of a pattern, and by numbers. */
import { useState } from 'preact/hooks';
import { Matrix } from '../../framework/matrix';
import { mount, openWorker } from '../../framework/mount';
import { useResult } from '../../framework/tasks';
import { CleaningPanel } from './cleaning';
import { FindingPanel } from './finding';
import { LivePanel } from './live';
import type { FilterTasks } from './worker';

const connection = openWorker<FilterTasks>();

function Stage() {
  const [version, change] = useState(0);
  return (
    <>
      <LivePanel {...{ connection, version }} onPicture={() => change((before) => before + 1)} />
      <CleaningPanel {...{ connection, version }} />
      <FindingPanel {...{ connection, version }} />
      <NumbersPanel />
    </>
  );
}

function NumbersPanel() {
  const shown = useResult(connection, 'meanOfNineties', undefined, '');
  if (!shown || !('result' in shown)) return null;
  const { x, y } = shown.result;
  return (
    <section class="panel" aria-labelledby="numbers-title">
      <h2 id="numbers-title">A mean by numbers</h2>
      <div class="matrices">
        <Matrix small caption="A bright square with a dark pixel, and a lost bright one" rows={x} scale={90} />
        <Matrix small caption="Means over 3 × 3" rows={y.map((row) => row.map(Math.round))} scale={90} />
      </div>
    </section>
  );
}

mount(Stage, connection);
