/** The backend and its options as applications see them. */
import type { BackendTimingInfo, DataId, GPUData, KernelBackend } from '@tensorflow/tfjs-core';
import type { ContextOptions, ConvglStats, DeviceOptions } from '../gl/options';
import type { ConvglGPUOptions } from './exchange';

/** Options of `configure` and `registerConvgl`. All are optional. */
export interface ConvglOptions extends ContextOptions {
  /**
   * Whether small inputs (128 elements together) whose values are on the host are computed there, if the result is the same
   * bit for bit. Default: true.
   */
  readonly smallOnCpu?: boolean;
  /**
   * Whether elementwise ops and reductions wait until their values are needed, so that one pass computes a whole chain of
   * them. Without it each op runs at its call, which helps to find the op that an error comes from. Default: true.
   */
  readonly deferred?: boolean;
  /**
   * Whether all that runs is printed to the console, as {@link trace} shows it. The page's address can ask for it by
   * `?convgl=trace`. Default: false.
   */
  readonly trace?: boolean;
}

/** With what only tests choose. */
export type TestOptions = ConvglOptions & DeviceOptions;

/** What convgl adds to `tf.memory()`. */
export interface ConvglMemory {
  /** The numbers are exact. */
  readonly unreliable: false;
  /** Bytes of textures that hold tensors. */
  readonly numBytesInGPU: number;
  /** Bytes of all textures, those kept for reuse included. */
  readonly numBytesInGPUAllocated: number;
  /** Bytes of textures that are kept for reuse. */
  readonly numBytesInGPUFree: number;
}

/** `tf.time()` on convgl. */
export interface ConvglTimingInfo extends BackendTimingInfo {
  /** Milliseconds from the call until the GPU was done. */
  readonly wallMs: number;
}

/** The running backend, as `convglBackend()` returns it. What it has beside these is tfjs-core's. */
export interface ConvglBackend extends KernelBackend {
  /**
   * Runs synchronous work, such as one `model.predict`, and saves and restores the state of a context that others draw with
   * once, in place of once per op. `work` must not use the context itself. On a context of convgl's own it only runs `work`.
   *
   * @returns what `work` returns
   */
  batch<T>(work: () => T): T;

  /**
   * Waits until the context can be used. It resolves at once unless the context is lost. After a `ContextLostError`, wait for
   * this and try again.
   *
   * @throws {@link NoFloat32RenderingError} if the restored context cannot be used
   * @throws {@link ContextLostError} if the backend is disposed before
   */
  contextRestored(): Promise<void>;

  /** Counters of programs, draws and texture bytes. */
  stats(): ConvglStats;

  /**
   * Runs work and measures it; `tf.time()` calls this. Work that is pending is computed before and does not count. `kernelMs`
   * is GPU time if the device has a timer, else the time until the GPU was done.
   *
   * @throws {@link ContextLostError}
   */
  time(work: () => void): Promise<ConvglTimingInfo>;

  /** Bytes of textures; part of what `tf.memory()` returns. */
  memory(): ConvglMemory;

  /**
   * Copies a tensor to a texture for the application's own GL code; `tensor.dataToGPU()` calls this. A texel holds four
   * consecutive elements, row by row: RGBA32F, or RGBA32I with `{ dtype: 'int32' }`. Disposing `tensorRef`, a tensor of that
   * dtype, gives the texture back.
   *
   * @throws Error if `customTexShape`, [height, width] in texels, is too small for the tensor
   * @throws {@link ContextLostError}
   * @throws {@link OutOfGpuMemoryError}
   */
  readToGPU(dataId: DataId, options?: ConvglGPUOptions): GPUData;
}
