// @ts-check
/** The command lines of `npm start` and `npm run demo`: options, defaults, and errors for values that make no sense. */
import { Command, InvalidArgumentError, Option } from 'commander';

const BACKENDS = ['convgl', 'webgl', 'cpu'];

/**
 * @typedef {object} RunArguments
 * @property {string} [data]
 * @property {number} epochs
 * @property {number} batchSize
 * @property {number} lr
 * @property {number} seed
 * @property {number} limit
 * @property {'convgl' | 'webgl' | 'cpu'} backend
 * @property {string} [out]
 */

/** @returns {Command} the command line of `npm start` */
export function runCommand() {
  return strict('npm start --', 'Train the Keras Fashion-MNIST network in a headless browser.')
    .addOption(dataOption())
    .option('--epochs <n>', 'passes over the training images', integerFrom(1), 12)
    .option('--batch-size <n>', 'images per step', integerFrom(1), 32)
    .option('--lr <x>', 'initial learning rate; it decays by lr / epochs as in Keras 2', positive, 0.01)
    .option('--seed <n>', 'of weights, order of batches, dropout and drawn images', integerFrom(0), 1)
    .option('--limit <n>', 'training images to use at most, and a quarter as many test images', integerFrom(1), 2000)
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS).default('convgl'))
    .option('--out <dir>', 'folder for model, report and pictures (default: runs/<date and time>)');
}

/** @returns {Command} the command line of `npm run demo` */
export function demoCommand() {
  return strict('npm run demo --', 'Serve the same training as a live page for your own browser and GPU.')
    .addOption(dataOption())
    .option('--port <n>', 'port on 127.0.0.1', integerFrom(0, 65535), 8080)
    .option('--seed <n>', 'of the drawn images, where the real ones cannot be had', integerFrom(0), 1)
    .option(
      '--limit <n>',
      'training images to serve at most, and a quarter as many test images',
      integerFrom(1),
      10000,
    );
}

/**
 * @param {string} name as people type it
 * @param {string} description
 */
function strict(name, description) {
  return new Command(name)
    .description(description)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help lists the options)');
}

function dataOption() {
  return new Option('--data <dir>', 'folder with the four gzip IDX files of Fashion-MNIST').env('FASHION_MNIST_DIR');
}

/**
 * @param {number} least
 * @param {number} [most]
 * @returns {(text: string) => number}
 */
function integerFrom(least, most = 2 ** 31 - 1) {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Found "${text}", expected a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/**
 * @param {string} text
 * @returns {number}
 */
function positive(text) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError(`Found "${text}", expected a number above 0.`);
  }
  return value;
}
