/** Shows what runs on the GPU: traces a function, or prints all that a page runs. */
import { engine, type KernelConfig } from '@tensorflow/tfjs-core';
import { Tracer, type TracedStep } from '../plan/trace';
import { Backend } from '../tensors/backend';
import { traceTable } from './trace_table';

/** What `trace` recorded. */
export interface Trace<T> {
  /** What the function returned. */
  readonly value: T;
  /** Draws, copies and transfers, in their order. */
  readonly steps: readonly TracedStep[];
  /** The steps as a table of at most 100 columns, with the reasons in it explained below. */
  toString(): string;
}

/**
 * Runs a function, and records each pass and transfer on the GPU meanwhile. What is pending before is computed first, and does not
 * count; what is pending in the end is computed, and counts. Only one trace can run at a time.
 *
 * @param work may be asynchronous. Whatever runs until it has ended is recorded
 * @throws Error if convgl is not the current backend, or another trace has not ended; what `work` throws
 */
export async function trace<T>(work: () => T): Promise<Trace<Awaited<T>>> {
  const { backend, backendName } = engine();
  if (!(backend instanceof Backend))
    throw new Error(`trace: found the backend ${backendName}, expected convgl; call tf.setBackend before.`);
  const { device } = backend;
  if (tracing.has(backend)) throw new Error('trace: found another trace that has not ended, expected one at a time.');
  backend.computeAll();
  const outer = device.tracer;
  const tracer = new Tracer();
  tracing.add(backend);
  device.tracer = tracer;
  try {
    const value = await work();
    backend.computeAll();
    device.tracer = outer;
    const steps = await tracer.take();
    return { value, steps, toString: () => traceTable(steps) };
  } catch (error) {
    device.tracer = outer;
    await tracer.take(); // Gives the timer's queries back.
    throw error;
  } finally {
    tracing.delete(backend);
  }
}

const tracing = new WeakSet<Backend>();

/** A kernel whose calls a trace tells apart. */
export function traced({ kernelFunc, ...config }: KernelConfig): KernelConfig {
  return {
    ...config,
    kernelFunc: (call) => {
      const { tracer } = (call.backend as Backend).device;
      return tracer ? tracer.kernel(config.kernelName, () => kernelFunc(call)) : kernelFunc(call);
    },
  };
}

/** Whether the page's address asks for traces, by `?convgl=trace`. */
export function isTraceAsked(): boolean {
  const { location } = globalThis as { readonly location?: Location };
  return new URLSearchParams(location?.search).get('convgl') === 'trace';
}

/** Prints all that a backend runs to the console: a table for all steps between two returns to the event loop. */
export function printTraces({ device }: Backend): void {
  /** The numbers of the tables so far. */
  const printed = new Map<string, number>();
  let waiting = false;
  const tracer = new Tracer(() => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => void print());
  });
  const print = async (): Promise<void> => {
    waiting = false;
    const steps = await tracer.take();
    // A loop repeats its steps, with other times.
    const key = traceTable(steps.map((step) => ({ ...step, milliseconds: undefined })));
    const before = printed.get(key);
    const number = before ?? printed.size + 1;
    printed.set(key, number);
    const table = before === undefined ? `\n${traceTable(steps)}` : ` again, ${steps.length} steps`;
    // eslint-disable-next-line no-console -- what the option is for.
    console.log(`convgl trace ${number}${table}`);
  };
  device.tracer = tracer;
}
