/** The trace of a training step in docs/debugging.md is what a training step does. */
import page from '../../docs/debugging.md';
import { excerptOf, traceTrainingStep, untimed } from './training_trace';

describe('the trace of a training step', () => {
  it('is in docs/debugging.md', async () => {
    const table = excerptOf(String(await traceTrainingStep()));
    const shown = /```text\n([^`]*)\n```/.exec(page)?.[1] ?? '';
    expect(untimed(shown)).withContext('npm run golden rewrites it').toBe(untimed(table));
  }, 300_000);
});
