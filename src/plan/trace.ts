/** Records what runs while a trace is on: each pass, copy, upload and read, and why its results were computed by themselves. */
import type { DType, Plan } from './plan';
import type { Shape } from './shape';

/** What each {@link TraceReason} means. */
export const TRACE_REASONS = {
  read: 'its values were read',
  kernel: 'a kernel that is neither elementwise nor a reduction reads it',
  reduction: 'results of reductions are not inlined',
  variable: 'a variable owns it; inlined, it would be computed in every later step again',
  broadcast: 'its reader broadcasts it, and would compute it for each element again',
  index: 'it depends on the flat index, which its reader does not have',
  shape: 'its reader sees it under a shape along which its operands have no strides',
  repeated: 'an earlier pass computed it already, and reading it is cheaper than computing it again',
  long: 'a shader would have grown too long',
  held: 'a pass whose result something else holds too (a tape, or the application), so it is no epilogue',
  several: 'a pass that several values read, so none of them is its epilogue',
  unfit: 'a pass whose reader cannot be its epilogue',
  epilogue: 'the last of the ops that are the epilogue of a pass',
  operand: 'the epilogue of a pass reads it',
  shared: 'another value needed this pass, which had room for it',
  step: 'a read ended a step, and the value kept a texture alive that nothing else needs',
  memory: 'pending values kept too many bytes of textures alive',
  constant: "a variable's first value",
  eager: 'configure({ deferred: false })',
  end: 'a measurement or a trace began or ended',
} as const satisfies Readonly<Record<string, string>>;

/** Why a value was written to a texture, rather than computed inside of what reads it; {@link TRACE_REASONS} says it in words. */
export type TraceReason = keyof typeof TRACE_REASONS;

/** A tensor that a step reads or writes. */
export interface TracedTensor {
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /** That of its texture. */
  readonly dtype: 'float32' | 'int32' | 'bool';
  /** Why it was written to a texture; undefined for inputs, and within kernels that draw when they are called. */
  readonly why?: TraceReason | undefined;
}

/** One step of what ran. */
export interface TracedStep {
  /** A draw of a shader, a copy between textures, or a transfer from or to the host. */
  readonly kind: 'draw' | 'copy' | 'upload' | 'read';
  /** The template of the shader; else the kind. */
  readonly name: string;
  /** The kernels whose results it computes, in the order of their calls; several where they were fused. */
  readonly kernels: readonly string[];
  /** The algorithms that its kernel chose, in order: a convolution may become a matrix product, which has algorithms of its own. */
  readonly algorithms: readonly string[];
  /** What it reads, in the order of the shader's samplers. */
  readonly inputs: readonly TracedTensor[];
  /** What it writes, one for each render target. */
  readonly outputs: readonly TracedTensor[];
  /** Texels that the shader reads, about: counted for convolutions, products and reductions, else one per input and output texel. */
  readonly fetches: number;
  /** Whether its program was compiled for this draw, which takes longer than most draws. */
  readonly compiled: boolean;
  /** Time on the GPU; undefined if the device has no timer, or the measurement was disturbed. */
  readonly milliseconds?: number | undefined;
  /** The source of the fragment shader; empty for copies and transfers. */
  readonly shader: () => string;
}

/** A texture with the shape of the tensor that it was made for. */
interface Texture {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly width: number;
  readonly height: number;
}

/** A draw as the device reports it. */
interface Draw {
  readonly plan: Plan;
  readonly inputs: readonly Texture[];
  readonly outputs: readonly Texture[];
  readonly compiled: boolean;
  readonly milliseconds: (() => Promise<number>) | undefined;
}

