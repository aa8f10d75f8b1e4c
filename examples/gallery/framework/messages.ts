/** What a page and its worker say to each other, and the types that a worker's tasks give to the page. */

/** What convgl says of itself after each answer. */
export interface Facts {
  readonly backend: string;
  readonly renderer: string;
  readonly programs: number;
  readonly passes: number;
  readonly tensors: number;
  readonly bytes: number;
  /** Kernels that ran on the host by design or for want of one of convgl's own, and how often. */
  readonly hostKernels: Readonly<Record<string, number>>;
}

/** How far a task is. A task that yields events with these fields has a progress bar and an estimate of the time left. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Async generators can be stopped at each `yield`; functions are one step. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tasks take and give whatever structured cloning carries
export type Task = (input: any) => unknown;
export type Tasks = Readonly<Record<string, Task>>;

export type InputOf<T extends Task> = Parameters<T>[0];
export type EventOf<T extends Task> = ReturnType<T> extends AsyncGenerator<infer E, unknown> ? E : never;
export type ResultOf<T extends Task> =
  ReturnType<T> extends AsyncGenerator<unknown, infer R> ? R : Awaited<ReturnType<T>>;

export type ToWorker =
  | { readonly kind: 'run'; readonly id: number; readonly task: string; readonly input: unknown }
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'leave' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly facts: Facts }
  | { readonly kind: 'event'; readonly id: number; readonly event: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown; readonly facts: Facts }
  | { readonly kind: 'stopped'; readonly id: number; readonly facts: Facts }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string; readonly stack: string }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'left'; readonly facts: Facts };
