/** GPU time queries. */

/** A measurement under way: its GPU segments are summed when it is read. */
export interface Measurement {
  readonly segments: WebGLQuery[];
}

/** The constants of EXT_disjoint_timer_query_webgl2 that TypeScript's library does not list. */
interface TimerExtension {
  readonly TIME_ELAPSED_EXT: number;
  readonly GPU_DISJOINT_EXT: number;
}

/** Measures GPU time. Measurements nest: only one query may be active, so an inner one ends the segment of the outer. */
export class Timer {
  readonly #gl: WebGL2RenderingContext;
  readonly #extension: TimerExtension | null;
  readonly #open: Measurement[] = [];

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#extension = gl.getExtension('EXT_disjoint_timer_query_webgl2') as TimerExtension | null;
  }

  get available(): boolean {
    return this.#extension !== null;
  }

  begin(): Measurement {
    const measurement = { segments: [] };
    this.#switch(() => this.#open.push(measurement));
    return measurement;
  }

  end(measurement: Measurement): void {
    this.#switch(() => this.#open.splice(this.#open.indexOf(measurement), 1));
  }

  /** Milliseconds of GPU time, or NaN where the clock was disturbed meanwhile. */
  async milliseconds({ segments }: Measurement): Promise<number> {
    const gl = this.#gl;
    let nanoseconds = 0;
    for (const query of segments) {
      while (!gl.getQueryParameter(query, gl.QUERY_RESULT_AVAILABLE) && !gl.isContextLost()) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      nanoseconds += gl.getQueryParameter(query, gl.QUERY_RESULT) as number;
    }
    const disjoint = gl.getParameter(this.#extension!.GPU_DISJOINT_EXT) as boolean;
    return disjoint ? NaN : nanoseconds / 1e6;
  }

  #switch(change: () => void): void {
    const gl = this.#gl;
    const target = this.#extension!.TIME_ELAPSED_EXT;
    if (this.#open.length > 0) gl.endQuery(target);
    change();
    if (this.#open.length === 0) return;
    const query = gl.createQuery();
    gl.beginQuery(target, query);
    this.#open.forEach((m) => m.segments.push(query));
  }
}
