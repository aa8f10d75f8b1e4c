/** Trains a small network for many steps and writes down what is alive, how long steps take, and how the page's frames do. */
import * as tf from '@tensorflow/tfjs-core';
import { startAnew } from './backends';
import { gpuCounts } from './counters';
import { buildModel, disposeModel, makeData } from './models';
import type { Endurance, EnduranceSample } from './result';
import { breathe, quantile } from './sampling';
import { lenet5 } from './zoo/small';

const BACKEND = 'convgl';
const BATCH = 16;
/** Every so many steps an epoch ends with what is left of the images, the first time before the first sample. */
const EPOCH = 25;
const EPOCH_END = 5;
const LAST_BATCH = 7;
/** Steps before the first sample: until then programs compile and textures find their sizes. */
const OPENING = 10;
const PARTS = 20;
/** Steps whose median is a step's time at the start, and at the end, at most. */
const TIMED = 100;

/** A browser that was started with --expose-gc. */
const collectGarbage = (globalThis as { gc?: () => void }).gc;

/** Chrome's own; other browsers do not tell how large the heap is. */
function heapBytes(): number | undefined {
  return (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize;
}

/** The times between the frames that the page gets while something else goes on. */
class Frames {
  readonly gaps: number[] = [];
  #last = 0;
  #request = 0;

  start(): void {
    this.#last = performance.now();
    const frame = (): void => {
      this.#passed();
      this.#request = requestAnimationFrame(frame);
    };
    this.#request = requestAnimationFrame(frame);
  }

  stop(): void {
    cancelAnimationFrame(this.#request);
    // The page may have waited for a frame until now.
    this.#passed();
  }

  #passed(): void {
    const now = performance.now();
    this.gaps.push(now - this.#last);
    this.#last = now;
  }
}

/** How many steps each part of the run takes; the first ends with the first sample. */
export function enduranceParts(steps: number): number[] {
  const size = Math.ceil((steps - OPENING) / PARTS);
  const parts = [OPENING];
  for (let left = steps - OPENING; left > 0; left -= size) parts.push(Math.min(size, left));
  return parts;
}

/** A network in training, which takes some steps at a time. */
export interface EnduranceRun {
  readonly take: (steps: number) => Promise<EnduranceSample>;
  /** Ends the training and says how it went. */
  readonly end: () => Endurance;
}

async function sampleAt(step: number): Promise<EnduranceSample> {
  collectGarbage?.();
  // What a first collection lets go is given back once the page has had a turn.
  await breathe();
  collectGarbage?.();
  const { textureBytes, textures, programsLinked, framebuffers, buffers } = gpuCounts(BACKEND);
  const heap = heapBytes();
  const alive = { textureBytes, textures, tensors: tf.memory().numTensors, programs: programsLinked };
  return { step, ...alive, framebuffers, buffers, ...(heap === undefined ? {} : { heapBytes: heap }) };
}

/** Starts the backend anew and makes the network. */
export async function startEndurance(): Promise<EnduranceRun> {
  await startAnew(BACKEND);
  const modelCase = { network: lenet5, mode: 'train' as const, imageSize: lenet5.imageSize };
  const model = buildModel(modelCase);
  const samples: EnduranceSample[] = [];
  const opening = new Frames();
  const frames = new Frames();
  const wholeBatches: number[] = [];
  let step = 0;
  const takeStep = async (): Promise<void> => {
    step++;
    const size = step % EPOCH === EPOCH_END ? LAST_BATCH : BATCH;
    const start = performance.now();
    // As in an epoch over a data set, every step uploads a batch and disposes of it.
    const { images, labels } = makeData(modelCase, size);
    await model.trainOnBatch(images, labels);
    tf.dispose([images, labels]);
    if (size === BATCH && samples.length > 0) wholeBatches.push(performance.now() - start);
  };
  return {
    take: async (steps) => {
      const watch = samples.length === 0 ? opening : frames;
      watch.start();
      for (let i = 0; i < steps; i++) await takeStep();
      watch.stop();
      samples.push(await sampleAt(step));
      return samples[samples.length - 1]!;
    },
    end: () => {
      disposeModel(model);
      const timed = Math.min(TIMED, Math.ceil(wholeBatches.length / 2));
      return {
        network: lenet5.name,
        batchSize: BATCH,
        samples,
        startMs: quantile(wholeBatches.slice(0, timed), 0.5),
        endMs: quantile(wholeBatches.slice(-timed), 0.5),
        frames: {
          medianMs: quantile(frames.gaps, 0.5),
          longestMs: Math.max(...frames.gaps),
          openingMs: Math.max(...opening.gaps),
        },
      };
    },
  };
}
