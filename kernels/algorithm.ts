/** Tables of algorithms, and the choice of the first entry that serves a call. */
import type { KernelContext } from '../src/kernel/define_kernel';

/** One way to compute what calls `C` ask for, and the `Result` of running it. */
export interface Algorithm<C, Result> {
  /** What traces, tests and the documentation call it. */
  readonly name: string;
  /** Whether it can compute the call on this device, and is worth it. */
  readonly serves: (ctx: KernelContext, call: C) => boolean;
  readonly run: Result;
}

let preferred: string | undefined;

/** Takes the algorithm of that name from now on wherever it serves, whatever stands before it: tests compare algorithms so. */
export function preferAlgorithm(name?: string): void {
  preferred = name;
}

/** What runs the call: the first algorithm of a table that serves it. The last of each table serves all. */
export function algorithmFor<C, Result>(table: readonly Algorithm<C, Result>[], ctx: KernelContext, call: C): Result {
  const own = table.find((algorithm) => algorithm.name === preferred && algorithm.serves(ctx, call));
  const { name, run } = own ?? table.find(({ serves }) => serves(ctx, call))!;
  ctx.noteAlgorithm(name);
  return run;
}
