/** Runs a case on convgl and on the reference, and says where they differ. */
import { backendInside } from '../backend';
import { randomOf } from '../cases/fill';
import { balanced, callKernel, fillInputs, flushed, LeakError, type InputValues, type Output } from '../kernels/call';
import { describeDiffering, differing, misshapen, TOLERANCE } from '../kernels/compare';
import { isChain, tensorsOf, valuesOfTensor, type Call, type Chain, type FuzzCase } from './case';
import { runChain } from './chain';
import { rows } from './rows/index';

/** What is wrong with a case. */
export interface Problem {
  /** Such as 'differs', 'two results', 'shape', 'one refuses', 'leak'; a case that is made smaller keeps it. */
  readonly kind: string;
  readonly text: string;
}

/** What a backend made of a case: outputs, or the error that it threw. */
export type Outcome = { readonly outputs: readonly Output[] } | { readonly error: Error };

/** Relative change of inputs by which the last bits that count are found: some of float32's last ones. */
const NUDGE = 2 ** -20;
/** How often the inputs are changed, and how many times as far as the reference then moves an element may be off. */
const NUDGES = 6;
const SLACK = 8;
/** What is smaller may have become zero on a GPU. */
const NEARLY_SUBNORMAL = 2 ** -120;

/** How the reference runs: as it is, or with numbers changed by a few of their last bits. */
type Reference = (nudge?: (x: number) => number) => Promise<Outcome>;

/** Calls of so many elements are not run both ways: nothing of them is computed on the host. */
const MANY = 4000;

export async function check(one: FuzzCase): Promise<Problem | undefined> {
  const plan = planOf(one);
  const expected = await plan.reference();
  for (const actual of plan.actual) {
    const problem = await compared(plan, expected, await actual());
    if (problem) return problem;
  }
  return isChain(one) ? undefined : bothWays(one);
}

/** The call with inputs that the host knows, where what is small is computed there, and with inputs that only the GPU has: both give the same bits. */
async function bothWays(call: Call): Promise<Problem | undefined> {
  const values = fillInputs(call, valuesOfTensor);
  const elements = Object.values(values).reduce((sum, { length }) => sum + length, 0);
  if (elements === 0 || elements > MANY) return undefined;
  const place = (made: boolean, small: boolean) =>
    outcomeOf(() => withSmallOnCpu(small, () => callKernel('convgl', { ...call, flat: false, made }, values)));
  const host = await place(false, true);
  const gpu = await place(true, false);
  if ('error' in host || 'error' in gpu) {
    if ('error' in host && 'error' in gpu) return undefined;
    const [refuser, { error }] =
      'error' in host ? ['known to the host', host] : ['on the GPU', gpu as { error: Error }];
    return { kind: 'one refuses', text: `only inputs ${refuser} are refused: ${error.message}` };
  }
  for (const [i, output] of host.outputs.entries()) {
    const other = gpu.outputs[i]!;
    const shape = misshapen(output, other);
    if (shape.length > 0) return { kind: 'shape', text: `output ${i}, on the host and the GPU: ${shape.join('; ')}` };
    const wrong = Array.from(output.values, (_, at) => at).filter(
      (at) => !isSame(output.values[at]!, other.values[at]!),
    );
    if (wrong.length > 0)
      return {
        kind: 'two results',
        text: `output ${i}, where the host knows the inputs and where only the GPU has them: ${describeDiffering(wrong, output, other)}`,
      };
  }
  return undefined;
}

const isSame = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

async function withSmallOnCpu<T>(small: boolean, work: () => Promise<T>): Promise<T> {
  const backend = backendInside();
  const before = backend.smallOnCpu;
  backend.smallOnCpu = small;
  try {
    return await work();
  } finally {
    backend.smallOnCpu = before;
  }
}

/** What is wrong with an outcome. */
// eslint-disable-next-line complexity -- a line for each way in which an outcome is wrong.
export async function compared(plan: Plan, expected: Outcome, actual: Outcome): Promise<Problem | undefined> {
  for (const outcome of [expected, actual]) {
    if ('error' in outcome && outcome.error instanceof LeakError) return { kind: 'leak', text: outcome.error.message };
  }
  if ('error' in expected || 'error' in actual) return refusal(expected, actual);
  if (expected.outputs.length !== actual.outputs.length) {
    return { kind: 'shape', text: `${actual.outputs.length} outputs, expected ${expected.outputs.length}` };
  }
  const flat = plan.flushed ? await plan.flushed() : expected;
  let nudged: (readonly Output[])[] | undefined;
  for (const [i, output] of actual.outputs.entries()) {
    const reference = expected.outputs[i]!;
    const shape = misshapen(output, reference);
    if (shape.length > 0) return { kind: 'shape', text: `output ${i}: ${shape.join('; ')}` };
    const references = 'outputs' in flat ? [reference, flat.outputs[i]!] : [reference];
    let wrong = differing(output, references, { tolerance: plan.tolerance });
    if (wrong.length > 0 && plan.sensitive) {
      nudged ??= await nudgedOutputs(plan.reference);
      const moved = nudged.map((outputs) => outputs[i]!);
      wrong = wrong.filter((at) => !isAsFarAs(moved, output, reference, at));
    }
    if (wrong.length > 0)
      return { kind: 'differs', text: `output ${i}: ${describeDiffering(wrong, output, reference)}` };
  }
  return undefined;
}

