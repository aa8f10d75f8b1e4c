/** Start and Stop of a task, its progress, and the time that is left; and the state that tests wait for. */
import type { ComponentChildren } from 'preact';
import { Button } from './controls';
import type { Running, TaskState } from './tasks';
import type { Task } from './messages';

interface TaskBarProps {
  /** What the button says. */
  readonly action: string;
  readonly running: Pick<Running<Task>, 'state' | 'progress' | 'secondsLeft' | 'failure' | 'stop'>;
  readonly onStart: () => void;
  /** Whether there is nothing to start yet. */
  readonly waiting?: boolean;
  /** A sentence for each state, spoken by screen readers when the state changes. */
  readonly sentences?: Partial<Record<TaskState, string>>;
  /** Whether this is the page's main action. */
  readonly main?: boolean;
  readonly children?: ComponentChildren;
}

const SENTENCES: Record<TaskState, string> = {
  idle: '',
  running: 'Running…',
  done: 'Done.',
  stopped: 'Stopped.',
  failed: 'Failed.',
};

export function TaskBar({
  action,
  running,
  onStart,
  waiting = false,
  sentences = {},
  main = true,
  children,
}: TaskBarProps) {
  const { state, progress, secondsLeft, failure, stop } = running;
  const busy = state === 'running';
  return (
    <div class="task" data-state={state} data-main-task={main || undefined}>
      <div class="buttons">
        <Button {...{ main }} disabled={busy || waiting} onClick={onStart}>
          {action}
        </Button>
        <Button disabled={!busy} onClick={stop}>
          Stop
        </Button>
        {children}
      </div>
      <progress aria-label={`Progress of "${action}"`} max={progress?.total ?? 1} value={valueOf(state, progress)} />
      <p class="state">
        <span role="status">{sentences[state] ?? SENTENCES[state]}</span>{' '}
        {busy && secondsLeft !== undefined ? <span>{timeText(secondsLeft)} left</span> : null}
      </p>
      {failure === undefined ? null : <p role="alert">{failure}</p>}
    </div>
  );
}

/** Nothing where it runs without saying how far it is: the bar then shows that something goes on. */
function valueOf(state: TaskState, progress: { readonly done: number; readonly total: number } | undefined) {
  if (state === 'done') return progress?.total ?? 1;
  if (state === 'running') return progress?.done;
  return progress?.done ?? 0;
}

/** "8 s", "2 min 5 s". */
export function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
