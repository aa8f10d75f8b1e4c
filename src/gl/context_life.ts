/** Follows a context through its losses, and tells those who wait for its return. */
import { ContextLostError } from './context';

/**
 * One life of a context: from its start, or from the last time it was restored, until it is lost. What was made in another
 * life names nothing, and the driver gives no answer about it.
 */
export class ContextLife {
  readonly #gl: WebGL2RenderingContext;
  #over = false;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** Whether the context was lost, be it restored by now. */
  get over(): boolean {
    return (this.#over ||= this.#gl.isContextLost());
  }

  end(): void {
    this.#over = true;
  }
}

/** What the device does when the context is lost or comes back. */
interface ContextEvents {
  readonly lost: () => void;
  /** Makes all parts anew, and throws where the context is unfit for use. */
  readonly rebuild: () => void;
  readonly restored: () => void;
}

export class ContextWatch {
  readonly #gl: WebGL2RenderingContext;
  /** Of the context since it was restored last; over once it is lost. */
  life: ContextLife;
  /** Goes up when the context is lost: textures of an earlier generation are gone. */
  generation = 0;
  /** Why a context that came back, or that of a disposed device, cannot be used. */
  #unfit: Error | undefined;
  /** Those who wait for the context to come back; each is told why it does not. */
  readonly #awaiting: ((unfit?: Error) => void)[] = [];
  readonly #listening = new AbortController();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.life = new ContextLife(gl);
  }

  start({ lost, rebuild, restored }: ContextEvents): void {
    const canvas = this.#gl.canvas as EventTarget;
    const { signal } = this.#listening;
    const onLost = (event: Event): void => {
      event.preventDefault(); // Without this the browser never restores the context.
      this.#end(undefined);
      lost();
    };
    const onRestored = (): void => {
      this.life = new ContextLife(this.#gl);
      if (!this.#rebuilt(rebuild)) return;
      restored();
      this.#tell();
    };
    canvas.addEventListener('webglcontextlost', onLost, { signal });
    canvas.addEventListener('webglcontextrestored', onRestored, { signal });
  }

  /** @throws ContextLostError, or what makes a restored context unfit for use */
  expect(what: string): void {
    if (this.life.over) throw this.#unfit ?? new ContextLostError(what);
  }

  /** See Device.contextRestored. */
  restored(): Promise<void> {
    return new Promise((resolve, reject) => {
      const tell = (unfit?: Error): void => (unfit ? reject(unfit) : resolve());
      if (this.#unfit || !this.life.over) tell(this.#unfit);
      else this.#awaiting.push(tell);
    });
  }

  /** What comes from now on, and what still waits for the GPU, fails as on a lost context. */
  dispose(): void {
    this.#listening.abort();
    this.#end(new ContextLostError('The backend was disposed'));
    this.#tell();
  }

  #end(unfit: Error | undefined): void {
    this.life.end();
    this.#unfit = unfit;
    this.generation++;
  }

  #rebuilt(rebuild: () => void): boolean {
    try {
      rebuild();
      return true;
    } catch (error) {
      if (this.life.over) return false; // Lost again, which the browser will tell.
      this.#unfit = error as Error;
      this.life.end();
      console.warn(`convgl: the context came back, but cannot be used. ${this.#unfit.message}`);
      this.#tell();
      return false;
    }
  }

  #tell(): void {
    for (const tell of this.#awaiting.splice(0)) tell(this.#unfit);
  }
}