function refusal(expected: Outcome, actual: Outcome): Problem | undefined {
  if ('error' in expected && 'error' in actual) return undefined;
  const [refuser, { error }] =
    'error' in expected ? ['the reference', expected] : ['convgl', actual as { error: Error }];
  return { kind: 'one refuses', text: `only ${refuser} refuses: ${error.message}` };
}

/** How a case runs, and how exact its results have to be. */
export interface Plan {
  readonly reference: Reference;
  /** The ways in which convgl runs it. */
  readonly actual: readonly (() => Promise<Outcome>)[];
  /** The reference with subnormal inputs as zeros, where there are any. */
  readonly flushed?: () => Promise<Outcome>;
  readonly sensitive: boolean;
  readonly tolerance: number;
}

export function planOf(one: FuzzCase): Plan {
  return isChain(one) ? planOfChain(one) : planOfCall(one);
}

async function outcomeOf(work: () => Promise<readonly Output[]>): Promise<Outcome> {
  try {
    return { outputs: await work() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function planOfCall(call: Call): Plan {
  const row = rows[call.kernel];
  if (!row) throw new Error(`${call.kernel} has no row.`);
  const values = fillInputs(call, valuesOfTensor);
  const on = (backend: string, given: InputValues) => outcomeOf(() => callKernel(backend, call, given));
  const reference = (given: InputValues) =>
    outcomeOf(async () => row.reference?.(call, given) ?? (await callKernel('cpu', call, given)));
  const subnormal = tensorsOf(call).some(({ fill }) => fill === 'special' || fill === undefined);
  return {
    reference: (nudge) => reference(nudge ? nudgedValues(values, nudge) : values),
    actual: [() => on('convgl', values)],
    ...(subnormal ? { flushed: () => reference(flushed(values)) } : {}),
    sensitive: row.sensitive ?? false,
    tolerance: row.tolerance ?? TOLERANCE,
  };
}

function planOfChain(chain: Chain): Plan {
  const values = chain.chain.map(valuesOfTensor);
  return {
    reference: (nudge) => outcomeOf(() => balanced('cpu', () => runChain('cpu', chain, values, nudge && { nudge }))),
    actual: [false, true].map(
      (small) => () =>
        outcomeOf(() => withSmallOnCpu(small, () => balanced('convgl', () => runChain('convgl', chain, values)))),
    ),
    sensitive: true,
    tolerance: 1e-4,
  };
}

function nudgedValues(values: InputValues, nudge: (x: number) => number): InputValues {
  const entries = Object.entries(values).map(([key, array]) => [
    key,
    array instanceof Float32Array ? array.map(nudge) : array,
  ]);
  return Object.fromEntries(entries) as InputValues;
}

async function nudgedOutputs(reference: Reference): Promise<(readonly Output[])[]> {
  const all: (readonly Output[])[] = [];
  const random = randomOf(0, 'nudges');
  for (let i = 0; i < NUDGES; i++) {
    // At first all up and all down, which decides on both sides of a boundary; then each as it falls.
    const share = [() => 1, () => -1][i] ?? (() => 2 * random() - 1);
    const smallest = i % 2 === 0 ? NEARLY_SUBNORMAL : 0;
    const outcome = await reference((x) => (Math.abs(x) < smallest ? 0 : x * (1 + NUDGE * share())));
    if ('outputs' in outcome) all.push(outcome.outputs);
  }
  return all;
}

/** Whether an element is no further from the reference than that moves; where that is not finite, or jumps, it may be anything. */
function isAsFarAs(moved: readonly Output[], actual: Output, reference: Output, at: number): boolean {
  const [found, expected] = [actual.values[at]!, reference.values[at]!];
  const exact = actual.dtype === 'int32' || actual.dtype === 'bool';
  const moves = moved.map(({ values }) => Math.abs(values[at]! - expected));
  const jumps = moved.some(({ values }) => Number.isFinite(values[at]!) !== Number.isFinite(expected));
  if (jumps) return true;
  const most = Math.max(...moves);
  return exact ? most > 0 : Math.abs(found - expected) <= SLACK * most;
}
