/** Reads textures, synchronously, or asynchronously through pixel buffers and fences. */
import type { Values } from '../plan/host_values';
import type { DType } from '../plan/plan';
import { ContextLostError } from './context';
import type { ContextLife } from './context_life';
import type { Runner } from './run';
import type { Texture, Textures } from './textures';
import type { Verifier } from './verifier';

/** Runs synchronous work on the context, in the state that it needs. */
export type Use = <T>(work: () => T) => T;

/** Idle pixel buffers that are kept for the next read. */
const POOLED_BUFFERS = 4;
/** For this long a fence is polled between events; then every millisecond, for a software GPU wants the processors that polling takes. */
const EAGER_MS = 2;

/** A fence that has not passed by then is given up: the transfer that comes after it waits for the GPU by itself. */
const STALLED_MS = 60_000;

/** WebGL2 guarantees that RGBA_INTEGER reads as INT, whatever the texture's own size. */
function readFormat(gl: WebGL2RenderingContext, dtype: DType): { format: number; type: number } {
  return dtype === 'float32' ? { format: gl.RGBA, type: gl.FLOAT } : { format: gl.RGBA_INTEGER, type: gl.INT };
}

/** What reads work with. */
export interface ReadbackRooms {
  readonly gl: WebGL2RenderingContext;
  readonly life: ContextLife;
  readonly runner: Runner;
  readonly textures: Textures;
  readonly verifier: Verifier;
}

export class Readback {
  readonly #gl: WebGL2RenderingContext;
  readonly #life: ContextLife;
  readonly #runner: Runner;
  readonly #textures: Textures;
  readonly #verifier: Verifier;
  readonly #use: Use;
  readonly #buffers: WebGLBuffer[] = [];
  /** Whether a pixel buffer and a fence deliver on this device; found out by the first asynchronous read. */
  #fences: boolean | undefined;
  /** The largest pixel buffer so far. */
  #provenBytes = 0;
  /** Settled once the last fence so far is passed or given up: reads end in the order they began, which callers rely on. */
  #lastFence: Promise<unknown> = Promise.resolve();

  /** @param use runs what comes after a fence, when somebody else may have used the context */
  constructor({ gl, life, runner, textures, verifier }: ReadbackRooms, use: Use) {
    this.#gl = gl;
    this.#life = life;
    this.#runner = runner;
    this.#textures = textures;
    this.#verifier = verifier;
    this.#use = use;
  }

  /** The first `size` elements of a texture; waits for the GPU. @throws ContextLostError, OutOfGpuMemoryError */
  readSync(texture: Texture, size: number): Values {
    const gl = this.#gl;
    const { format, type } = readFormat(gl, texture.dtype);
    const raw = rawArray(texture);
    const read = (): boolean => {
      const { failures } = this.#verifier;
      this.#runner.readFrom(texture);
      gl.readPixels(0, 0, texture.width, texture.height, format, type, raw);
      return this.#hasFailed(texture, failures);
    };
    // An error may be older than the read, which is right the second time then.
    if (read() && read()) throw this.#textures.outOfMemory(texture);
    return trimmed(raw, texture.dtype, size);
  }

