#!/usr/bin/env node
// @ts-check
/** The tuner's command: tries the candidates of kernels/tuning_table.ts on this machine's GPU and prints what it would change. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { formatTable } from './align.js';
import { measureInPage } from './measure.js';
import { readTuneOptions, toQuery, TUNE_DEFAULTS } from './options.js';
import { buildSite } from './site.js';
import { changes, tuneTable } from './tune_table.js';

/** @typedef {import('./page/result').TuneResult} TuneResult */

const command = new Command('npm run tune --')
  .description(
    'Tries other values of the choices in kernels/tuning_table.ts on this GPU, and prints what it would change.',
  )
  .option('--choices <regex>', 'choices to try, by name (all)')
  .option('--kernels <regex>', 'kernel cases to try them on, matched against "Kernel name" (all that a choice affects)')
  .option('--repeats <n>', `timed samples for each value (${TUNE_DEFAULTS.repeats})`)
  .option('--time-cap <seconds>', `for one choice on one case, all values together (${TUNE_DEFAULTS.timeCap})`)
  .option('--out <file>', 'also write the figures there, as JSON')
  .allowExcessArguments(false)
  .showHelpAfterError('(--help shows the options)');

/** @param {Record<string, string | undefined>} given */
function optionsOf(given) {
  try {
    return readTuneOptions(given);
  } catch (error) {
    return command.error(`error: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {Record<string, string | undefined>} given */
async function main({ out, ...texts }) {
  const options = optionsOf(texts);
  const folder = mkdtempSync(join(tmpdir(), 'convgl-tune-'));
  try {
    await buildSite(folder);
    /** @type {TuneResult} */
    const result = await measureInPage(folder, `tune&${toQuery(options, TUNE_DEFAULTS)}`);
    console.log(`\n${result.renderer}\n\n${formatTable(tuneTable(result))}\n\n${changes(result).join('\n')}`);
    if (out === undefined) return;
    mkdirSync(dirname(resolve(out)), { recursive: true });
    writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

command.parse();
try {
  await main(command.opts());
} catch (error) {
  console.error(`tune: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
