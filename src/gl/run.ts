/** Binds and draws plans, and copies texels between textures. */
import type { Copy, Plan } from '../plan/plan';
import type { Programs } from './programs';
import type { Texture } from './textures';
import type { TextureUnits } from './texture_units';
import type { Target, Verifier } from './verifier';
import type { StateGuard } from './state_guard';

/** A slow GPU fetches this many texels in a fraction of a second; drivers abort a draw that takes a few seconds. */
const MOST_FETCHES = 2 ** 31;

/** Framebuffers that a texture keeps as their first target. */
const MOST_FRAMEBUFFERS = 8;

/** One layer of a texture array, or 0 of a texture. */
export interface Layer {
  readonly texture: Texture;
  readonly layer: number;
}

/** The parts of the device that a runner uses. */
export interface RunnerRooms {
  readonly gl: WebGL2RenderingContext;
  readonly programs: Programs;
  readonly units: TextureUnits;
  readonly visit: StateGuard;
  readonly verifier: Verifier;
}

/** Draws plans. Remembers what is bound, so that repeated state costs no call. */
export class Runner {
  readonly #gl: WebGL2RenderingContext;
  readonly #programs: Programs;
  readonly #units: TextureUnits;
  readonly #visit: StateGuard;
  readonly #verifier: Verifier;
  #vertexArray: WebGLVertexArrayObject | undefined;
  #program: WebGLProgram | undefined;
  #framebuffer: WebGLFramebuffer | undefined;
  #viewWidth = 0;
  #viewHeight = 0;
  #draws = 0;

  constructor({ gl, programs, units, visit, verifier }: RunnerRooms) {
    this.#gl = gl;
    this.#programs = programs;
    this.#units = units;
    this.#visit = visit;
    this.#verifier = verifier;
  }

  /** Draw calls so far. */
  get draws(): number {
    return this.#draws;
  }

  /** Draws `plan` from `inputs`, in the order of its samplers, into `outputs`, in the order of its outputs, or the layers of one. */
  run(plan: Plan, inputs: readonly Texture[], outputs: readonly Texture[]): void {
    const gl = this.#gl;
    this.#visit.draws();
    const program = this.#programs.get(plan);
    // Linking makes a program current, so ask for the program first and bind it after.
    if (this.#program !== program.handle) {
      gl.useProgram(program.handle);
      this.#program = program.handle;
    }
    for (let unit = 0; unit < inputs.length; unit++) this.#units.bind(unit, inputs[unit]!);
    if (program.last !== plan.uniforms) {
      for (const name in plan.uniforms) program.uniforms.get(name)?.(plan.uniforms[name]!);
      program.last = plan.uniforms;
    }
    const first = outputs[0]!;
    program.uniforms.get('outWidth')?.(first.width);
    const target = this.#target(outputs);
    if (this.#verifier.watching) this.#verifier.written(outputs, inputs, { target });
    this.#view(first.width, first.height);
    const fetches = (plan.fetches ?? 0) * first.width;
    if (fetches * first.height <= MOST_FETCHES) this.#draw();
    else this.#drawInBands(first, Math.max(1, Math.floor(MOST_FETCHES / fetches)));
  }

  /** Copies rectangles of texels from a layer to a texture of the same dtype; several times as fast as a draw. */
  copy({ texture, layer }: Layer, to: Texture, copies: readonly Copy[]): void {
    const gl = this.#gl;
    const target = this.#target([texture]);
    if (this.#verifier.watching) this.#verifier.written([to], [texture], { target, whole: false });
    this.#units.activate(0, to);
    if (layer > 0) gl.readBuffer(gl.COLOR_ATTACHMENT0 + layer);
    for (const c of copies) gl.copyTexSubImage2D(gl.TEXTURE_2D, 0, c.toX, c.toY, c.x, c.y, c.width, c.height);
    if (layer > 0) gl.readBuffer(gl.COLOR_ATTACHMENT0);
  }

  /** Binds the framebuffer of `texture` for reading. */
  readFrom(texture: Texture): void {
    this.#visit.reads();
    const target = this.#target([texture]);
    if (this.#verifier.watching) this.#verifier.written([], [texture], { target });
  }

  /** Unbinds everything of convgl's. */
  clear(): void {
    const gl = this.#gl;
    gl.useProgram(null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.bindVertexArray(null);
  }

  /** Assumes nothing about bindings, because others have used the context. */
  invalidate(): void {
    this.#program = undefined;
    this.#framebuffer = undefined;
    this.#viewWidth = 0;
    // An empty one: the vertex shader needs no attributes, and those of a caller's vertex array may be unfit to be read.
    this.#vertexArray ??= this.#gl.createVertexArray();
    this.#gl.bindVertexArray(this.#vertexArray);
  }

  dispose(): void {
    this.#gl.deleteVertexArray(this.#vertexArray ?? null);
  }

  #view(width: number, height: number): void {
    if (this.#viewWidth === width && this.#viewHeight === height) return;
    this.#gl.viewport(0, 0, width, height);
    this.#viewWidth = width;
    this.#viewHeight = height;
  }

  #draw(): void {
    this.#gl.drawArrays(this.#gl.TRIANGLES, 0, 3);
    this.#draws++;
  }

  /** Draws the targets in bands of `rows` rows, flushing after each, so that no single draw takes too long. */
  #drawInBands({ width, height }: Texture, rows: number): void {
    const gl = this.#gl;
    this.#visit.cuts();
    gl.enable(gl.SCISSOR_TEST);
    for (let y = 0; y < height; y += rows) {
      gl.scissor(0, y, width, rows);
      this.#draw();
      gl.flush();
    }
    gl.disable(gl.SCISSOR_TEST);
  }

  #target(outputs: readonly Texture[]): Target {
    const gl = this.#gl;
    const first = outputs[0]!;
    const key = outputs.length === 1 ? '' : outputs.map((o) => o.id).join();
    const cached = first.framebuffers.get(key);
    if (cached && cached.framebuffer === this.#framebuffer) return cached;
    if (!cached) this.#forgetOldest(first.framebuffers);
    const target = cached ?? { framebuffer: gl.createFramebuffer(), holder: first, key };
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.framebuffer);
    this.#framebuffer = target.framebuffer;
    if (!cached) this.#attach(target, outputs);
    return target;
  }

  /** Attaches textures, or the layers of one, to the bound framebuffer, which is new. */
  #attach(target: Target, outputs: readonly Texture[]): void {
    const gl = this.#gl;
    const { handle, layers, framebuffers } = target.holder;
    const points = Array.from({ length: Math.max(layers, outputs.length) }, (_, i) => gl.COLOR_ATTACHMENT0 + i);
    points.forEach((point, i) => {
      if (layers > 1) gl.framebufferTextureLayer(gl.FRAMEBUFFER, point, handle, 0, i);
      else gl.framebufferTexture2D(gl.FRAMEBUFFER, point, gl.TEXTURE_2D, outputs[i]!.handle, 0);
    });
    gl.drawBuffers(points);
    framebuffers.set(target.key, target);
    this.#verifier.made();
  }

  /** Drops the oldest framebuffer of a texture that has too many: work that does not repeat combines textures in ever new ways. */
  #forgetOldest(framebuffers: Map<string, Target>): void {
    if (framebuffers.size < MOST_FRAMEBUFFERS) return;
    for (const [key, { framebuffer }] of framebuffers) {
      this.#gl.deleteFramebuffer(framebuffer);
      framebuffers.delete(key);
      return;
    }
  }
}
