/** One GPU: its context, its limits, and the parts that work on it. Other folders import nothing else of this one but types and errors. */
import type { Values } from '../plan/host_values';
import type { Copy, DType, Layout, Limits, Plan } from '../plan/plan';
import { sizeOf } from '../plan/shape';
import { ContextLife, ContextLostError, made, openContext, probeLimits, rendererName, watchContext } from './context';
import type { ConvglStats, TestOptions } from './options';
import { Programs } from './programs';
import { Readback } from './readback';
import { Runner, type Layer } from './run';
import { Textures, type Texture } from './textures';
import { Timer } from './timer';
import { TextureUnits } from './texture_units';
import { Verifier } from './verifier';
import { StateGuard } from './state_guard';

export type { Texture };

const DEFAULT_RECYCLE_BUDGET = 512 * 2 ** 20;

/** A pass that was not drawn, and what it would have read. */
export interface Rehearsed {
  readonly plan: Plan;
  readonly inputs: readonly Pick<Texture, 'dtype' | 'layers'>[];
}

export class Device {
  #limits: Limits;
  /** Goes up when the context is lost: textures of an earlier generation are gone. */
  generation = 0;
  /** That of the context since it was restored last; over once it is lost. */
  #life: ContextLife;
  /** Why a context that came back, or that of a disposed device, cannot be used. */
  #unfit: Error | undefined;
  /** Those who wait for the context to come back; each is told why it does not. */
  readonly #awaiting: ((unfit?: Error) => void)[] = [];
  readonly #gl: WebGL2RenderingContext;
  readonly #options: TestOptions;
  /** Called when the context is lost, before the application is told. */
  onLost: (() => void) | undefined;
  readonly #unwatch: () => void;
  /** Whether others draw with the context too: they then find its state as they left it. */
  #shared: boolean;
  #visiting = false;
  /** Passes recorded by a rehearsal; undefined while passes are drawn. */
  #noted: Map<string, Rehearsed> | undefined;
  readonly #units: TextureUnits;
  readonly #visit: StateGuard;
  readonly #verifier: Verifier;
  readonly textures: Textures;
  #programs: Programs;
  #runner: Runner;
  #readback: Readback;
  #timer: Timer;

  /** @throws NoWebGL2Error, NoFloat32RenderingError */
  constructor(options: TestOptions = {}) {
    this.#options = options;
    this.#shared = options.context !== undefined || options.canvas !== undefined;
    const gl = openContext(options);
    this.#gl = gl;
    this.#units = new TextureUnits(gl);
    this.#visit = new StateGuard(gl);
    this.#verifier = new Verifier(gl);
    const { recycleBudget = DEFAULT_RECYCLE_BUDGET } = options;
    this.textures = new Textures(
      { gl, units: this.#units, visit: this.#visit, verifier: this.#verifier },
      recycleBudget,
    );
    this.#life = new ContextLife(gl);
    this.#programs = new Programs(gl, this.#life);
    this.#runner = this.#newRunner();
    this.#readback = this.#newReadback();
    this.#timer = new Timer(gl, this.#life);
    this.#limits = this.#probe();
    this.#unwatch = watchContext(
      gl,
      () => this.#onLost(),
      () => this.#onRestored(),
    );
  }

  /** Limits of the current context; a restored one may have others. */
  get limits(): Limits {
    return this.#limits;
  }

  get lost(): boolean {
    return this.#life.over;
  }

