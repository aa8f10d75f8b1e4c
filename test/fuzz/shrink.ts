/** Makes a failing case smaller: fewer and smaller choices, then simpler values, as long as it fails in the same way. */
import { isChain, tensorsOf, valuesOfTensor, type FuzzCase, type FuzzTensor } from './case';
import type { Problem } from './check';

/** Elements of a tensor whose values are simplified one by one. */
const SIMPLIFIED = 48;

/** A case with what made it and where its steps begin. */
export interface Made<C> {
  readonly one: C;
  readonly choices: readonly number[];
  readonly marks: readonly number[];
}

export interface Shrinking<C> {
  readonly generate: (choices: readonly number[]) => Promise<Made<C>>;
  readonly check: (one: C) => Promise<Problem | undefined>;
  /** The program of a case, and the case with another. */
  readonly programOf: (one: C) => FuzzCase;
  readonly withProgram: (one: C, program: FuzzCase) => C;
  /** When to stop, in milliseconds of performance.now(). */
  readonly until: number;
}

/** The smallest case found that still fails as the given one does, and how it does. */
export async function shrink<C>(
  made: Made<C>,
  problem: Problem,
  shrinking: Shrinking<C>,
): Promise<{ one: C; problem: Problem }> {
  const search = new Search(made, problem, shrinking);
  while (await search.round());
  await search.simplifyValues();
  return { one: search.one, problem: search.problem };
}

class Search<C> {
  one: C;
  problem: Problem;
  #made: Made<C>;
  readonly #shrinking: Shrinking<C>;

  constructor(made: Made<C>, problem: Problem, shrinking: Shrinking<C>) {
    this.one = made.one;
    this.#made = made;
    this.problem = problem;
    this.#shrinking = shrinking;
  }

  /** Tries everything once; whether anything helped. */
  async round(): Promise<boolean> {
    const steps = await this.#leaveOutSteps();
    const chunks = await this.#leaveOutChunks();
    const lowered = await this.#lower();
    return (steps || chunks || lowered) && !this.#late;
  }

  get #late(): boolean {
    return performance.now() > this.#shrinking.until;
  }

  async #leaveOutSteps(): Promise<boolean> {
    let helped = false;
    for (let i = this.#made.marks.length - 2; i >= 0 && !this.#late; i--) {
      const [start, end] = [this.#made.marks[i]!, this.#made.marks[i + 1]];
      if (end !== undefined && (await this.#tryChoices(without(this.#made.choices, start, end)))) helped = true;
    }
    return helped;
  }

  async #leaveOutChunks(): Promise<boolean> {
    let helped = false;
    for (let size = this.#made.choices.length >> 1; size >= 1; size >>= 1) {
      for (let at = this.#made.choices.length - size; at >= 0 && !this.#late; at -= size) {
        const { choices } = this.#made;
        const zeros = choices.map((choice, i) => (i >= at && i < at + size ? 0 : choice));
        if ((await this.#tryChoices(without(choices, at, at + size))) || (await this.#tryChoices(zeros))) helped = true;
      }
    }
    return helped;
  }

  async #lower(): Promise<boolean> {
    let helped = false;
    for (let i = 0; i < this.#made.choices.length && !this.#late; i++) {
      for (let choice = this.#made.choices[i]!; choice > 0 && i < this.#made.choices.length;) {
        const lower = this.#made.choices[i]! > 20 ? choice >> 1 : choice - 1;
        if (await this.#tryChoices(this.#made.choices.map((own, j) => (i === j ? lower : own)))) helped = true;
        choice = lower;
        if (choice < this.#made.choices[i]! - 2) break;
      }
    }
    return helped;
  }

  async #tryChoices(choices: readonly number[]): Promise<boolean> {
    if (this.#late) return false;
    const made = await this.#shrinking.generate(choices);
    if (!isSmaller(made.choices, this.#made.choices) || !(await this.#fails(made.one))) return false;
    this.#made = made;
    return true;
  }

  async #fails(one: C): Promise<boolean> {
    const problem = await this.#shrinking.check(one);
    if (problem?.kind !== this.problem.kind) return false;
    this.one = one;
    this.problem = problem;
    return true;
  }

  #failsWith(at: number, tensor: FuzzTensor): Promise<boolean> {
    const { programOf, withProgram } = this.#shrinking;
    return this.#fails(withProgram(this.one, withTensor(programOf(this.one), at, tensor)));
  }

  /** Zeros, ones and whole numbers in place of what small tensors are filled with. */
  async simplifyValues(): Promise<void> {
    const { programOf } = this.#shrinking;
    for (let t = 0; t < tensorsOf(programOf(this.one)).length; t++) {
      const { fill, seed, ...tensor } = tensorsOf(programOf(this.one))[t]!;
      const values = Array.from(valuesOfTensor({ ...tensor, ...(fill ? { fill } : {}), ...(seed ? { seed } : {}) }));
      if (values.length > SIMPLIFIED || tensor.dtype === 'complex64') continue;
      if (!(await this.#failsWith(t, { ...tensor, values }))) continue;
      for (let i = 0; i < values.length; i++) {
        for (const simpler of [0, 1, Math.trunc(values[i]!)]) {
          if (this.#late || Object.is(simpler, values[i])) continue;
          const changed = values.map((value, j) => (i === j ? simpler : value));
          if (!(await this.#failsWith(t, { ...tensor, values: changed }))) continue;
          values[i] = simpler;
          break;
        }
      }
    }
  }
}

function without(choices: readonly number[], start: number, end: number): number[] {
  return [...choices.slice(0, start), ...choices.slice(end)];
}

/** Fewer choices, or as many of which the first that differs is smaller. */
function isSmaller(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  const at = a.findIndex((choice, i) => choice !== b[i]);
  return at >= 0 && a[at]! < b[at]!;
}

function withTensor(one: FuzzCase, at: number, tensor: FuzzTensor): FuzzCase {
  if (isChain(one)) return { ...one, chain: one.chain.map((own, i) => (i === at ? tensor : own)) };
  const entries = Object.entries<FuzzTensor>(one.inputs).map(
    ([key, own], i) => [key, i === at ? tensor : own] as const,
  );
  const inputs = Array.isArray(one.inputs) ? entries.map(([, own]) => own) : Object.fromEntries(entries);
  return { ...one, inputs };
}
