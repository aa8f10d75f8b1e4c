/** The benchmark's page: takes its options from the URL, runs the sections, and reports to the server if there is one. */
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { fromQuery, type BenchOptions } from '../options.js';
import { installKernelCounter, use, versions } from './backends';
import { drawResult } from './chart';
import { installCounters } from './counters';
import { rendererName } from './device';
import type { BenchResult } from './result';
import { breathe } from './sampling';
import { tasksFor } from './tasks';

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
