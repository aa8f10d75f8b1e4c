/** The Keras example from its command line: option errors, and one small run end to end. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawSplit } from '../../examples/keras-fashion-mnist/drawn_clothing.js';
import { ProgressPrinter } from '../../examples/keras-fashion-mnist/terminal.js';
import { predictInNumpy, withoutH5py } from './h5py.js';
import { encodeIdx, FILES, plainIdx } from './idx_files.js';
import { eventsOf } from './tfevents.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const RUN_TIMEOUT_MS = 300000;

/** What a run leaves, in alphabetical order. */
const OUTPUTS = ['confusion-matrix.png', 'fashion_model.h5', 'first-layer.png', 'logs', 'model', 'predictions.png', 'report.json', 'training-curves.png']; // prettier-ignore

/**
 * @param {string} script
 * @param {readonly string[]} options
 * @param {{ environment?: Record<string, string>, stopAfter?: string }} [how] `stopAfter`: Ctrl-C once it has printed this
 * @returns {Promise<{ code: number | null, output: string, errors: string }>}
 */
function run(script, options, { environment = {}, stopAfter } = {}) {
  const path = join(root, 'examples/keras-fashion-mnist', script);
  const child = spawn(process.execPath, [path, ...options], { cwd: root, env: { ...process.env, ...environment } });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (stopAfter !== undefined && output.includes(stopAfter)) child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk) => (errors += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors })));
}

