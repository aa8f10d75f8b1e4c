/** Texture units: binds textures without repeating a binding, and restores what others had bound. */

/** A unit that no pass samples (there are 32 at least): for uploads and new textures, so that what passes have bound stays. */
export const UPLOAD_UNIT = 31;

/** What is bound: a texture, or an array of as many layers. */
export interface Bindable {
  readonly handle: WebGLTexture;
  readonly layers: number;
}

/** What others have bound to a unit. A sampler object overrides a texture's own filtering. */
interface Found {
  readonly texture: WebGLTexture | null;
  readonly array: WebGLTexture | null;
  readonly sampler: WebGLSampler | null;
}

export class TextureUnits {
  readonly #gl: WebGL2RenderingContext;
  readonly #bound: (WebGLTexture | undefined)[] = [];
  #active = -1;
  /** By unit; undefined while nobody else uses the context. */
  #found: Map<number, Found> | undefined;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** Binds a texture to a unit. */
  bind(unit: number, texture: Bindable): void {
    if (this.#bound[unit] !== texture.handle) this.activate(unit, texture);
  }

  /** Binds a texture to a unit, and makes the unit active. */
  activate(unit: number, { handle, layers }: Bindable): void {
    const gl = this.#gl;
    if (this.#active !== unit) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      this.#active = unit;
    }
    if (this.#bound[unit] === handle) return;
    if (this.#found && !this.#found.has(unit)) this.#found.set(unit, this.#take());
    gl.bindTexture(layers > 1 ? gl.TEXTURE_2D_ARRAY : gl.TEXTURE_2D, handle);
    this.#bound[unit] = handle;
  }

  /** Assumes nothing about bindings; with `remember`, saves what is bound to each unit before its first use. */
  forget(remember = false): void {
    this.#bound.length = 0;
    this.#active = -1;
    this.#found = remember ? new Map() : undefined;
  }

  /** Unbinds convgl's textures from all units. */
  clear(): void {
    const gl = this.#gl;
    this.#bound.forEach((_, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, null);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, null);
    });
    gl.activeTexture(gl.TEXTURE0);
    this.forget();
  }

  /** Restores what was bound; not the active unit. */
  restore(): void {
    const gl = this.#gl;
    this.#found?.forEach(({ texture, array, sampler }, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, array);
      if (sampler) gl.bindSampler(unit, sampler);
    });
    this.forget();
  }

  /** Unbinds the sampler of the active unit, and returns what was bound. */
  #take(): Found {
    const gl = this.#gl;
    const texture = gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture | null;
    const array = gl.getParameter(gl.TEXTURE_BINDING_2D_ARRAY) as WebGLTexture | null;
    const sampler = gl.getParameter(gl.SAMPLER_BINDING) as WebGLSampler | null;
    if (sampler) gl.bindSampler(this.#active, null);
    return { texture, array, sampler };
  }
}
