/** Stands before a context: notes its calls, counts its objects, and makes chosen calls fail as a driver does. */
import { befalls, type Fault } from './fault';

type Method = (...args: unknown[]) => unknown;

/** The objects of a context that somebody has to delete. */
const KINDS = ['Texture', 'Buffer', 'Framebuffer', 'Program', 'Shader', 'Query', 'Sampler', 'VertexArray', 'Sync'];

/** A fault that waits for its call. */
interface Armed {
  readonly fault: Fault;
  /** Calls that it could have befallen so far. */
  seen: number;
}

export class Injector {
  /** The calls since the last `arm`, by their names. */
  readonly calls: string[] = [];
  readonly gl: WebGL2RenderingContext;
  readonly #original: Record<string, Method> = {};
  readonly #alive = new Map<string, Set<unknown>>(KINDS.map((kind) => [kind, new Set()]));
  readonly #losing: WEBGL_lose_context;
  #armed: Armed[] = [];
  /** Errors that the context is to report. */
  readonly #errors: number[] = [];
  /** Until when fences, queries and programs are not ready. */
  readonly #stalled = new Map<unknown, number>();
  /** Textures without storage. */
  readonly #hollow: WebGLTexture[] = [];
  /** Losses and restorations to come. */
  readonly #coming: Promise<void>[] = [];
  #losses = 0;
  #strikes = 0;

  constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
    this.#losing = gl.getExtension('WEBGL_lose_context')!;
    for (const name of Object.getOwnPropertyNames(WebGL2RenderingContext.prototype)) {
      const value: unknown = Object.getOwnPropertyDescriptor(WebGL2RenderingContext.prototype, name)!.value;
      if (typeof value !== 'function' || name === 'constructor') continue;
      const original = (value as Method).bind(gl);
      this.#original[name] = original;
      Object.defineProperty(gl, name, { value: (...args: unknown[]) => this.#call(name, args) });
    }
  }

  /** How often the context was lost. */
  get losses(): number {
    return this.#losses;
  }

  /** How many calls have failed. */
  get strikes(): number {
    return this.#strikes;
  }

  /** Whether every fault has struck as often as it will. */
  get spent(): boolean {
    return this.#armed.every(({ fault, seen }) => seen >= fault.at + timesOf(fault));
  }

  /** From now on calls are noted, and those that the faults name fail. */
  arm(faults: readonly Fault[]): void {
    this.calls.length = 0;
    this.#armed = faults.map((fault) => ({ fault, seen: 0 }));
  }

  /** Makes no call fail any more. What was lost is still restored, and what was refused still reported. */
  disarm(): void {
    this.#armed = [];
    this.#stalled.clear();
  }

  /** Resolves once the context is as the faults leave it. */
  async settled(): Promise<void> {
    while (this.#coming.length > 0) await this.#coming.shift();
  }

  /** How many objects of each kind exist. */
  objects(): Record<string, number> {
    return Object.fromEntries([...this.#alive].map(([kind, objects]) => [kind, objects.size]));
  }

  #call(name: string, args: readonly unknown[]): unknown {
    this.calls.push(name);
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (!befalls(fault.kind, name)) continue;
      const place = armed.seen++ - fault.at;
      if (place < 0 || place >= timesOf(fault)) continue;
      this.#strikes++;
      const struck = this.#strike(fault, name, args);
      if (struck) return this.#count(name, args, struck.result);
    }
    return this.#count(name, args, this.#answer(name, args));
  }

  /** What a call gives where a fault befalls it; undefined where the call goes on as usual. */
  #strike(fault: Fault, name: string, args: readonly unknown[]): { readonly result: unknown } | undefined {
    switch (fault.kind) {
      case 'context':
        this.#coming.push(this.#lose(fault.after, fault.restore));
        return undefined;
      case 'memory':
        this.#errors.push(WebGL2RenderingContext.OUT_OF_MEMORY);
        if (name === 'bufferData') this.#original['bufferData']!(args[0], 0, args[2]);
        return { result: undefined };
      case 'shader':
        if (name === 'linkProgram') return { result: undefined };
        this.#original['shaderSource']!(args[0], 'refused');
        return undefined;
      case 'framebuffer':
        this.#attachNothing(name, args);
        return { result: undefined };
      case 'stall': {
        const until = performance.now() + fault.ms;
        if (name !== 'fenceSync') this.#stalled.set(args[name === 'beginQuery' ? 1 : 0], until);
        else {
          const result = this.#original['fenceSync']!(...args);
          this.#stalled.set(result, until);
          return { result };
        }
      }
    }
    return undefined;
  }

  /** The answer to a call: the driver's, but for what faults change. */
  #answer(name: string, args: readonly unknown[]): unknown {
    const original = this.#original[name]!;
    const [subject, what] = args;
    // As browsers did before there were objects that nothing can be done with.
    if (name.startsWith('create') && this.gl.isContextLost()) return null;
    if (name === 'getError') return this.#errors.pop() ?? original();
    const gl = WebGL2RenderingContext;
    const waits = performance.now() < (this.#stalled.get(subject) ?? 0) && !this.gl.isContextLost();
    if (!waits) return original(...args);
    if (name === 'clientWaitSync') return gl.TIMEOUT_EXPIRED;
    const COMPLETION_STATUS = 0x91b1;
    const asks = (name === 'getQueryParameter' && what === gl.QUERY_RESULT_AVAILABLE) || what === COMPLETION_STATUS;
    return asks ? false : original(...args);
  }

  /** Attaches a texture that has no storage to the framebuffer. */
  #attachNothing(name: string, [target, point]: readonly unknown[]): void {
    const { createTexture, getParameter, bindTexture } = this.#original;
    const gl = WebGL2RenderingContext;
    const layers = name === 'framebufferTextureLayer';
    const [kind, binding] = layers
      ? [gl.TEXTURE_2D_ARRAY, gl.TEXTURE_BINDING_2D_ARRAY]
      : [gl.TEXTURE_2D, gl.TEXTURE_BINDING_2D];
    const texture = createTexture!() as WebGLTexture;
    this.#hollow.push(texture);
    const bound = getParameter!(binding);
    bindTexture!(kind, texture);
    bindTexture!(kind, bound);
    if (layers) this.#original[name]!(target, point, texture, 0, 0);
    else this.#original[name]!(target, point, kind, texture, 0);
  }

  async #lose(after: number | undefined, restore: number | undefined): Promise<void> {
    if (after !== undefined) await later(after);
    if (this.gl.isContextLost()) return;
    const { canvas } = this.gl;
    const lost = event(canvas, 'webglcontextlost');
    this.#losing.loseContext();
    this.#losses++;
    this.#errors.length = 0;
    this.#alive.forEach((objects) => objects.clear());
    await lost;
    // The browser allows to restore it once the event has been dispatched to all.
    await later(restore ?? 0);
    if (restore === undefined) return;
    const restored = event(canvas, 'webglcontextrestored');
    this.#losing.restoreContext();
    await restored;
  }

  #count(name: string, [subject]: readonly unknown[], result: unknown): unknown {
    const [, verb, noun = ''] = /^(create|delete)(.*)$/.exec(name === 'fenceSync' ? 'createSync' : name) ?? [];
    const objects = this.#alive.get(noun);
    if (verb === 'create' && result && !this.gl.isContextLost()) objects?.add(result);
    if (verb === 'delete') objects?.delete(subject);
    return result;
  }
}

const timesOf = (fault: Fault): number => ('times' in fault ? fault.times : 1);

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const event = (target: EventTarget, name: string): Promise<void> =>
  new Promise((resolve) => target.addEventListener(name, () => resolve(), { once: true }));
