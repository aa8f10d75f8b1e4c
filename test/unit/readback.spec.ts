/** Waiting for the GPU: fences are passed in the order they were set. */
import { Programs } from '../../src/gl/programs';
import { Readback } from '../../src/gl/readback';
import { Runner } from '../../src/gl/run';
import { Units } from '../../src/gl/units';
import { Visit } from '../../src/gl/visit';
import { fakeGl, type FakeGl } from './fake_gl';

function readbackOn({ gl }: FakeGl): Readback {
  return new Readback(gl, new Runner(gl, new Programs(gl), new Units(gl), new Visit(gl)), (work) => work());
}

describe('fences', () => {
  it('are passed in order, though a later one is found signaled first', async () => {
    const fake = fakeGl();
    const { ALREADY_SIGNALED, TIMEOUT_EXPIRED } = WebGL2RenderingContext;
    const polls: unknown[] = [];
    fake.answers['clientWaitSync'] = (sync) => {
      polls.push(sync);
      // As for a poll just before the GPU is done: the first fence asked for is late.
      return sync === polls[0] && polls.length < 3 ? TIMEOUT_EXPIRED : ALREADY_SIGNALED;
    };
    const readback = readbackOn(fake);
    const passed: string[] = [];
    await Promise.all([
      readback.fence().then(() => passed.push('first')),
      readback.fence().then(() => passed.push('second')),
    ]);
    expect(passed).toEqual(['first', 'second']);
  });

  it('that fail keep none behind them waiting', async () => {
    const fake = fakeGl();
    const readback = readbackOn(fake);
    fake.lost = true;
    await expectAsync(readback.fence()).toBeRejectedWithError(/Waiting for the GPU/);
    fake.lost = false;
    await expectAsync(readback.fence()).toBeResolved();
  });
});
