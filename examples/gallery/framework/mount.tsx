/** Puts an exhibit's stage into its page, with what the device says below it. */
import { type ComponentType, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Connection, type Status } from './connection';
import type { Facts, Tasks } from './messages';
import { followTheme } from './theme';

/** What tests call from outside. */
export interface Gallery {
  /** Ends the exhibit. @returns what its worker held at its start and at its end */
  leave(): Promise<{ readonly first: Facts; readonly last: Facts }>;
}

/** The connection to the worker that the build has put beside this page's script. */
export function openWorker<T extends Tasks>(): Connection<T> {
  const name = document.documentElement.dataset['exhibit'] ?? '';
  return new Connection<T>(new URL(`../assets/${name}-worker.js`, location.href));
}

/** @param connection to the worker whose figures are shown, where the exhibit has one */
export function mount(Stage: ComponentType, connection?: Pick<Connection<Tasks>, 'watch' | 'leave'>): void {
  followTheme();
  const stage = document.getElementById('stage');
  if (!stage) throw new Error('mount: the page has no element with the id "stage".');
  render(
    <>
      <Stage />
      {connection ? <Device connection={connection} /> : null}
    </>,
    stage,
  );
  stage.dataset['ready'] = 'true';
  if (connection) Object.assign(globalThis, { gallery: { leave: () => connection.leave() } satisfies Gallery });
}

const UNITS = ['B', 'KB', 'MB', 'GB'];

export function sizeText(bytes: number): string {
  const power = bytes === 0 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power > 1 ? 1 : 0)} ${UNITS[power] ?? ''}`;
}

function Device({ connection }: { readonly connection: Pick<Connection<Tasks>, 'watch'> }) {
  const [{ facts, failure }, show] = useState<Status>({});
  useEffect(() => connection.watch(show), []);
  if (failure !== undefined) return <p role="alert">convgl does not run here: {failure}</p>;
  if (!facts) return <p class="device">Starting convgl…</p>;
  const host = Object.entries(facts.hostKernels).map(([name, times]) => `${name} ${times}×`);
  return (
    <dl class="device" aria-label="What computed this">
      <Figure name="Computed by" value={`${facts.backend} on ${shortRenderer(facts.renderer)}`} />
      <Figure name="Passes drawn" value={facts.passes.toLocaleString('en')} />
      <Figure name="Programs" value={String(facts.programs)} />
      <Figure name="Tensors held" value={`${facts.tensors} (${sizeText(facts.bytes)} on the GPU)`} />
      <Figure name="Kernels on the host" value={host.length > 0 ? host.join(', ') : 'none'} />
    </dl>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** ANGLE's names repeat the vendor and the driver in brackets: "ANGLE (NVIDIA, NVIDIA GeForce ..., OpenGL 4.5)". */
function shortRenderer(renderer: string): string {
  const [, , device] = /^ANGLE \(([^,]*), (.*?)(?: \(0x[^)]*\)+)?(?:, [^,]*)?\)$/.exec(renderer) ?? [];
  return device ?? renderer;
}
