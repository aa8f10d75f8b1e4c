/**
 * Runs all tests: lint, types, build, Node's specs, and the browser's specs on convgl; ends with one line `N passed, N failed`.
 *
 *     npm test                                        everything
 *     node test/run.js --only kernels                 one part (or several: --only unit,kernels)
 *     node test/run.js --only kernels --grep Conv2D   specs whose full name contains "Conv2D"; /a|b/ is an expression
 *     node test/run.js --only kernels --seed 7        the random inputs of an earlier run, which printed its seed
 *     npm test -- --eager --only kernels              with nothing deferred
 *     node test/run.js --build site                   the specs of pages as a site, for browsers elsewhere
 *     node test/run.js --help
 *
 * Parts: lint, build, types (the built d.ts as a user compiles it), node (test/node), unit, kernels, device, training, layers, gallery and
 * keras (test/<part>, one page), conformance (tfjs-core's own specs), fuzz and faults (some random cases
 * of a fixed seed; see npm run fuzz).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import Jasmine from 'jasmine';
import karma from 'karma';
import { karmaConfig, SPEC_TIMEOUT } from '../karma.conf.js';
import { bundle, specsOf } from './bundle.js';
import { fuzz } from './fuzz/driver.js';
import { Reporter } from './reporter.js';
import { buildTestSite, SUITES } from './site.js';

/** @typedef {{ passed: number, failed: number, skipped: number }} Outcome */
/** @typedef {{ only: string[], grep?: string, seed: number, eager: boolean, build?: string }} Options */

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['unit', 'kernels', 'device', 'training', 'layers', 'keras', 'gallery'];
const PARTS = ['lint', 'build', 'types', 'node', ...FOLDERS, 'conformance', 'fuzz', 'faults'];

/** Parts that test what is built. */
const OF_THE_BUILD = ['types', 'node'];

/** The part of fuzzing that every run of the tests takes along. */
const FUZZED = { seconds: 18, cases: 400, seed: 1 };
const WITH_FAULTS = { seconds: 18, cases: 60, seed: 1, faults: '' };

/**
 * A command that counts only when it fails.
 *
 * @param {string} line
 * @returns {Outcome}
 */
