/**
 * Compares random calls of kernels and random chains of ops with tfjs-backend-cpu; prints what differs as small as it gets.
 *
 *     npm run fuzz                                        a minute, from a new seed
 *     npm run fuzz -- --seconds 600 --seed 7              ten minutes of the cases of a seed
 *     npm run fuzz -- --kernels '^(Conv2D|chain)$'        kernels by an expression; chains are called chain
 *     npm run fuzz -- --faults                            with faults of the driver in the midst of them
 *     npm run fuzz -- --faults context --kernels chain    faults by an expression: context, memory, shader, framebuffer, stall
 *     npm run fuzz -- --case '{"kernel": ...}'            the case that a finding printed
 */
import { Command, InvalidArgumentError } from 'commander';
import { fuzz, replay } from './driver.js';

/** @param {string} value */
function whole(value) {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(value);
}

/** @param {string} value */
function expression(value) {
  try {
    return new RegExp(value).source;
  } catch (error) {
    throw new InvalidArgumentError(String(error));
  }
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}

const {
  seconds,
  seed,
  kernels,
  faults,
  case: line,
} = new Command('npm run fuzz --')
  .description('Compares random calls of kernels, and random chains of ops, with tfjs-backend-cpu.')
  .option('--seconds <n>', 'how long', whole, 60)
  .option('--seed <n>', 'what all cases follow from; without it, a new one', whole, Math.floor(Math.random() * 1e9))
  .option('--kernels <expression>', 'only kernels whose names fit; chains are called chain', expression)
  .option('--faults [expression]', 'what fails meanwhile: context, memory, shader, framebuffer, stall', expression)
  .option('--case <json>', 'one case, as a finding prints it')
  .parse()
  .opts();

if (line !== undefined) {
  const problem = await replay(line);
  print(problem ?? 'nothing is wrong');
  process.exitCode = problem === undefined ? 0 : 1;
} else {
  print(`seed ${seed}`);
  const { cases, kinds, findings } = await fuzz(
    { seconds, seed, kernels, faults: faults === true ? '' : faults },
    (text) => print(`\n  ${text}`),
  );
  print(`${cases} cases of ${kinds} kinds, ${findings} findings`);
  process.exitCode = findings > 0 ? 1 : 0;
}
