/** Runs a program while faults befall it, and says which promise about faults is broken. */
import * as tf from '@tensorflow/tfjs-core';
import { ContextLostError, OutOfGpuMemoryError, ShaderError } from '../../../src/index';
import { fillInputs, inputTensor, readOutput, type Output } from '../../kernels/call';
import { poison } from '../../kernels/poison';
import { isChain, valuesOfTensor, type Call, type FuzzCase } from '../case';
import { runChain } from '../chain';
import { compared, planOf, type Outcome, type Plan, type Problem } from '../check';
import { MISSING, type Guard } from '../guard';
import { BESIDE } from './beside';
import type { FaultCase, FaultKind, RunOptions } from './fault';
import { Stage, STAGE } from './stage';

/** Milliseconds after which something counts as hung. */
const PATIENCE = 20_000;

/** The error by which each fault is told; a stall is none. */
const TOLD: Readonly<Record<FaultKind, (new (...args: never[]) => Error) | undefined>> = {
  context: ContextLostError,
  memory: OutOfGpuMemoryError,
  framebuffer: OutOfGpuMemoryError,
  shader: ShaderError,
  stall: undefined,
};

/** Where a program runs without faults. */
const BEFORE = 'before any fault';
const AFTER = 'after the fault';

/** Elements of what has nothing to do with the program: no tensor of a program has as many, and the host keeps none of them. */
const UNRELATED = 613;

/** The names of the GL calls that a program makes where nothing fails; none where it has an error of its own. */
export async function callsOf(program: FuzzCase, run: RunOptions): Promise<readonly string[]> {
  const trial = await Trial.open({ program, run, faults: [] });
  const problem = await trial?.check();
  return problem || !trial ? [] : trial.calls;
}

/** Which promise a case breaks. */
export async function checkFaults(one: FaultCase): Promise<Problem | undefined> {
  return (await Trial.open(one))?.check();
}

/** What the reference makes of a program. */
type Outputs = Extract<Outcome, { readonly outputs: unknown }>;

class Trial {
  calls: readonly string[] = [];
  readonly #one: FaultCase;
  readonly #plan: Plan;
  readonly #expected: Outputs;
  readonly #stage: Stage;
  /** The first problem is what a case is about. */
  #problem: Problem | undefined;

  private constructor(one: FaultCase, plan: Plan, expected: Outputs, stage: Stage) {
    this.#one = one;
    this.#plan = plan;
    this.#expected = expected;
    this.#stage = stage;
  }

  /** Undefined for a program that the reference refuses. */
  static async open(one: FaultCase): Promise<Trial | undefined> {
    const plan = planOf(one.program);
    const expected = await plan.reference();
    return 'error' in expected ? undefined : new Trial(one, plan, expected, await Stage.open(one.run));
  }

  async check(): Promise<Problem | undefined> {
    const stage = this.#stage;
    try {
      await this.#run();
      await new Promise((resolve) => setTimeout(resolve));
      for (const text of stage.uncaught) this.#found('uncaught', text);
      if (this.#problem?.kind !== 'hangs') this.#note(stage.leak());
    } finally {
      this.#note(await stage.close());
    }
    return this.#problem;
  }

  async #run(): Promise<void> {
    const { injector, backend } = this.#stage;
    const { program, faults, run } = this.#one;
    if (run.warm) {
      await this.#compare(BEFORE, await this.#program(program, this.#guard(BEFORE)));
      poison(backend);
    }
    const before = unrelated();
    await before.computed.data();
    injector.arm(faults);
    const beside = this.#beside(run);
    const outputs = await this.#program(program, this.#guard());
    await beside;
    this.calls = [...injector.calls];
    injector.disarm();
    await this.#bounded('the restoration of the context', injector.settled());
    await this.#compare('', outputs);
    await this.#checkUnrelated(before);
    tf.dispose(Object.values(before));
    if (this.#stage.alive) await this.#compare(AFTER, await this.#program(program, this.#guard(AFTER)));
  }

  async #program(program: FuzzCase, guard: Guard): Promise<readonly Output[]> {
    await tf.setBackend(STAGE);
    if (isChain(program)) return runChain(STAGE, program, program.chain.map(valuesOfTensor), { guard });
    return runCall(program, guard);
  }

