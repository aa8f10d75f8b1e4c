// @ts-check
/** The benchmark's options: names, defaults and checks, shared by the command line and the page's URL query. */

/** @typedef {'kernels' | 'models' | 'ceilings' | 'dispatch' | 'growth' | 'endurance'} Section */
/** @typedef {'train' | 'predict'} Mode */
/**
 * @typedef {object} BenchOptions
 * @property {string[]} backends in the order of the columns; the first one is compared with the others
 * @property {string[]} models `name` or `name:train` or `name:predict`
 * @property {string} kernels a regular expression over `Kernel name`; empty for all
 * @property {number[]} batchSize empty for each model's own default, and for the growth section's own list
 * @property {number} imageSize side of the input image in pixels for models that allow it; 0 for the model's own
 * @property {number} repeats timed samples for each backend of a case, at most
 * @property {number} timeCap seconds for one case, all backends together
 * @property {number} steps training steps of the endurance section
 * @property {boolean} quick small cases only, few repeats
 * @property {Section[]} only sections to run; empty for all
 */

/**
 * @typedef {object} TuneOptions
 * @property {string} choices a regular expression over the choices' names; empty for all
 * @property {string} kernels a regular expression over `Kernel name`; empty for all
 * @property {number} repeats timed samples for each value of a choice, at most
 * @property {number} timeCap seconds for one choice on one case, all values together
 */

export const BACKENDS = ['convgl', 'webgl', 'wasm', 'cpu'];
export const MODELS = ['tutorial', 'lenet5', 'cifar10', 'vgg16', 'resnet50', 'mobilenet'];
export const SECTIONS = /** @type {Section[]} */ (['ceilings', 'dispatch', 'kernels', 'models', 'growth', 'endurance']);
const MODES = ['train', 'predict'];

/** @type {Readonly<BenchOptions>} */
export const DEFAULTS = {
  backends: BACKENDS,
  models: MODELS,
  kernels: '',
  batchSize: [],
  imageSize: 0,
  repeats: 10,
  timeCap: 60,
  steps: 1000,
  quick: false,
  only: [],
};

/** @type {Readonly<TuneOptions>} */
export const TUNE_DEFAULTS = { choices: '', kernels: '', repeats: 9, timeCap: 20 };

/** What `--quick` puts in the place of the defaults that were not set. */
const QUICK = { repeats: 3, timeCap: 10, steps: 100, models: ['tutorial', 'lenet5', 'cifar10'] };

/** @param {string} name @param {string} text @param {readonly string[]} known @returns {string[]} */
function listOf(name, text, known) {
  const items = text.split(',').filter((item) => item !== '');
  if (items.length === 0)
    throw new Error(`${name} expects a comma-separated list of ${known.join(', ')}, found nothing.`);
  for (const item of items) {
    if (!known.includes(item)) throw new Error(`${name}: expected one of ${known.join(', ')}, found '${item}'.`);
  }
  return [...new Set(items)];
}

/** @param {string} name @param {string} text @param {{least: number, whole: boolean}} rule @returns {number} */
function numberOf(name, text, { least, whole }) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least || (whole && !Number.isInteger(value))) {
    throw new Error(`${name}: expected a ${whole ? 'whole ' : ''}number from ${least} up, found '${text}'.`);
  }
  return value;
}

/** @param {string} name @param {string} text @returns {string} */
function patternOf(name, text) {
  try {
    new RegExp(text);
    return text;
  } catch (error) {
    throw new Error(`${name}: '${text}' is not a regular expression (${/** @type {Error} */ (error).message}).`);
  }
}

/** How each option is read from text. @type {Record<string, (text: string) => unknown>} */
const READERS = {
  backends: (text) => listOf('--backends', text, BACKENDS),
  models: (text) =>
    listOf(
      '--models',
      text,
      MODELS.flatMap((model) => [model, ...MODES.map((mode) => `${model}:${mode}`)]),
    ),
  kernels: (text) => patternOf('--kernels', text),
  batchSize: (text) => text.split(',').map((item) => numberOf('--batch-size', item, { least: 1, whole: true })),
  imageSize: (text) => numberOf('--image-size', text, { least: 16, whole: true }),
  repeats: (text) => numberOf('--repeats', text, { least: 1, whole: true }),
  timeCap: (text) => numberOf('--time-cap', text, { least: 0.1, whole: false }),
  steps: (text) => numberOf('--steps', text, { least: 20, whole: true }),
  quick: (text) => text !== 'false' && text !== '0',
  only: (text) => listOf('--only', text, SECTIONS),
};

/** How the tuner's are. @type {Record<string, (text: string) => unknown>} */
const TUNE_READERS = {
  choices: (text) => patternOf('--choices', text),
  kernels: (text) => patternOf('--kernels', text),
  repeats: (text) => numberOf('--repeats', text, { least: 1, whole: true }),
  timeCap: (text) => numberOf('--time-cap', text, { least: 0.1, whole: false }),
};

/**
 * @param {Record<string, string | undefined>} texts
 * @param {Record<string, (text: string) => unknown>} readers
 */
function readTexts(texts, readers) {
  /** @type {Record<string, unknown>} */
  const given = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined) continue;
    const read = readers[name];
    if (!read) throw new Error(`Unknown option '${name}'; known are ${Object.keys(readers).join(', ')}.`);
    given[name] = read(text);
  }
  return given;
}

/**
 * Reads options from texts by name; throws an error that names the option, what it expects and what it found.
 *
 * @param {Record<string, string | undefined>} texts
 * @returns {BenchOptions}
 */
export function readOptions(texts) {
  const given = readTexts(texts, READERS);
  return /** @type {BenchOptions} */ ({ ...DEFAULTS, ...(given['quick'] ? QUICK : {}), ...given });
}

/** Reads the tuner's options likewise. @param {Record<string, string | undefined>} texts @returns {TuneOptions} */
export function readTuneOptions(texts) {
  return /** @type {TuneOptions} */ ({ ...TUNE_DEFAULTS, ...readTexts(texts, TUNE_READERS) });
}

/** Options as a URL query, without those at their defaults. @param {object} options @param {object} [defaults] */
export function toQuery(options, defaults = DEFAULTS) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) {
    const initial = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (defaults))[name];
    if (String(value) !== String(initial)) query.set(name, String(value));
  }
  return query.toString();
}

/** Reads options from a URL query. @param {string} search */
export function fromQuery(search) {
  return readOptions(Object.fromEntries(new URLSearchParams(search)));
}

/** Reads the tuner's options from a URL query. @param {string} search */
export function fromTuneQuery(search) {
  return readTuneOptions(Object.fromEntries(new URLSearchParams(search)));
}

/** Whether a section is to be run. @param {BenchOptions} options @param {Section} section */
export function wants(options, section) {
  return options.only.length === 0 || options.only.includes(section);
}
