/** Makes an async generator of work that tells its progress by a callback, as `model.fit` does. */

/** Thrown into the work from its callback where whoever listens has stopped. */
export class Abandoned extends Error {}

/**
 * @param work is given a function to tell an event; await it, so that a stop reaches the work there
 * @returns yields the events, and returns what the work does
 */
export async function* eventsOf<E, R>(work: (tell: (event: E) => Promise<void>) => Promise<R>): AsyncGenerator<E, R> {
  const told: { event: E; resume: () => void; abandon: (error: Error) => void }[] = [];
  let wake = (): void => undefined;
  let ended = false;
  const tell = (event: E) =>
    new Promise<void>((resume, abandon) => {
      if (ended) return abandon(new Abandoned());
      told.push({ event, resume, abandon });
      wake();
    });
  const result = work(tell).finally(() => {
    ended = true;
    wake();
  });
  try {
    for (;;) {
      const next = told[0];
      if (next) {
        yield next.event;
        told.shift();
        next.resume();
      } else if (ended) return await result;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    ended = true;
    for (const { abandon } of told) abandon(new Abandoned());
    await result.catch(() => undefined);
  }
}
