/** The snippets of docs/reliability.md and the README's: a training whose context is lost, anywhere, ends with the bits of one that was not interrupted. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import readme from '../../README.md';
import page from '../../docs/reliability.md';
import { callbacks, optimizers, utils } from '../../keras/index';
import { ContextLostError, NoFloat32RenderingError } from '../../src/index';
import type { Backend } from '../../src/tensors/backend';
import { startBackend, stopBackend } from '../device/backends';
import { data } from './training';

const { MemoryFolder } = callbacks;

interface Trained {
  readonly model: tfl.LayersModel;
  readonly history: Record<string, number[]>;
}

/** What the snippets define. */
interface Recipes {
  train(backup: callbacks.FolderPlace): Promise<Trained>;
  keepTraining(backup: callbacks.FolderPlace): Promise<Trained>;
  trainToTheEnd(place: string): Promise<readonly number[]>;
  gpuOrCpu(milliseconds: number): Promise<void>;
}

/** The snippet of a page that defines a function, without its imports. */
function snippet(text: string, name: string): string {
  const codes = [...text.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code!);
  const found = codes.filter((code) => code.includes(`async function ${name}(`));
  if (found.length !== 1) throw new Error(`${found.length} snippets define ${name}.`);
  return found[0]!.replace(/^import .*\n/gm, '');
}

/** Dropout and the order of the batches are seeded by utils.setRandomSeed. */
const buildModel = (): tfl.Sequential =>
  tfl.sequential({
    layers: [
      tfl.layers.flatten({ inputShape: [8, 8, 1] }),
      tfl.layers.dense({ units: 8, activation: 'relu' }),
      tfl.layers.batchNormalization(),
      tfl.layers.dropout({ rate: 0.4 }),
      tfl.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });

function compiledModel(): tfl.Sequential {
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 3 });
  const model = tfl.sequential({
    layers: [
      tfl.layers.flatten({ inputShape: [8, 8, 1] }),
      tfl.layers.dense({ units: 3, activation: 'softmax', kernelInitializer }),
    ],
  });
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: 'categoricalCrossentropy' });
  return model;
}

