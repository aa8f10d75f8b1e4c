/** The benchmark and the tuner from their command lines: option errors, and some of what they do at its smallest. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const RUN_TIMEOUT_MS = 300000;

/**
 * @param {'run.js' | 'tune.js'} script
 * @param {readonly string[]} options
 * @returns {Promise<{ code: number | null, output: string, errors: string }>}
 */
function run(script, options) {
  const child = spawn(process.execPath, [join(root, 'benchmarks', script), ...options], { cwd: root });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors })));
}

describe('Benchmark: command line', () => {
  /** @type {readonly [options: string[], message: RegExp][]} */
  const wrong = [
    [['--only', 'speed'], /--only: expected one of ceilings, .*endurance, found 'speed'/],
    [['--steps', '3'], /--steps: expected a whole number from 20 up, found '3'/],
    [['--batch-size', '0'], /--batch-size: expected a whole number from 1 up, found '0'/],
    [['--step', '30'], /unknown option '--step'/],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options.join(' '))}`, async () => {
      const { code, errors } = await run('run.js', options);
      expect(errors).toMatch(message);
      expect(code).toBe(1);
    }, 20000);
  }
});

describe('Benchmark: a small run', () => {
  /** @type {string} */
  let folder;
  /** @type {import('../../benchmarks/page/result').BenchResult} */
  let result;
  /** @type {string} */
  let output;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'convgl-bench-test-'));
    const small = ['--repeats', '1', '--steps', '40', '--models', 'tutorial:predict', '--batch-size', '1,2'];
    const some = ['--only', 'growth,endurance', '--backends', 'convgl', '--quick', '--out', folder];
    const ended = await run('run.js', [...some, ...small]);
    if (ended.code !== 0) throw new Error(ended.errors);
    output = ended.output;
    result = JSON.parse(await readFile(join(folder, 'bench.json'), 'utf8'));
  }, RUN_TIMEOUT_MS);

  afterAll(() => rm(folder, { recursive: true }));

  it('follows the network over batches and sides', () => {
    const { growth = [] } = result;
    expect(growth.map(({ axis, batchSize, imageSize }) => [axis, batchSize, imageSize])).toEqual([
      ['batch', 1, 28],
      ['batch', 2, 28],
      ['side', 4, 28],
      ['side', 4, 56],
      ['side', 4, 112],
    ]);
    for (const { sides } of growth) {
      const { medianMs = 0, peakGpuBytes = 0, draws = 0 } = sides['convgl'] ?? {};
      expect(Math.min(medianMs, peakGpuBytes, draws)).toBeGreaterThan(0);
    }
    expect(growth[1]?.sides['convgl']?.programsAdded).toBeGreaterThanOrEqual(0);
    expect(output).toContain('tutorial predict 4x56x56');
  });

  it('trains on without growing', () => {
    const samples = result.endurance?.samples ?? [];
    const [first] = samples;
    const last = samples[samples.length - 1];
    expect(first?.step).toBe(10);
    expect(last?.step).toBe(40);
    expect(last?.tensors).toBe(first?.tensors ?? 0);
    expect(last?.textureBytes).toBe(first?.textureBytes ?? 0);
    expect(last?.programs).toBe(first?.programs ?? 0);
    expect(output).toContain('frames of the page while it trains');
  });

  it('draws pictures of the growth', async () => {
    expect(await readdir(folder)).toEqual(jasmine.arrayContaining(['growth-batch.png', 'growth-side.png']));
  });
});

describe('Tuner', () => {
  it('refuses what is no expression', async () => {
    const { code, errors } = await run('tune.js', ['--choices', '(']);
    expect(errors).toMatch(/--choices: '\(' is not a regular expression/);
    expect(code).toBe(1);
  }, 20000);

  it('says where no choice is named so', async () => {
    const { code, errors } = await run('tune.js', ['--choices', 'colour']);
    expect(errors).toContain("No choice and case fit --choices 'colour'");
    expect(code).toBe(1);
  }, 60000);

  it(
    'tries the candidates of a choice',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'convgl-tune-test-'));
      try {
        const file = join(folder, 'tune.json');
        const small = ['--kernels', 'x(100|200)$', '--repeats', '2', '--time-cap', '1'];
        const { code, output, errors } = await run('tune.js', ['--choices', '^softmaxSlice$', ...small, '--out', file]);
        expect(errors).toBe('');
        expect(code).toBe(0);
        expect(output).toContain('softmaxSlice');
        expect(output).toMatch(/In kernels\/tuning_table.ts, for this device:|Nothing to change/);
        /** @type {import('../../benchmarks/page/result').TuneResult} */
        const { rows } = JSON.parse(await readFile(file, 'utf8'));
        const [row] = rows;
        expect(rows.length).toBe(1);
        expect(row?.cases).toEqual(['Softmax 16x100', 'Softmax 64x200']);
        expect(row?.values.map(({ value }) => value)).toEqual([32, 64, 256, 512]);
        expect(row?.failures).toEqual([]);
        for (const { byCase } of row?.values ?? []) expect(Math.min(...byCase)).toBeGreaterThan(0);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    RUN_TIMEOUT_MS,
  );
});
