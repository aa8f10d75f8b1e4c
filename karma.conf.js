/** Karma's configuration: one bundle of specs in one headless browser. test/run.js builds the bundle and starts it. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { browserFlags, browserPath } from './examples/host/browser.js';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('.', import.meta.url));

/** Milliseconds that one spec may take: the CPU renderer on a busy machine is slow. */
export const SPEC_TIMEOUT = 120_000;

/** Milliseconds without a word from the page after which it counts as hung; a spec says nothing while it runs. */
const SILENCE = 600_000;

/**
 * @param {object} run
 * @param {string} run.bundle path of the script with the specs
 * @param {string} [run.grep] run only the specs whose full name contains this, or matches this /expression/
 * @param {number} [run.seed] the seed of the random inputs
 * @param {boolean} run.eager whether backends compute everything at once
 * @param {object} run.reporter told of every spec
 * @returns {object}
 */
export function karmaConfig({ bundle, grep, seed, eager, reporter }) {
  process.env.CHROME_BIN = browserPath();
  return {
    basePath: root,
    frameworks: ['jasmine'],
    plugins: [require('karma-jasmine'), require('karma-chrome-launcher'), { 'reporter:convgl': ['value', reporter] }],
    files: [bundle, { pattern: `${bundle}.map`, included: false }],
    reporters: ['convgl'],
    browsers: ['Headless'],
    customLaunchers: { Headless: { base: 'Chrome', flags: browserFlags() } },
    client: {
      args: grep === undefined ? [] : ['--grep', grep],
      clearContext: false,
      jasmine: { random: false, timeoutInterval: SPEC_TIMEOUT },
      ...{ seed, eager },
    },
    singleRun: true,
    autoWatch: false,
    logLevel: 'WARN',
    browserNoActivityTimeout: SILENCE,
    // A spec that holds the page's thread answers no ping.
    pingTimeout: SILENCE,
    browserDisconnectTimeout: 30_000,
    captureTimeout: 120_000,
  };
}