  /** What else the page does meanwhile. */
  async #beside({ beside }: RunOptions): Promise<void> {
    if (!beside) return;
    const tell = (found: number, expected: number): void => {
      if (found !== expected) this.#found('differs', `${beside}: found ${found}, expected ${expected}`);
    };
    try {
      await this.#bounded(beside, BESIDE[beside](this.#stage.backend, tell));
    } catch (error) {
      this.#judge(beside, error, true);
    }
  }

  /** Where faults may strike, makes and reads what it can; elsewhere every error is a problem. */
  #guard(when = ''): Guard {
    const { injector } = this.#stage;
    const struck = when === '';
    const again = (error: unknown): boolean => struck && error instanceof ShaderError && injector.spent;
    const read = async (x: tf.Tensor): Promise<Output> => {
      if (!this.#one.run.sync) return this.#bounded('a read', readOutput(x));
      return { shape: x.shape, dtype: x.dtype, values: x.dataSync() };
    };
    return {
      make: (op) => {
        try {
          return op();
        } catch (error) {
          this.#judge(`an op ${when}`, error, struck);
          if (!again(error)) return undefined;
        }
        // The driver would compile it now.
        try {
          return op();
        } catch (error) {
          this.#judge('an op that is tried again', error, !(error instanceof ShaderError));
          return undefined;
        }
      },
      read: async (x) => {
        if (!x) return MISSING;
        try {
          return await read(x);
        } catch (error) {
          this.#judge(`a read ${when}`, error, struck);
          if (!again(error)) return MISSING;
        }
        try {
          return await read(x);
        } catch (error) {
          this.#judge('a read that is tried again', error, !(error instanceof ShaderError));
          return MISSING;
        }
      },
    };
  }

  /** An error that no fault explains is a problem. */
  #judge(what: string, error: unknown, struck: boolean): void {
    if (error instanceof Hung) return;
    const { strikes, losses } = this.#stage.injector;
    const told = this.#one.faults.some(({ kind }) => {
      const type = TOLD[kind];
      return type && error instanceof type && (kind !== 'context' || losses > 0);
    });
    if (struck && told && strikes > 0) return;
    this.#found('wrong error', `${what} throws ${summary(error)}`);
  }

  async #bounded<T>(what: string, work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#found('hangs', `${what} does not end within ${PATIENCE / 1000} s`);
        reject(new Hung());
      }, PATIENCE);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Outputs that could not be had are compared with themselves. */
  async #compare(when: string, found: readonly Output[]): Promise<void> {
    const { outputs } = this.#expected;
    const actual = outputs.map((expected, i) => {
      const output = found[i] ?? MISSING;
      return output === MISSING ? expected : output;
    });
    const problem = await compared(this.#plan, this.#expected, { outputs: actual });
    if (problem) this.#found(problem.kind, [when, problem.text].filter((text) => text !== '').join(': '));
    await tf.setBackend(STAGE);
  }

  async #checkUnrelated({ host, computed, pending, known }: Unrelated): Promise<void> {
    const { injector, alive } = this.#stage;
    const { eager, beside } = this.#one.run;
    const lost = injector.losses > 0 ? ContextLostError.name : undefined;
    // Computed amid the faults where nothing waits, or where what waits is computed to be measured or to be left alone.
    const told = eager || beside ? this.#one.faults.map(({ kind }) => TOLD[kind]?.name) : [];
    const expected = {
      'values of the host': [host, [5]],
      'values that were read': [known, [4]],
      'values of the GPU': [computed, [lost ?? 6]],
      'values that wait': [pending, [alive ? -7 : lost, ...told]],
      'fresh values': [undefined, [alive ? -1 : lost]],
    } as const;
    for (const [what, [x, allowed]] of Object.entries(expected)) {
      const found = await this.#first(what, x);
      if (!(allowed as readonly unknown[]).includes(found))
        this.#found('unrelated', `${what}: found ${found}, expected ${allowed.join(' or ')}`);
    }
  }

  /** The first element of a tensor, or of a new computation; or the name of the error. */
  async #first(what: string, x: tf.Tensor | undefined): Promise<string | number | undefined> {
    try {
      const y = x ?? tf.tidy(() => tf.neg(tf.ones([UNRELATED])));
      const values = await this.#bounded(what, y.data());
      if (y !== x) y.dispose();
      return values[0];
    } catch (error) {
      return (error as Error).name;
    }
  }

  #found(kind: string, text: string): void {
    this.#problem ??= { kind, text };
  }

  #note(problem: Problem | undefined): void {
    this.#problem ??= problem;
  }
}

class Hung extends Error {}

/** What an error says first, and whence it comes; the rest may be a whole shader. */
function summary(error: unknown): string {
  const [first, ...rest] = (error instanceof Error ? (error.stack ?? String(error)) : String(error)).split('\n');
  return [first, ...rest.filter((line) => /^\s+at /.test(line))].join('\n');
}

/** Tensors that have nothing to do with a program. */
type Unrelated = Readonly<Record<'host' | 'computed' | 'source' | 'pending' | 'known', tf.Tensor>>;

function unrelated(): Unrelated {
  const filled = (value: number, size = UNRELATED): tf.Tensor1D => tf.tensor1d(new Float32Array(size).fill(value));
  const source = filled(7, UNRELATED + 6); // Else it would be computed with what is read now.
  const known = tf.tidy(() => tf.square(tf.tensor1d([2])));
  known.dataSync();
  const computed = tf.tidy(() => tf.add(filled(5), 1));
  return { host: filled(5), source, known, computed, pending: tf.neg(source) };
}

/** Calls a kernel, and gives all that can be read of its outputs. */
async function runCall(call: Call, guard: Guard): Promise<Output[]> {
  const { kernel, inputs, attrs, ...place } = call;
  const values = fillInputs(call, valuesOfTensor);
  const specs = Object.entries(inputs);
  const given = specs.map(([key, spec]) => [key, guard.make(() => inputTensor(key, spec, values, place))] as const);
  let outputs: tf.Tensor[] = [];
  try {
    if (given.some(([, tensor]) => tensor === undefined)) return [];
    const named = Object.assign(Array.isArray(inputs) ? [] : {}, Object.fromEntries(given)) as tf.NamedTensorMap;
    const made = guard.make(() => tf.engine().runKernel(kernel, named, (attrs ?? {}) as tf.NamedAttrMap));
    outputs = made === undefined ? [] : [made].flat();
    return await Promise.all(outputs.map((output) => guard.read(output)));
  } finally {
    tf.dispose([given.map(([, tensor]) => tensor!), outputs]);
  }
}
