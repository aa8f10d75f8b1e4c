/** Allocates textures, recycles them under a byte budget, and uploads values. */
import type { DType } from '../plan/plan';
import type { Shape } from '../plan/shape';
import { TexturePool } from './texture_pool';
import { UPLOAD_UNIT, type TextureUnits } from './texture_units';
import type { Target, Verifier } from './verifier';
import type { StateGuard } from './state_guard';

/** A texture and what is cached about it. */
export interface Texture {
  readonly id: number;
  readonly handle: WebGLTexture;
  readonly width: number;
  readonly height: number;
  /** More than one in a texture array, whose layers are the targets of one pass together. */
  readonly layers: number;
  readonly dtype: DType;
  /** Of the tensor that it was acquired for last. */
  shape: Shape;
  readonly bytes: number;
  /** Framebuffers whose first target is this texture, by the ids of all their targets. */
  readonly framebuffers: Map<string, Target>;
}

/**
 * Thrown if the GPU has no memory for a texture even after textures kept for reuse were deleted, and by reads of tensors that
 * were computed in, or from, memory that the driver had refused.
 */
export class OutOfGpuMemoryError extends Error {
  /** @internal */
  constructor({ width, height, layers }: Size, bytesInUse: number) {
    const size = `${width} x ${height}${layers > 1 ? ` x ${layers}` : ''}`;
    super(
      `The GPU refused a texture of ${size} texels, or memory for what it was computed from; ${bytesInUse} bytes are in use by tensors.`,
    );
    this.name = 'OutOfGpuMemoryError';
  }
}

/** In texels. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly layers: number;
}

/** The parts of the device that textures use. */
interface TextureRooms {
  readonly gl: WebGL2RenderingContext;
  readonly units: TextureUnits;
  readonly visit: StateGuard;
  readonly verifier: Verifier;
}

interface Format {
  readonly internal: number;
  readonly format: number;
  readonly type: number;
  readonly bytesPerTexel: number;
}

/** Below this size an allocation is verified at the next read: asking for the error state waits for the GPU process. */
const CHECKED_BYTES = 1 << 20;
/** Bytes of recycled textures that are kept at most. */
const DEFAULT_RECYCLE_BUDGET = 512 * 2 ** 20;

/** The texture formats by dtype; bool is one signed byte an element, so that shaders read it as they read int32. */
export function formatOf(gl: WebGL2RenderingContext, dtype: DType): Format {
  switch (dtype) {
    case 'float32':
      return { internal: gl.RGBA32F, format: gl.RGBA, type: gl.FLOAT, bytesPerTexel: 16 };
    case 'int32':
      return { internal: gl.RGBA32I, format: gl.RGBA_INTEGER, type: gl.INT, bytesPerTexel: 16 };
    case 'bool':
      return { internal: gl.RGBA8I, format: gl.RGBA_INTEGER, type: gl.BYTE, bytesPerTexel: 4 };
  }
}

export class Textures {
  readonly #gl: WebGL2RenderingContext;
  readonly #units: TextureUnits;
  readonly #visit: StateGuard;
  readonly #verifier: Verifier;
  readonly #inUse = new Set<Texture>();
  readonly #pool: TexturePool;
  #nextId = 0;
  #bytesInUse = 0;
  #peakBytes = 0;

  /** @param freeBudget bytes of recycled textures that are kept at most */
  constructor({ gl, units, visit, verifier }: TextureRooms, freeBudget = DEFAULT_RECYCLE_BUDGET) {
    this.#gl = gl;
    this.#units = units;
    this.#visit = visit;
    this.#verifier = verifier;
    this.#pool = new TexturePool(freeBudget, (texture) => this.#delete(texture));
  }

  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  get bytesFree(): number {
    return this.#pool.bytes;
  }