describe('Keras example: command line', () => {
  /** @type {readonly [options: string[], message: RegExp][]} */
  const wrong = [
    [['--epoch', '3'], /unknown option '--epoch'/],
    [['--epochs', '0'], /Found "0", expected a whole number from 1/],
    [['--epochs', 'many'], /Found "many"/],
    [['--batch-size', '2.5'], /Found "2.5"/],
    [['--lr', '-1'], /Found "-1", expected a number above 0/],
    [['--seed', ''], /Found ""/],
    [['--limit', '1e99'], /Found "1e99"/],
    [['--backend', 'webgpu'], /Allowed choices are convgl, webgl, cpu/],
    [['extra'], /too many arguments/],
    [['--data', 'no/such/folder'], /no such file/],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options.join(' '))}`, async () => {
      const { code, output, errors } = await run('run.js', options);
      expect(errors).toMatch(message);
      expect(code).toBe(1);
      expect(output).toBe('');
    }, 20000);
  }

  it('refuses a wrong port of the demo', async () => {
    const { code, errors } = await run('../gallery/demo.js', ['--port', '70000']);
    expect(code).toBe(1);
    expect(errors).toContain('Found "70000"');
  }, 20000);

  it('lists the options', async () => {
    const { code, output } = await run('run.js', ['--help']);
    expect(code).toBe(0);
    for (const option of ['data', 'epochs', 'batch-size', 'lr', 'seed', 'limit', 'backend', 'out']) {
      expect(output).toContain(`--${option} <`);
    }
  }, 20000);
});

describe('Keras example: progress', () => {
  /** @param {boolean} isTTY */
  function printed(isTTY) {
    let text = '';
    const printer = new ProgressPrinter({ isTTY, write: (/** @type {string} */ part) => Boolean((text += part)) });
    printer.line('first');
    for (const part of ['Epoch 1/2\n', '\r1/2 - ETA: 3s', '\r2/2 - 4s   \n', 'Epoch 2/2\n', '\r1/2'])
      printer.progress(part);
    printer.line('last');
    return text;
  }

  it('prints each line once where the output is no terminal', () => {
    expect(printed(false)).toBe('first\nEpoch 1/2\n2/2 - 4s\nEpoch 2/2\nlast\n');
  });

  it('rewrites the line of progress in a terminal', () => {
    const lines = printed(true).split('\n');
    expect(lines.map((line) => line.split('\r').at(-1)?.trimEnd())).toEqual(['first', 'Epoch 1/2', '2/2 - 4s', 'Epoch 2/2', '1/2', 'last', '']); // prettier-ignore
    expect(lines[2]).toContain('\r1/2 - ETA: 3s');
  });
});

describe('Keras example: a run', () => {
  /** @type {string} */
  let directory;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'convgl-run-'));
    const train = drawSplit(20, 1);
    const test = drawSplit(10, 2);
    await Promise.all([
      writeFile(join(directory, FILES.trainImages), encodeIdx({ shape: [20, 28, 28], values: train.images })),
      writeFile(join(directory, FILES.trainLabels), encodeIdx({ shape: [20], values: train.labels })),
      writeFile(join(directory, FILES.testImages), encodeIdx({ shape: [10, 28, 28], values: test.images })),
      writeFile(join(directory, FILES.testLabels), encodeIdx({ shape: [10], values: test.labels })),
    ]);
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('says that there is no such browser', async () => {
    const out = join(directory, 'no-browser');
    const { code, errors } = await run('run.js', ['--data', directory, '--out', out], {
      environment: { CHROME_BIN: '/no/such/browser' },
    });
    expect(code).toBe(1);
    expect(errors).toContain('/no/such/browser');
    expect(existsSync(out)).withContext('an empty folder').toBeFalse();
  }, 60000);

  it(
    'says that it was stopped, and leaves no empty folder',
    async () => {
      const out = join(directory, 'stopped/here');
      const options = ['--data', directory, '--out', out, '--epochs', '1000'];
      const { code, errors } = await run('run.js', options, { stopAfter: 'Epoch 1/1000' });
      expect(errors).toBe('npm start: stopped by Ctrl-C\n');
      expect(code).toBe(130);
      expect(existsSync(join(directory, 'stopped'))).toBeFalse();
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'trains, prints plain lines, and writes model, report and pictures',
    async () => {
      const out = join(directory, 'out');
      const { code, output, errors } = await run('run.js', [
        '--data',
        directory,
        ...['--epochs', '1', '--batch-size', '10', '--out', out],
      ]);
      expect(code).withContext(errors).toBe(0);
      expect(output).toContain('Total params: 1679082');
      const summary = output.slice(output.indexOf('Model: '), output.indexOf('[INFO] training'));
      expect(Math.max(...summary.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(summary).toMatch(/^batch_normalization_BatchNormalization1 +\(None, 28, 28, 32\) +128$/m);
      expect(output).toMatch(
        /Epoch 1\/1\n2\/2 \[={30}\] - \d+s [\d.]+m?s\/step - loss: [\d.]+ - accuracy: [\d.]+ - val_loss: [\d.]+ - val_accuracy: [\d.]+\n/,
      );
      expect(output).toMatch(/\[INFO\] evaluating network\.\.\.\n T-shirt\/top  precision /);
      expect(output).toContain('predictions of the loaded weights are equal to the bit');
      expect(output).toMatch(/Test accuracy: \d+\.\d\d %/);
      expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);

      const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));
      expect(report.backend).toBe('convgl');
      expect(report.renderer).toMatch(/\S/);
      expect(report.history.loss.length).toBe(1);
      expect(Object.keys(report.history).sort()).toEqual(['acc', 'loss', 'val_acc', 'val_loss']);
      expect(report.firstStepMs).toBeGreaterThan(report.medianMsPerStep);
      expect(report.firstPrediction.length).toBe(10);
      expect(report.medianMsPerStep).toBeGreaterThan(0);
      expect(report.imagesPerSecond).toBeGreaterThan(0);
      expect(report.peakGpuBytes).toBeGreaterThan(0);
      expect(report.programsCompiled).toBeGreaterThan(0);
      expect(report.options).toEqual({
        backend: 'convgl',
        seed: 1,
        epochs: 1,
        batchSize: 10,
        learningRate: 0.01,
        limit: 2000,
      });

      const model = JSON.parse(await readFile(join(out, 'model/model.json'), 'utf8'));
      expect(model.weightsManifest[0].paths).toEqual(['weights.bin']);
      expect((await readFile(join(out, 'model/weights.bin'))).length).toBe(1679082 * 4);
      const events = async (/** @type {string} */ run) => {
        const [name = '', ...others] = await readdir(join(out, 'logs', run));
        expect([name, others]).toEqual([jasmine.stringMatching(/^events\.out\.tfevents\./), []]);
        return eventsOf(await readFile(join(out, 'logs', run, name)));
      };
      const [train, validation] = [await events('train'), await events('validation')];
      expect(train.of('epoch_loss').map(({ scalar }) => scalar)).toEqual(report.history.loss);
      expect(validation.of('epoch_accuracy').map(({ scalar }) => scalar)).toEqual(report.history.val_acc);
      expect(train.tags.filter((tag) => tag.endsWith('/histogram')).length).toBe(32);
      expect((await readdir(out)).sort()).toEqual(OUTPUTS);
      for (const name of ['training-curves', 'confusion-matrix', 'predictions', 'first-layer']) {
        const picture = await readFile(join(out, `${name}.png`));
        expect(picture.subarray(1, 4).toString('latin1')).withContext(name).toBe('PNG');
        expect(picture.length).withContext(name).toBeGreaterThan(10000);
      }
    },
    RUN_TIMEOUT_MS,
  );

  it('has written weights with which numpy predicts what the page does, read by h5py', async () => {
    const weights = join(directory, 'out/fashion_model.h5');
    expect(existsSync(weights)).toBeTrue();
    if (withoutH5py) pending(withoutH5py);
    const { firstPrediction } = JSON.parse(await readFile(join(directory, 'out/report.json'), 'utf8'));
    const { images } = drawSplit(1, 2);
    const found = predictInNumpy(weights, plainIdx({ shape: [1, 28, 28], values: images }));
    expect(Math.max(...found)).toBeLessThan(0.9999); // else all that is compared is 0 and 1
    firstPrediction.forEach((/** @type {number} */ p, /** @type {number} */ i) => expect(found[i]).toBeCloseTo(p, 5));
  });
});
