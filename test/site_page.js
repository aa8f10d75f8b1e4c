/**
 * The page of the tests' site: runs one script of specs, shows the counts, and tells the server that it came from:
 * progress to `/log`, and at the end JSON to `/result`.
 *
 * Query: `suite` names the script, `grep` a part of the specs' full names or an /expression/, `seed` the random inputs,
 * `eager` computes everything at once, `seconds` is when to stop with what has run until then. `parts` posts the outcome
 * until then, to `/part`, before each spec; `from` leaves out the specs before that number, and `renderer` is an
 * expression that the renderer's name must match.
 */

/** @typedef {{ name: string, messages: string[] }} Failure */

/**
 * What a page has found.
 *
 * @typedef {object} Outcome
 * @property {string} suite
 * @property {string} renderer
 * @property {string} userAgent
 * @property {number} defined
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {{ number: number, name: string }} running
 * @property {string} ended why the page stopped; empty until then
 * @property {number} seconds
 * @property {Failure[]} failures
 * @property {string[]} notes
 * @property {{ name: string, seconds: number }[]} slowest
 */

const query = new URLSearchParams(location.search);
const suite = query.get('suite') ?? 'kernels';
const PROGRESS_INTERVAL = 10_000;
const SPEC_TIMEOUT = 120_000;
const MESSAGE_LENGTH = 400;
const SLOWEST = 10;

const output = document.body.appendChild(document.createElement('pre'));
/** @type {Record<string, string>} */
let skips = {};
const started = performance.now();
/** @type {Outcome} */
const outcome = {
  suite,
  renderer: '',
  userAgent: navigator.userAgent,
  defined: 0,
  passed: 0,
  failed: 0,
  skipped: 0,
  running: { number: 0, name: '' },
  ended: '',
  seconds: 0,
  failures: [],
  notes: [],
  slowest: [],
};

/**
 * A plain file server knows none of these addresses.
 *
 * @param {string} path
 * @param {string} body
 */
function post(path, body) {
  fetch(path, { method: 'POST', body }).catch(() => undefined);
}

/** @param {string} line */
function log(line) {
  output.textContent += `${line}\n`;
  post('/log', line);
}

/** @param {string} reason */
function finish(reason) {
  if (outcome.ended) return;
  outcome.ended = reason;
  outcome.seconds = (performance.now() - started) / 1000;
  const { passed, failed, skipped } = outcome;
  log(`${suite}: ${passed} passed, ${failed} failed, ${skipped} skipped; ${reason}`);
  post('/result', JSON.stringify(outcome));
}

/** @param {string} name @param {string[]} messages */
function fail(name, messages) {
  outcome.failed++;
  outcome.failures.push({ name, messages: messages.map((message) => message.slice(0, MESSAGE_LENGTH)) });
  log(`FAILED ${name}\n    ${messages.join('\n    ')}`);
}

// What karma's page gives the specs; see test/page.ts.
Object.assign(globalThis, {
  __karma__: {
    config: { seed: Number(query.get('seed') ?? 1), eager: query.has('eager') },
    info: (/** @type {{ event: string, text?: string, skips?: Record<string, string> }} */ message) => {
      if (message.event === 'note') outcome.notes.push(message.text ?? '');
      if (message.event === 'skips') skips = message.skips ?? {};
    },
  },
});

/** @param {{ id: string }} spec */
const numberOf = ({ id }) => Number(id.replace(/\D/g, ''));

/** @param {jasmine.SpecResult} result */
function count({ fullName, status, failedExpectations, duration }) {
  if (status === 'excluded') return;
  const { slowest } = outcome;
  slowest.push({ name: fullName, seconds: (duration ?? 0) / 1000 });
  slowest.sort((a, b) => b.seconds - a.seconds).splice(SLOWEST);
  const expected = skips[fullName];
  if (status === 'pending' || (status === 'failed' && expected)) outcome.skipped++;
  else if (status === 'passed' && !expected) outcome.passed++;
  else if (expected) fail(fullName, [`Passes, though the skip list says: ${expected}`]);
  else fail(fullName, messagesOf(failedExpectations));
}

/** @param {readonly { message: string }[] | undefined} failures */
const messagesOf = (failures) => (failures ?? []).map(({ message }) => message);

/** What jasmine tells while it runs. */
const reporter = {
  /** @param {{ totalSpecsDefined: number }} info */
  jasmineStarted: ({ totalSpecsDefined }) => {
    outcome.defined = totalSpecsDefined;
  },
  specStarted: (/** @type {jasmine.SpecResult} */ spec) => {
    if (!chosen(spec)) return;
    outcome.running = { number: numberOf(spec), name: spec.fullName };
    if (query.has('parts')) post('/part', JSON.stringify(outcome));
  },
  specDone: count,
  suiteDone: (/** @type {jasmine.SuiteResult} */ { fullName, failedExpectations }) => {
    if (failedExpectations?.length) fail(fullName, messagesOf(failedExpectations));
  },
  jasmineDone: (/** @type {jasmine.JasmineDoneInfo} */ { failedExpectations }) => {
    if (failedExpectations?.length) fail('after the last spec', messagesOf(failedExpectations));
    finish('all have run');
  },
};

const from = Number(query.get('from') ?? 0);
const grep = query.get('grep') ?? '';
const wanted = new RegExp(/^\/(.*)\/$/.exec(grep)?.[1] ?? grep.replace(/[-[\]{}()*+?.,\\^$|#\s]/g, '\\$&'));

/** @param {{ id: string, fullName: string }} spec */
const chosen = (spec) => numberOf(spec) >= from && wanted.test(spec.fullName);

/** @param {string} source @returns {Promise<void>} */
function load(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${source} did not load`));
    document.head.append(script);
  });
}

function rendererName() {
  const gl = document.createElement('canvas').getContext('webgl2');
  const names = gl?.getExtension('WEBGL_debug_renderer_info');
  const name = gl && String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return name ?? 'no WebGL2';
}

async function main() {
  outcome.renderer = rendererName();
  log(`renderer: ${outcome.renderer}`);
  const expected = new RegExp(query.get('renderer') ?? '^(?!no WebGL2)');
  if (!expected.test(outcome.renderer)) throw new Error(`found the renderer ${outcome.renderer}, expected ${expected}`);
  await load('jasmine.js');
  const { jasmineRequire } = /** @type {any} */ (globalThis);
  const core = jasmineRequire.core(jasmineRequire);
  const env = core.getEnv();
  Object.assign(globalThis, { jasmine: core }, jasmineRequire.interface(core, env));
  env.configure({
    random: false,
    specFilter: (/** @type {jasmine.Spec} */ spec) => chosen({ id: spec.id, fullName: spec.getFullName() }),
  });
  core.DEFAULT_TIMEOUT_INTERVAL = SPEC_TIMEOUT;
  env.addReporter(reporter);
  await load(`${suite}.js`);
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    const { passed, failed, skipped, defined, running } = outcome;
    log(`${suite}: ${passed + failed + skipped} of ${defined}, ${failed} failed, ${seconds} s; ${running.name}`);
  }, PROGRESS_INTERVAL);
  const limit = Number(query.get('seconds') ?? 0);
  if (limit > 0) setTimeout(() => finish(`stopped after ${limit} s`), limit * 1000);
  await env.execute();
  clearInterval(progress);
}

main().catch((/** @type {unknown} */ error) => finish(`failed: ${String(error)}`));

// A module, whose types test/drivers.js imports.
export {};