function command(line) {
  const { status } = spawnSync(line, { cwd: root, shell: true, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) print(`  FAILED ${line}`);
  return { passed: 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

/**
 * @param {Options} options
 * @returns {Promise<Outcome>}
 */
async function nodeSpecs({ grep }) {
  const jasmine = new Jasmine({ projectBaseDir: root });
  const outcome = { passed: 0, failed: 0, skipped: 0 };
  globalThis.jasmine.DEFAULT_TIMEOUT_INTERVAL = SPEC_TIMEOUT;
  jasmine.exitOnCompletion = false;
  jasmine.loadConfig({ spec_dir: 'test/node', spec_files: ['**/*.spec.js'], random: false });
  jasmine.clearReporters();
  jasmine.addReporter({
    specDone: (spec) => {
      if (spec.status === 'excluded') return;
      if (spec.status === 'passed') outcome.passed++;
      else if (spec.status === 'pending') outcome.skipped++;
      else {
        outcome.failed++;
        const messages = spec.failedExpectations.map((failure) => `    ${failure.message}\n${failure.stack}`);
        print(`  FAILED ${spec.fullName}\n${messages.join('\n')}`);
      }
    },
  });
  const wanted = matcher(grep);
  jasmine.env.configure({ specFilter: (spec) => wanted.test(spec.getFullName()) });
  const { overallStatus } = await jasmine.execute();
  // A file that does not load fails no spec.
  if (overallStatus === 'failed' && outcome.failed === 0) outcome.failed++;
  return outcome;
}

/**
 * What --grep means, as karma-jasmine reads it: an /expression/, or text.
 *
 * @param {string} [grep]
 */
function matcher(grep = '') {
  const [, expression] = /^\/(.*)\/$/.exec(grep) ?? [];
  return new RegExp(expression ?? grep.replace(/[-[\]{}()*+?.,\\^$|#\s]/g, '\\$&'));
}

/**
 * @param {string} title
 * @param {readonly string[]} folders
 * @param {Options} options
 * @returns {Promise<Outcome>}
 */
async function browserSpecs(title, folders, { grep, seed, eager }) {
  const files = folders.filter((folder) => existsSync(join(root, 'test', folder))).flatMap(specsOf);
  const script = await bundle(`${title}-${process.pid}`, files); // two runs at a time do not meet
  try {
    const reporter = new Reporter(title, script);
    const exitCode = await karmaRun(karmaConfig({ bundle: script, grep, seed, eager, reporter }));
    if (grep === undefined) reporter.checkSkipNames();
    // Karma counts the failures that the skip list expects; otherwise it knows of one that no spec reported.
    if (exitCode !== 0 && reporter.failed === 0 && reporter.expectedFailures === 0) {
      print(`  FAILED ${title}: no spec ran, or the browser did not finish`);
      reporter.failed++;
    }
    return reporter;
  } finally {
    rmSync(script);
    rmSync(`${script}.map`);
  }
}

/**
 * @param {object} config
 * @returns {Promise<number>} karma's exit code
 */
async function karmaRun(config) {
  const parsed = await karma.config.parseConfig(null, config, { promiseConfig: true, throwErrors: true });
  return new Promise((resolve) => {
    void new karma.Server(parsed, resolve).start();
  });
}

/**
 * @param {import('./fuzz/driver.js').Run} run
 * @returns {Promise<Outcome>} kinds of cases, and findings, of which there is at most one to a kind
 */
async function fuzzed(run) {
  const { kinds, findings } = await fuzz(run, (text) => print(`  FAILED ${text}`));
  return { passed: kinds - findings, failed: findings, skipped: 0 };
}

/** @param {string} text */
function heading(text) {
  print(`\n== ${text}`);
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {string} value */
function parts(value) {
  const names = value.split(',');
  const unknown = names.filter((name) => !PARTS.includes(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`No part is named ${unknown.join(', ')}; there are ${PARTS.join(', ')}.`);
  return names;
}

/** @param {string} value */
function seedNumber(value) {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(value);
}

/** Runs of continuous integration are all of the same inputs: new ones are the fuzzer's to try. */
function newSeed() {
  return process.env.CI ? 1 : Math.floor(Math.random() * 1e9);
}

/** @returns {Options} */
function options() {
  const program = new Command('node test/run.js')
    .description('Runs the tests; all of them unless told otherwise.')
    .option('--only <parts>', `comma-separated parts of ${PARTS.join(', ')}`, parts)
    .option('--grep <text>', 'only specs whose full name contains the text, or matches /an expression/')
    .option(
      '--seed <n>',
      'seed of the random inputs; without it, 1 where CI is set, else a new one each time',
      seedNumber,
    )
    .option('--eager', 'with backends that compute everything at once', false)
    .option('--build <folder>', 'run nothing: write the specs of pages there as a site, for browsers elsewhere');
  const { only = PARTS, grep, seed = newSeed(), eager, build } = program.parse().opts();
  return { only, grep, seed, eager, build };
}

/**
 * Runs one part; one that breaks before its specs run is a failure like another, and the next part still runs.
 *
 * @param {string} title
 * @param {() => Outcome | Promise<Outcome>} part
 * @returns {Promise<Outcome>}
 */
async function attempt(title, part) {
  heading(title);
  try {
    return await part();
  } catch (error) {
    print(`  FAILED ${title}: ${error instanceof Error ? error.stack : String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function main() {
  const chosen = options();
  if (chosen.build !== undefined) {
    await buildTestSite(
      chosen.build,
      SUITES.filter((suite) => chosen.only.includes(suite)),
    );
    print(
      `The page is ${join(chosen.build, 'index.html')}; its query says what runs, such as ?suite=kernels&grep=Conv2D.`,
    );
    return;
  }
  print(`seed ${chosen.seed}`);
  const inPage = FOLDERS.filter((folder) => chosen.only.includes(folder));
  /** @type {[part: string, title: string, run: () => Outcome | Promise<Outcome>][]} */
  const all = [
    ['lint', 'lint', () => command('npm run --silent lint')],
    ['build', 'build', () => command('npm run --silent build')],
    ['types', 'types', () => command('npx --no-install tsc -p test/types')],
    ['node', 'node', () => nodeSpecs(chosen)],
    [inPage[0] ?? '', inPage.join(', '), () => browserSpecs('specs', inPage, chosen)],
    ['conformance', 'conformance', () => browserSpecs('conformance', ['conformance'], chosen)],
    ['fuzz', 'fuzz', () => fuzzed(FUZZED)],
    ['faults', 'faults', () => fuzzed(WITH_FAULTS)],
  ];
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const [part, title, run] of all) {
    if (!chosen.only.includes(part)) continue;
    if (OF_THE_BUILD.includes(part) && !existsSync(join(root, 'dist/index.d.ts'))) {
      outcomes.push(await attempt(`build, for ${title}`, () => command('npm run --silent build')));
    }
    outcomes.push(await attempt(title, run));
  }
  const sum = (/** @type {keyof Outcome} */ key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum('skipped');
  print(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exit(sum('failed') > 0 ? 1 : 0);
}

await main();
