/** Tracing: what ran, why it was not fused, and nothing left on afterwards. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { trace, type Trace, type TracedStep } from '../../src/index';
import { TRACE_REASONS } from '../../src/plan/trace';
import page from '../../docs/debugging.md';
import { counts, onGpu, startBackend, stopBackend, useBackend } from './backends';

/** Its kernels, and why its results were written. */
const summary = ({ kernels, outputs }: TracedStep): string =>
  `${kernels.join(' ')}: ${outputs.map(({ why }) => why ?? '-').join(' ')}`;

const draws = ({ steps }: Trace<unknown>): readonly TracedStep[] => steps.filter(({ kind }) => kind === 'draw');

/** The last pass of the kernel; its others prepare data. */
const passOf = (traced: Trace<unknown>, kernel: string): TracedStep =>
  draws(traced)
    .filter(({ kernels }) => kernels[0] === kernel)
    .at(-1)!;

describe('trace', () => {
  const backend = useBackend({ deferred: true });
  let before: object;
  let x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D;

  beforeEach(() => {
    x = tf.randomUniform([2, 8, 8, 4], -1, 1);
    filter = tf.randomUniform([3, 3, 4, 8], -1, 1);
    bias = tf.randomUniform([8], -1, 1);
    for (const tensor of [x, filter, bias]) tf.tidy(() => tf.square(tensor).dataSync()); // In a texture.
    before = counts(backend());
  });
  afterEach(() => {
    expect(backend().device.tracer).withContext('left on').toBeUndefined();
    expect(counts(backend())).toEqual(before as ReturnType<typeof counts>);
    tf.dispose([x, filter, bias]);
  });

  /** Traces work whose tensors are disposed. */
  const tracedTidy = (work: () => void): Promise<Trace<void>> =>
    trace(() => {
      tf.tidy(work);
    });

  it('tells kernels that share a pass, the algorithm, shapes, and who needed the result', async () => {
    const traced = await tracedTidy(() => {
      const y = tf.tidy(() => tf.relu(tf.add(tf.conv2d(x, filter, 1, 'same'), bias)));
      tf.maxPool(y as tf.Tensor4D, 2, 2, 'valid');
    });
    const conv = passOf(traced, 'Conv2D');
    expect(conv.kernels).toEqual(['Conv2D', 'Add', 'Relu']);
    expect(conv.algorithms).toEqual(['direct']);
    expect(conv.outputs[0]).toEqual({ shape: [2, 8, 8, 8], dtype: 'float32', why: 'kernel' });
    expect(conv.fetches).toBeGreaterThan(0);
    const pool = passOf(traced, 'MaxPool');
    expect(pool.inputs.map(({ shape }) => shape)).toEqual([[2, 8, 8, 8]]);
    expect(pool.outputs).toEqual([{ shape: [2, 4, 4, 8], dtype: 'float32' }]);
    expect(pool.algorithms).toEqual([]);
  });

  it('names the algorithms of each convolution', async () => {
    const pointwise = tf.ones<tf.Rank.R4>([1, 1, 4, 8]);
    const monochrome = tf.ones<tf.Rank.R4>([1, 12, 12, 1]);
    const own = tf.ones<tf.Rank.R4>([3, 3, 1, 8]);
    const dy = tf.ones<tf.Rank.R4>([2, 8, 8, 8]);
    const traced = await tracedTidy(() => {
      tf.conv2d(x, pointwise, 1, 'same').dataSync();
      tf.conv2d(monochrome, own, 1, 'same').dataSync();
      tf.grad((f) => tf.conv2d(x, f as tf.Tensor4D, 1, 'same'))(filter, dy).dataSync();
    });
    const found = new Set(draws(traced).map(({ kernels, algorithms }) => [kernels[0], ...algorithms].join(': ')));
    expect([...found]).toEqual(
      jasmine.arrayContaining([
        'Conv2D: matrix product: rows of the result',
        'Conv2D: single channel',
        'Conv2DBackpropFilter: outer products',
      ]),
    );
    tf.dispose([pointwise, monochrome, own, dy]);
  });

  it('gives the reason for each result', async () => {
    const held = await tracedTidy(() => {
      const y = tf.conv2d(x, filter, 1, 'same');
      tf.relu(y).dataSync();
    });
    expect(draws(held).map(summary)).toContain('Conv2D: held');
    expect(draws(held).at(-1)!.outputs[0]!.why).toBe('read');

    const mean = await tracedTidy(() => void tf.sub(x, tf.mean(x, [0, 1, 2])).dataSync());
    expect(draws(mean).map(summary)).toContain('Mean: reduction');

    const owned = tf.tidy(() => tf.variable(tf.mul(bias, 2)));
    const read = await tracedTidy(() => {
      owned.assign(tf.add(owned, 1));
      tf.mul(owned, 3).dataSync();
    });
    expect(draws(read).map(summary)).toContain('Add: variable');
    owned.dispose();

    const shared = await tracedTidy(() => {
      const y = tf.exp(bias);
      tf.sin(y).dataSync();
      tf.cos(y).dataSync();
    });
    expect(draws(shared)[0]!.outputs.map(({ why }) => why)).toEqual(['read', 'shared']);
    expect(draws(await trace(() => tf.square(bias).dispose()))).toEqual([]);
  });

  it('computes what is pending in the end, and not before it began', async () => {
    const early = tf.square(bias);
    const traced = await trace(() => tf.exp(bias));
    expect(draws(traced).map(summary)).toEqual(['Exp: end']);
    tf.dispose([early, traced.value]);
  });

  it('records transfers', async () => {
    const traced = await tracedTidy(() => {
      tf.neg(tf.tensor1d(Float32Array.from({ length: 300 }, Math.random))).dataSync();
      onGpu(new Float32Array(64), 'float32');
    });
    const kinds = traced.steps.map(({ kind, kernels }) => `${kind} ${kernels.join()}`);
    expect(kinds.slice(0, 3)).toEqual(['upload ', 'draw Neg', 'read ']);
    expect(traced.steps[2]!.inputs[0]!.shape).toEqual([300]);
  });

  it('gives the shader on request', async () => {
    const traced = await tracedTidy(() => void tf.exp(x).dataSync());
    expect(draws(traced)[0]!.shader()).toMatch(/^#version 300 es[^]*exp32/);
  });

  it('says which programs are new', async () => {
    const work = (): void => void tf.tidy(() => tf.atanh(tf.mul(x, 0.25)).dataSync());
    const [first, second] = [await trace(work), await trace(work)];
    expect(draws(first).map(({ compiled }) => compiled)).toEqual([true]);
    expect(draws(second).map(({ compiled }) => compiled)).toEqual([false]);
  });

  it('gives what an asynchronous function resolves to, and records to its end', async () => {
    const traced = await trace(async () => {
      const y = tf.exp(bias);
      const values = await y.data();
      y.dispose();
      const z = tf.square(bias);
      await z.data();
      z.dispose();
      return values.length;
    });
    expect(traced.value).toBe(8);
    expect(draws(traced).map(summary)).toEqual(['Exp: read', 'Square: read']);
  });

  it('writes a table of at most 100 columns, with the reasons that occur in it', async () => {
    const table = String(
      await tracedTidy(() => {
        tf.conv2d(tf.relu(tf.mul<tf.Tensor4D>(tf.add(x, 1), tf.sub(x, 2))), filter, 1, 'same').dataSync();
      }),
    );
    expect(Math.max(...table.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(table).toMatch(/^# +kernels +pass +in +out +texels why/);
    expect(table).toContain('Conv2D');
    expect(table).toContain(`read: ${TRACE_REASONS.read}`);
    expect(table).not.toContain(TRACE_REASONS.memory);
  });

  for (const [kind, fail] of [
    ['thrown', () => tf.matMul(x, x)],
    ['rejected', () => Promise.reject(new Error('of the application'))],
  ] as const)
    it(`ends with an error that is ${kind}, and gives its timer queries back`, async () => {
      const gl = backend().device.context;
      const [made, deleted] = [spyOn(gl, 'createQuery').and.callThrough(), spyOn(gl, 'deleteQuery').and.callThrough()];
      const failing = trace(() => {
        tf.tidy(() => tf.exp(x).dataSync());
        return fail() as Promise<void>;
      });
      await expectAsync(failing).toBeRejectedWithError(/of the application|inner shapes/);
      expect(made.calls.count()).toBe(backend().timerAvailable() ? 1 : 0);
      expect(deleted.calls.count()).toBe(made.calls.count());
      expect(backend().device.tracer).toBeUndefined();
      const next = await tracedTidy(() => void tf.exp(x).dataSync());
      expect(draws(next).length).toBe(1);
    });

  it('runs one at a time', async () => {
    const first = trace(() => new Promise((resolve) => setTimeout(resolve, 20)));
    await expectAsync(trace(() => 1)).toBeRejectedWithError(/^trace: found another trace that has not ended/);
    await first;
  });

  it('needs convgl', async () => {
    const { backendName } = tf.engine();
    await tf.setBackend('cpu');
    await expectAsync(trace(() => 1)).toBeRejectedWithError(
      'trace: found the backend cpu, expected convgl; call tf.setBackend before.',
    );
    await tf.setBackend(backendName);
  });

  it('has its reasons in docs/debugging.md, and the page no others', () => {
    const [, reasons] = page.split('The reasons under `why`');
    const listed = [...reasons!.split('## ')[0]!.matchAll(/^\| `(\w+)` +\|/gm)].map(([, why]) => why);
    expect(listed).toEqual(Object.keys(TRACE_REASONS));
  });
});

describe('trace without a timer', () => {
  it('leaves the times out', async () => {
    const context = document.createElement('canvas').getContext('webgl2')!;
    const getExtension = context.getExtension.bind(context) as (name: string) => unknown;
    spyOn(context, 'getExtension').and.callFake(((name: string) =>
      name.startsWith('EXT_disjoint') ? null : getExtension(name)) as never);
    const { name } = await startBackend({ context });
    const { value, steps } = await trace(() => tf.exp(tf.ones([2, 2])));
    expect(steps.map(({ milliseconds }) => milliseconds)).toEqual(steps.map(() => undefined));
    value.dispose();
    await stopBackend(name);
  });
});

describe('the printed trace', () => {
  let lines: string[] = [];

  beforeEach(() => {
    lines = [];
    spyOn(console, 'log').and.callFake((line: string) => void lines.push(line));
  });

  /** What is printed once the GPU's times are known. */
  const printed = async (): Promise<string[]> => {
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    return lines.splice(0);
  };

  const expectNothing = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(lines).toEqual([]);
  };

  async function withBackend(options: { trace?: boolean }, work: () => Promise<void>): Promise<void> {
    const { name } = await startBackend({ deferred: true, ...options });
    try {
      await work();
    } finally {
      await stopBackend(name);
    }
  }

  const step = (): void => void tf.tidy(() => tf.exp(tf.mul(tf.ones([3, 3]), 2)).dataSync());

  it('is a table for each turn of the event loop, and one line for a table again', async () => {
    await withBackend({ trace: true }, async () => {
      step();
      const [first, ...more] = await printed();
      expect(first).toMatch(/^convgl trace 1\n# +kernels/);
      expect(more).toEqual([]);
      step();
      const [warm] = await printed();
      expect(warm)
        .withContext('no new program')
        .toMatch(/^convgl trace 2\n/);
      step();
      expect(await printed()).toEqual([jasmine.stringMatching(/^convgl trace 2 again, \d+ steps$/)]);
      const { steps } = await trace(step);
      expect(steps.length).toBeGreaterThan(0);
      await expectNothing();
    });
  });

  it('can be asked for by the address of the page', async () => {
    const { href } = location;
    history.replaceState(null, '', `${location.pathname}?convgl=trace`);
    try {
      await withBackend({}, async () => {
        step();
        expect(await printed()).toEqual([jasmine.stringMatching(/^convgl trace 1\n/)]);
      });
      await withBackend({ trace: false }, async () => {
        step();
        await expectNothing();
      });
    } finally {
      history.replaceState(null, '', href);
    }
    await withBackend({}, async () => {
      step();
      await expectNothing();
    });
  });
});
