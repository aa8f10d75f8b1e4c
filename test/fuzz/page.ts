/** The fuzzer's page: makes cases from a seed, runs them, and shrinks those that fail; with faults or without. */
import * as tf from '@tensorflow/tfjs-core';
import { backendInside } from '../backend';
import { randomOf, type Random } from '../cases/fill';
import { poison } from '../kernels/poison';
import { CHAIN, parse, spell, type FuzzCase } from './case';
import { drawChain } from './chain';
import { check, type Problem } from './check';
import { Draw } from './draw';
import { drawFault, drawRunOptions, FAULT_KINDS, type FaultCase, type FaultKind } from './faults/fault';
import { callsOf, checkFaults } from './faults/trial';
import { gaps, rows } from './rows/index';
import { shrink, type Made } from './shrink';

/** Milliseconds that a failing case is shrunk. */
const SHRINKING = 25_000;

/** Of this many cases one is a chain. */
const CHAIN_EVERY = 5;

/** Of programs that faults befall so many percent are calls, if there are chains. */
const PERCENT_CALLS = 40;

/** What the page tells of a case. */
export interface Report {
  readonly kind: string;
  readonly problem?: string;
  /** The smallest case that fails in the same way, as a line of JSON. */
  readonly line?: string;
}

/** Kinds of programs that faults befall. */
let programs: readonly string[] = [];

async function drawProgram(draw: Draw, kind: string, mark: () => void): Promise<FuzzCase> {
  draw.small = draw.chance(40);
  return kind === CHAIN
    ? await drawChain(draw, mark)
    : { kernel: kind, ...rows[kind]!.make(draw, kind), ...(draw.chance(40) ? { flat: true } : {}) };
}

async function make(kind: string, source: Random | readonly number[]): Promise<Made<FuzzCase>> {
  const draw = new Draw(source);
  const marks: number[] = [];
  const one = await drawProgram(draw, kind, () => marks.push(draw.choices.length));
  return { one, choices: draw.choices, marks };
}

/** A program with a fault of that kind, and at times another of any. */
async function makeWithFaults(kind: string, source: Random | readonly number[]): Promise<Made<FaultCase>> {
  const draw = new Draw(source);
  const marks: number[] = [];
  const placed = [drawFault(draw, kind as FaultKind)];
  if (draw.chance(25)) placed.push(drawFault(draw, draw.of(FAULT_KINDS)));
  const run = drawRunOptions(draw);
  const isChain = programs.includes(CHAIN) && !draw.chance(PERCENT_CALLS);
  const program = await drawProgram(draw, isChain ? CHAIN : draw.of(programs), () => marks.push(draw.choices.length));
  const calls = await callsOf(program, run);
  const faults = placed.map((place) => place(calls)).filter((fault) => fault !== undefined);
  return { one: { program, faults, run }, choices: draw.choices, marks };
}

async function onlyOnTheGPU(): Promise<void> {
  await tf.setBackend('cpu');
  await tf.setBackend('convgl');
  backendInside().smallOnCpu = false;
  poison(backendInside());
}

/**
 * What there is to run: kernels and chains whose names the expression fits, or the faults that befall them whose names the other
 * expression fits; and kernels that lack a row.
 */
async function start(expression: string, faults?: string): Promise<{ kinds: string[]; gaps: string[] }> {
  const wanted = new RegExp(expression);
  programs = [...Object.keys(rows), CHAIN].filter((kind) => wanted.test(kind));
  await onlyOnTheGPU();
  if (faults === undefined) return { kinds: [...programs], gaps: gaps() };
  return { kinds: programs.length > 0 ? FAULT_KINDS.filter((kind) => new RegExp(faults).test(kind)) : [], gaps: [] };
}

/** The kind of case `index` of a run: one of those given, each in its turn. */
function kindAt(seed: number, index: number, kinds: readonly string[]): string {
  const kernels = kinds.filter((kind) => kind !== CHAIN);
  if (kinds.includes(CHAIN) && (index % CHAIN_EVERY === 0 || kernels.length === 0)) return CHAIN;
  const first = Math.floor(randomOf(seed, 'first')() * kernels.length);
  return kernels[(first + index - Math.ceil(index / CHAIN_EVERY)) % kernels.length]!;
}

/** How cases of a kind are made, run, and made smaller. */
interface Mode<C> {
  readonly generate: (kind: string, source: Random | readonly number[]) => Promise<Made<C>>;
  readonly check: (one: C) => Promise<Problem | undefined>;
  readonly programOf: (one: C) => FuzzCase;
  readonly withProgram: (one: C, program: FuzzCase) => C;
}

const PLAIN: Mode<FuzzCase> = {
  generate: make,
  check,
  programOf: (one) => one,
  withProgram: (_, program) => program,
};

const WITH_FAULTS: Mode<FaultCase> = {
  generate: makeWithFaults,
  check: checkFaults,
  programOf: ({ program }) => program,
  withProgram: (one, program) => ({ ...one, program }),
};

const isFault = (kind: string): boolean => (FAULT_KINDS as readonly string[]).includes(kind);

const seeded = (seed: number, index: number): Random => randomOf(seed, `case ${index}`);

/** Case `index` of a run, not run. */
async function caseAt(seed: number, index: number, kinds: readonly string[]): Promise<Report> {
  const kind = kindAt(seed, index, kinds);
  const { one } = await (isFault(kind) ? WITH_FAULTS : PLAIN).generate(kind, seeded(seed, index));
  return { kind, line: spell(one) };
}

async function next(seed: number, index: number, kinds: readonly string[]): Promise<Report> {
  const kind = kindAt(seed, index, kinds);
  return isFault(kind) ? attempt(WITH_FAULTS, kind, seeded(seed, index)) : attempt(PLAIN, kind, seeded(seed, index));
}

async function attempt<C extends object>(mode: Mode<C>, kind: string, source: Random): Promise<Report> {
  const made = await mode.generate(kind, source);
  const problem = await mode.check(made.one);
  if (!problem) return { kind };
  const until = performance.now() + SHRINKING;
  const generate = (choices: readonly number[]): Promise<Made<C>> => mode.generate(kind, choices);
  const smallest = await shrink(made, problem, { ...mode, generate, until });
  return { kind, problem: `${smallest.problem.kind}: ${smallest.problem.text}`, line: spell(smallest.one) };
}

/** Runs a case that a line spells. */
async function replay(line: string): Promise<string | undefined> {
  await onlyOnTheGPU();
  const one = parse(line);
  const problem = await ('faults' in one ? checkFaults(one) : check(one));
  return problem && `${problem.kind}: ${problem.text}`;
}

Object.assign(globalThis, { fuzz: { start, next, caseAt, replay } });
