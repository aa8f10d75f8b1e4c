/** The worker's side: starts convgl and runs the tasks that the page asks for. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { convglBackend, kernelPlaces } from 'tfjs-backend-convgl';
import type { Facts, FromWorker, Tasks, ToWorker } from './messages';

const hostKernels: Record<string, number> = {};
const stopping = new Set<number>();

/**
 * Answers the page with these tasks.
 *
 * @param leave disposes what tasks keep from one call to the next
 * @returns the tasks, whose type the page imports
 */
export function answer<T extends Tasks>(tasks: T, leave: () => void = () => undefined): T {
  const started = start();
  onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if (data.kind === 'stop') stopping.add(data.id);
    else if (data.kind === 'run') void started.then((runs) => (runs ? run(tasks, data) : undefined));
    else {
      leave();
      post({ kind: 'left', facts: facts() });
    }
  };
  return tasks;
}

/** @returns whether convgl runs here */
async function start(): Promise<boolean> {
  try {
    await tf.setBackend('convgl');
    convglBackend();
  } catch (error) {
    post({ kind: 'refused', message: (error as Error).message });
    return false;
  }
  countHostKernels();
  post({ kind: 'ready', facts: facts() });
  return true;
}

/** Wraps the kernels that have no GPU form, so that none runs on the host unseen. */
function countHostKernels(): void {
  const { host, missing } = kernelPlaces();
  for (const name of [...host, ...missing]) {
    const kernel = tf.getKernel(name, 'convgl');
    tf.unregisterKernel(name, 'convgl');
    tf.registerKernel({
      ...kernel,
      kernelFunc: (call) => {
        hostKernels[name] = (hostKernels[name] ?? 0) + 1;
        return kernel.kernelFunc(call);
      },
    });
  }
}

async function run(tasks: Tasks, { id, task, input }: ToWorker & { kind: 'run' }): Promise<void> {
  try {
    const started = tasks[task]?.(input);
    const result = isGenerator(started) ? await runToEnd(started, id) : await started;
    if (stopping.delete(id)) post({ kind: 'stopped', id, facts: facts() });
    else post({ kind: 'result', id, result, facts: facts() });
  } catch (error) {
    const { message, stack = '' } = error as Error;
    stopping.delete(id);
    post({ kind: 'failed', id, message, stack });
  }
}

function isGenerator(value: unknown): value is AsyncGenerator {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Posts each event, then lets the page's messages in. A generator that is stopped runs its `finally` blocks. */
async function runToEnd(generator: AsyncGenerator, id: number): Promise<unknown> {
  for (;;) {
    const next = await generator.next();
    if (next.done) return next.value;
    post({ kind: 'event', id, event: next.value });
    await turn();
    if (!stopping.has(id)) continue;
    await generator.return(undefined);
    return undefined;
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

function facts(): Facts {
  const { renderer, programs, draws } = convglBackend().stats();
  const { numTensors, numBytesInGPU = 0 } = tf.memory() as tf.MemoryInfo & { numBytesInGPU?: number };
  const counted = { programs, passes: draws, tensors: numTensors, bytes: numBytesInGPU };
  return { backend: tf.getBackend(), renderer, ...counted, hostKernels };
}

function post(message: FromWorker): void {
  postMessage(message);
}
