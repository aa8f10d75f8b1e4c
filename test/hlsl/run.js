/**
 * Compiles convgl's shaders with Microsoft's compiler, as browsers on Windows do, compares what they give with what they gave
 * here, and writes the figures into docs/devices.md.
 *
 *     npm run test:hlsl                          the networks' programs, and all kernels' cases
 *     npm run test:hlsl -- --only models         (or cases)
 *     npm run test:hlsl -- --grep '^Conv2D '     some cases; writes no table
 *     npm run test:hlsl -- --save FOLDER         keeps the recorded scripts there
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { formatTable } from '../../benchmarks/align.js';
import { launch } from '../../examples/host/browser.js';
import { MissingError } from '../browsers.js';
import { bundle } from '../bundle.js';
import { fillPart } from '../document.js';
import { COMPILERS, windows } from './windows.js';

/** @typedef {import('./windows.js').Outcome} Outcome */
/** @typedef {import('./windows.js').Compiler} Compiler */
/** @typedef {{ script: string, bytes: string }} Files */

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const DOCUMENT = path('../../docs/devices.md');

/** A network's step, and the backends that take it. */
const STEPS = [
  { model: 'tutorial', mode: 'train', title: 'tutorial, training' },
  { model: 'lenet5', mode: 'train', title: 'LeNet-5, training' },
  { model: 'mobilenet', mode: 'predict', title: 'MobileNet, prediction' },
];
const BACKENDS = ['convgl', 'webgl'];

/** Bytes that one recording may have before the next begins. */
const RECORD = 64 * 2 ** 20;
/** Bytes that go from the page at a time. */
const PART = 8 * 2 ** 20;

/** Lines that a recording of programs alone needs. */
const OF_PROGRAMS = /^(make|source|attach|link) /;

/**
 * Opens a page whose GL calls are recorded.
 *
 * @param {string} script
 * @param {(page: import('puppeteer-core').Page) => Promise<unknown>} use
 */
async function withPage(script, use) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ path: path('recorder.js') });
    await page.addScriptTag({ path: script });
    return await use(page);
  } finally {
    await browser.close();
  }
}

/** Writes what a page has recorded. @param {import('puppeteer-core').Page} page @param {string} name @param {RegExp} lines */
async function save(page, name, lines) {
  const files = { script: `${name}.txt`, bytes: `${name}.bin` };
  const text = /** @type {string} */ (await page.evaluate('record.lines()'));
  writeFileSync(files.script, text.split('\n').filter((line) => lines.test(line)).join('\n')); // prettier-ignore
  const [, size = 0] = /** @type {number[]} */ (await page.evaluate('record.sizes()'));
  const output = openSync(files.bytes, 'w');
  for (let from = 0; from < size; from += PART) {
    const part = await page.evaluate(`record.bytes(${from}, ${from + PART})`);
    writeSync(output, Buffer.from(/** @type {string} */ (part), 'base64'));
  }
  closeSync(output);
  return files;
}

/** @param {Outcome} outcome */
function failures({ programs, differing }) {
  const failed = programs.filter(({ linked }) => !linked).map(({ name, log }) => `${name} does not link: ${log}`);
  return [...failed, ...differing];
}

/** Warnings by their numbers. @param {Outcome} outcome */
function warnings({ programs }) {
  const codes = programs.flatMap(({ log }) => [...new Set(log.match(/\bX\d{4}\b/g) ?? [])]);
  const counts = [...new Set(codes)].sort().map((code) => `${code} ${codes.filter((one) => one === code).length}`);
  return counts.join(', ');
}

/**
 * The programs of each network's step by both compilers.
 *
 * @param {{ script: string, folder: string, run: Awaited<ReturnType<typeof windows>> }} of
 */
