// @ts-check
/** Shows the benchmark's progress: a bar with the remaining time on a terminal, plain lines elsewhere. */
import cliProgress from 'cli-progress';

const LINE = /^\[(\d+)\/(\d+)\] (.*)$/s;

/**
 * @returns {{ line: (text: string) => void, stop: () => void }} takes the page's lines; `[done/total] text` moves the bar
 */
export function progressView() {
  if (!process.stdout.isTTY) {
    // Without a bar the announcement of each case would only double the lines.
    return {
      line: (text) => {
        if (!text.endsWith(' ...')) console.log(text);
      },
      stop: () => undefined,
    };
  }
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total}  {duration_formatted} passed, {eta_formatted} left  {name}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    etaBuffer: 20,
    hideCursor: true,
    forceRedraw: true,
  });
  let started = false;
  return {
    line: (text) => {
      const match = LINE.exec(text);
      if (!match) {
        console.log(text);
        return;
      }
      const name = (match[3] ?? '').slice(0, Math.max(20, (process.stdout.columns ?? 100) - 75));
      if (!started) bar.start(Number(match[2]), 0, { name });
      started = true;
      bar.update(Number(match[1]), { name });
    },
    stop: () => {
      if (started) bar.stop();
    },
  };
}
