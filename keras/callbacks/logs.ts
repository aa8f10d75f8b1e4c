/** The numbers that callbacks are told, under Keras's names, and which of two is better. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Logs } from '@tensorflow/tfjs-layers';
import { KerasError } from '../errors';

/** Values by name as callbacks get them; a scalar is still on the GPU, and its owner disposes it. */
export type UnresolvedLogs = Record<string, number | tf.Scalar>;

/** The logs as numbers; the scalars stay whose they are. */
export async function resolvedLogs(logs: UnresolvedLogs = {}): Promise<Record<string, number>> {
  const entries = Object.entries(logs).map(async ([name, value]) => {
    return [name, typeof value === 'number' ? value : (await value.data())[0]!] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The losses and metrics among a batch's or epoch's logs. */
export async function metricsOf(logs?: UnresolvedLogs): Promise<Record<string, number>> {
  const { batch: _, size: __, ...metrics } = await resolvedLogs(logs);
  return metrics;
}

/** Keras's name of what tfjs-layers calls `acc`. */
export const kerasName = (name: string): string => name.replace(/(^|_)acc$/, '$1accuracy');

/** The logs under Keras's names. */
export const withKerasNames = (logs: Logs): Logs =>
  Object.fromEntries(Object.entries(logs).map(([name, value]) => [kerasName(name), value]));

export interface MonitorOptions {
  /** A loss or metric, by its name in Keras or in tfjs-layers. */
  readonly monitor?: string;
  /** Smaller changes are no improvement. Default: 0. */
  readonly minDelta?: number;
  /** Whether less or more is better; `auto` knows that more accuracy is. */
  readonly mode?: 'auto' | 'min' | 'max';
}

const MORE_IS_BETTER = /acc(uracy)?$|auc$|precision$|recall$|f1/i;

/** Watches one of the values. */
export class Monitor {
  readonly name: string;
  readonly #sign: 1 | -1;
  readonly #minDelta: number;
  #told = false;

  constructor({ monitor = 'val_loss', minDelta = 0, mode = 'auto' }: MonitorOptions) {
    if (!['auto', 'min', 'max'].includes(mode))
      throw new KerasError(`Found mode ${mode as string}, expected auto, min or max.`);
    this.name = kerasName(monitor);
    this.#sign = mode === 'max' || (mode === 'auto' && MORE_IS_BETTER.test(monitor)) ? -1 : 1;
    this.#minDelta = Math.abs(minDelta);
  }

  /** What any value is better than. */
  get worst(): number {
    return this.#sign * Infinity;
  }

  isBetter(value: number, best: number): boolean {
    return this.#sign * value < this.#sign * best - this.#minDelta;
  }

  /** The value; says once that there is none. */
  of(logs: Logs): number | undefined {
    const value = withKerasNames(logs)[this.name];
    if (value === undefined && !this.#told) {
      this.#told = true;
      console.warn(`Found no ${this.name} to monitor, expected one of ${Object.keys(logs).join(', ')}.`);
    }
    return value;
  }
}