async function models({ script, folder, run }) {
  const rows = [];
  for (const { model, mode, title } of STEPS) {
    for (const backend of BACKENDS) {
      const files = /** @type {Files} */ (
        await withPage(script, async (page) => {
          await page.evaluate(`stepModel('${backend}', '${model}', '${mode}')`);
          return save(page, join(folder, `${model}-${backend}`), OF_PROGRAMS);
        })
      );
      for (const compiler of /** @type {Compiler[]} */ (Object.keys(COMPILERS))) {
        const outcome = await run(files, compiler);
        const { wall } = await run(files, compiler, true);
        const { programs } = outcome;
        const sum = (/** @type {'cpu' | 'bytes'} */ what) => programs.reduce((total, one) => total + one[what], 0);
        rows.push([
          title,
          backend,
          compiler,
          String(programs.length),
          String(programs.filter(({ linked }) => !linked).length),
          sum('cpu').toFixed(2),
          Math.max(...programs.map(({ cpu }) => cpu)).toFixed(2),
          wall.toFixed(2),
          (sum('bytes') / 1024).toFixed(0),
          warnings(outcome),
        ]);
        print(rows.at(-1)?.join('  ') ?? '');
        if (backend === 'convgl') for (const text of failures(outcome)) fail(text);
      }
    }
  }
  const head = [
    'step',
    'backend',
    'FXC',
    'programs',
    'refused',
    'CPU s',
    'longest',
    'wall s',
    'KiB of HLSL',
    'warnings',
  ];
  return formatTable({ head, rows }, true);
}

/**
 * The kernels' cases: what they read there against what they read here.
 *
 * @param {{ script: string, folder: string, run: Awaited<ReturnType<typeof windows>>, grep: string }} of
 */
async function kernels({ script, folder, run, grep }) {
  const counts = { programs: 0, reads: 0, differing: 0, refused: 0 };
  for (let from = 0, part = 0; from >= 0; part++) {
    const files = /** @type {Files} */ (
      await withPage(script, async (page) => {
        from = /** @type {number} */ (await page.evaluate(`callCases(${JSON.stringify(grep)}, ${from}, ${RECORD})`));
        return save(page, join(folder, `cases-${part}`), /./);
      })
    );
    const outcome = await run(files, 'new');
    for (const text of failures(outcome)) fail(text);
    counts.programs += outcome.programs.length;
    counts.reads += outcome.reads;
    counts.differing += outcome.differing.length;
    counts.refused += outcome.programs.filter(({ linked }) => !linked).length;
    print(
      `part ${part}: ${outcome.programs.length} programs, ${outcome.reads} reads, ${outcome.cpu.toFixed(0)} CPU s; next case ${from}`,
    );
  }
  return `All cases of the kernels' tests, replayed: ${counts.programs} programs, ${counts.refused} refused; ${counts.reads} reads, ${counts.differing} that differ.`;
}

let failed = 0;

/** @param {string} text */
function fail(text) {
  failed++;
  print(`FAILED ${text}`);
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}

const {
  only,
  grep,
  save: kept,
} = new Command('npm run test:hlsl --')
  .description("Compiles convgl's shaders with Microsoft's compiler under wine, and compares what they give.")
  .addOption(new Option('--only <part>', 'one part').choices(['models', 'cases']))
  .option('--grep <expression>', 'only cases whose "Kernel name" fits; writes no table')
  .option('--save <folder>', 'keep the recorded scripts there')
  .allowExcessArguments(false)
  .parse()
  .opts();

try {
  const run = await windows();
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'convgl-hlsl-'));
  mkdirSync(folder, { recursive: true });
  const script = await bundle(`hlsl-${process.pid}`, [path('page.ts')]);
  try {
    const of = { script, folder, run, grep: grep ?? '' };
    if (only !== 'cases') await fillPart(DOCUMENT, 'hlsl models', await models(of));
    if (only !== 'models') {
      const summary = await kernels(of);
      print(summary);
      if (grep === undefined) await fillPart(DOCUMENT, 'hlsl cases', summary);
    }
  } finally {
    rmSync(script);
    rmSync(`${script}.map`);
    if (kept === undefined) rmSync(folder, { recursive: true });
  }
} catch (error) {
  if (!(error instanceof MissingError)) throw error;
  print(error.message);
  failed++;
}
process.exit(failed === 0 ? 0 : 1);
