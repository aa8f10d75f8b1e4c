/** The benchmark's page: takes its options from the URL, runs the sections, and reports to the server if there is one. */
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { fromQuery, wants, type BenchOptions } from '../options.js';
import cases from 'virtual:cases';
import { installKernelCounter, use, versions } from './backends';
import { better, measureCeilings } from './ceilings';
import { drawResult } from './chart';
import { installCounters, setOwner } from './counters';
import { rendererName } from './device';
import { benchDispatch } from './dispatch';
import { benchWorkload, selected } from './kernels';
import { benchModel, modelCases } from './models';
import type { BenchResult, SideResult } from './result';
import { breathe } from './sampling';
import { fromCase, GROUPS } from './workload';

const text = document.createElement('pre');
document.body.append(text);

/** Posts to the server that the page came from; a plain file server need not know these addresses. */
async function post(path: string, body: string): Promise<boolean> {
  try {
    return (await fetch(path, { method: 'POST', body })).ok;
  } catch {
    return false;
  }
}

async function log(line: string): Promise<void> {
  text.textContent += `${line}\n`;
  await post('/log', line);
}

function brief(sides: Readonly<Record<string, SideResult>>): string {
  const [first] = Object.values(sides);
  return Object.entries(sides)
    .map(([name, { medianMs, error }]) => {
      if (medianMs === undefined) return `${name}: ${(error ?? 'no time').split('\n')[0]?.slice(0, 60)}`;
      const ratio = first?.medianMs && sides[name] !== first ? ` (${(medianMs / first.medianMs).toFixed(1)}x)` : '';
      return `${name} ${medianMs.toPrecision(3)} ms${ratio}`;
    })
    .join(', ');
}

interface Task {
  readonly name: string;
  readonly run: (result: BenchResult) => Promise<string>;
}

function ceilingsTask(result: BenchResult): Promise<string> {
  setOwner('ceilings');
  const measured = measureCeilings();
  const ceilings = (result.ceilings = result.ceilings ? better(result.ceilings, measured) : measured);
  const { multiplyAddGflops, textureGtexels } = ceilings;
  return Promise.resolve(`${multiplyAddGflops.toFixed(1)} GFLOP/s, ${textureGtexels.toFixed(2)} Gtexel/s`);
}

function tasksFor(options: BenchOptions): Task[] {
  const tasks: Task[] = [];
  // Kernels and networks are shown as a share of what the device can do, measured in the same run.
  const ceilings: Task = { name: 'ceilings', run: ceilingsTask };
  const needsCeilings = (['ceilings', 'kernels', 'models'] as const).some((section) => wants(options, section));
  if (needsCeilings) tasks.push(ceilings);
  if (wants(options, 'dispatch')) {
    const run = async (result: BenchResult): Promise<string> => {
      const rows = (result.dispatch = await benchDispatch(options.backends));
      const sides = Object.entries(rows[0]?.sides ?? {});
      return sides.map(([name, { usPerCall }]) => `${name} ${usPerCall?.toFixed(1)} us per Add`).join(', ');
    };
    tasks.push({ name: 'dispatch', run });
  }
  if (wants(options, 'kernels')) {
    const workloads = selected([...cases.map(fromCase), ...GROUPS], options);
    if (workloads.length === 0) throw new Error(`--kernels ${options.kernels}: no case of that name.`);
    for (const workload of workloads) {
      const run = async (result: BenchResult): Promise<string> => {
        const row = await benchWorkload(workload, options);
        result.kernels = [...(result.kernels ?? []), row];
        return brief(row.sides);
      };
      tasks.push({ name: `${workload.kernel} ${workload.name}`, run });
    }
  }
  if (wants(options, 'models')) {
    for (const modelCase of modelCases(options)) {
      const run = async (result: BenchResult): Promise<string> => {
        const row = await benchModel(modelCase, options);
        result.models = [...(result.models ?? []), row];
        return brief(row.sides);
      };
      tasks.push({ name: `${modelCase.network.name} ${modelCase.mode}, batch ${modelCase.batchSize}`, run });
    }
  }
  // Once more at the end: a machine that was busy at the start would have understated its limits.
  if (tasks.length > 1 && needsCeilings) tasks.push(ceilings);
  return tasks;
}

async function run(options: BenchOptions, keepParts: boolean): Promise<BenchResult> {
  installCounters();
  installKernelCounter();
  const start = performance.now();
  const head = {
    date: new Date().toISOString(),
    ...rendererName(),
    userAgent: navigator.userAgent,
    versions: versions(),
    hardwareThreads: navigator.hardwareConcurrency,
    options,
  };
  const result: BenchResult = { ...head, wasmThreads: 0, seconds: 0 };
  const tasks = tasksFor(options);
  await log(`renderer: ${head.renderer}`);
  for (const [i, { name, run: runTask }] of tasks.entries()) {
    // The line before a task tells the terminal what is running; the one after it, what came out.
    await log(`[${i}/${tasks.length}] ${name} ...`);
    const outcome = await runTask(result);
    await log(`[${i + 1}/${tasks.length}] ${name}: ${outcome}`);
    if (keepParts) await post('/part', JSON.stringify(result));
    await breathe();
  }
  let wasmThreads = 0;
  if (options.backends.includes('wasm')) {
    await use('wasm');
    wasmThreads = getThreadsCount();
  }
  return { ...result, wasmThreads, seconds: Math.round((performance.now() - start) / 1000) };
}

/** Offers the result as a file where nobody took it. */
function offer(json: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  link.download = 'convgl-bench.json';
  link.textContent = 'Save the result as JSON';
  text.after(link);
}

async function main(): Promise<void> {
  const query = new URLSearchParams(location.search);
  if (query.has('show')) {
    const result = (await (await fetch('/result')).json()) as BenchResult;
    text.remove();
    (globalThis as { pictures?: string[] }).pictures = drawResult(result);
    return;
  }
  const keepParts = query.has('parts');
  query.delete('parts');
  try {
    const result = await run(fromQuery(query.toString()), keepParts);
    const json = JSON.stringify(result);
    if (!(await post('/result', json))) offer(json);
    drawResult(result);
  } catch (error) {
    console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    await log(`failed: ${message}`);
    await post('/result', JSON.stringify({ error: message }));
  }
}

void main();
