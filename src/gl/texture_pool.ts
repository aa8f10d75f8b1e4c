/** Keeps released textures for reuse, up to a budget of bytes and for a few seconds. */
import type { DType } from '../plan/plan';
import type { Size, Texture } from './textures';

/** Textures are given back after this long without a release. */
const IDLE_MS = 5000;

/**
 * Recycled textures of one size and dtype, newest first. The oldest (last) is taken first, in whatever order they were released, so
 * that each repetition of a computation gets the same textures and finds its framebuffers.
 */
interface Pool {
  readonly textures: Texture[];
  /** The number of the latest release. */
  used: number;
}

export class TexturePool {
  readonly #free = new Map<number, Pool>();
  readonly #budget: number;
  readonly #delete: (texture: Texture) => void;
  #releases = 0;
  #bytes = 0;
  #lastUse = 0;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param budget bytes that are kept at most
   * @param remove gives a texture back to the driver
   */
  constructor(budget: number, remove: (texture: Texture) => void) {
    this.#budget = budget;
    this.#delete = remove;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A texture of a size and dtype, if there is one. */
  take(size: Size, dtype: DType): Texture | undefined {
    const texture = this.#free.get(slot(size, dtype))?.textures.pop();
    if (texture) this.#bytes -= texture.bytes;
    return texture;
  }

  put(texture: Texture): void {
    this.#bytes += texture.bytes;
    const key = slot(texture, texture.dtype);
    let pool = this.#free.get(key);
    if (!pool) this.#free.set(key, (pool = { textures: [], used: 0 }));
    insert(pool.textures, texture);
    pool.used = ++this.#releases;
    if (this.#bytes > this.#budget) this.trim(this.#budget);
    this.#lastUse = performance.now();
    this.#idleTimer ??= setTimeout(() => this.#onIdle(), IDLE_MS);
  }

  /** Gives recycled textures back to the driver, least recently used sizes first, until at most `bytes` are kept. */
  trim(bytes = 0): void {
    const oldest = [...this.#free].sort(([, a], [, b]) => a.used - b.used);
    for (const [key, { textures }] of oldest) {
      while (textures.length > 0 && this.#bytes > bytes) {
        const texture = textures.shift()!;
        this.#bytes -= texture.bytes;
        this.#delete(texture);
      }
      if (textures.length === 0) this.#free.delete(key);
      if (this.#bytes <= bytes) return;
    }
  }

  /** Forgets all textures without giving them back. */
  clear(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    this.#free.clear();
    this.#bytes = 0;
  }

  #onIdle(): void {
    this.#idleTimer = undefined;
    const wait = this.#lastUse + IDLE_MS - performance.now();
    if (wait <= 0) this.trim();
    else this.#idleTimer = setTimeout(() => this.#onIdle(), wait);
  }
}

const DTYPES: Readonly<Record<DType, number>> = { float32: 0, int32: 1, bool: 2 };

/** Inserts a texture in order, newest first. */
function insert(textures: Texture[], texture: Texture): void {
  let [place, end] = [0, textures.length];
  while (place < end) {
    const middle = (place + end) >> 1;
    if (textures[middle]!.id > texture.id) place = middle + 1;
    else end = middle;
  }
  textures.splice(place, 0, texture);
}

/** A number for each kind of texture. */
function slot({ width, height, layers }: Size, dtype: DType): number {
  return ((layers * 2 ** 20 + width) * 2 ** 20 + height) * 4 + DTYPES[dtype];
}
