/** Times whole networks, training and predicting, with the same weights and images on every backend. */
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { BenchOptions } from '../options.js';
import { kernelCallCount, startAnew, use } from './backends';
import { countsBetween, gpuCounts, resetPeak } from './counters';
import { uniform } from './fill';
import { difference } from './kernels';
import type { ModelRow, ModelSide } from './result';
import { finish, hasTimeForSecond, interleave, probe, type Opening, type Side, type Times } from './sampling';
import { cifar10, lenet5, tutorial } from './zoo/small';
import { mobilenet, resnet50, vgg16 } from './zoo/large';
import { forwardFlops, seedWeights, type Network } from './zoo/network';

const NETWORKS: readonly Network[] = [tutorial, lenet5, cifar10, vgg16, resnet50, mobilenet];

/** One line of the table to be. */
export interface ModelCase {
  readonly network: Network;
  readonly mode: 'train' | 'predict';
  readonly batchSize: number;
  readonly imageSize: number;
  /** Size of the smaller batch of one more step at the end, whose programs are counted. */
  readonly partialBatch?: number;
}

/** The cases that the options ask for. */
export function modelCases({ models, batchSize, imageSize }: BenchOptions): ModelCase[] {
  return NETWORKS.flatMap((network) => {
    const named = models.filter((model) => model.split(':')[0] === network.name);
    const modes = named.flatMap((model) => {
      const mode = model.split(':')[1] as 'train' | 'predict' | undefined;
      return mode ? [mode] : network.modes;
    });
    return [...new Set(modes)].flatMap((mode) =>
      (batchSize.length > 0 ? batchSize : [network.batch[mode]]).map((size): ModelCase => ({
        network,
        mode,
        batchSize: size,
        imageSize: imageSize || network.imageSize,
        ...(size > 1 ? { partialBatch: Math.ceil(size / 2) } : {}),
      })),
    );
  });
}

/** A batch on a backend. */
export interface Data {
  readonly images: tf.Tensor;
  readonly labels: tf.Tensor;
}

interface Loaded extends Data {
  readonly name: string;
  readonly model: tfl.LayersModel;
  readonly opening: Opening;
  readonly output: ArrayLike<number>;
  readonly facts: ModelSide;
}

/** Images and labels, always the same ones, on the backend that is active now. */
export function makeData({ network, imageSize }: Pick<ModelCase, 'network' | 'imageSize'>, batchSize: number): Data {
  const shape = [batchSize, imageSize, imageSize, network.channels];
  const size = shape.reduce((a, b) => a * b, 1);
  const labels = Int32Array.from({ length: batchSize }, (_, i) => (i * 7) % network.classes);
  return {
    images: tf.tensor(uniform(size, 1, 1), shape),
    labels: tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), network.classes), 'float32')),
  };
}

/** A network on a backend, ready to take steps. */
interface Runner {
  /** Takes one step and returns what it read: the prediction, or the loss. */
  readonly step: (images: tf.Tensor, labels: tf.Tensor) => Promise<Float32Array>;
  /** Waits until the GPU has finished the step. */
  readonly settle: () => void;
}

function runnerOf(model: tfl.LayersModel, mode: 'train' | 'predict'): Runner {
  if (mode === 'predict') {
    return {
      step: (images) =>
        Promise.resolve(tf.tidy(() => (model.predictOnBatch(images) as tf.Tensor).dataSync() as Float32Array)),
      settle: () => undefined,
    };
  }
  const last = model.trainableWeights[model.trainableWeights.length - 1];
  return {
    step: async (images, labels) => {
      const losses = await model.trainOnBatch(images, labels);
      return Float32Array.of(Array.isArray(losses) ? losses[0]! : losses);
    },
    // The loss is known before the weights are updated; the step is over when the last of them is.
    settle: () => tf.tidy(() => finish(last ? [probe(last.read())] : [])),
  };
}

async function timedStep({ step, settle }: Runner, { images, labels }: Data) {
  const start = performance.now();
  const output = await step(images, labels);
  settle();
  return { ms: performance.now() - start, output };
}

/** One step after warm-up with what it cost the GPU, less what waiting for its end costs. */
async function countedStep(runner: Runner, data: Data, backend: string) {
  resetPeak(backend);
  const before = gpuCounts(backend);
  const calls = kernelCallCount();
  const start = performance.now();
  await runner.step(data.images, data.labels);
  const kernelCalls = kernelCallCount() - calls;
  runner.settle();
  const ms = performance.now() - start;
  const between = gpuCounts(backend);
  runner.settle();
  const settling = countsBetween(between, gpuCounts(backend)).draws;
  const { draws, textureBytes, peakTextureBytes } = countsBetween(before, between);
  return {
    ms,
    facts: { draws: draws - settling, kernelCalls, gpuBytes: textureBytes, peakGpuBytes: peakTextureBytes },
  };
}

