/** The fuzzer's page: makes cases from a seed, runs them, and shrinks those that fail. */
import * as tf from '@tensorflow/tfjs-core';
import { convglBackend } from '../../src/index';
import { randomOf, type Random } from '../cases/fill';
import { poison } from '../kernels/poison';
import { CHAIN, parse, spell, type FuzzCase } from './case';
import { drawChain } from './chain';
import { check } from './check';
import { Draw } from './draw';
import { gaps, rows } from './rows/index';
import { shrink, type Made } from './shrink';

/** Milliseconds that a failing case is shrunk. */
const SHRINKING = 20_000;

/** Of this many cases one is a chain. */
const CHAIN_EVERY = 5;

/** What the page tells of a case. */
export interface Report {
  readonly kind: string;
  readonly problem?: string;
  /** The smallest case that fails in the same way, as a line of JSON. */
  readonly line?: string;
}

async function make(kind: string, source: Random | readonly number[]): Promise<Made> {
  const draw = new Draw(source);
  const marks: number[] = [];
  draw.small = draw.chance(40);
  const one: FuzzCase =
    kind === CHAIN
      ? await drawChain(draw, () => marks.push(draw.choices.length))
      : { kernel: kind, ...rows[kind]!.make(draw, kind), ...(draw.chance(40) ? { flat: true } : {}) };
  return { one, choices: draw.choices, marks };
}

async function onlyOnTheGPU(): Promise<void> {
  await tf.setBackend('cpu');
  await tf.setBackend('convgl');
  convglBackend().smallOnCpu = false;
  poison(convglBackend());
}

/** What there is to run: kernels and chains whose names the expression fits; and kernels that lack a row. */
async function start(expression: string): Promise<{ kinds: string[]; gaps: string[] }> {
  await onlyOnTheGPU();
  const wanted = new RegExp(expression);
  return { kinds: [...Object.keys(rows), CHAIN].filter((kind) => wanted.test(kind)), gaps: gaps() };
}

/** The kind of case `index` of a run: one of those given, each in its turn. */
function kindAt(seed: number, index: number, kinds: readonly string[]): string {
  const kernels = kinds.filter((kind) => kind !== CHAIN);
  if (kinds.includes(CHAIN) && (index % CHAIN_EVERY === 0 || kernels.length === 0)) return CHAIN;
  const first = Math.floor(randomOf(seed, 'first')() * kernels.length);
  return kernels[(first + index - Math.ceil(index / CHAIN_EVERY)) % kernels.length]!;
}

/** Case `index` of a run, not run. */
async function caseAt(seed: number, index: number, kinds: readonly string[]): Promise<Report> {
  const kind = kindAt(seed, index, kinds);
  const { one } = await make(kind, randomOf(seed, `case ${index}`));
  return { kind, line: spell(one) };
}

async function next(seed: number, index: number, kinds: readonly string[]): Promise<Report> {
  const kind = kindAt(seed, index, kinds);
  const made = await make(kind, randomOf(seed, `case ${index}`));
  const problem = await check(made.one);
  if (!problem) return { kind };
  const until = performance.now() + SHRINKING;
  const smallest = await shrink(made, problem, { generate: (choices) => make(kind, choices), check, until });
  return { kind, problem: `${smallest.problem.kind}: ${smallest.problem.text}`, line: spell(smallest.one) };
}

/** Runs a case that a line spells. */
async function replay(line: string): Promise<string | undefined> {
  await onlyOnTheGPU();
  const problem = await check(parse(line));
  return problem && `${problem.kind}: ${problem.text}`;
}

Object.assign(globalThis, { fuzz: { start, next, caseAt, replay } });
