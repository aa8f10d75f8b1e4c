/** Hooks that run tasks of the exhibit's worker: one that starts and stops, and one that follows its input. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Call, type Connection, Stopped } from './connection';
import type { EventOf, InputOf, Progress, ResultOf, Task, Tasks } from './messages';

export type TaskState = 'idle' | 'running' | 'done' | 'stopped' | 'failed';

export interface Running<T extends Task> {
  readonly state: TaskState;
  readonly result: ResultOf<T> | undefined;
  readonly failure: string | undefined;
  readonly progress: Progress | undefined;
  readonly secondsLeft: number | undefined;
  readonly start: (input: InputOf<T>) => void;
  readonly stop: () => void;
}

const IDLE = {
  state: 'idle',
  result: undefined,
  failure: undefined,
  progress: undefined,
  secondsLeft: undefined,
} as const;

/**
 * A task with a start, an end, and events in between.
 *
 * @param onEvent is told each event; its progress is taken from the fields `done` and `total`
 */
export function useTask<T extends Tasks, K extends keyof T & string>(
  connection: Connection<T>,
  name: K,
  onEvent?: (event: EventOf<T[K]>) => void,
): Running<T[K]> {
  const [shown, show] = useState<Omit<Running<T[K]>, 'start' | 'stop'>>(IDLE);
  const call = useRef<Call<T[K]>>(undefined);
  const latest = useRef(onEvent);
  latest.current = onEvent;
  const start = useCallback((input: InputOf<T[K]>) => {
    call.current?.stop();
    show({ ...IDLE, state: 'running' });
    const began = performance.now();
    const own = connection.run(name, input, (event) => {
      if (call.current !== own) return;
      latest.current?.(event);
      const progress = progressOf(event);
      if (progress) show({ ...IDLE, state: 'running', progress, secondsLeft: secondsLeft(progress, began) });
    });
    call.current = own;
    own.result.then(
      (result) => call.current === own && show({ ...IDLE, state: 'done', result }),
      (error: unknown) => call.current === own && show({ ...IDLE, ...endedBy(error) }),
    );
  }, []);
  useEffect(() => () => call.current?.stop(), []);
  return { ...shown, start, stop: () => call.current?.stop() };
}

const endedBy = (error: unknown) =>
  error instanceof Stopped
    ? ({ state: 'stopped' } as const)
    : ({ state: 'failed', failure: (error as Error).message } as const);

function progressOf(event: unknown): Progress | undefined {
  const { done, total } = (event ?? {}) as Partial<Progress>;
  return done !== undefined && total !== undefined ? { done, total } : undefined;
}

/** By the time that was taken so far; not before a hundredth is done. */
function secondsLeft({ done, total }: Progress, began: number): number | undefined {
  if (done < total / 100) return undefined;
  return ((performance.now() - began) / 1000 / done) * (total - done);
}

/**
 * The task's result for the input now. While one is computed, newer inputs wait, and only the last of them is computed next.
 *
 * @param key changes when the input does; give a short one where the input is large
 * @returns the last result, with the input that it belongs to
 */
export function useResult<T extends Tasks, K extends keyof T & string>(
  connection: Connection<T>,
  name: K,
  input: InputOf<T[K]>,
  key = JSON.stringify(input),
): { readonly input: InputOf<T[K]>; readonly result: ResultOf<T[K]> } | { readonly failure: string } | undefined {
  type Shown = { input: InputOf<T[K]>; result: ResultOf<T[K]> } | { failure: string };
  const [shown, show] = useState<Shown>();
  // Wrapped, since the same input is wanted anew when its key changes.
  const wanted = useRef({ input });
  const busy = useRef(false);
  useEffect(() => {
    wanted.current = { input };
    if (busy.current) return;
    busy.current = true;
    void (async () => {
      for (let asked: unknown; asked !== wanted.current;) {
        const now = (asked = wanted.current).input;
        try {
          show({ input: now, result: await connection.run(name, now).result });
        } catch (error) {
          if (!(error instanceof Stopped)) show({ failure: (error as Error).message });
        }
      }
      busy.current = false;
    })();
  }, [key]);
  return shown;
}
