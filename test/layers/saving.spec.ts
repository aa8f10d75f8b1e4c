/** Models are saved and loaded in a browser's ways, and their weights come back bit for bit. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { useKernelsOfOurOwn } from '../kernels/backends';

const SHAPE = [5, 4, 2];

/** Tensors and data ids that tfjs-layers itself leaves when it saves an optimizer: the number of its steps. */
const LEFT = [1, 1];

/** A model that was trained for a step, so that its weights and its optimizer's are results of the GPU. */
async function trained(): Promise<tfl.LayersModel> {
  const { layers } = tfl;
  const model = tfl.sequential({
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 2, activation: 'relu', inputShape: SHAPE }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  const [x, y] = [tf.randomNormal([4, ...SHAPE]), tf.randomUniform([4, 3])];
  await model.trainOnBatch(x, y);
  tf.dispose([x, y]);
  return model;
}

/** The bits of all weights. */
function bits(model: tfl.LayersModel): number[][] {
  return model.getWeights().map((w) => Array.from(new Uint32Array(w.dataSync<'float32'>().slice().buffer)));
}

/** Those of an optimizer, whose number of steps is a new tensor each time. */
async function optimizerBits({ optimizer }: tfl.LayersModel): Promise<number[][]> {
  const weights = await optimizer.getWeights();
  const all = weights.map(({ tensor }) => Array.from(new Uint32Array(new Float32Array(tensor.dataSync()).buffer)));
  weights[0]!.tensor.dispose();
  return all;
}

/** What a save hands to `downloads://`: files that a link with a blob's address would give to the user. */
function catchDownloads(): Promise<File>[] {
  const files: Promise<File>[] = [];
  spyOn(HTMLAnchorElement.prototype, 'dispatchEvent').and.callFake(function (this: HTMLAnchorElement) {
    const name = this.download;
    files.push(
      fetch(this.href)
        .then((response) => response.blob())
        .then((blob) => new File([blob], name)),
    );
    return true;
  });
  return files;
}

/** A place to save to, and where to load from once that is done. */
interface Place {
  readonly save: (model: tfl.LayersModel) => Promise<tf.io.SaveResult>;
  readonly source: () => Promise<string | tf.io.IOHandler>;
  readonly remove?: () => Promise<unknown>;
}

function url(address: string): Place {
  return {
    save: (model) => model.save(address, { includeOptimizer: true }),
    source: () => Promise.resolve(address),
    remove: () => tf.io.removeModel(address),
  };
}

function memory(): Place {
  let artifacts: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler((saved) => {
    artifacts = saved;
    return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) });
  });
  return {
    save: (model) => model.save(handler, { includeOptimizer: true }),
    source: () => Promise.resolve(tf.io.fromMemory(artifacts!)),
  };
}

function downloads(): Place {
  const files = catchDownloads();
  return {
    save: (model) => model.save('downloads://kept', { includeOptimizer: true }),
    source: async () => {
      const all = await Promise.all(files);
      expect(all.map(({ name }) => name)).toEqual(['kept.json', 'kept.weights.bin']);
      return tf.io.browserFiles(all);
    },
  };
}

/** A server that is a function. */
function http(): Place {
  const kept = new Map<string, Blob>();
  const fetchFunc = async (address: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const name = (address as string).split('/').at(-1)!;
    if (!(init?.body instanceof FormData)) return new Response(kept.get(name));
    for (const part of init.body.values()) kept.set((part as File).name, part as File);
    return Promise.resolve(new Response('{}'));
  };
  const handler = (path: string): tf.io.IOHandler => tf.io.http(`https://models.invalid/${path}`, { fetchFunc });
  return {
    save: (model) => model.save(handler('upload'), { includeOptimizer: true }),
    source: () => Promise.resolve(handler('model.json')),
  };
}

const places: Readonly<Record<string, () => Place>> = {
  'indexeddb://': () => url('indexeddb://convgl-saving'),
  'localstorage://': () => url('localstorage://convgl-saving'),
  'downloads://': downloads,
  'a handler in memory': memory,
  http,
};

describe('saving and loading', () => {
  useKernelsOfOurOwn();

  for (const [name, place] of Object.entries(places)) {
    it(`keeps every bit of weights and optimizer: ${name}`, async () => {
      await tf.setBackend('convgl');
      const before = [tf.memory().numTensors, tf.engine().backend.numDataIds()];
      const model = await trained();
      const { save, source, remove } = place();
      const { modelArtifactsInfo } = await save(model);
      expect(modelArtifactsInfo.weightDataBytes).toBeGreaterThan(4 * model.countParams());
      const loaded = await tfl.loadLayersModel(await source());
      expect(bits(loaded)).toEqual(bits(model));
      expect(await optimizerBits(loaded)).toEqual(await optimizerBits(model));
      const outputs = [model, loaded].map((m) =>
        tf.tidy(() => (m.predict(tf.ones([1, ...SHAPE])) as tf.Tensor).dataSync()),
      );
      expect(outputs[1]).toEqual(outputs[0]);
      await remove?.();
      for (const m of [model, loaded]) {
        m.optimizer.dispose();
        m.dispose();
      }
      const left = [tf.memory().numTensors, tf.engine().backend.numDataIds()].map((count, i) => count - before[i]!);
      expect(left).toEqual(LEFT);
    });
  }

  it('lists, copies, moves and removes models', async () => {
    await tf.setBackend('convgl');
    const model = await trained();
    const [first, copy, moved] = ['indexeddb://convgl-a', 'localstorage://convgl-b', 'indexeddb://convgl-c'] as const;
    await model.save(first);
    await tf.io.copyModel(first, copy);
    await tf.io.moveModel(copy, moved);
    const own = async (): Promise<string[]> =>
      Object.keys(await tf.io.listModels()).filter((name) => name.includes('convgl'));
    expect((await own()).sort()).toEqual([first, moved]);
    const loaded = await tfl.loadLayersModel(moved);
    expect(bits(loaded)).toEqual(bits(model));
    for (const address of [first, moved]) await tf.io.removeModel(address);
    expect(await own()).toEqual([]);
    model.optimizer.dispose();
    [model, loaded].forEach((m) => m.dispose());
  });
});
