/** Finds values that were computed in memory that the driver refused, before they are returned. */
import type { Texture } from './textures';

/** A pass, copy or upload that wrote textures, and what it read. */
interface Write {
  readonly outputs: readonly Texture[];
  readonly inputs: readonly Texture[];
  /** The framebuffer that was drawn to, or read from. */
  readonly target?: Target | undefined;
  /** Whether it overwrites the outputs completely. */
  readonly whole: boolean;
}

/** A framebuffer, and the texture that caches it. */
export interface Target {
  readonly framebuffer: WebGLFramebuffer;
  readonly holder: Texture;
  readonly key: string;
}

/** At most this many writes are recorded between two checks. */
const MOST_WRITES = 4096;

/**
 * Asking the driver for errors stalls, so new textures, framebuffers and pixel buffers are used unverified until a value is read.
 * Meanwhile writes are recorded; after an error they tell which values are wrong. Work that allocates nothing new costs nothing.
 */
export class Verifier {
  readonly #gl: WebGL2RenderingContext;
  readonly #allocated = new Set<Texture>();
  readonly #writes: Write[] = [];
  #pending = false;
  #failures = 0;
  /** Textures without memory. */
  readonly #missing = new Set<Texture>();
  /** Textures whose values were computed in or from these. */
  readonly #spoiled = new Set<Texture>();
  /** Textures that were deleted since the driver was asked, from which others may have been computed before. */
  readonly #deleted = new Set<Texture>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** A texture was made, and nobody has asked whether it has memory. */
  allocated(texture: Texture): void {
    this.#allocated.add(texture);
    this.#pending = true;
  }

  /** Something else was made that takes memory. */
  made(): void {
    this.#pending = true;
  }

  /** How often there was an error. What was asked of the driver before one, and is given after it, may have failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether writes must be reported. */
  get watching(): boolean {
    return this.#pending || this.#spoiled.size > 0 || this.#missing.size > 0;
  }

  /** Textures are written by a draw to a framebuffer, by a copy, or from the host; a read is a write to none. */
  written(
    outputs: readonly Texture[],
    inputs: readonly Texture[],
    { target, whole = true }: Partial<Pick<Write, 'target' | 'whole'>> = {},
  ): void {
    const write = { outputs, inputs, target, whole };
    if (this.#pending) this.#writes.push(write);
    else this.#follow(write, false);
  }

  /** Whether so many writes are recorded that the driver should be asked, even without a read. */
  get overdue(): boolean {
    return this.#writes.length > MOST_WRITES;
  }

  isMissing(texture: Texture): boolean {
    return this.#missing.has(texture);
  }

  /** Whether the values of a texture are those that were computed, as far as is known since the last `verify`. */
  isSound(texture: Texture): boolean {
    return !this.#missing.has(texture) && !this.#spoiled.has(texture);
  }

  /** Asks the driver, so that an error after this is of what comes next. */
  clear(): void {
    this.#pending = true;
    this.verify();
  }

  /** Asks the driver, if there is anything to ask about. Returns whether there was an error. */
  verify(): boolean {
    if (!this.#pending) return false;
    this.#pending = false;
    const errors = takeErrors(this.#gl);
    if (errors.size > 0) this.#failures++;
    const isRefused = errors.size > 0 ? this.#trace(errors.has(this.#gl.OUT_OF_MEMORY)) : () => false;
    // Also where there was no error: what earlier ones have spoiled may have been read, or written anew.
    for (const write of this.#writes) this.#follow(write, isRefused(write));
    this.#allocated.clear();
    this.#writes.length = 0;
    this.#deleted.forEach((texture) => this.forget(texture));
    this.#deleted.clear();
    return errors.size > 0;
  }

  /** A texture is deleted. */
  forget(texture: Texture): void {
    if (this.#pending) {
      this.#deleted.add(texture);
      return;
    }
    this.#missing.delete(texture);
    this.#spoiled.delete(texture);
  }

  /** All textures are no more. */
  forgetAll(): void {
    this.#pending = false;
    this.#allocated.clear();
    this.#writes.length = 0;
    this.#missing.clear();
    this.#spoiled.clear();
    this.#deleted.clear();
  }

  /** Finds what has no memory, and tells which writes were refused. */
  #trace(outOfMemory: boolean): (write: Write) => boolean {
    const gl = this.#gl;
    const kept = [...this.#allocated].filter((texture) => !this.#deleted.has(texture));
    const missing = kept.filter((texture) => !hasMemory(gl, texture));
    for (const texture of missing) this.#missing.add(texture);
    const { incomplete, deleted } = this.#refusedTargets();
    // Without a culprit, a transfer was refused, or what is deleted by now: nothing that was written is certain.
    const explained = missing.length + incomplete.size > 0 && kept.length === this.#allocated.size;
    const unexplained = outOfMemory && !explained;
    takeErrors(gl); // Those of the questions themselves.
    return ({ target }) =>
      unexplained || (target !== undefined && (incomplete.has(target.framebuffer) || deleted.has(target.framebuffer)));
  }

  #follow({ outputs, inputs, whole }: Write, refused: boolean): void {
    const spoils = refused || inputs.some((texture) => !this.isSound(texture));
    for (const texture of outputs) {
      if (spoils || this.#missing.has(texture)) this.#spoiled.add(texture);
      else if (whole) this.#spoiled.delete(texture);
    }
  }

  /** The framebuffers among the targets that cannot be drawn to, which their textures forget, and those that nobody can tell of. */
  #refusedTargets(): Readonly<Record<'incomplete' | 'deleted', ReadonlySet<WebGLFramebuffer>>> {
    const gl = this.#gl;
    const bound = gl.getParameter(gl.DRAW_FRAMEBUFFER_BINDING) as WebGLFramebuffer | null;
    const seen = new Set<WebGLFramebuffer>();
    const incomplete = new Set<WebGLFramebuffer>();
    const deleted = new Set<WebGLFramebuffer>();
    for (const { target } of this.#writes) {
      if (!target || seen.has(target.framebuffer)) continue;
      const { framebuffer, holder, key } = target;
      seen.add(framebuffer);
      if (!gl.isFramebuffer(framebuffer)) {
        deleted.add(framebuffer);
        continue;
      }
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE) continue;
      incomplete.add(framebuffer);
      holder.framebuffers.delete(key);
      gl.deleteFramebuffer(framebuffer);
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, bound && !incomplete.has(bound) ? bound : null);
    return { incomplete, deleted };
  }
}

/** The errors that the driver has noted since the last question; it notes them no longer. */
export function takeErrors(gl: WebGL2RenderingContext): ReadonlySet<number> {
  const found = new Set<number>();
  for (let error; (error = gl.getError()) !== gl.NO_ERROR && !gl.isContextLost();) found.add(error);
  return found;
}

function hasMemory(gl: WebGL2RenderingContext, { handle, layers }: Texture): boolean {
  const target = layers > 1 ? gl.TEXTURE_2D_ARRAY : gl.TEXTURE_2D;
  const binding = layers > 1 ? gl.TEXTURE_BINDING_2D_ARRAY : gl.TEXTURE_BINDING_2D;
  const bound = gl.getParameter(binding) as WebGLTexture | null;
  gl.bindTexture(target, handle);
  const given = gl.getTexParameter(target, gl.TEXTURE_IMMUTABLE_FORMAT) as boolean;
  gl.bindTexture(target, bound);
  return given;
}
