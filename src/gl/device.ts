/** One GPU: its context, its limits, and the parts that work on it. Other folders import nothing else of this one but types and errors. */
import type { Values } from '../plan/host_values';
import type { Copy, DType, Layout, Limits, Plan } from '../plan/plan';
import { sizeOf } from '../plan/shape';
import type { Tracer } from '../plan/trace';
import { openContext, probeLimits, rendererName } from './context';
import { ContextWatch } from './context_life';
import { runOnForeign, type ForeignTexture } from './foreign_texture';
import type { ConvglStats, DeviceOptions } from './options';
import { Programs } from './programs';
import { Readback } from './readback';
import { compilePrograms, type Rehearsed } from './rehearsal';
import { Runner, type Layer } from './run';
import { StateGuard } from './state_guard';
import { Textures, type Texture } from './textures';
import { TextureUnits } from './texture_units';
import { Timer } from './timer';
import { Verifier } from './verifier';

export type { Rehearsed, Texture };

/** What works on a context until it is lost. */
interface Parts {
  readonly programs: Programs;
  readonly runner: Runner;
  readonly readback: Readback;
  readonly timer: Timer;
}

export class Device {
  #limits: Limits;
  readonly #gl: WebGL2RenderingContext;
  readonly #options: DeviceOptions;
  /** What records passes and transfers, while a trace is on. */
  tracer: Tracer | undefined;
  /** Called when the context is lost, before the application is told. */
  onLost: (() => void) | undefined;
  /** Whether others draw with the context too: they then find its state as they left it. */
  #shared: boolean;
  #visiting = false;
  /** Passes recorded by a rehearsal; undefined while passes are drawn. */
  #noted: Map<string, Rehearsed> | undefined;
  readonly #watch: ContextWatch;
  readonly #units: TextureUnits;
  readonly #visit: StateGuard;
  readonly #verifier: Verifier;
  readonly textures: Textures;
  #parts: Parts;

