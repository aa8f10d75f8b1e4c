/** tfjs-core specs that must fail on convgl, each with the reason; one that passes fails the run. */

/** Reasons by a spec's full name. */
export const skips: Readonly<Record<string, string>> = {};
