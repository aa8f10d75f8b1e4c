/** One GPU: its context and limits, and the rooms that work on it. The backend speaks to nothing else in this folder. */
import type { Copy, Layout, Limits, Plan } from '../plan';
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
import { Runner } from './run';
import { Textures, type Texture } from './textures';
import { Timer } from './timer';

export type { Texture, Values };

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
  /** Whether others may change the context's state between any two calls. */
  #shared: boolean;
  readonly textures: Textures;
  readonly #programs: Programs;
  #runner: Runner;
  #readback: Readback;
  #timer: Timer;

  /** @throws NoWebGL2Error, NoFloat32RenderingError */
  constructor(options: DeviceOptions = {}) {
    this.#options = options;
    this.#shared = options.context !== undefined || options.canvas !== undefined;
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

  /** The context, for callers that want to use it too. */
  get context(): WebGL2RenderingContext {
    this.share();
    return this.#gl;
  }

  /** From now on takes no state of the context for granted, because somebody else has got at it. */
  share(): void {
    this.#shared = true;
  }

  /** A texture that somebody else made in this context, to be read as floats and not to be released. @throws Error where it is none */
  foreignTexture(handle: WebGLTexture, width: number, height: number): Texture {
    if (!this.#gl.isTexture(handle))
      throw new Error('Expected a texture of the context that convgl runs on, found another object or a deleted one.');
    return { id: -1, handle, width, height, dtype: 'float32', bytes: 0, framebuffers: new Map() };
  }

  /** A texture for a tensor of this layout. @throws ContextLostError, OutOfGpuMemoryError */
  acquire(layout: Layout): Texture {
    if (this.lost) throw new ContextLostError('Making a tensor');
    this.#settle();
    return this.textures.acquire(layout.width, layout.height, layout.dtype);
  }

  upload(texture: Texture, values: Values): void {
    this.#settle();
    this.textures.upload(texture, values);
  }

  /** Uploads an image, canvas or video, a texel for each pixel. */
  uploadPixels(texture: Texture, source: TexImageSource): void {
    this.textures.uploadPixels(texture, source);
  }

  /** Draws a plan. @throws ContextLostError, ShaderError */
  run(plan: Plan, inputs: readonly Texture[], outputs: readonly Texture[]): void {
    if (this.lost) throw new ContextLostError(plan.key);
    this.#settle();
    this.#runner.run(plan, inputs, outputs);
  }

  copy(from: Texture, to: Texture, copies: readonly Copy[]): void {
    this.#settle();
    this.#runner.copy(from, to, copies);
  }

  readSync(texture: Texture, layout: Layout): Values {
    this.#settle();
    return this.#readback.readSync(texture, sizeOf(layout.shape));
  }

  read(texture: Texture, layout: Layout): Promise<Values> {
    this.#settle();
    return this.#readback.read(texture, sizeOf(layout.shape));
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
    // A page may have few contexts, and the browser takes the oldest away where there are more.
    const ours = this.#options.context === undefined && this.#options.canvas === undefined;
    if (ours) this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  /** Puts the state that the next calls rely on, where somebody else may have changed it. */
  #settle(): void {
    if (!this.#shared) return;
    setPassState(this.#gl);
    this.#runner.invalidate();
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
