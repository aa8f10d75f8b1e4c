/** The form of the benchmark's JSON result. */
import type { TuningName } from '../../kernels/tuning_table';
import type { BenchOptions, TuneOptions } from '../options.js';
import type { Times } from './sampling';

/** What one backend did in one case; a backend that cannot do it has only `error`. */
export interface SideResult extends Partial<Times> {
  readonly error?: string;
  /** Draws of one call or step after warm-up; 0 on a GPU backend means that it computed on the host. */
  readonly draws?: number;
  /** Programs linked from the first call on. */
  readonly programs?: number;
  /** Largest difference from the first backend's result, relative to the largest value. */
  readonly difference?: number;
}

export interface KernelRow {
  readonly kernel: string;
  readonly name: string;
  readonly flops?: number;
  /** Bytes of all inputs and outputs, each counted once. */
  readonly bytes: number;
  readonly sides: Readonly<Record<string, SideResult>>;
}

export interface ModelSide extends SideResult {
  /** Starting the backend, without any model. */
  readonly startMs?: number;
  readonly kernelCalls?: number;
  /** Texture bytes after the last step, and the most during a step after warm-up. */
  readonly gpuBytes?: number;
  readonly peakGpuBytes?: number;
  /** Programs linked by one step with a smaller batch, after the steps above. */
  readonly programsForPartialBatch?: number;
  /** Loss of the first training step. */
  readonly loss?: number;
}

export interface ModelRow {
  readonly model: string;
  readonly mode: 'train' | 'predict';
  readonly batchSize: number;
  readonly imageSize: number;
  readonly parameters: number;
  /** Multiply-adds times two of one step; a training step counts as three forward passes. */
  readonly flops: number;
  readonly sides: Readonly<Record<string, ModelSide>>;
}

/** What the device itself can do, measured with plain WebGL2 in the same run. */
export interface Ceilings {
  readonly multiplyAddGflops: number;
  readonly textureGtexels: number;
  readonly texelFetchGtexels: number;
  readonly fillMtexels: number;
  readonly fill4TargetsMtexels: number;
  readonly copyGBs: number;
  readonly tinyDrawUs: number;
  readonly switchingDrawUs: number;
  readonly uploadGBs: number;
  readonly readbackGBs: number;
}

/** JavaScript time of one kernel call and of one draw, without waiting for the GPU, in microseconds. */
export interface DispatchRow {
  readonly name: string;
  readonly sides: Readonly<Record<string, { error?: string; usPerCall?: number; usPerDraw?: number; draws?: number }>>;
}

export interface GrowthSide extends ModelSide {
  /** Programs whose shaders no smaller size of the series needed. */
  readonly programsAdded?: number;
  /** Why the size was left out, where its step would not have fitted into the time cap. */
  readonly leftOut?: string;
}

/** The networks' figures at one of the sizes of a series, of which only the batch or only the image's side grows. */
export interface GrowthRow extends ModelRow {
  readonly axis: 'batch' | 'side';
  readonly sides: Readonly<Record<string, GrowthSide>>;
}

/** What is alive after a step of a long training. */
export interface EnduranceSample {
  readonly step: number;
  readonly textureBytes: number;
  readonly textures: number;
  readonly tensors: number;
  readonly programs: number;
  readonly framebuffers: number;
  readonly buffers: number;
  /** Missing where the browser does not tell. */
  readonly heapBytes?: number;
}

/** A long training: what grows, whether steps get slower, and how long the page's frame was held. */
export interface Endurance {
  readonly network: string;
  readonly batchSize: number;
  readonly samples: readonly EnduranceSample[];
  /** Median milliseconds of a step with the whole batch after the first sample, and at the end. */
  readonly startMs: number;
  readonly endMs: number;
  /** Milliseconds between frames of the page; `opening` is the longest up to the first sample, which compiles. */
  readonly frames: { readonly medianMs: number; readonly longestMs: number; readonly openingMs: number };
}

export interface BenchResult {
  readonly date: string;
  readonly renderer: string;
  readonly vendor: string;
  readonly userAgent: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly hardwareThreads: number;
  readonly wasmThreads: number;
  readonly options: BenchOptions;
  readonly seconds: number;
  ceilings?: Ceilings;
  dispatch?: readonly DispatchRow[];
  kernels?: readonly KernelRow[];
  models?: readonly ModelRow[];
  growth?: readonly GrowthRow[];
  endurance?: Endurance;
}

/** One value of a choice: its time as a share of the present value's, on each case and over all. */
export interface TunedValue {
  readonly value: number;
  readonly byCase: readonly number[];
  readonly ratio: number;
}

/** What the tuner found about one of the choices. */
export interface TuneRow {
  readonly choice: TuningName;
  readonly unit: string;
  readonly present: number;
  readonly cases: readonly string[];
  /** The values tried, without the present one. */
  readonly values: readonly TunedValue[];
  /** By how much two series of the present value differ. */
  readonly noise: number;
  /** Values that gave an error or another result, and are left out. */
  readonly failures: readonly string[];
}

export interface TuneResult {
  readonly date: string;
  readonly renderer: string;
  readonly userAgent: string;
  readonly options: TuneOptions;
  rows: readonly TuneRow[];
}
