/** A hook that walks through the steps of a picture: by itself once it is started, or as a slider is moved. */
import { useEffect, useState } from 'preact/hooks';
import type { TaskState } from './tasks';

export interface Player {
  readonly position: number;
  readonly state: TaskState;
  readonly progress: { readonly done: number; readonly total: number };
  readonly secondsLeft: number | undefined;
  readonly failure: undefined;
  readonly start: () => void;
  readonly stop: () => void;
  readonly moveTo: (position: number) => void;
}

/**
 * @param length of the walk
 * @param interval milliseconds for a step
 */
export function usePlayer(length: number, interval: number): Player {
  const [position, moveTo] = useState(0);
  const [state, enter] = useState<TaskState>('idle');
  const last = Math.max(0, length - 1);
  const at = Math.min(position, last);
  useEffect(() => {
    if (state !== 'running') return;
    const timer = setTimeout(() => (at < last ? moveTo(at + 1) : enter('done')), interval);
    return () => clearTimeout(timer);
  }, [state, at, last, interval]);
  return {
    position: at,
    state,
    progress: { done: at + 1, total: last + 1 },
    secondsLeft: state === 'running' ? ((last - at) * interval) / 1000 : undefined,
    failure: undefined,
    start: () => (moveTo(0), enter('running')),
    stop: () => enter('stopped'),
    moveTo: (to) => (enter('idle'), moveTo(to)),
  };
}