describe('docs/reliability.md', () => {
  let name = '';
  let backend: Backend;
  let loss: WEBGL_lose_context;
  /** Draws and fences until now, and at which of them the context is lost. */
  let calls = 0;
  let losses: number[] = [];
  let lost = 0;
  /** Whether a lost context is restored, as the browser does it. */
  let restores = true;
  const random = Math.random;

  beforeEach(async () => {
    ({ name, backend } = await startBackend({ smallOnCpu: true, onContextLost: restore }));
    const gl = backend.device.context;
    loss = gl.getExtension('WEBGL_lose_context')!;
    [calls, losses, lost, restores] = [0, [], 0, true];
    for (const method of ['drawArrays', 'fenceSync'] as const) {
      const original: (...args: number[]) => unknown = gl[method].bind(gl);
      Object.assign(gl, {
        [method]: (...args: number[]) => {
          if (losses.includes(++calls)) loss.loseContext();
          return original(...args);
        },
      });
    }
  });
  afterEach(async () => {
    Math.random = random;
    await stopBackend(name);
  });

  function restore(): void {
    lost++;
    // The browser allows to restore it once the event has been dispatched to all.
    if (restores) setTimeout(() => loss.restoreContext());
  }

  /** Runs the snippets that define `names`, and gives these. */
  function recipes<N extends keyof Recipes>(names: readonly N[], text = page, more: object = {}): Pick<Recipes, N> {
    const scope = {
      ...{ tf: { ...tf }, tfl, callbacks, optimizers, utils, ContextLostError, buildModel, compiledModel },
      ...{ convglBackend: () => backend, makeTensors: () => data(), ...more },
    };
    const code = new Set(names.map((wanted) => snippet(text, wanted)));
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the documentation's own code
    const make = new Function(...Object.keys(scope), `${[...code].join('\n')}\nreturn { ${names.join(', ')} };`) as (
      ...values: unknown[]
    ) => Pick<Recipes, N>;
    return make(...Object.values(scope));
  }

  /** What a training came to. */
  async function ended({ model, history }: Trained): Promise<unknown> {
    const weights = await Promise.all(model.getWeights().map(async (weight) => [...(await weight.data())]));
    model.dispose();
    // The page answers its runner.
    await new Promise((resolve) => setTimeout(resolve));
    return { history, weights };
  }

  let reference: Promise<{ whole: unknown; all: number }> | undefined;

  /** What a training comes to whose context is not lost, and by how many calls; trained once for all specs. */
  const uninterrupted = (train: Recipes['train']): Promise<{ whole: unknown; all: number }> =>
    (reference ??= train(new MemoryFolder())
      .then(ended)
      .then((whole) => ({ whole, all: calls })));

  it('goes on with the Keras entry wherever the context is lost, bit for bit, from memory', async () => {
    const { train, keepTraining } = recipes(['train', 'keepTraining']);
    const { whole, all } = await uninterrupted(train);
    for (const part of [0.03, 0.4, 0.8]) {
      [calls, losses, lost] = [0, [Math.ceil(all * part)], 0];
      expect(await ended(await keepTraining(new MemoryFolder())))
        .withContext(`lost at call ${losses[0]} of ${all}`)
        .toEqual(whole);
      expect(lost).toBe(1);
    }
  });

  it('goes on from IndexedDB, also where the context is lost again and again', async () => {
    const { train, keepTraining } = recipes(['train', 'keepTraining']);
    const { whole, all } = await uninterrupted(train);
    [calls, losses] = [0, [0.3, 0.6].map((part) => Math.ceil(all * part))];
    expect(await ended(await keepTraining('indexeddb://reliability-spec'))).toEqual(whole);
    expect(lost).toBe(2);
  });

  it('goes on after a backup that was cut off, from the one before', async () => {
    const { train, keepTraining } = recipes(['train', 'keepTraining']);
    const { whole } = await uninterrupted(train);
    /** Loses the context as the third backup is about to be read from the GPU. */
    class Fragile extends MemoryFolder {
      written = 0;
      override write(file: string, bytes: Uint8Array): Promise<void> {
        if (++this.written === 2) losses = [calls + 1];
        return super.write(file, bytes);
      }
    }
    [calls, losses, lost] = [0, [], 0];
    expect(await ended(await keepTraining(new Fragile()))).toEqual(whole);
    expect(lost).toBe(1);
  });

  it('goes on with tfjs-layers alone', async () => {
    const { trainToTheEnd } = recipes(['trainToTheEnd']);
    const place = 'indexeddb://reliability-alone';
    const forget = async (): Promise<void> => void (await tf.io.removeModel(place));
    const whole = await trainToTheEnd(place);
    await forget();
    expect(whole.length).toBe(4);
    const all = calls;
    for (const part of [0.1, 0.6]) {
      [calls, losses, lost] = [0, [Math.ceil(all * part)], 0];
      expect(await trainToTheEnd(place))
        .withContext(`lost at call ${losses[0]} of ${all}`)
        .toEqual(whole);
      expect(lost).toBe(1);
      await forget();
    }
  });

  it('goes on where the GPU does not come back, from the same backup', async () => {
    const { train, gpuOrCpu } = recipes(['train', 'gpuOrCpu']);
    const folder = new MemoryFolder();
    const { all } = await uninterrupted(train);
    [calls, losses, restores] = [0, [Math.ceil(all * 0.7)], false];
    await expectAsync(train(folder)).toBeRejectedWithError(ContextLostError);
    await gpuOrCpu(20);
    expect(tf.getBackend()).toBe('cpu');
    const { history, model } = await train(folder);
    expect(history['loss']!.length).toBe(4);
    model.dispose();
  });

  it('waits for the GPU, and turns to another backend where that is unfit', async () => {
    const { gpuOrCpu } = recipes(['gpuOrCpu']);
    await gpuOrCpu(1);
    expect(tf.getBackend()).toBe(name);
    loss.loseContext();
    await gpuOrCpu(20_000);
    expect(tf.getBackend()).toBe(name);
    const warn = spyOn(console, 'warn');
    spyOn(backend.device.context, 'getExtension').and.returnValue(null);
    loss.loseContext();
    await gpuOrCpu(20_000);
    expect(tf.getBackend()).toBe('cpu');
    expect(warn).toHaveBeenCalled();
    await expectAsync(backend.contextRestored()).toBeRejectedWithError(NoFloat32RenderingError);
  });

  it('is what the README shows in short', async () => {
    const { train } = recipes(['train']);
    const { whole, all } = await uninterrupted(train);
    const { keepTraining } = recipes(['keepTraining'], readme, { train });
    [calls, losses] = [0, [Math.ceil(all * 0.6)]];
    expect(await ended(await keepTraining(new MemoryFolder()))).toEqual(whole);
    expect(lost).toBe(1);
  });
});
