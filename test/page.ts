/** What a spec in the browser knows of the run it is part of, and what it can tell its reporter; starts the backend that way. */
import { configure } from '../src/index';
import { checkMemos } from '../src/plan/plan';

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

/** What a result says, functions by what they give. */
const textOf = (result: unknown): string =>
  JSON.stringify(result, (_, value: unknown) => (typeof value === 'function' ? (value as () => unknown)() : value));

// Whatever is taken from a memo is made again here, so that no key leaves out what the result depends on.
checkMemos((kept, again) => {
  const [expected, found] = [again, () => kept].map((get) => textOf(get()));
  if (expected !== found) throw new Error(`A memo gave ${found}, expected ${expected}.`);
});

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