/** The call of a kernel. */
interface Call {
  readonly kernel: string;
  readonly algorithms: string[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A step that is still to be explained and timed. */
type Step = Writable<TracedStep> & { readonly call: Call | undefined; readonly time?: Draw['milliseconds'] };

/** Records steps. The device, the evaluator and kernels report to it while it is the device's `tracer`. */
export class Tracer {
  #steps: Step[] = [];
  #call: Call | undefined;
  /** The calls that deferred pending values. */
  readonly #calls = new WeakMap<object, Call>();
  readonly #reasons = new WeakMap<object, TraceReason>();
  readonly #onStep: (() => void) | undefined;

  /** @param onStep called after each step */
  constructor(onStep?: () => void) {
    this.#onStep = onStep;
  }

  /** Steps so far. */
  get count(): number {
    return this.#steps.length;
  }

  /** Runs the call of a kernel. */
  kernel<T>(kernel: string, work: () => T): T {
    return this.#within({ kernel, algorithms: [] }, work);
  }

  /** Runs the pass of a pending value as part of the call that deferred it. */
  resume<T>(pending: object, work: () => T): T {
    return this.#within(this.#calls.get(pending), work);
  }

  /** The kernel that is called has chosen an algorithm. */
  chose(algorithm: string): void {
    const chosen = this.#call?.algorithms;
    if (chosen && !chosen.includes(algorithm)) chosen.push(algorithm);
  }

  /** The kernel that is called has deferred a value. */
  deferred(pending: object): void {
    if (this.#call) this.#calls.set(pending, this.#call);
  }

  /** A pending value is going to be computed. */
  because(pending: object, why: TraceReason): void {
    this.#reasons.set(pending, why);
  }

  drew({ plan, inputs, outputs, compiled, milliseconds }: Draw): void {
    const fragments = outputs[0]!.width * outputs[0]!.height;
    this.#add({
      kind: 'draw',
      name: plan.key.slice(0, plan.key.indexOf(' ')),
      inputs: inputs.map(tensorOf),
      outputs: plan.outputs.map(tensorOf),
      fetches: fragments * (plan.fetches ?? inputs.length),
      compiled,
      shader: plan.source,
      time: milliseconds,
    });
  }

  /** Texels were copied from one texture to another, or between a texture and the host. */
  moved(kind: 'copy' | 'upload' | 'read', inputs: readonly Texture[], outputs: readonly Texture[]): void {
    const sides = { inputs: inputs.map(tensorOf), outputs: outputs.map(tensorOf) };
    this.#add({ kind, name: kind, ...sides, fetches: 0, compiled: false, shader: () => '' });
  }

  /**
   * The last draws computed pending values: those from step `first` on, the last of which wrote the values.
   *
   * @param inlined all that they computed, an op after those that read it
   */
  explain(first: number, values: readonly object[], inlined: readonly object[]): void {
    if (this.count === first) return; // A rehearsal draws nothing.
    const kernels = this.#kernels([...inlined].reverse().concat(values));
    for (const step of this.#steps.slice(first)) Object.assign(step, { kernels, algorithms: [], call: undefined });
    this.#justify(values);
  }

  /**
   * The steps from `first` on computed a pass of another kind, and what it needed before.
   *
   * @param value the pass, or the last op of its epilogue
   */
  explainPass(first: number, pass: object, value: object, epilogue: readonly object[]): void {
    if (this.count === first) return;
    const kernels = this.#kernels([pass, ...[...epilogue].reverse()]);
    const call = this.#calls.get(pass);
    for (const step of this.#steps.slice(first)) if (step.call === call) step.kernels = kernels;
    this.#justify([value]);
  }

  /** Takes all steps out of the record, with their times. */
  async take(): Promise<readonly TracedStep[]> {
    const steps = this.#steps;
    this.#steps = [];
    for (const step of steps) {
      // Times of a context that is lost are gone.
      const time = await step.time?.().catch(() => NaN);
      if (time !== undefined && !Number.isNaN(time)) step.milliseconds = time;
    }
    return steps.map(({ time: _time, call: _call, ...step }) => step);
  }

  /** The kernels whose calls deferred values, each call once. */
  #kernels(pending: readonly object[]): string[] {
    return [...new Set(pending.map((value) => this.#calls.get(value)))].flatMap((call) => call?.kernel ?? []);
  }

  #justify(values: readonly object[]): void {
    const step = this.#steps.at(-1);
    if (!step) return;
    const reasons = values.map((value) => this.#reasons.get(value) ?? 'shared');
    step.outputs = step.outputs.map((output, i) => ({ ...output, why: reasons[i] }));
  }

  #add(step: Omit<Step, 'kernels' | 'algorithms' | 'call'>): void {
    const call = this.#call;
    this.#steps.push({ ...step, kernels: call ? [call.kernel] : [], algorithms: call?.algorithms.slice() ?? [], call });
    this.#onStep?.();
  }

  #within<T>(call: Call | undefined, work: () => T): T {
    const outer = this.#call;
    this.#call = call;
    try {
      return work();
    } finally {
      this.#call = outer;
    }
  }
}

const tensorOf = ({ shape, dtype }: Pick<Texture, 'shape' | 'dtype'>): TracedTensor => ({ shape, dtype });