  /** The most bytes ever allocated at a time, recycled ones included. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** A texture with undefined contents, or an array of `layers`. @throws OutOfGpuMemoryError */
  acquire(width: number, height: number, dtype: DType, layers = 1): Texture {
    const size = { width, height, layers };
    if (this.#verifier.overdue) this.verify();
    const recycled = this.#pool.take(size, dtype);
    const texture = recycled ?? this.#allocate(size, dtype);
    // What it held before is nobody's.
    if (recycled && this.#verifier.watching) this.#verifier.written([recycled], []);
    this.#inUse.add(texture);
    this.#bytesInUse += texture.bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytesInUse + this.#pool.bytes);
    return texture;
  }

  /** Takes a texture back for recycling. */
  release(texture: Texture): void {
    this.#inUse.delete(texture);
    this.#bytesInUse -= texture.bytes;
    if (this.#verifier.isMissing(texture)) this.#delete(texture);
    else this.#pool.put(texture);
  }

  /** Gives all recycled textures back to the driver. */
  trim(): void {
    this.#pool.trim();
  }

  /** Uploads `values` as the leading elements of the texture. */
  upload(texture: Texture, values: Float32Array | Int32Array | Uint8Array): void {
    const gl = this.#gl;
    this.#visit.uploads();
    if (texture.bytes >= CHECKED_BYTES) this.#verifier.made(); // The transfer takes memory, too.
    if (this.#verifier.watching) this.#verifier.written([texture], []);
    const { format, type } = formatOf(gl, texture.dtype);
    const source =
      values instanceof Uint8Array ? new Int8Array(values.buffer, values.byteOffset, values.length) : values;
    const rowLength = texture.width * 4;
    const rows = Math.floor(source.length / rowLength);
    this.#units.activate(UPLOAD_UNIT, texture);
    if (rows > 0)
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, texture.width, rows, format, type, source.subarray(0, rows * rowLength));
    const rest = source.length - rows * rowLength;
    if (rest > 0) {
      const texels = Math.ceil(rest / 4);
      const padded =
        source instanceof Float32Array
          ? new Float32Array(texels * 4)
          : source instanceof Int32Array
            ? new Int32Array(texels * 4)
            : new Int8Array(texels * 4);
      padded.set(source.subarray(rows * rowLength));
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, rows, texels, 1, format, type, padded);
    }
  }

  /** Uploads an image, canvas or video of the texture's size; bytes become floats in [0, 1]. */
  uploadPixels(texture: Texture, source: TexImageSource): void {
    const gl = this.#gl;
    this.#visit.uploads();
    if (this.#verifier.watching) this.#verifier.written([texture], []);
    const { width, height, dtype } = texture;
    const { format, type } = formatOf(gl, dtype);
    this.#units.activate(UPLOAD_UNIT, texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, format, type, source);
  }

  /**
   * Finds out whether the driver has refused any memory since the last time.
   *
   * @returns whether there was an error
   */
  verify(): boolean {
    const error = this.#verifier.verify();
    if (error) this.trim();
    return error;
  }

  /** @throws OutOfGpuMemoryError where what a texture holds was computed in memory that the driver refused */
  expectSound(texture: Texture): void {
    if (!this.#verifier.isSound(texture)) throw this.outOfMemory(texture);
  }

  /** What to throw for a texture. */
  outOfMemory(size: Size): OutOfGpuMemoryError {
    return new OutOfGpuMemoryError(size, this.#bytesInUse);
  }

  /** Forgets every texture without touching the GPU: for a lost context, which took them along. */
  forget(): void {
    this.#verifier.forgetAll();
    this.#inUse.clear();
    this.#pool.clear();
    this.#bytesInUse = 0;
  }

  /** Gives every texture back, those of tensors too. */
  dispose(): void {
    this.#inUse.forEach((texture) => this.#delete(texture));
    this.trim();
    this.forget();
  }

  #allocate({ width, height, layers }: Size, dtype: DType): Texture {
    const gl = this.#gl;
    const { internal, bytesPerTexel } = formatOf(gl, dtype);
    const bytes = width * height * layers * bytesPerTexel;
    const target = layers > 1 ? gl.TEXTURE_2D_ARRAY : gl.TEXTURE_2D;
    const checked = bytes >= CHECKED_BYTES;
    if (checked) this.#verifier.clear();
    for (const lastTry of [false, true]) {
      const handle = gl.createTexture();
      this.#units.activate(UPLOAD_UNIT, { handle, layers });
      for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, filter, gl.NEAREST);
      for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(target, wrap, gl.CLAMP_TO_EDGE);
      if (layers > 1) gl.texStorage3D(target, 1, internal, width, height, layers);
      else gl.texStorage2D(target, 1, internal, width, height);
      if (!checked || gl.getError() !== gl.OUT_OF_MEMORY) {
        const texture: Texture = {
          id: this.#nextId++,
          handle,
          width,
          height,
          layers,
          dtype,
          shape: [],
          bytes,
          framebuffers: new Map(),
        };
        if (!checked) this.#verifier.allocated(texture);
        return texture;
      }
      gl.deleteTexture(handle);
      if (!lastTry) this.trim();
    }
    throw this.outOfMemory({ width, height, layers });
  }

  #delete(texture: Texture): void {
    texture.framebuffers.forEach(({ framebuffer }) => this.#gl.deleteFramebuffer(framebuffer));
    this.#gl.deleteTexture(texture.handle);
    this.#verifier.forget(texture);
  }
}