/** The network with its seeded weights, compiled where it is to be trained. */
export function buildModel({ network, mode, imageSize }: Omit<ModelCase, 'batchSize'>): tfl.LayersModel {
  const model = network.build(imageSize);
  seedWeights(model);
  if (mode === 'train') {
    const metrics = [...network.metrics];
    model.compile({ optimizer: network.optimizer(), loss: 'categoricalCrossentropy', metrics });
  }
  return model;
}

/** Takes the first two steps: one with compilation, one counted; a slow backend takes only the first. */
async function open({ mode }: ModelCase, network: Pick<Loaded, 'name' | 'model'> & Data, capMs: number) {
  const { name, model } = network;
  const runner = runnerOf(model, mode);
  const before = gpuCounts(name);
  const first = await timedStep(runner, network);
  const programs = countsBetween(before, gpuCounts(name)).programsLinked;
  const second = hasTimeForSecond(name, first.ms, capMs) ? await countedStep(runner, network, name) : undefined;
  return {
    opening: { firstMs: first.ms, ...(second ? { warmMs: second.ms } : {}) },
    output: first.output,
    facts: { programs, ...(mode === 'train' ? { loss: first.output[0]! } : {}), ...second?.facts },
  };
}

/** Disposes of a network and of its optimizer. */
export function disposeModel(model: tfl.LayersModel): void {
  // A model disposes only of an optimizer that it made itself.
  if (model.optimizer) model.optimizer.dispose();
  model.dispose();
}

function unload({ model, images, labels }: Pick<Loaded, 'model'> & Data): void {
  disposeModel(model);
  tf.dispose([images, labels]);
}

/** Starts a backend anew and loads the network into it. */
async function load(modelCase: ModelCase, name: string, capMs: number): Promise<Loaded> {
  const startMs = await startAnew(name);
  const network = { name, model: buildModel(modelCase), ...makeData(modelCase, modelCase.batchSize) };
  try {
    const { facts, ...opened } = await open(modelCase, network, capMs);
    return { ...network, ...opened, facts: { startMs, ...facts } };
  } catch (error) {
    unload(network);
    throw error;
  }
}

/** Programs that a step with the last, smaller batch of an epoch adds. */
async function partialBatch(modelCase: ModelCase, { name, model }: Loaded): Promise<Partial<ModelSide>> {
  if (modelCase.partialBatch === undefined) return {};
  await use(name);
  const before = gpuCounts(name);
  const data = makeData(modelCase, modelCase.partialBatch);
  await runnerOf(model, modelCase.mode).step(data.images, data.labels);
  tf.dispose([data.images, data.labels]);
  return { programsForPartialBatch: countsBetween(before, gpuCounts(name)).programsLinked };
}

async function loadAll(modelCase: ModelCase, options: BenchOptions, sides: Record<string, ModelSide>) {
  const loaded: Loaded[] = [];
  for (const backend of options.backends) {
    try {
      loaded.push(await load(modelCase, backend, options.timeCap * 1000));
    } catch (error) {
      sides[backend] = { error: (error as Error).message };
    }
  }
  return loaded;
}

/** What is written down about one backend once it was timed. */
async function factsOf(modelCase: ModelCase, side: Loaded, times: Times, reference: Loaded): Promise<ModelSide> {
  const gap = side === reference ? {} : { difference: difference(side.output, reference.output) };
  const partial = times.onlyFirst ? {} : await partialBatch(modelCase, side);
  return { ...times, ...side.facts, ...gap, ...partial };
}

/** Times one network on all backends. */
export async function benchModel(modelCase: ModelCase, options: BenchOptions): Promise<ModelRow> {
  const { network, mode, batchSize, imageSize } = modelCase;
  const sides: Record<string, ModelSide> = {};
  const loaded = await loadAll(modelCase, options, sides);
  const running = loaded.map(({ name, model, images, labels, opening }): Side => {
    const runner = runnerOf(model, mode);
    const run = async (calls: number): Promise<void> => {
      for (let i = 0; i < calls; i++) await timedStep(runner, { images, labels });
    };
    return { name, opening, maxCalls: 8, run };
  });
  const times = await interleave(running, { repeats: options.repeats, capMs: options.timeCap * 1000 });
  const [reference] = loaded;
  const sizes = { parameters: 0, flops: 0 };
  if (reference) {
    for (const side of loaded) {
      sides[side.name] = await factsOf(modelCase, side, times.get(side.name)!, reference);
    }
    sizes.parameters = reference.model.countParams();
    sizes.flops = forwardFlops(reference.model) * batchSize * (mode === 'train' ? 3 : 1);
  }
  for (const side of loaded) {
    await use(side.name);
    unload(side);
  }
  return { model: network.name, mode, batchSize, imageSize, ...sizes, sides };
}
