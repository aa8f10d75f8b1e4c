/** What a spec in the browser knows of the run it is part of, and what it can tell its reporter; starts the backend that way. */
import { configure } from '../src/index';

/** The part of karma's page object that the specs use. */
interface Karma {
  readonly config: { readonly seed?: number; readonly eager?: boolean };
  info(message: object): void;
}

const { __karma__: karma } = globalThis as unknown as { readonly __karma__: Karma };

/** The seed of all random inputs; the run prints it, and `--seed` repeats it. */
export const seed = karma.config.seed ?? 1;

/** Whether backends defer elementwise work and reductions, as they do unless the run is told --eager. */
export const deferred = karma.config.eager !== true;
configure({ deferred });

/** Prints a line with the run's summary. */
export function note(text: string): void {
  karma.info({ event: 'note', text });
}

/** Names specs that must fail, with the reason; the run fails when one of them passes or does not exist. */
export function expectFailures(skips: Readonly<Record<string, string>>): void {
  karma.info({ event: 'skips', skips });
}

// The reporter names the spec that was running when the page hangs or dies.
jasmine.getEnv().addReporter({
  specStarted: ({ fullName }) => karma.info({ event: 'started', name: fullName }),
});
