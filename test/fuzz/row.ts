/** What the fuzzer knows of a kernel: how to draw a call of it, and how exact its result has to be. */
import type { Call } from './case';
import type { Draw } from './draw';
import type { Reference } from './references';

/** Inputs and attributes. */
export type Made = Omit<Call, 'kernel'>;

export interface Row {
  /** Inputs and attributes that are valid, or that both backends refuse. */
  readonly make: (draw: Draw, kernel: string) => Made;
  /** Relative; 1e-3 unless said. */
  readonly tolerance?: number;
  /**
   * True where the last bits of the inputs may decide, by cancellation or by a boundary: an element may also be as far from
   * the reference as the reference moves when its inputs do by a few of their last bits.
   */
  readonly sensitive?: boolean;
  /** In place of tfjs-backend-cpu, where it is wrong. */
  readonly reference?: Reference;
}

/** Rows by the names of their kernels. */
export type Rows = Readonly<Record<string, Row>>;

/** The same row for many kernels. */
export function rowsOf(kernels: readonly string[], row: Row): Rows {
  return Object.fromEntries(kernels.map((kernel) => [kernel, row]));
}
