/** One GPU: its context and limits, and the rooms that work on it. The backend speaks to nothing else in this folder. */
import type { Layout, Limits, Plan } from '../plan';
import { sizeOf } from '../shape';
import {
  ContextLostError,
  openContext,
  probeLimits,
  rendererName,
  setPassState,
  watchContext,
  type ContextSource,
} from './context';
import { Programs } from './programs';
import { Readback, type Values } from './readback';
import { Runner, type Copy } from './run';
import { Textures, type Texture } from './textures';
import { Timer } from './timer';

export type { Copy, Texture, Values };

/** What an application may choose about the device. */
export interface DeviceOptions extends ContextSource {
  /** Bytes of recycled textures kept for reuse at most; 512 MiB unless said. They are also given back after five idle seconds. */
  readonly recycleBudget?: number;
  /** Pretends a smaller limit than the device has, for tests. */
  readonly maxTextureSize?: number;
  /** Called when the browser takes the context away. */
  readonly onContextLost?: () => void;
  /** Called when it is back and new tensors work again. */
  readonly onContextRestored?: () => void;
}

const DEFAULT_RECYCLE_BUDGET = 512 * 2 ** 20;

/** Counters of what a device has done, for tests and reports. */
export interface DeviceStats {
  readonly renderer: string;
  readonly programs: number;
  readonly draws: number;
  readonly bytesInUse: number;
  readonly bytesFree: number;
  readonly peakBytes: number;
}

export class Device {
  readonly limits: Limits;
  /** Goes up when the context is lost: textures of an earlier generation are gone. */
  generation = 0;
  readonly #gl: WebGL2RenderingContext;
  readonly #options: DeviceOptions;
  readonly #unwatch: () => void;
  readonly textures: Textures;
  readonly #programs: Programs;
  #runner: Runner;
  #readback: Readback;
  #timer: Timer;

  /** @throws NoWebGL2Error, NoFloat32RenderingError */
  constructor(options: DeviceOptions = {}) {
    this.#options = options;
    const gl = openContext(options);
    this.#gl = gl;
    setPassState(gl);
    this.limits = probeLimits(gl, options.maxTextureSize);
    this.textures = new Textures(gl, options.recycleBudget ?? DEFAULT_RECYCLE_BUDGET);
    this.#programs = new Programs(gl);
    this.#runner = new Runner(gl, this.#programs);
    this.#readback = new Readback(gl, this.#runner);
    this.#timer = new Timer(gl);
    this.#unwatch = watchContext(
      gl,
      () => this.#onLost(),
      () => this.#onRestored(),
    );
  }

  get lost(): boolean {
    return this.#gl.isContextLost();
  }

  get timerAvailable(): boolean {
    return this.#timer.available;
  }

  get stats(): DeviceStats {
    const { bytesInUse, bytesFree, peakBytes } = this.textures;
    return {
      renderer: rendererName(this.#gl),
      programs: this.#programs.count,
      draws: this.#runner.draws,
      bytesInUse,
      bytesFree,
      peakBytes,
    };
  }

  /** The context, for callers that share it. */
  get context(): WebGL2RenderingContext {
    return this.#gl;
  }

  /** A texture for a tensor of this layout. @throws ContextLostError, OutOfGpuMemoryError */
  acquire(layout: Layout): Texture {
    if (this.lost) throw new ContextLostError('Making a tensor');
    return this.textures.acquire(layout.width, layout.height, layout.dtype);
  }

  upload(texture: Texture, values: Values): void {
    this.textures.upload(texture, values);
  }

  /** Draws a plan. @throws ContextLostError, ShaderError */
  run(plan: Plan, inputs: readonly Texture[], outputs: readonly Texture[]): void {
    if (this.lost) throw new ContextLostError(plan.key);
    this.#runner.run(plan, inputs, outputs);
  }

  copy(from: Texture, to: Texture, copies: readonly Copy[]): void {
    this.#runner.copy(from, to, copies);
  }

  readSync(texture: Texture, layout: Layout): Values {
    return this.#readback.readSync(texture, sizeOf(layout.shape));
  }

  read(texture: Texture, layout: Layout): Promise<Values> {
    return this.#readback.read(texture, sizeOf(layout.shape));
  }

  /** Puts all state that passes rely on anew: for callers who used the context themselves. */
  resetState(): void {
    setPassState(this.#gl);
    this.#runner.invalidate();
  }

  /** GPU milliseconds that the work issued by `work` takes; NaN where the device has no timer or it was disturbed. */
  async time(work: () => void): Promise<number> {
    if (!this.#timer.available) {
      work();
      return NaN;
    }
    const measurement = this.#timer.begin();
    try {
      work();
    } finally {
      this.#timer.end(measurement);
    }
    return this.#timer.milliseconds(measurement);
  }

  dispose(): void {
    this.#unwatch();
    if (this.lost) return;
    this.#readback.dispose();
    this.#programs.dispose();
    this.textures.dispose();
  }

  #onLost(): void {
    this.generation++;
    this.textures.forget();
    this.#programs.forget();
    this.#readback.forget();
    this.#options.onContextLost?.();
  }

  #onRestored(): void {
    const gl = this.#gl;
    setPassState(gl);
    probeLimits(gl); // Turns the extensions on again.
    this.#runner = new Runner(gl, this.#programs);
    this.#readback = new Readback(gl, this.#runner);
    this.#timer = new Timer(gl);
    this.#options.onContextRestored?.();
  }
}
