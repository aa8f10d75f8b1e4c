/** Prepares tfjs-core's own specs to run on convgl: its test environment, the backend asserted, host kernels counted. */
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import { configure, kernelPlaces, registerConvgl } from '../../src/index';
import { deferred, expectFailures, note } from '../page';
import { checkBalance } from './balance';
import { BACKENDS, skips } from './skips';

/** A suite whose specs register backends, after which tfjs chooses one anew. */
const OWN_BACKENDS = 'Detects memory leaks in kernels';

/** Wraps the kernels that fall to the host, so that none runs there unseen. */
function countHostKernels(): ReadonlyMap<string, number> {
  const calls = new Map<string, number>();
  const { host, missing } = kernelPlaces();
  for (const name of [...host, ...missing]) {
    for (const backend of BACKENDS) {
      const kernel = tf.getKernel(name, backend);
      tf.unregisterKernel(name, backend);
      tf.registerKernel({
        ...kernel,
        kernelFunc: (params) => {
          calls.set(name, (calls.get(name) ?? 0) + 1);
          return kernel.kernelFunc(params);
        },
      });
    }
  }
  return calls;
}

/**
 * tfjs falls back to another backend in silence where one fails to start, and would pass everything there. A spec may
 * change the backend itself, so it counts which one there is as the spec begins; where there is none yet, the one that
 * tfjs has chosen by its end.
 */
function assertBackend(): void {
  let name = '';
  let found: string | undefined;
  jasmine.getEnv().addReporter({
    specStarted: ({ fullName }) => {
      name = fullName;
    },
  });
  beforeEach(() => {
    found = currentBackend();
  });
  afterEach(() => {
    const expected = backendOf(name);
    if (!expected || name.startsWith(OWN_BACKENDS)) return; // Not a spec of ops: it uses no backend, or ones of its own.
    found ??= currentBackend() ?? expected;
    expect(found).withContext('the backend that this spec runs on').toBe(expected);
  });
}

/** The backend of a spec of ops: of the innermost suite that names one. */
function backendOf(name: string): string | undefined {
  const [, backend] = /.* (\S+) \{\}/.exec(name) ?? [];
  return BACKENDS.find((known) => known === backend);
}

/** tfjs's types do not say that there may be none. */
function currentBackend(): string | undefined {
  return tf.getBackend() ?? undefined;
}

checkBalance(note);
// tfjs-core defines some specs, of pixels, downloads and stored models, in Chrome alone; they hold elsewhere too.
tf.env().registerFlag('IS_CHROME', () => true);
configure({ deferred });
registerConvgl('convgl-gpu', { smallOnCpu: false, deferred });
setTestEnvs(BACKENDS.map((name) => ({ name, backendName: name, isDataSync: true })));
expectFailures(skips);
assertBackend();
const calls = countHostKernels();
afterAll(() => {
  const list = [...calls].sort(([a], [b]) => a.localeCompare(b)).map(([name, times]) => `${name} ${times}`);
  note(
    list.length > 0 ? `kernels that ran on the host, and how often: ${list.join(', ')}` : 'no kernel ran on the host',
  );
});
