/** The page's side: opens the exhibit's worker, asks it for tasks, and stops them. */
import type { EventOf, Facts, FromWorker, InputOf, ResultOf, Task, Tasks, ToWorker } from './messages';

/** A task that does not reach its next `yield` in this time after Stop loses its worker. */
const STOP_MS = 3000;

/** Thrown where the visitor stopped the task. */
export class Stopped extends Error {}

export interface Call<T extends Task> {
  readonly result: Promise<ResultOf<T>>;
  readonly stop: () => void;
}

interface Pending {
  readonly onEvent: (event: unknown) => void;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export type Status = { readonly facts?: Facts; readonly first?: Facts; readonly failure?: string };

/** A worker, started when first asked, and again after a stop that it did not hear. */
export class Connection<T extends Tasks> {
  readonly #url: string | URL;
  readonly #pending = new Map<number, Pending>();
  readonly #watchers = new Set<(status: Status) => void>();
  #worker: Worker | undefined;
  #left: ((facts: Facts) => void) | undefined;
  #next = 0;
  #status: Status = {};

  constructor(url: string | URL) {
    this.#url = url;
  }

  /** Calls back with each change of what is known of the device. @returns ends that */
  watch(watcher: (status: Status) => void): () => void {
    this.#watchers.add(watcher);
    watcher(this.#status);
    return () => this.#watchers.delete(watcher);
  }

  /** Runs a task. The result rejects with Stopped where it was stopped. */
  run<K extends keyof T & string>(task: K, input: InputOf<T[K]>, onEvent?: (event: EventOf<T[K]>) => void): Call<T[K]> {
    const id = this.#next++;
    const result = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { onEvent: (onEvent as Pending['onEvent']) ?? (() => undefined), resolve, reject });
    });
    this.#post({ kind: 'run', id, task, input });
    return { result: result as Promise<ResultOf<T[K]>>, stop: () => this.#stop(id) };
  }

  /** Has the worker dispose all that it keeps, and ends it. @returns what it held at its start, and at its end */
  async leave(): Promise<{ readonly first: Facts; readonly last: Facts }> {
    const last = await new Promise<Facts>((resolve) => {
      this.#left = resolve;
      this.#post({ kind: 'leave' });
    });
    const { first = last } = this.#status;
    this.#end();
    return { first, last };
  }

  #post(message: ToWorker): void {
    this.#worker ??= this.#open();
    this.#worker.postMessage(message);
  }

  #open(): Worker {
    const worker = new Worker(this.#url, { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    worker.onerror = ({ message }) => this.#fail(message || 'The worker did not load.');
    return worker;
  }

  #receive(message: FromWorker): void {
    if ('facts' in message) this.#tell({ first: this.#status.first ?? message.facts, facts: message.facts });
    if (message.kind === 'left') this.#left?.(message.facts);
    if (message.kind === 'refused') this.#fail(message.message);
    if ('id' in message) this.#answer(message);
  }

  #answer(message: Extract<FromWorker, { id: number }>): void {
    const pending = this.#pending.get(message.id);
    if (message.kind === 'event') return pending?.onEvent(message.event);
    this.#pending.delete(message.id);
    if (message.kind === 'result') pending?.resolve(message.result);
    else if (message.kind === 'stopped') pending?.reject(new Stopped());
    else pending?.reject(Object.assign(new Error(message.message), { stack: message.stack }));
  }

  #stop(id: number): void {
    if (!this.#pending.has(id)) return;
    this.#post({ kind: 'stop', id });
    setTimeout(() => {
      if (this.#pending.has(id)) this.#end();
    }, STOP_MS);
  }

  #fail(failure: string): void {
    this.#tell({ ...this.#status, failure });
    this.#rejectAll(new Error(failure));
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#rejectAll(new Stopped());
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #tell(status: Status): void {
    this.#status = status;
    for (const watcher of this.#watchers) watcher(status);
  }
}