  /** @throws ContextLostError, or what makes a restored context unfit for use */
  expectContext(what: string): void {
    if (this.#life.over) throw this.#unfit ?? new ContextLostError(what);
  }

  /**
   * Resolves once the context can be used: at once, unless it is lost.
   *
   * @throws NoFloat32RenderingError and the like where it came back unfit for use, ContextLostError where the device is disposed
   */
  contextRestored(): Promise<void> {
    return new Promise((resolve, reject) => {
      const tell = (unfit?: Error): void => (unfit ? reject(unfit) : resolve());
      if (this.#unfit || !this.lost) tell(this.#unfit);
      else this.#awaiting.push(tell);
    });
  }

  /** Whether passes are recorded and not drawn, so that their outputs stay undefined. */
  get rehearsing(): boolean {
    return this.#noted !== undefined;
  }

  get timerAvailable(): boolean {
    return this.#timer.available;
  }

  get stats(): ConvglStats {
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

  /** From now on saves and restores the state of the context, because others use it too. */
  share(): void {
    if (this.#shared) return;
    this.#shared = true;
    // Found and put back like a caller's, what is bound now could be deleted meanwhile.
    this.#units.clear();
    this.#runner.clear();
  }

  /**
   * Runs synchronous work on the context in the state that passes need. If others draw with it too, they find their own
   * state when the outermost such work ends; on a context of convgl's own it costs nothing.
   */
  use<T>(work: () => T): T {
    if (!this.#shared || this.#visiting || this.lost) return work();
    this.#visit.begin();
    this.#visiting = true;
    this.#units.forget(true);
    this.#runner.invalidate();
    try {
      return work();
    } finally {
      this.#visiting = false;
      this.#units.restore();
      this.#visit.end();
    }
  }

  /**
   * Wraps an application's texture of this context, for `runOnForeign` to read. It must not be released.
   *
   * @throws Error where it is none, or holds what no shader of convgl's can read
   */
  foreignTexture(handle: WebGLTexture, width: number, height: number): Texture {
    if (!this.#gl.isTexture(handle))
      throw new Error('Expected a texture of the context that convgl runs on, found another object or a deleted one.');
    const dtype = this.use(() => this.#runner.kindOf(handle));
    return { id: -1, handle, width, height, layers: 1, dtype, bytes: 0, framebuffers: new Map() };
  }

  /** Draws a plan whose input is a foreign texture, which may be set up for filtering that it is not fit for, into a new one. */
  runOnForeign(plan: Plan, input: Texture): Texture {
    const gl = this.#gl;
    return this.use(() => {
      this.#units.bind(0, input);
      const nearest = made<WebGLSampler>(gl.createSampler(), 'Reading a texture');
      gl.samplerParameteri(nearest, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
      gl.samplerParameteri(nearest, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
      gl.bindSampler(0, nearest);
      try {
        return this.runInto(plan, [input])[0]!;
      } finally {
        gl.deleteSampler(nearest);
      }
    });
  }

  /** A texture for a tensor of this layout, or an array of such. @throws ContextLostError, OutOfGpuMemoryError */
  acquire({ width, height, dtype }: Layout, layers = 1): Texture {
    this.expectContext('Making a tensor');
    return this.use(() => this.textures.acquire(width, height, dtype, layers));
  }

  /** @throws ContextLostError, also where the context was lost meanwhile */
  upload(texture: Texture, values: Values): void {
    this.use(() => this.textures.upload(texture, values));
    this.expectContext('Uploading a tensor');
  }

  /** Uploads an image, canvas or video, a texel for each pixel. @throws ContextLostError */
  uploadPixels(texture: Texture, source: TexImageSource): void {
    this.use(() => this.textures.uploadPixels(texture, source));
    this.expectContext('Uploading pixels');
  }

  /** Draws a plan into textures, or into the layers of one. @throws ContextLostError, ShaderError */
  run(plan: Plan, inputs: readonly Texture[], outputs: readonly Texture[]): void {
    if (this.#noted) {
      if (!this.#programs.has(plan)) {
        this.#noted.set(plan.key, { plan, inputs: inputs.map(({ dtype, layers }) => ({ dtype, layers })) });
      }
      return;
    }
    this.expectContext('Drawing a pass');
    this.use(() => this.#runner.run(plan, inputs, outputs));
  }

  /**
   * Runs work without drawing, so that what passes would write stays undefined.
   *
   * @returns its passes whose programs are still to be compiled, one for each program
   */
  rehearse(work: () => void): readonly Rehearsed[] {
    const noted = new Map<string, Rehearsed>();
    this.#noted = noted;
    try {
      work();
    } finally {
      this.#noted = undefined;
    }
    return [...noted.values()];
  }

  /** Compiles the programs of passes without blocking the thread; `onDone` is called after each. @throws ContextLostError, ShaderError */
  async prepare(passes: readonly Rehearsed[], onDone: () => void): Promise<void> {
    this.expectContext('Compiling programs');
    const use = (work: () => void): void => {
      this.use(() => {
        work();
        this.#runner.invalidate(); // It may have made a program current.
      });
    };
    const byPlan = new Map(passes.map((pass) => [pass.plan, pass]));
    await this.#programs.prepare([...byPlan.keys()], use, (plan) => {
      this.#prime(byPlan.get(plan)!);
      onDone();
    });
  }

  /** Draws a pass over one texel: some drivers finish compiling only then. */
  #prime({ plan, inputs }: Rehearsed): void {
    const texel = (dtype: DType, layers = 1): Texture =>
      this.acquire({ shape: [4], dtype, width: 1, height: 1 }, layers);
    const textures = [
      ...inputs.map(({ dtype, layers }) => texel(dtype, layers)),
      ...plan.outputs.map(({ dtype }) => texel(dtype)),
    ];
    try {
      this.run(plan, textures.slice(0, inputs.length), textures.slice(inputs.length));
    } finally {
      textures.forEach((t) => this.textures.release(t));
    }
  }

  /** Draws a plan into new textures. @throws ContextLostError, OutOfGpuMemoryError, ShaderError */
  runInto(plan: Plan, inputs: readonly Texture[]): Texture[] {
    const outputs: Texture[] = [];
    try {
      for (const layout of plan.outputs) outputs.push(this.acquire(layout));
      this.run(plan, inputs, outputs);
    } catch (error) {
      outputs.forEach((t) => this.textures.release(t));
      throw error;
    }
    return outputs;
  }

  copy(from: Layer, to: Texture, copies: readonly Copy[]): void {
    if (this.#noted) return;
    this.use(() => this.#runner.copy(from, to, copies));
  }

  /** @throws ContextLostError, OutOfGpuMemoryError */
  readSync(texture: Texture, layout: Layout): Values {
    return this.use(() => this.#readback.readSync(texture, sizeOf(layout.shape)));
  }

  /** @throws ContextLostError, OutOfGpuMemoryError */
  read(texture: Texture, layout: Layout): Promise<Values> {
    return this.use(() => this.#readback.read(texture, sizeOf(layout.shape)));
  }

  /**
   * Milliseconds of GPU time that the work issued by `work` takes, NaN where the clock was disturbed; without a timer, those
   * until the GPU is done.
   *
   * @throws ContextLostError
   */
  async time(work: () => void): Promise<number> {
    if (!this.#timer.available) {
      await this.#readback.fence();
      const start = performance.now();
      work();
      await this.#readback.fence();
      return performance.now() - start;
    }
    const timer = this.#timer;
    const measurement = timer.begin();
    try {
      work();
    } catch (error) {
      timer.end(measurement);
      timer.drop(measurement);
      throw error;
    }
    timer.end(measurement);
    return timer.milliseconds(measurement);
  }

  dispose(): void {
    this.#unwatch();
    this.#timer.dispose();
    const lost = this.lost;
    // What comes from now on, and what still waits for the GPU, fails as on a lost context.
    this.#life.end();
    this.generation++;
    this.#tell((this.#unfit = new ContextLostError('The backend was disposed')));
    if (lost) return;
    this.#readback.dispose();
    this.#runner.dispose();
    this.#programs.dispose();
    this.textures.dispose();
    // A page may have few contexts, and the browser takes the oldest away where there are more.
    const ours = this.#options.context === undefined && this.#options.canvas === undefined;
    if (ours) this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #probe(): Limits {
    return this.use(() => {
      this.#visit.draws();
      this.#visit.reads();
      return probeLimits(this.#gl, this.#units, this.#options.maxTextureSize);
    });
  }

  #newRunner(): Runner {
    return new Runner({
      gl: this.#gl,
      programs: this.#programs,
      units: this.#units,
      visit: this.#visit,
      verifier: this.#verifier,
    });
  }

  #newReadback(): Readback {
    return new Readback(
      {
        gl: this.#gl,
        life: this.#life,
        runner: this.#runner,
        textures: this.textures,
        verifier: this.#verifier,
      },
      (work) => this.use(work),
    );
  }

  #tell(unfit?: Error): void {
    for (const tell of this.#awaiting.splice(0)) tell(unfit);
  }

  #onLost(): void {
    this.#life.end();
    this.#unfit = undefined;
    this.generation++;
    this.textures.forget();
    this.#programs.forget();
    this.#readback.forget();
    this.onLost?.();
    this.#options.onContextLost?.();
  }

  #onRestored(): void {
    const gl = this.#gl;
    this.#units.forget();
    this.#life = new ContextLife(gl);
    this.#programs = new Programs(gl, this.#life);
    this.#runner = this.#newRunner();
    this.#readback = this.#newReadback();
    this.#timer = new Timer(gl, this.#life);
    const before = this.#limits;
    try {
      this.#limits = this.#probe(); // Turns the extensions on again.
    } catch (error) {
      if (this.#life.over) return; // Lost again, which the browser will tell.
      this.#unfit = error as Error;
      this.#life.end();
      console.warn(`convgl: the context came back, but cannot be used. ${this.#unfit.message}`);
      this.#tell(this.#unfit);
      return;
    }
    const { maxTextureSize, maxTargets } = this.#limits;
    if (maxTextureSize !== before.maxTextureSize || maxTargets !== before.maxTargets)
      console.warn(
        `convgl: the context came back with ${maxTargets} targets and textures of ${maxTextureSize} texels a side; before, they were ` +
          `${before.maxTargets} and ${before.maxTextureSize}.`,
      );
    this.#options.onContextRestored?.();
    this.#tell();
  }
}