  /** @throws NoWebGL2Error, NoFloat32RenderingError */
  constructor(options: DeviceOptions = {}) {
    this.#options = options;
    this.#shared = options.context !== undefined || options.canvas !== undefined;
    const gl = openContext(options);
    this.#gl = gl;
    this.#units = new TextureUnits(gl);
    this.#visit = new StateGuard(gl);
    this.#verifier = new Verifier(gl);
    const rooms = { gl, units: this.#units, visit: this.#visit, verifier: this.#verifier };
    this.textures = new Textures(rooms, options.recycleBudget);
    this.#watch = new ContextWatch(gl);
    this.#parts = this.#newParts();
    this.#limits = this.#probe();
    this.#watch.start({
      lost: () => this.#onLost(),
      rebuild: () => this.#rebuild(),
      restored: () => options.onContextRestored?.(),
    });
  }

  /** Limits of the current context; a restored one may have others. */
  get limits(): Limits {
    return this.#limits;
  }

  /** Goes up when the context is lost: textures of an earlier generation are gone. */
  get generation(): number {
    return this.#watch.generation;
  }

  get lost(): boolean {
    return this.#watch.life.over;
  }

  /** @throws ContextLostError, or what makes a restored context unfit for use */
  expectContext(what: string): void {
    this.#watch.expect(what);
  }

  /**
   * Resolves once the context can be used: at once, unless it is lost.
   *
   * @throws NoFloat32RenderingError and the like where it came back unfit for use, ContextLostError where the device is disposed
   */
  contextRestored(): Promise<void> {
    return this.#watch.restored();
  }

  /** Whether passes are recorded and not drawn, so that their outputs stay undefined. */
  get rehearsing(): boolean {
    return this.#noted !== undefined;
  }

  get timerAvailable(): boolean {
    return this.#parts.timer.available;
  }

  get stats(): ConvglStats {
    const { bytesInUse, bytesFree, peakBytes } = this.textures;
    return {
      renderer: rendererName(this.#gl),
      programs: this.#parts.programs.count,
      draws: this.#parts.runner.draws,
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
    this.#parts.runner.clear();
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
    this.#parts.runner.invalidate();
    try {
      return work();
    } finally {
      this.#visiting = false;
      this.#units.restore();
      this.#visit.end();
    }
  }

  /**
   * Draws a plan that reads an application's texture of this context into a new texture.
   *
   * @throws Error where it is none, or holds what no shader of convgl's can read
   */
  runOnForeign(foreign: ForeignTexture, planOf: (dtype: DType) => Plan): Texture {
    const rooms = { gl: this.#gl, units: this.#units, verifier: this.#verifier, runner: this.#parts.runner };
    return this.use(() => runOnForeign(rooms, foreign, (input) => this.runInto(planOf(input.dtype), [input])[0]!));
  }

  /** A texture for a tensor of this layout, or an array of such. @throws ContextLostError, OutOfGpuMemoryError */
  acquire({ shape, width, height, dtype }: Layout, layers = 1): Texture {
    this.expectContext('Making a tensor');
    const texture = this.use(() => this.textures.acquire(width, height, dtype, layers));
    texture.shape = shape;
    return texture;
  }

  /** @throws ContextLostError, also where the context was lost meanwhile */
  upload(texture: Texture, values: Values): void {
    this.use(() => this.textures.upload(texture, values));
    this.expectContext('Uploading a tensor');
    this.tracer?.moved('upload', [], [texture]);
  }

  /** Uploads an image, canvas or video, a texel for each pixel. @throws ContextLostError */
  uploadPixels(texture: Texture, source: TexImageSource): void {
    this.use(() => this.textures.uploadPixels(texture, source));
    this.expectContext('Uploading pixels');
    this.tracer?.moved('upload', [], [texture]);
  }

  /** Draws a plan into textures, or into the layers of one. @throws ContextLostError, ShaderError */
  run(plan: Plan, inputs: readonly Texture[], outputs: readonly Texture[]): void {
    if (this.#noted) {
      if (!this.#parts.programs.has(plan)) {
        this.#noted.set(plan.key, { plan, inputs: inputs.map(({ dtype, layers }) => ({ dtype, layers })) });
      }
      return;
    }
    this.expectContext('Drawing a pass');
    if (this.tracer) this.#runTraced(this.tracer, plan, inputs, outputs);
    else this.use(() => this.#parts.runner.run(plan, inputs, outputs));
  }

  #runTraced(tracer: Tracer, plan: Plan, inputs: readonly Texture[], outputs: readonly Texture[]): void {
    const { programs, runner, timer } = this.#parts;
    const compiled = !programs.has(plan);
    const draw = (): void => this.use(() => runner.run(plan, inputs, outputs));
    const milliseconds = timer.available ? timer.measured(draw) : void draw();
    tracer.drew({ plan, inputs, outputs, compiled, milliseconds });
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
  prepare(passes: readonly Rehearsed[], onDone: () => void): Promise<void> {
    this.expectContext('Compiling programs');
    const { programs, runner } = this.#parts;
    const rooms = { programs, runner, textures: this.textures, use: (work: () => void) => this.use(work) };
    return compilePrograms(rooms, passes, onDone);
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
    this.use(() => this.#parts.runner.copy(from, to, copies));
    this.tracer?.moved('copy', [from.texture], [to]);
  }

  /** @throws ContextLostError, OutOfGpuMemoryError */
  readSync(texture: Texture, layout: Layout): Values {
    this.tracer?.moved('read', [texture], []);
    return this.use(() => this.#parts.readback.readSync(texture, sizeOf(layout.shape)));
  }

  /** @throws ContextLostError, OutOfGpuMemoryError */
  read(texture: Texture, layout: Layout): Promise<Values> {
    this.tracer?.moved('read', [texture], []);
    return this.use(() => this.#parts.readback.read(texture, sizeOf(layout.shape)));
  }

  /**
   * Milliseconds of GPU time that the work issued by `work` takes, NaN where the clock was disturbed; without a timer, those
   * until the GPU is done.
   *
   * @throws ContextLostError
   */
  time(work: () => void): Promise<number> {
    const { timer, readback } = this.#parts;
    return timer.available ? timer.time(work) : readback.time(work);
  }

  dispose(): void {
    const { programs, runner, readback, timer } = this.#parts;
    timer.dispose();
    const { lost } = this;
    this.#watch.dispose();
    if (lost) return;
    readback.dispose();
    runner.dispose();
    programs.dispose();
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

  #newParts(): Parts {
    const { life } = this.#watch;
    const rooms = { gl: this.#gl, life, textures: this.textures, units: this.#units, visit: this.#visit };
    const verifier = this.#verifier;
    const programs = new Programs(this.#gl, life);
    const runner = new Runner({ ...rooms, verifier, programs });
    const readback = new Readback({ ...rooms, verifier, runner }, (work) => this.use(work));
    return { programs, runner, readback, timer: new Timer(this.#gl, life) };
  }

  #onLost(): void {
    this.textures.forget();
    this.#parts.programs.forget();
    this.#parts.readback.forget();
    this.onLost?.();
    this.#options.onContextLost?.();
  }

  #rebuild(): void {
    this.#units.forget();
    this.#parts = this.#newParts();
    const before = this.#limits;
    this.#limits = this.#probe(); // Turns the extensions on again.
    const { maxTextureSize, maxTargets } = this.#limits;
    if (maxTextureSize !== before.maxTextureSize || maxTargets !== before.maxTargets)
      console.warn(
        `convgl: the context came back with ${maxTargets} targets and textures of ${maxTextureSize} texels a side; before, they were ` +
          `${before.maxTargets} and ${before.maxTextureSize}.`,
      );
  }
}
