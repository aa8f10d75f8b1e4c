/** The page of the benchmark and of the tuner: takes its options from the URL, runs the tasks, and reports to the server if there is one. */
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { fromQuery, fromTuneQuery, type BenchOptions, type TuneOptions } from '../options.js';
import { installKernelCounter, use, versions } from './backends';
import { drawResult } from './chart';
import { installCounters } from './counters';
import { rendererName } from './device';
import type { BenchResult, TuneResult } from './result';
import { breathe } from './sampling';
import { tasksFor, type Task } from './tasks';
import { emptyTuneResult, tuneTasks } from './tune';

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

/** Runs tasks, with a line before each, which tells the terminal what is running, and one after it with what came out. */
async function runTasks<R>(tasks: readonly Task<R>[], result: R, keepParts: boolean): Promise<void> {
  for (const [i, { name, run }] of tasks.entries()) {
    await log(`[${i}/${tasks.length}] ${name} ...`);
    const outcome = await run(result);
    await log(`[${i + 1}/${tasks.length}] ${name}: ${outcome}`);
    if (keepParts) await post('/part', JSON.stringify(result));
    await breathe();
  }
}

async function bench(options: BenchOptions, keepParts: boolean): Promise<BenchResult> {
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
  await runTasks(tasks, result, keepParts);
  let wasmThreads = 0;
  if (options.backends.includes('wasm')) {
    await use('wasm');
    wasmThreads = getThreadsCount();
  }
  return { ...result, wasmThreads, seconds: Math.round((performance.now() - start) / 1000) };
}

async function tune(options: TuneOptions): Promise<TuneResult> {
  const result = emptyTuneResult(options);
  await log(`renderer: ${result.renderer}`);
  await runTasks(tuneTasks(options), result, false);
  return result;
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
  const [tuning, keepParts] = [query.has('tune'), query.has('parts')];
  query.delete('tune');
  query.delete('parts');
  try {
    const result = tuning
      ? await tune(fromTuneQuery(query.toString()))
      : await bench(fromQuery(query.toString()), keepParts);
    const json = JSON.stringify(result);
    if (!(await post('/result', json))) offer(json);
    if ('versions' in result) drawResult(result);
  } catch (error) {
    console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    await log(`failed: ${message}`);
    await post('/result', JSON.stringify({ error: message }));
  }
}

void main();