  /** As `readSync`, without blocking the thread where the device allows it. @throws ContextLostError, OutOfGpuMemoryError */
  async read(texture: Texture, size: number): Promise<Values> {
    this.#fences ??= fencesDeliver(this.#gl);
    if (!this.#fences) return this.readSync(texture, size);
    const gl = this.#gl;
    const { format, type } = readFormat(gl, texture.dtype);
    const raw = rawArray(texture);
    const buffer = this.#takeBuffer(raw.byteLength);
    const { failures } = this.#verifier;
    this.#runner.readFrom(texture);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.readPixels(0, 0, texture.width, texture.height, format, type, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    await this.fence();
    return this.#use(() => {
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, raw);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      this.#giveBuffer(buffer);
      if (raw.every(isZero)) this.#verifier.made(); // Perhaps the buffer was refused new storage: it then gives zeros.
      return this.#hasFailed(texture, failures) ? this.readSync(texture, size) : trimmed(raw, texture.dtype, size);
    });
  }

  /**
   * Whether the driver may have refused something that the read needed.
   *
   * @param failures those there were when it began
   * @throws ContextLostError, and OutOfGpuMemoryError where it refused what the values were computed in
   */
  #hasFailed(texture: Texture, failures: number): boolean {
    this.#textures.verify();
    if (this.#life.over) throw new ContextLostError('Reading a tensor');
    this.#textures.expectSound(texture);
    return this.#verifier.failures > failures;
  }

  /** Resolves when the GPU has done all work issued so far, after the fences before it. @throws ContextLostError */
  fence(): Promise<void> {
    const gl = this.#gl;
    const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const wait = (): Promise<void> => this.#signaled(sync);
    const fence = this.#lastFence.then(wait, wait);
    this.#lastFence = fence;
    return fence;
  }

  /** Milliseconds until the GPU has done the work that `work` issues. @throws ContextLostError */
  async time(work: () => void): Promise<number> {
    await this.fence();
    const start = performance.now();
    work();
    await this.fence();
    return performance.now() - start;
  }

  async #signaled(sync: WebGLSync | null): Promise<void> {
    const gl = this.#gl;
    const start = performance.now();
    while (sync && !this.#life.over) {
      const status = gl.clientWaitSync(sync, 0, 0);
      const waits = status === gl.TIMEOUT_EXPIRED && performance.now() - start < STALLED_MS;
      if (!waits && !this.#life.over) {
        gl.deleteSync(sync);
        return;
      }
      await nextEvent();
      if (performance.now() - start > EAGER_MS) await nextMillisecond();
    }
    throw new ContextLostError('Waiting for the GPU');
  }

  forget(): void {
    this.#buffers.length = 0;
  }

  dispose(): void {
    this.#buffers.forEach((b) => this.#gl.deleteBuffer(b));
    this.forget();
  }

  #takeBuffer(bytes: number): WebGLBuffer {
    const gl = this.#gl;
    const buffer = this.#buffers.pop() ?? gl.createBuffer();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    if (bytes > this.#provenBytes) {
      this.#provenBytes = bytes;
      this.#verifier.made();
    }
    // Giving the buffer new storage tells the driver that nobody waits for the old one; Chrome warns otherwise.
    gl.bufferData(gl.PIXEL_PACK_BUFFER, bytes, gl.STREAM_READ);
    return buffer;
  }

  #giveBuffer(buffer: WebGLBuffer): void {
    if (this.#buffers.length < POOLED_BUFFERS) this.#buffers.push(buffer);
    else this.#gl.deleteBuffer(buffer);
  }
}

function rawArray(texture: Texture): Float32Array | Int32Array {
  const length = texture.width * texture.height * 4;
  return texture.dtype === 'float32' ? new Float32Array(length) : new Int32Array(length);
}

const isZero = (x: number): boolean => x === 0;

function trimmed(raw: Float32Array | Int32Array, dtype: DType, size: number): Values {
  if (dtype === 'bool') return Uint8Array.from(raw.subarray(0, size));
  return raw.length === size ? raw : raw.slice(0, size);
}

/** Whether data written to a pixel buffer comes back from it once the GPU is done: some contexts accept the calls and give zeros. */
function fencesDeliver(gl: WebGL2RenderingContext): boolean {
  const sent = new Float32Array([1, 2, 3, 4]);
  const got = new Float32Array(4);
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  // No READ usage, or Chrome would map it after the fence, when it is deleted and its name may be another buffer's.
  gl.bufferData(gl.PIXEL_PACK_BUFFER, sent, gl.STREAM_COPY);
  const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, got);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  gl.deleteBuffer(buffer);
  if (sync) gl.deleteSync(sync);
  return sync !== null && got[0] === 1 && got[3] === 4;
}

/** Resolves a millisecond later; only after another event, for timers that set timers are made to wait 4 ms from the fifth on. */
function nextMillisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** What waits for tasks that were posted, one each, in their order. */
const posted: (() => void)[] = [];
let channel: MessageChannel | undefined;

/** Resolves in the next task: after pending events, and without setTimeout's clamp. */
function nextEvent(): Promise<void> {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => posted.shift()?.();
  }
  const { port2 } = channel;
  return new Promise((resolve) => {
    posted.push(resolve);
    port2.postMessage(null);
  });
}
