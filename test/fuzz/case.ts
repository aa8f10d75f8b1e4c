/** What the fuzzer runs: calls of kernels and chains of ops as data that a line of JSON holds whole. */
import type { TypedArray } from '@tensorflow/tfjs-core';
import type { TensorSpec } from '../cases/case';
import { randomOf, valuesOf } from '../cases/fill';
import type { Call as KernelCall } from '../kernels/call';
import type { FaultCase } from './faults/fault';

/** A tensor that is filled from a seed of its own where its values are not given. */
export interface FuzzTensor extends TensorSpec {
  readonly seed?: number;
}

/** One call of a kernel. */
export interface Call extends Omit<KernelCall, 'inputs'> {
  readonly inputs: Readonly<Record<string, FuzzTensor>> | readonly FuzzTensor[];
}

/** One step of a chain. A value is named by its number: inputs first, then the results of the steps. */
export interface Step {
  readonly op: string;
  readonly of: readonly number[];
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** Values disposed after the step. */
  readonly dispose?: readonly number[];
  /** A value read after the step, before anything else is done, or while the chain goes on. */
  readonly read?: number;
  readonly later?: boolean;
}

/** A chain of ops through tfjs's public functions. */
export interface Chain {
  readonly chain: readonly FuzzTensor[];
  readonly steps: readonly Step[];
}

export type FuzzCase = Call | Chain;

export function isChain(one: FuzzCase): one is Chain {
  return 'chain' in one;
}

/** The name under which a case's kind is drawn and reported. */
export function kindOf(one: FuzzCase): string {
  return isChain(one) ? CHAIN : one.kernel;
}

/** The kind of all chains. */
export const CHAIN = 'chain';

export function tensorsOf(one: FuzzCase): readonly FuzzTensor[] {
  return isChain(one) ? one.chain : Object.values(one.inputs);
}

export function valuesOfTensor(tensor: FuzzTensor): TypedArray {
  return valuesOf(tensor, randomOf(tensor.seed ?? 0, 'fuzz'));
}

const UNSPELLED = /^(-?Infinity|NaN|-0)$/;

/** A case as one line; numbers that JSON lacks are strings in it. */
export function spell(one: object): string {
  return JSON.stringify(one, (_, value: unknown) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? spellNumber(value) : value,
  );
}

function spellNumber(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

/** The case that a line of JSON spells: a program, or one with its faults. */
export function parse(line: string): FuzzCase | FaultCase {
  return JSON.parse(line, (_, value: unknown) =>
    typeof value === 'string' && UNSPELLED.test(value) ? Number(value) : value,
  ) as FuzzCase | FaultCase;
}
