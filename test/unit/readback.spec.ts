/** Waiting for the GPU: fences are passed in the order they were set. */
import { ContextLostError } from '../../src/gl/context';
import { ContextLife } from '../../src/gl/context_life';
import { Programs } from '../../src/gl/programs';
import { Readback } from '../../src/gl/readback';
import { Runner } from '../../src/gl/run';
import { Textures } from '../../src/gl/textures';
import { TextureUnits } from '../../src/gl/texture_units';
import { Verifier } from '../../src/gl/verifier';
import { StateGuard } from '../../src/gl/state_guard';
import { fakeGl, type FakeGl } from './fake_gl';

function readbackOn({ gl }: FakeGl): Readback {
  const rooms = { gl, units: new TextureUnits(gl), visit: new StateGuard(gl), verifier: new Verifier(gl) };
  const life = new ContextLife(gl);
  const runner = new Runner({ ...rooms, programs: new Programs(gl, life) });
  return new Readback({ ...rooms, life, runner, textures: new Textures(rooms, 0) }, (work) => work());
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

  it('of a lost context are given up, also where it was restored before anybody looked', async () => {
    const fake = fakeGl();
    const { TIMEOUT_EXPIRED } = WebGL2RenderingContext;
    fake.answers['clientWaitSync'] = () => TIMEOUT_EXPIRED;
    const [lost, restored] = [readbackOn(fake), readbackOn(fake)];
    const waiting = [lost.fence(), lost.fence(), restored.fence()];
    fake.lost = true;
    await expectAsync(waiting[0]!).toBeRejectedWithError(ContextLostError);
    await expectAsync(waiting[1]!).toBeRejectedWithError(ContextLostError);
    fake.lost = false;
    await expectAsync(lost.fence()).toBeRejectedWithError(ContextLostError);
    delete fake.answers['clientWaitSync'];
    await expectAsync(waiting[2]!).toBeRejectedWithError(ContextLostError);
  });

  it('that the driver cannot wait for are left to the transfer', async () => {
    const fake = fakeGl();
    const { WAIT_FAILED } = WebGL2RenderingContext;
    fake.answers['clientWaitSync'] = () => WAIT_FAILED;
    await expectAsync(readbackOn(fake).fence()).toBeResolved();
  });
});
