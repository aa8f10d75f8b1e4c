/** Measures GPU time by timer queries. */
import { ContextLostError, made } from './context';
import type { ContextLife } from './context_life';

/** A query, and by how many measurements it is still to be read. */
interface Segment {
  readonly query: WebGLQuery;
  users: number;
}

/** A measurement under way: its GPU segments are summed when it is read. */
export interface Measurement {
  readonly segments: Segment[];
}

/** The constants of EXT_disjoint_timer_query_webgl2 that TypeScript's library does not list. */
interface TimerExtension {
  readonly TIME_ELAPSED_EXT: number;
  readonly GPU_DISJOINT_EXT: number;
}

const MEASURING = 'Measuring GPU work';

/** Measures GPU time. Measurements nest: only one query may be active, so an inner one ends the segment of the outer. */
export class Timer {
  readonly #gl: WebGL2RenderingContext;
  readonly #life: ContextLife;
  readonly #extension: TimerExtension | null;
  readonly #open: Measurement[] = [];
  #disposed = false;

  constructor(gl: WebGL2RenderingContext, life: ContextLife) {
    this.#gl = gl;
    this.#life = life;
    this.#extension = gl.getExtension('EXT_disjoint_timer_query_webgl2') as TimerExtension | null;
  }

  get available(): boolean {
    return this.#extension !== null;
  }

  /** Milliseconds of GPU time of the work that `work` issues, or NaN as in `milliseconds`. @throws ContextLostError */
  async time(work: () => void): Promise<number> {
    return this.measured(work)();
  }

  /** Runs work, and returns what gives its time. */
  measured(work: () => void): () => Promise<number> {
    const measurement = this.begin();
    try {
      work();
    } catch (error) {
      this.end(measurement);
      this.drop(measurement);
      throw error;
    }
    this.end(measurement);
    return () => this.milliseconds(measurement);
  }

  begin(): Measurement {
    const measurement = { segments: [] };
    this.#switch(() => this.#open.push(measurement));
    return measurement;
  }

  end(measurement: Measurement): void {
    this.#switch(() => this.#open.splice(this.#open.indexOf(measurement), 1));
  }

  /** Milliseconds of GPU time, or NaN where the clock was disturbed or the timer disposed meanwhile. @throws ContextLostError */
  async milliseconds(measurement: Measurement): Promise<number> {
    const gl = this.#gl;
    let nanoseconds = 0;
    try {
      for (const { query } of measurement.segments) {
        while (!this.#life.over && !gl.getQueryParameter(query, gl.QUERY_RESULT_AVAILABLE)) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        if (this.#disposed) return NaN; // Nobody waits for the time of a backend that is gone.
        if (this.#life.over) throw new ContextLostError(MEASURING);
        nanoseconds += gl.getQueryParameter(query, gl.QUERY_RESULT) as number;
      }
      const disjoint = gl.getParameter(this.#extension!.GPU_DISJOINT_EXT) as boolean;
      return disjoint ? NaN : nanoseconds / 1e6;
    } finally {
      this.drop(measurement);
    }
  }

  /** Ends the measurements under way without a result. */
  dispose(): void {
    this.#disposed = true;
  }

  /** Gives up a measurement that ended. */
  drop({ segments }: Measurement): void {
    for (const segment of segments) if (--segment.users === 0) this.#gl.deleteQuery(segment.query);
    segments.length = 0;
  }

  #switch(change: () => void): void {
    const gl = this.#gl;
    const target = this.#extension!.TIME_ELAPSED_EXT;
    if (this.#open.length > 0) gl.endQuery(target);
    change();
    if (this.#open.length === 0) return;
    const segment = { query: made<WebGLQuery>(gl.createQuery(), MEASURING), users: this.#open.length };
    gl.beginQuery(target, segment.query);
    this.#open.forEach((m) => m.segments.push(segment));
  }
}
